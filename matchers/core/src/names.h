// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CORE_SRC_NAMES_H_
#define GTESTNET_MATCHERS_CORE_SRC_NAMES_H_

#include <gmock/gmock.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtestnet/record.h"

namespace gtestnet::matching {

// The names that a record has, for matchers of its parts: one of a node that is asked for a name
// that no sample of the run has is wrong about the run, and not about this node. While it lives, it
// is the thread's.
class NamesInView {
 public:
  explicit NamesInView(const RunRecord& record);
  ~NamesInView();
  NamesInView(const NamesInView&) = delete;
  NamesInView& operator=(const NamesInView&) = delete;

  // Null where no record is judged.
  static NamesInView* Current();

  const RunRecord& record() const { return record_; }
  const std::set<std::string>& numbers();
  const std::set<std::string>& words();
  const std::set<std::string>& statuses();
  const std::set<std::string>& workloads();

  // What a matcher of a status asks for, which no sample of the run has though it is near to one,
  // or to one of `also`: "no node ever had the status "folower"; did you mean follower?". Else "".
  // Worked out once for each `matcher`.
  const std::string& WrongStatus(const void* matcher,
                                 const testing::Matcher<const std::string&>& inner,
                                 const char* noun, const std::vector<std::string>& also);

 private:
  const RunRecord& record_;
  NamesInView* const outer_;
  std::optional<std::set<std::string>> numbers_;
  std::optional<std::set<std::string>> words_;
  std::optional<std::set<std::string>> statuses_;
  std::optional<std::set<std::string>> workloads_;
  std::vector<std::pair<const void*, std::string>> wrong_;
};

// Whether a status matches; where that is asked in vain (WrongStatus), what one that has nothing to
// judge is to answer.
bool MatchStatus(const void* matcher, const testing::Matcher<const std::string&>& inner,
                 const std::string& status, const char* noun,
                 const std::vector<std::string>& also = {});

// The one of `known` of which `text` is a slip: at most two edits, and one for each five
// characters, that change more than digits. Empty if it is none.
std::string SlipOf(std::string_view text, const std::set<std::string>& known);

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CORE_SRC_NAMES_H_

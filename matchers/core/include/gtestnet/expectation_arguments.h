// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_EXPECTATION_ARGUMENTS_H_
#define GTESTNET_EXPECTATION_ARGUMENTS_H_

#include <gmock/gmock.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtestnet/expectation.h"
#include "gtestnet/expectation_from.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/record.h"
#include "gtestnet/run_matcher.h"

namespace gtestnet {
namespace matching {
struct Expression;
}  // namespace matching

class ExpectationTable;

// Reads the arguments of one name in the text of an expectation, in order: of
// InclusionLatency(95, Le(4)) first Number(), then NumberMatcher<double>(). The first error stays;
// what is returned after it is of no use.
class ExpectationArguments {
 public:
  // All of what it is made of must outlive it.
  ExpectationArguments(const matching::Expression& call, const ExpectationTable& table,
                       absl::Status& error)
      : call_(call), table_(table), error_(error) {}

  int64_t Count();
  double Number();
  std::string String();
  Timespan Duration();
  // A duration behind Within( ) or For( ).
  Timespan DurationIn(const char* name);
  // A number inside of `name`( ).
  double NumberIn(const char* name);
  // Of int64_t, or of double.
  template <class T>
  testing::Matcher<T> NumberMatcher();
  // Le("200ms"), or a duration.
  testing::Matcher<RunTime> TimeMatcher();
  // A number, or one inside of `name`( ).
  testing::Matcher<double> NumberMatcherOrIn(const char* name, bool& in);
  testing::Matcher<const std::string&> StringMatcher();
  testing::Matcher<const NodeSample&> NodeMatcher();
  testing::Matcher<const Snapshot&> SnapshotMatcher();
  // Of("workload"), as the next argument; or nothing.
  Of OfWorkload();
  // A string in quotes behind `name`( ).
  std::string StringIn(const char* name);

  bool NextIs(const char* name) const;
  // Takes the next one if it is that name alone.
  bool TakeIf(const char* name);
  bool more() const;
  // All have been read.
  void End();

 private:
  const matching::Expression& Next(std::string_view what);
  void Fail(const matching::Expression& at, const std::string& what);
  void Unknown(const matching::Expression& e, const std::vector<std::string>& known,
               const char* what);
  Timespan DurationOf(const matching::Expression& e);
  template <class T>
  testing::Matcher<T> NumberMatcherOf(const matching::Expression& e);
  // The number, or the duration in quotes, that a matcher compares with.
  template <class T>
  T ComparedWith(const matching::Expression& e);
  template <class T>
  bool Combination(const matching::Expression& e,
                   const std::function<testing::Matcher<T>(const matching::Expression&)>& one,
                   testing::Matcher<T>& to);
  template <class T, class Entries>
  testing::Matcher<T> Named(const Entries& entries, const matching::Expression& e,
                            const char* what);
  testing::Matcher<const NodeSample&> NodeMatcherOf(const matching::Expression& e);
  testing::Matcher<const Snapshot&> SnapshotMatcherOf(const matching::Expression& e);

  const matching::Expression& call_;
  const ExpectationTable& table_;
  absl::Status& error_;
  size_t next_ = 0;
};

// Of a matcher of RunRecord that was read from text, which is declared nowhere.
template <class M>
RunExpectation ExpectationFromText(M matcher) {
  return ExpectationFrom<M>::Make(std::move(matcher), SourceLocation{});
}

}  // namespace gtestnet

#endif  // GTESTNET_EXPECTATION_ARGUMENTS_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_EXPECTATION_ARGUMENTS_H_
#define GTESTNET_SRC_EXPECTATION_ARGUMENTS_H_

#include <gmock/gmock.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/record.h"
#include "gtestnet/transaction_matchers.h"
#include "src/expectation_grammar.h"

namespace gtestnet::matching {

// Reads the arguments of one call, in order. The first error stays; what is returned after it is
// of no use. Both of what it is made of must outlive it.
class Arguments {
 public:
  Arguments(const Expression& call, absl::Status& error) : call_(call), error_(error) {}

  int64_t Count();
  double Number();
  std::string String();
  Timespan Duration();
  // A duration behind Within( ) or For( ).
  Timespan DurationIn(const char* name);
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
  // Of("workload"), as the last argument; or nothing.
  Of OfWorkload();

  bool NextIs(const char* name) const;
  bool more() const { return next_ < call_.arguments.size(); }
  // All have been read.
  void End();

 private:
  const Expression& Next(std::string_view what);
  void Fail(const Expression& at, const std::string& what);
  void Unknown(const Expression& e, const std::vector<std::string>& known, const char* what);
  Timespan DurationOf(const Expression& e);
  template <class T>
  testing::Matcher<T> NumberMatcherOf(const Expression& e);
  // The number, or the duration in quotes, that a matcher compares with.
  template <class T>
  T ComparedWith(const Expression& e);
  template <class T>
  bool Combination(const Expression& e,
                   const std::function<testing::Matcher<T>(const Expression&)>& one,
                   testing::Matcher<T>& to);
  testing::Matcher<const NodeSample&> NodeMatcherOf(const Expression& e);
  testing::Matcher<const Snapshot&> SnapshotMatcherOf(const Expression& e);

  const Expression& call_;
  absl::Status& error_;
  size_t next_ = 0;
};

}  // namespace gtestnet::matching

#endif  // GTESTNET_SRC_EXPECTATION_ARGUMENTS_H_

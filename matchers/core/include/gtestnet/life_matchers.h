// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_LIFE_MATCHERS_H_
#define GTESTNET_LIFE_MATCHERS_H_

#include <gmock/gmock.h>

#include <iosfwd>
#include <optional>

#include "gtestnet/record.h"

namespace gtestnet {

// What becomes of nodes by themselves: whether they come back with what they had, answer while they
// are up, and end as they should. (HasNoUnexpectedExits is in node_matchers.h.)

// Matches a RunRecord in which each node that came back, after a stop, a kill or a restart that
// nobody asked for, answered first with at least what it had told last of the number that its kind
// says outlives a restart (NodeRecord::persists). There is nothing to judge where no node came
// back, where none told that number before and after, or where the kind names none.
class KeepsItsDataMatcher {
 public:
  using is_gtest_matcher = void;
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;
};
[[nodiscard]] KeepsItsDataMatcher KeepsItsData();

// Matches a RunRecord in which each node answered while it was up. A silence is the time from one
// answer of a node to its next (or until it was taken down, or the record was closed) if it was
// asked in vain meanwhile. Of it does not count what the run's own program did not run for, nor
// what all nodes that were up, two at least, were silent for together, which a busy machine does.
//
// Without an argument: no silence is longer than 8 s (nor than 2 block intervals, or a 200th of the
// run, if that is more: records of long runs are thinned out), silences of more than a second are
// not more than a quarter of the node's time up where they are more than 8 s in all, and no node
// was stopped by a signal that the run did not send. With one, the longest silence of each node
// must match, and nothing else is asked:
//
//   EXPECT_THAT(record, StaysReachable(Le(500ms)));
//
// There is nothing to judge where the nodes were not seen often enough (sample_matchers.h) though
// nobody asked them in vain.
class StaysReachableMatcher {
 public:
  using is_gtest_matcher = void;
  explicit StaysReachableMatcher(std::optional<testing::Matcher<RunTime>> inner)
      : inner_(std::move(inner)) {}
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  std::optional<testing::Matcher<RunTime>> inner_;
};
[[nodiscard]] StaysReachableMatcher StaysReachable();
[[nodiscard]] StaysReachableMatcher StaysReachable(testing::Matcher<RunTime> inner);

// Matches a RunRecord in which each node that was asked to stop did, by exit status 0 or by the
// signal that it was sent, within its grace period, and each that was killed ended by that, and not
// by a crash of its own. Where no node was, there is nothing to judge.
class StopsCleanlyMatcher {
 public:
  using is_gtest_matcher = void;
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;
};
[[nodiscard]] StopsCleanlyMatcher StopsCleanly();

}  // namespace gtestnet

#endif  // GTESTNET_LIFE_MATCHERS_H_

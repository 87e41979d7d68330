// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SAMPLE_MATCHERS_H_
#define GTESTNET_SAMPLE_MATCHERS_H_

#include <gmock/gmock.h>

#include <iosfwd>
#include <optional>
#include <string>

#include "gtestnet/expectation.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/record.h"

namespace gtestnet {

// In a failure each of these shows the first snapshot that is not as it must be, and the faults
// that were active at that moment.
//
// What was not seen is no evidence: a claim about all of a time (Always, Never, LeadsTo, the
// stretch of StaysTrueFor, Not(Eventually), …) has nothing to judge, and names the node and the
// gap, where a node that was up was not seen to answer for more than half of that time, but not
// more than 8 s (and in any case 3 s, 2 block intervals, or a 200th of the time if that is more).
// What it was taken down for on purpose is no gap, and when it comes up it may take 8 s more.

// By when something must have come about: Within(10s), Within(Blocks(20)).
struct Within {
  constexpr explicit Within(Timespan span) : time(span) {}
  Timespan time;
};
std::ostream& operator<<(std::ostream& os, const Within& within);

// For how long something must hold: For(10s), For(Blocks(20)).
struct For {
  constexpr explicit For(Timespan span) : time(span) {}
  Timespan time;
};
std::ostream& operator<<(std::ostream& os, const For& span);

// Matches a RunRecord in which a Snapshot that is not later than `within` after the begin of the
// run matches `inner`.
//
//   EXPECT_THAT(record, Eventually(AllNodes(HasHeight(Ge(5))), Within(Blocks(20))));
//
// In a record without a sample of each node in that time there is nothing to judge.
class EventuallyMatcher {
 public:
  using is_gtest_matcher = void;
  EventuallyMatcher(testing::Matcher<const Snapshot&> inner, Within within);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  testing::Matcher<const Snapshot&> inner_;
  Within within_;
};
[[nodiscard]] EventuallyMatcher Eventually(testing::Matcher<const Snapshot&> inner, Within within);

// Matches a RunRecord in which each Snapshot matches `inner`, from the begin of the run for the
// time that `span` says. As an expectation of a run it is watched live, too.
//
//   EXPECT_THAT(record, Always(ReachableNodes(HasPeers(Ge(1))), For(Blocks(20))));
//
// The first Snapshot is the one at which every node that was up at the begin has been sampled. Of a
// record that is shorter than `span`, or has no samples, there is nothing to judge.
class AlwaysMatcher {
 public:
  using is_gtest_matcher = void;
  AlwaysMatcher(testing::Matcher<const Snapshot&> inner, std::optional<For> span);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;
  // What ExpectationFrom hands to the runner. Says nothing before the first snapshot that matches,
  // as nodes need not have been sampled yet when the watch begins (the end is judged from the first
  // on), nor after the time that `span` says.
  SnapshotWatch Watch(const RunBegin& begin) const;

 private:
  testing::Matcher<const Snapshot&> inner_;
  std::optional<For> span_;
};
[[nodiscard]] AlwaysMatcher Always(testing::Matcher<const Snapshot&> inner, For span);
// During the whole run, until the record was closed.
[[nodiscard]] AlwaysMatcher Always(testing::Matcher<const Snapshot&> inner);

// Matches a RunRecord in which no Snapshot matches `inner`; like Always in all else.
//
//   ExpectAtTearDown(Never(AnyNode(HasPeers(0))));
class NeverMatcher {
 public:
  using is_gtest_matcher = void;
  NeverMatcher(testing::Matcher<const Snapshot&> inner, std::optional<For> span);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;
  SnapshotWatch Watch(const RunBegin& begin) const { return always_not_.Watch(begin); }

 private:
  testing::Matcher<const Snapshot&> inner_;
  std::optional<For> span_;
  AlwaysMatcher always_not_;
};
[[nodiscard]] NeverMatcher Never(testing::Matcher<const Snapshot&> inner, For span);
[[nodiscard]] NeverMatcher Never(testing::Matcher<const Snapshot&> inner);

// Matches a RunRecord in which, at some time, each Snapshot matches `inner` for that long: from one
// that matches to the last that does before one that does not.
//
//   EXPECT_THAT(record, StaysTrueFor(NodesAreLevel(2), For(Blocks(10))));
class StaysTrueForMatcher {
 public:
  using is_gtest_matcher = void;
  StaysTrueForMatcher(testing::Matcher<const Snapshot&> inner, For span);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  testing::Matcher<const Snapshot&> inner_;
  For span_;
};
[[nodiscard]] StaysTrueForMatcher StaysTrueFor(testing::Matcher<const Snapshot&> inner, For span);

// Matches a RunRecord in which each Snapshot that matches `cause` is followed, not later than
// `within`, by one that matches `effect` (itself will do).
//
//   EXPECT_THAT(record, LeadsTo(AnyNode(Not(IsReachable())), NodesAreLevel(2),
//   Within(Blocks(40))));
//
// A record in which no Snapshot matches `cause`, or only such for which the time was not up when
// it ended, has nothing to judge.
class LeadsToMatcher {
 public:
  using is_gtest_matcher = void;
  LeadsToMatcher(testing::Matcher<const Snapshot&> cause, testing::Matcher<const Snapshot&> effect,
                 Within within);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  testing::Matcher<const Snapshot&> cause_;
  testing::Matcher<const Snapshot&> effect_;
  Within within_;
};
[[nodiscard]] LeadsToMatcher LeadsTo(testing::Matcher<const Snapshot&> cause,
                                     testing::Matcher<const Snapshot&> effect, Within within);

}  // namespace gtestnet

#endif  // GTESTNET_SAMPLE_MATCHERS_H_

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "gtestnet/chain/node_matchers.h"
#include "gtestnet/node_matchers.h"
#include "gtestnet/sample_matchers.h"
#include "matchers/chain/src/testing/record_builder.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using namespace chain;  // NOLINT: what is tested

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::Lt;
using testing::Not;

// Five blocks, a second without validator-2, five more after it is back.
RunRecord WithAPause() {
  RecordBuilder builder(3);
  builder.Grow(5).Pause(2).Grow(5).Resume(2).Grow(5);
  RunRecord record = builder.Build();
  for (NodeEvent& event : record.events) {
    if (event.kind == NodeEventKind::kPaused || event.kind == NodeEventKind::kResumed) {
      event.cause = "pauses";
    }
  }
  FaultRecord fault;
  fault.workload = "pauses";
  fault.fault = "pause";
  fault.node = 2;
  fault.at = 1000ms;
  fault.down_for = 1000ms;
  fault.recovered_after = 400ms;
  record.faults.push_back(fault);
  return record;
}

TEST(NeverTest, MatchesWhenNoSnapshotDoes) {
  EXPECT_THAT(WithAPause(), Never(AnyNode(HasHeight(Ge(16)))));
  EXPECT_THAT(WithAPause(), Never(AnyNode(Not(IsReachable())), For(800ms)));
  EXPECT_THAT(WithAPause(), Not(Never(AnyNode(Not(IsReachable())))));
}

// Though the others are seen in between, what it was is not what it is.
TEST(NeverTest, WhatWasSeenBeforeAFaultIsNotWhatIsAfterIt) {
  RunRecord record = WithAPause();
  std::erase_if(record.samples, [](const NodeSample& sample) {
    return sample.node == 2 && sample.at >= 1000ms && sample.at < 2000ms;
  });
  EXPECT_EQ(Explain(Never(NodeNamed("validator-2", Not(IsReachable()))), record),
            "in which the snapshot at 1.000 s is one in which validator-2 is a node which does not "
            "answer; at that moment validator-2 was down (paused by pauses at 1.000 s)");
}

TEST(NeverTest, ShowsTheFirstSnapshotAndTheFaultsOfThatMoment) {
  EXPECT_EQ(Explain(Never(NodeNamed("validator-2", Not(IsReachable()))), WithAPause()),
            "in which the snapshot at 1.200 s is one in which validator-2 is a node which does not "
            "answer; at that moment validator-2 was down (paused by pauses at 1.000 s)");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(WithAPause(), Never(AnyNode(HasHeight(3)))),
                          "the snapshot at 0.600 s is one in which");
}

TEST(NeverTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(Never(AnyNode(HasPeers(0)))),
            "for the whole run, has no snapshot that has a node that has a number of peers that is "
            "equal to 0");
  EXPECT_EQ(DescribeNot<RunRecord>(Never(AnyNode(IsReachable()), For(3s))),
            "within 3 s, has a snapshot that has a node that is reachable");
  EXPECT_EQ(DescribeNot<RunRecord>(Never(AnyNode(IsReachable()))),
            "during the run, has a snapshot that has a node that is reachable");
  EXPECT_EQ(Describe<RunRecord>(Never(AnyNode(IsReachable()), For(3s))),
            "for 3 s, has no snapshot that has a node that is reachable");
}

TEST(NeverTest, NeedsARecordAndIsWatched) {
  EXPECT_THAT(Explain(Never(AnyNode(IsReachable())), RunRecord{}), HasSubstr("nothing to judge"));
  const RunRecord record = WithAPause();
  const auto watch = Never(NodeNamed("validator-2", Not(IsReachable()))).Watch({});
  EXPECT_EQ(watch(record.At(600ms)), "");
  EXPECT_THAT(watch(record.At(1200ms)), HasSubstr("validator-2 is a node which does not answer"));
}

TEST(AlwaysTest, ShowsTheFaultsOfThatMoment) {
  RunRecord record = WithAPause();
  EXPECT_THAT(Explain(Always(AllNodes(IsReachable())), record),
              HasSubstr("; at that moment validator-2 was down (paused by pauses at 1.000 s)"));
  // Two fifths of a second after it came up it is still behind.
  EXPECT_THAT(Explain(Always(NodeNamed("validator-0", HasHeight(Le(10)))), record),
              HasSubstr("validator-2 was catching up (resumed by pauses at 2.000 s)"));
  record.faults.clear();
  EXPECT_THAT(Explain(Always(NodeNamed("validator-0", HasHeight(Le(10)))), record),
              Not(HasSubstr("at that moment")));
}

TEST(StaysTrueForTest, MatchesASpanInWhichEachSnapshotDoes) {
  EXPECT_THAT(WithAPause(), StaysTrueFor(AllNodes(IsReachable()), For(1s)));
  EXPECT_THAT(WithAPause(), StaysTrueFor(AllNodes(IsReachable()), For(Slots(4))));
  EXPECT_EQ(Explain(StaysTrueFor(AllNodes(IsReachable()), For(600ms)), WithAPause()),
            "in which each snapshot from 0.000 s to 0.600 s matches");
  EXPECT_THAT(WithAPause(), Not(StaysTrueFor(AllNodes(IsReachable()), For(2s))));
}

TEST(StaysTrueForTest, ShowsWhatEndedTheLongestOne) {
  EXPECT_EQ(Explain(StaysTrueFor(NodeNamed("validator-2", IsReachable()), For(2s)), WithAPause()),
            "in which the longest time for which it stays so is 1.000 s, from 0.000 s; what ended "
            "it, the snapshot at 1.200 s, is one in which validator-2 is a node which does not "
            "answer; at that moment validator-2 was down (paused by pauses at 1.000 s)");
  EXPECT_EQ(
      Explain(StaysTrueFor(NodeNamed("validator-0", HasHeight(Ge(14))), For(2s)), WithAPause()),
      "in which the longest time for which it stays so is 0.200 s, from 2.800 s, when the "
      "record ended");
  EXPECT_THAT(Explain(StaysTrueFor(AnyNode(HasHeight(Lt(0))), For(2s)), WithAPause()),
              HasSubstr("no snapshot matches; the first, the snapshot at 0.000 s, is one in"));
}

TEST(StaysTrueForTest, NeedsARunThatIsLongEnough) {
  EXPECT_EQ(Explain(StaysTrueFor(AllNodes(IsReachable()), For(4s)), WithAPause()),
            "in which there is nothing to judge: the run lasted 3.000 s; let it last for more than "
            "4 s");
  EXPECT_THAT(Explain(StaysTrueFor(AllNodes(IsReachable()), For(0s)), RunRecord{}),
              HasSubstr("nothing to judge"));
}

TEST(StaysTrueForTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(StaysTrueFor(AnyNode(IsReachable()), For(Blocks(5)))),
            "at some time, for 5 blocks, has only snapshots each of which has a node that is "
            "reachable");
  EXPECT_EQ(DescribeNot<RunRecord>(StaysTrueFor(AnyNode(IsReachable()), For(5s))),
            "at no time, for 5 s, has only snapshots each of which has a node that is reachable");
}

TEST(LeadsToTest, MatchesWhenTheEffectFollowsInTime) {
  EXPECT_THAT(WithAPause(),
              LeadsTo(AnyNode(Not(IsReachable())), AllNodes(IsReachable()), Within(2s)));
  EXPECT_EQ(Explain(LeadsTo(AnyNode(Not(IsReachable())), AllNodes(IsReachable()), Within(2s)),
                    WithAPause()),
            "in which it led there each time, at most after 1.000 s");
  EXPECT_EQ(
      Explain(LeadsTo(AnyNode(HasHeight(3)), AnyNode(HasHeight(3)), Within(0s)), WithAPause()),
      "in which it led there each time, at most after 0.000 s");
}

TEST(LeadsToTest, ShowsTheCauseThatDidNot) {
  EXPECT_EQ(Explain(LeadsTo(AnyNode(Not(IsReachable())), NodeNamed("validator-2", IsReachable()),
                            Within(400ms)),
                    WithAPause()),
            "in which what began with the snapshot at 1.200 s had not led there by 1.600 s; the "
            "last snapshot until then is one in which validator-2 is a node which does not answer; "
            "at that moment validator-2 was down (paused by pauses at 1.000 s)");
  EXPECT_NONFATAL_FAILURE(
      EXPECT_THAT(WithAPause(), LeadsTo(AnyNode(HasHeight(3)), AnyNode(HasHeight(99)), Within(1s))),
      "what began with the snapshot at 0.600 s had not led there by 1.600 s");
}

TEST(LeadsToTest, LeavesOutWhatTheEndCutShort) {
  EXPECT_EQ(
      Explain(LeadsTo(AnyNode(HasHeight(99)), AllNodes(IsReachable()), Within(1s)), WithAPause()),
      "in which there is nothing to judge: it never began");
  EXPECT_EQ(
      Explain(LeadsTo(AnyNode(HasHeight(14)), AnyNode(HasHeight(99)), Within(1s)), WithAPause()),
      "in which there is nothing to judge: the run was too short; left out: what began at "
      "2.800 s, as the record ends at 3.000 s");
  EXPECT_THAT(
      Explain(LeadsTo(AnyNode(IsReachable()), AnyNode(IsReachable()), Within(1s)), RunRecord{}),
      HasSubstr("nothing to judge: the record has no samples"));
}

TEST(LeadsToTest, DescribesItself) {
  const auto matcher = LeadsTo(AnyNode(HasPeers(0)), AnyNode(IsReachable()), Within(Blocks(5)));
  EXPECT_EQ(Describe<RunRecord>(matcher),
            "after each snapshot that has a node that has a number of peers that is equal to 0, "
            "within 5 blocks, has one that has a node that is reachable");
  EXPECT_EQ(DescribeNot<RunRecord>(matcher),
            "after a snapshot that has a node that has a number of peers that is equal to 0, "
            "within 5 blocks, has none that has a node that is reachable");
}

}  // namespace
}  // namespace gtestnet::matching

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/sample_matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "gtestnet/chain/node_matchers.h"
#include "gtestnet/node_matchers.h"
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
using testing::Not;

TEST(EventuallyTest, MatchesAnInstantInTime) {
  RecordBuilder builder(3);
  builder.Grow(10).Idle(10);
  const RunRecord record = builder.Build();
  EXPECT_THAT(record, Eventually(AllNodes(HasHeight(Ge(5))), Within(1s)));
  EXPECT_THAT(record, Eventually(AllNodes(HasHeight(Ge(5))), Within(Slots(5))));
  EXPECT_EQ(
      Explain(Eventually(AnyNode(HasHeight(5)), Within(4s)), record),
      "in which the snapshot at 1.000 s is one in which validator-0 is a node whose height is "
      "5, validator-1 is a node whose height is 5, validator-2 is a node whose height is 5");
}

TEST(EventuallyTest, SaysWhatTheLastInstantWas) {
  RecordBuilder builder(3);
  builder.Grow(10).Idle(10);
  const RunRecord record = builder.Build();
  EXPECT_THAT(record, Not(Eventually(AllNodes(HasHeight(Ge(5))), Within(900ms))));
  EXPECT_EQ(Explain(Eventually(NodeNamed("validator-1", HasHeight(Ge(5))), Within(900ms)), record),
            "in which no snapshot until 0.900 s matches; the last is one in which validator-1 is a "
            "node whose height is 4");
  EXPECT_EQ(Explain(Eventually(NodeNamed("validator-1", HasHeight(Ge(11))), Within(10s)), record),
            "in which no snapshot until 4.000 s matches; the last is one in which validator-1 is a "
            "node whose height is 10; the run ended 6.000 s before the time was up");
}

TEST(EventuallyTest, DescribesItself) {
  EXPECT_EQ(
      Describe<RunRecord>(Eventually(AnyNode(HasHeight(5)), Within(Blocks(20)))),
      "within 20 blocks, has a snapshot that has a node that has a height that is equal to 5");
  EXPECT_EQ(DescribeNot<RunRecord>(Eventually(AnyNode(HasHeight(5)), Within(4s))),
            "within 4 s, has no snapshot that has a node that has a height that is equal to 5");
}

TEST(EventuallyTest, NeedsSamples) {
  EXPECT_EQ(Explain(Eventually(AllNodes(HasHeight(0)), Within(1s)), RunRecord{}),
            "in which there is nothing to judge: the record has no samples");
  RecordBuilder builder(2);
  builder.Grow(3);
  RunRecord record = builder.Build();
  std::erase_if(record.samples, [](const NodeSample& s) { return s.node == 1; });
  EXPECT_EQ(Explain(Eventually(AnyNode(HasHeight(1)), Within(1s)), record),
            "in which there is nothing to judge: the record has no sample of validator-1");
  record = builder.Build();
  record.begun = -5s;
  EXPECT_THAT(Explain(Eventually(AnyNode(HasHeight(1)), Within(1s)), record),
              HasSubstr("nothing to judge: the first snapshot of all nodes, at 0.000 s, is later"));
}

TEST(AlwaysTest, MatchesWhenEachInstantDoes) {
  RecordBuilder builder(3);
  builder.Grow(10);
  EXPECT_THAT(builder.Build(), Always(AllNodes(HasHeight(Le(10)))));
  EXPECT_THAT(builder.Build(), Always(AllNodes(HasHeight(Le(5))), For(1s)));
  EXPECT_EQ(Explain(Always(AllNodes(HasHeight(Le(10)))), builder.Build()),
            "in which each of 11 snapshots matches");
}

TEST(AlwaysTest, NamesTheFirstInstantThatDoesNot) {
  RecordBuilder builder(3);
  builder.Grow(10);
  EXPECT_THAT(builder.Build(), Not(Always(AllNodes(HasHeight(Le(5))))));
  EXPECT_EQ(
      Explain(Always(NodeNamed("validator-1", HasHeight(Le(5)))), builder.Build()),
      "in which the snapshot at 1.200 s is one in which validator-1 is a node whose height is "
      "6");
  EXPECT_NONFATAL_FAILURE(
      EXPECT_THAT(builder.Build(), Always(AnyNode(HasHeight(Le(5))), For(Slots(8)))),
      "the snapshot at 1.200 s is one in which");
}

TEST(AlwaysTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(Always(AnyNode(IsReachable()), For(Blocks(20)))),
            "for 20 blocks, has only snapshots each of which has a node that is reachable");
  EXPECT_EQ(Describe<RunRecord>(Always(AnyNode(IsReachable()))),
            "for the whole run, has only snapshots each of which has a node that is reachable");
  EXPECT_EQ(DescribeNot<RunRecord>(Always(AnyNode(IsReachable()), For(20s))),
            "within 20 s, has a snapshot that has only nodes each of which isn't reachable");
  EXPECT_EQ(DescribeNot<RunRecord>(Always(AnyNode(IsReachable()))),
            "during the run, has a snapshot that has only nodes each of which isn't reachable");
}

TEST(AlwaysTest, NeedsARecordAsLongAsItClaims) {
  RecordBuilder builder(3);
  builder.Grow(10);
  EXPECT_EQ(
      Explain(Always(AnyNode(IsReachable()), For(3s)), builder.Build()),
      "in which there is nothing to judge: the record ends at 2.000 s, before 3.000 s; let the "
      "run last for 3 s");
  EXPECT_THAT(builder.Build(), Not(Always(AnyNode(IsReachable()), For(3s))));
  EXPECT_THAT(Explain(Always(AnyNode(IsReachable())), RunRecord{}), HasSubstr("nothing to judge"));
}

TEST(AlwaysTest, ALateNodeIsNotWaitedFor) {
  RecordBuilder builder(3);
  builder.Late(2).Grow(10);
  RunRecord record = builder.Build();
  std::erase_if(record.samples, [](const NodeSample& s) { return s.node == 2; });
  EXPECT_THAT(record, Always(ReachableNodes(HasHeight(Le(10)))));
  EXPECT_THAT(record, Not(Always(AllNodes(HasHeight(Le(10)))))) << "it does not answer";
}

TEST(AlwaysTest, IsWatchedFromTheFirstMatchOn) {
  RecordBuilder builder(2);
  builder.Grow(10);
  const RunRecord record = builder.Build();
  const auto watch = Always(NodeNamed("validator-1", HasHeight(Le(4)))).Watch({});
  Snapshot unsampled = record.At(0ms);
  unsampled.nodes[1].reachable = false;
  EXPECT_EQ(watch(unsampled), "");
  EXPECT_EQ(watch(record.At(200ms)), "");
  EXPECT_EQ(watch(record.At(1000ms)),
            "the snapshot at 1.000 s is one in which validator-1 is a node whose height is 5");
}

TEST(AlwaysTest, IsWatchedForItsTimeAlone) {
  RecordBuilder builder(2);
  builder.Grow(10);
  const RunRecord record = builder.Build();
  const AlwaysMatcher always = Always(AllNodes(HasHeight(Le(4))), For(800ms));
  const SnapshotWatch watch = always.Watch({.at = 100ms});
  EXPECT_EQ(watch(record.At(0ms)), "");
  Snapshot high = record.At(1200ms);
  EXPECT_EQ(watch(high), "") << "its time is over";
  high.at = 900ms;
  EXPECT_THAT(watch(high), HasSubstr("the snapshot at 0.900 s is one in which"));
}

// The pace of the cluster, and not a block a second.
TEST(AlwaysTest, IsWatchedInProtocolTimeToo) {
  const Pace pace{.slot = 200ms, .active_slot_coefficient = 0.5, .slots_per_epoch = 10};
  const struct {
    Timespan span;
    RunTime end;
  } cases[] = {{Blocks(3), 1200ms}, {Slots(3), 600ms}, {Epochs(1), 2000ms}};
  for (const auto& [span, end] : cases) {
    RecordBuilder builder(2);
    builder.Grow(10);
    const RunRecord record = builder.Build();
    const auto watch = Always(AllNodes(HasHeight(Le(4))), For(span)).Watch({0ms, pace});
    EXPECT_EQ(watch(record.At(0ms)), "");
    Snapshot high = record.At(2000ms);
    high.at = end;
    EXPECT_NE(watch(high), "") << span;
    high.at = end + 1ms;
    EXPECT_EQ(watch(high), "") << span;
  }
}

TEST(SpanTest, PrintsItself) {
  EXPECT_EQ(testing::PrintToString(Within(Blocks(20))), "within 20 blocks");
  EXPECT_EQ(testing::PrintToString(For(10s)), "for 10 s");
}

}  // namespace
}  // namespace gtestnet::matching

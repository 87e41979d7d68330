// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "gtestnet/nomos/consensus_matchers.h"
#include "matchers/chain/src/testing/record_builder.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using namespace nomos;  // NOLINT: what is tested

using testing::HasSubstr;
using testing::Not;

std::string Why(const RunRecord& record) { return Explain(ConsensusIsLive(), record); }

TEST(ConsensusIsLiveTest, MatchesAChainThatGrows) {
  RecordBuilder builder(3);
  builder.Grow(20);
  EXPECT_THAT(builder.Build(), ConsensusIsLive());
  EXPECT_EQ(
      Why(builder.Build()),
      "in which the slowest, validator-0 grew by 20 blocks in 20 slots (expected 18, required "
      "9)");
}

TEST(ConsensusIsLiveTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(ConsensusIsLive()),
            "is live: each node grew, while it was up, by at least the smaller of half of the "
            "blocks that are expected and their 1e-6 quantile, never stood still for longer than a "
            "live chain does once in a million runs, and ended within 2 blocks of the highest");
  EXPECT_EQ(
      DescribeNot<RunRecord>(ConsensusIsLive()),
      "isn't live: a node grew, while it was up, by less than the smaller of half of the blocks "
      "that are expected and their 1e-6 quantile, stood still for longer than a live chain does "
      "once in a million runs, or ended more than 2 blocks below the highest");
}

TEST(ConsensusIsLiveTest, NamesANodeThatStalls) {
  RecordBuilder builder(3);
  builder.Grow(1).Grow(39, {2});
  EXPECT_THAT(builder.Build(), Not(ConsensusIsLive()));
  EXPECT_EQ(Why(builder.Build()),
            "in which validator-2 grew by 1 block in 40 slots (expected 36, required 18); "
            "validator-2 ended at height 1, 39 blocks below validator-0");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(builder.Build(), ConsensusIsLive()),
                          "validator-2 grew by 1 block in 40 slots");
}

TEST(ConsensusIsLiveTest, TellsOnceThatTheChainStalls) {
  RecordBuilder builder(3);
  builder.Grow(2).Idle(38);
  EXPECT_EQ(Why(builder.Build()),
            "in which all nodes together did not grow after height 2 at 0.400 s, until 8.000 s: 38 "
            "slots (a live chain needs more than 12 once in a million runs)");
}

TEST(ConsensusIsLiveTest, SeesAHaltForGoodWheneverItComes) {
  for (int64_t percent : {52, 55, 66, 70, 90}) {
    RecordBuilder builder(3);
    builder.Grow(2 * percent).Idle(200 - 2 * percent);
    const RunRecord record = builder.Build();
    EXPECT_THAT(record, Not(ConsensusIsLive())) << percent;
    EXPECT_THAT(Why(record), HasSubstr("all nodes together did not grow after height ")) << percent;
    EXPECT_THAT(Why(record), HasSubstr(", until 40.000 s")) << percent;
  }
}

TEST(ConsensusIsLiveTest, SeesABeginWithoutBlocks) {
  RecordBuilder builder(3);
  builder.Idle(40).Grow(160);
  EXPECT_EQ(Why(builder.Build()),
            "in which all nodes together did not grow after height 0 at 0.000 s, until 8.000 s: 40 "
            "slots (a live chain needs more than 13 once in a million runs)");
}

TEST(ConsensusIsLiveTest, NamesANodeThatStoodStillForAWhile) {
  RecordBuilder builder(3);
  builder.Grow(30).Grow(20, {2}).Grow(100);
  EXPECT_EQ(Why(builder.Build()),
            "in which validator-2 did not grow after height 30 at 6.000 s, until 10.000 s: 20 "
            "slots (a live chain needs more than 13 once in a million runs)");
}

TEST(ConsensusIsLiveTest, AStandstillIsJudgedByTheStakeThatIsUp) {
  RecordBuilder builder(3);
  builder.Stake(0, 100).Stake(1, 100).Stake(2, 9800).Grow(20).Kill(2).Idle(60).Start(2).Grow(60);
  EXPECT_THAT(builder.Build(), ConsensusIsLive()) << "2 % of the stake may make no block so long";
}

TEST(ConsensusIsLiveTest, ATimeWithoutALookIsNoStandstill) {
  RecordBuilder builder(3);
  builder.Grow(100);
  RunRecord record = builder.Build();
  std::erase_if(record.samples,
                [](const NodeSample& s) { return RunTime(6000) < s.at && s.at < RunTime(12000); });
  EXPECT_THAT(record, ConsensusIsLive());
  std::erase_if(record.samples, [](const NodeSample& s) { return RunTime(6000) < s.at; });
  EXPECT_THAT(Why(record), HasSubstr("did not grow after height 30 at 6.000 s, until 20.000 s"))
      << "but nothing speaks for the end of a run that nobody saw";
}

TEST(ConsensusIsLiveTest, NoNodeIsToBlameWhileTheRunItselfWasStopped) {
  RecordBuilder builder(3);
  builder.Grow(30).Idle(20).Grow(50);
  RunRecord record = builder.Build();
  EXPECT_THAT(record, Not(ConsensusIsLive()));
  record.clock = {{RunTime(6100), RunTime(9900), ClockEventKind::kStopped, RunTime(3800)}};
  EXPECT_THAT(record, ConsensusIsLive());
}

// The node went down as soon as the program ran again: what it did meanwhile, nobody saw.
TEST(ConsensusIsLiveTest, WhatNobodySawBeforeAFaultIsNotHeldAgainstTheNode) {
  RecordBuilder builder(3);
  builder.Grow(60).Kill(2).Grow(20);
  RunRecord record = builder.Build();
  std::erase_if(record.samples, [](const NodeSample& sample) {
    return sample.node == 2 && sample.reachable && sample.at > RunTime(4000);
  });
  EXPECT_THAT(Why(record), HasSubstr("validator-2 grew by 20 blocks in "));
  record.clock = {{RunTime(4000), RunTime(11990), ClockEventKind::kStopped, RunTime(7990)}};
  EXPECT_THAT(record, ConsensusIsLive()) << Why(record);
}

TEST(ConsensusIsLiveTest, HoldsANodeThatEndsTooLowAgainstIt) {
  RecordBuilder builder(3);
  builder.Grow(40).Grow(2, {2});
  EXPECT_THAT(builder.Build(), ConsensusIsLive()) << "two blocks are allowed";
  builder.Grow(1, {2});
  EXPECT_EQ(Why(builder.Build()),
            "in which validator-2 ended at height 40, 3 blocks below validator-0");
}

TEST(ConsensusIsLiveTest, NamesTheOneThatEndsAboveAllOthers) {
  RecordBuilder builder(4);
  builder.Grow(40).Fork(2, 9);
  EXPECT_EQ(
      Why(builder.Build()),
      "in which validator-2 ended at height 49, 9 blocks above all others: validator-0 at 40, "
      "validator-1 at 40, validator-3 at 40");
}

TEST(ConsensusIsLiveTest, JudgesWhatIsDownOnPurposeWhileItWasUp) {
  RecordBuilder builder(4);
  builder.Late(3).Grow(10).Kill(2).Grow(10);
  EXPECT_THAT(builder.Build(), ConsensusIsLive());
  EXPECT_THAT(Why(builder.Build()),
              HasSubstr("; down on purpose at the end, and judged while up: validator-2 (killed by "
                        "restarts at 2.000 s), validator-3 (never started)"));
}

TEST(ConsensusIsLiveTest, AKillJustBeforeTheEndSavesNoStraggler) {
  RecordBuilder builder(3);
  builder.Grow(1).Grow(39, {2}).Kill(2);
  EXPECT_THAT(
      Why(builder.Build()),
      HasSubstr("in which validator-2 grew by 1 block in 40 slots (expected 36, required 18); "
                "validator-2 was at height 1 when it was killed at 8.000 s, 34 blocks "));
  RecordBuilder late(3);
  late.Grow(40).Grow(10, {2}).Kill(2);
  EXPECT_EQ(Why(late.Build()),
            "in which validator-2 was at height 40 when it was killed at 10.000 s, 5 blocks below "
            "where validator-0 had been 1.000 s before; down on purpose at the end, and judged "
            "while up: validator-2 (killed by restarts at 10.000 s)");
  RecordBuilder level(3);
  level.Grow(40).Grow(7, {2}).Kill(2);
  EXPECT_THAT(level.Build(), ConsensusIsLive()) << "what came in the last second may be on its way";
}

TEST(ConsensusIsLiveTest, OneThatWasTakenDownIsNotHeldToWhatItCouldNotReach) {
  // 0 – 1 – 2 – 3 – 4, of which 2 goes down, and most of the stake is at one end.
  RecordBuilder builder(5);
  builder.Stake(0, 90'000).Neighbours(0, {1});
  for (NodeIndex node = 1; node < 5; ++node) builder.Neighbours(node, {node - 1});
  builder.Grow(20).Kill(2).Grow(60, {3, 4}).Kill(4);
  EXPECT_THAT(Why(builder.Build()), testing::Not(HasSubstr("validator-4 was at height")));
}

TEST(ConsensusIsLiveTest, AKillSavesNoneThatNeverAnswered) {
  RecordBuilder builder(3);
  builder.Silence(2).Grow(40).Kill(2);
  EXPECT_THAT(Why(builder.Build()), HasSubstr("in which validator-2 never answered; "));
}

TEST(ConsensusIsLiveTest, DoesNotLeaveOutWhatExitedUnasked) {
  RecordBuilder builder(3);
  builder.Grow(10).Exit(2, "signal 6 (SIGABRT)\nlast words").Grow(10);
  EXPECT_EQ(Why(builder.Build()),
            "in which validator-2 exited at 2.000 s unasked: signal 6 (SIGABRT)");
}

TEST(ConsensusIsLiveTest, MatchesARunOfRestarts) {
  RecordBuilder builder(4);
  for (NodeIndex node = 1; node < 4; ++node) {
    builder.Grow(6).Kill(node).Grow(6).Start(node).Mode(node, "Bootstrapping").Grow(2);
    builder.Mode(node, "Online");
  }
  builder.Grow(6);
  EXPECT_THAT(builder.Build(), ConsensusIsLive());
}

TEST(ConsensusIsLiveTest, TimeToRecoverIsNoStandstill) {
  RecordBuilder builder(4);
  builder.Grow(20).Kill(2).Grow(20).Start(2).Mode(2, "Bootstrapping").Grow(40).Mode(2, "Online");
  builder.Adopt(2).Grow(20);
  EXPECT_THAT(builder.Build(), ConsensusIsLive());
}

TEST(ConsensusIsLiveTest, MatchesALateJoiner) {
  RecordBuilder builder(3);
  builder.Late(2).Grow(30).Start(2).Grow(10);
  EXPECT_THAT(builder.Build(), ConsensusIsLive());
}

TEST(ConsensusIsLiveTest, NamesALateJoinerThatNeverSyncs) {
  RecordBuilder builder(3);
  builder.Late(2).Grow(30).Start(2).Grow(10, {2});
  EXPECT_EQ(Why(builder.Build()),
            "in which validator-2 ended at height 0, 40 blocks below validator-0");
}

TEST(ConsensusIsLiveTest, ASyncDoesNotPayForAStallAfterIt) {
  RecordBuilder builder(3);
  builder.Late(2).Grow(30).Start(2).Grow(1).Grow(2, {2}).Idle(97);
  EXPECT_THAT(Why(builder.Build()), HasSubstr("did not grow after height 33 at 6.600 s, until "));
}

TEST(ConsensusIsLiveTest, ExpectsLessWhileAMajorityIsDown) {
  RecordBuilder builder(4);
  builder.Stake(0, 100).Stake(1, 100).Stake(2, 4900).Stake(3, 4900);
  builder.Grow(10).Kill(2).Kill(3).Idle(60);
  EXPECT_THAT(builder.Build(), ConsensusIsLive()) << "2 % of the stake makes 2 blocks in 60 slots";
}

TEST(ConsensusIsLiveTest, ExpectsNothingWhileTheHubIsDown) {
  RecordBuilder builder(3);
  builder.Grow(15).Kill(0).Peers(1, 0).Peers(2, 0).Idle(100);
  EXPECT_THAT(builder.Build(), ConsensusIsLive());
}

TEST(ConsensusIsLiveTest, NamesANodeThatDoesNotAnswer) {
  RecordBuilder builder(3);
  builder.Grow(20).Silence(1).Grow(20);
  EXPECT_EQ(Why(builder.Build()), "in which validator-1 is up but has not answered since 4.000 s");
}

TEST(ConsensusIsLiveTest, SaysHowLongARunHasToBe) {
  RecordBuilder builder(3);
  builder.Grow(5);
  EXPECT_THAT(builder.Build(), Not(ConsensusIsLive()));
  EXPECT_EQ(Why(builder.Build()),
            "in which there is nothing to judge: the run is too short: in its 5 slots even a live "
            "chain may have made no block; Blocks(8) would be enough");
  RecordBuilder enough(3);
  enough.Grow(9);
  EXPECT_THAT(enough.Build(), ConsensusIsLive()) << "which is eight block intervals";
}

TEST(ConsensusIsLiveTest, SaysSoOfChancesThatAreTiny) {
  RecordBuilder builder(2);
  builder.Coefficient("0.000000000000000001").MinPeers(0).Grow(5);
  EXPECT_THAT(Why(builder.Build()), HasSubstr("no block; Blocks(14) would be enough"));
  RecordBuilder poor(2);
  poor.Coefficient("0.000000000000000001").MinPeers(0).Stake(0, 1).Stake(1, uint64_t{1} << 63);
  poor.Kill(1).Grow(5);
  EXPECT_THAT(Why(poor.Build()), HasSubstr("no block; Blocks(9007199254740992) would be enough"));
}

TEST(ConsensusIsLiveTest, SaysWhenNobodyCouldPropose) {
  RecordBuilder builder(3);
  builder.MinPeers(3).Idle(20);
  EXPECT_EQ(Why(builder.Build()),
            "in which there is nothing to judge: in none of its 20 slots could any leader propose, "
            "by the recorded faults and the layout");
}

TEST(ConsensusIsLiveTest, NeedsNodesAndAChain) {
  RecordBuilder builder(2);
  builder.Grow(20);
  RunRecord record = builder.Build();
  for (NodeRecord& node : record.nodes) node.up_at_end = false;
  EXPECT_EQ(Why(record), "in which there is nothing to judge: no node is up at the end");
  record.sections.Erase("chain");
  EXPECT_EQ(Why(record), "in which there is nothing to judge: the record has no chain");
  EXPECT_THAT(record, Not(ConsensusIsLive()));
}

TEST(ConsensusIsLiveTest, ASingleNodeIsItsOwnNetwork) {
  RecordBuilder builder(1);
  builder.Grow(20);
  EXPECT_THAT(builder.Build(), ConsensusIsLive());
  RecordBuilder stalled(1);
  stalled.Grow(1).Idle(20);
  EXPECT_THAT(stalled.Build(), Not(ConsensusIsLive()));
}

TEST(ConsensusIsLiveTest, CountsFromTheBeginOfTheRun) {
  RecordBuilder builder(3);
  builder.Grow(40).Idle(40);
  RunRecord record = builder.Build();
  record.begun = RunTime(8000);
  EXPECT_THAT(Why(record),
              HasSubstr("did not grow after height 40 at 8.000 s, until 16.000 s: 40 slots"));
}

}  // namespace
}  // namespace gtestnet::matching

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/chain/consensus_matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "gtestnet/chain/sample.h"
#include "matchers/chain/src/testing/record_builder.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using namespace chain;  // NOLINT: what is tested

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::Not;

// ----- AgreesOnChain -----

TEST(AgreesOnChainTest, MatchesOneChain) {
  RecordBuilder builder(3);
  builder.Grow(20);
  EXPECT_THAT(builder.Build(), AgreesOnChain());
  EXPECT_EQ(Explain(AgreesOnChain(), builder.Build()),
            "in which the chains of 3 nodes agree, the highest has 20 blocks, with 1 different tip "
            "at the end");
}

TEST(AgreesOnChainTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(AgreesOnChain()),
            "agrees on one chain: no two nodes finalise different blocks at one height, and at the "
            "end all chains agree up to half of k blocks from the tip");
  EXPECT_EQ(DescribeNot<RunRecord>(AgreesOnChain()),
            "doesn't agree on one chain: two nodes finalise different blocks at one height, or at "
            "the end two chains part more than half of k blocks from the tip");
}

TEST(AgreesOnChainTest, AllowsForksOfHalfOfK) {
  RecordBuilder builder(3);
  builder.Grow(20).Grow(5, {2}).Fork(2, 5);
  EXPECT_THAT(builder.Build(), AgreesOnChain());
  builder.Grow(1, {2}).Fork(2, 1);
  EXPECT_THAT(builder.Build(), Not(AgreesOnChain()));
  EXPECT_EQ(
      Explain(AgreesOnChain(), builder.Build()),
      "in which validator-2 (tip f2.26 at height 26) and validator-0, validator-1 (tip b26 at "
      "height 26) agree only up to height 20, which is 6 blocks from the tip (allowed 5)");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(builder.Build(), AgreesOnChain()),
                          "agree only up to height 20");
}

TEST(AgreesOnChainTest, ANodeThatLagsAgrees) {
  RecordBuilder builder(3);
  builder.Grow(10).Grow(30, {2});
  EXPECT_THAT(builder.Build(), AgreesOnChain()) << "to lag is for ConsensusIsLive to tell";
}

TEST(AgreesOnChainTest, NamesDifferentFinalisedBlocks) {
  RecordBuilder builder(3);
  builder.SecurityParameter(4).Grow(4).Grow(6, {2}).Fork(2, 6);
  EXPECT_EQ(
      Explain(AgreesOnChain(), builder.Build()),
      "in which different blocks were finalised at height 5: validator-2 finalised f2.6 (at "
      "2.000 s) on the branch of f2.5, and validator-0 finalised b6 (at 2.000 s) on the branch "
      "of b5, as did validator-1; validator-2 (tip f2.10 at height 10) and validator-0, "
      "validator-1 (tip b10 at height 10) agree only up to height 4, which is 6 blocks from the "
      "tip (allowed 2)");
}

TEST(AgreesOnChainTest, NamesTheOneFirstThoughItHasFinalisedMore) {
  RecordBuilder builder(4);
  builder.SecurityParameter(4).Grow(4).Grow(6, {1}).Fork(1, 9);
  EXPECT_EQ(
      Explain(AgreesOnChain(), builder.Build()),
      "in which different blocks were finalised at height 5: validator-1 finalised f1.9 (at 2.000 "
      "s) on the branch of f1.5, and validator-0 finalised b5 (at 1.800 s) on the branch of b5, as "
      "did validator-2, validator-3; validator-1 (tip f1.13 at height 13) and validator-0, "
      "validator-2, validator-3 (tip b10 at height 10) agree only up to height 4, which is 6 "
      "blocks from the tip (allowed 2)");
}

TEST(AgreesOnChainTest, RemembersAConflictThatWasGivenUp) {
  RecordBuilder builder(3);
  builder.SecurityParameter(4).Grow(4).Grow(6, {2}).Fork(2, 6).Adopt(2).Grow(10);
  EXPECT_THAT(Explain(AgreesOnChain(), builder.Build()),
              HasSubstr("different blocks were finalised at height 5"));
}

TEST(AgreesOnChainTest, ANodeMayNotContradictItselfEither) {
  RecordBuilder builder(2);
  builder.Grow(20).Fork(1, 1).Finalise(1, builder.tip_of(1)).Finalise(1, "").Adopt(1).Grow(12);
  EXPECT_THAT(
      Explain(AgreesOnChain(), builder.Build()),
      HasSubstr("different blocks were finalised at height 21: validator-1 finalised f1.21"));
}

TEST(AgreesOnChainTest, NeedsBlocksNodesAndAChain) {
  RecordBuilder few(3);
  few.Grow(4);
  EXPECT_EQ(Explain(AgreesOnChain(), few.Build()),
            "in which there is nothing to judge: the highest chain has 4 blocks, and 5 are needed, "
            "half of k = 10; a run of Blocks(12) would be enough");
  EXPECT_THAT(few.Build(), Not(AgreesOnChain()));
  RecordBuilder silent(2);
  silent.Silence(1).Grow(20);
  EXPECT_EQ(Explain(AgreesOnChain(), silent.Build()),
            "in which there is nothing to judge: only 1 node showed a chain, and it takes two");
  RunRecord chainless = silent.Build();
  chainless.sections.Erase("chain");
  EXPECT_THAT(Explain(AgreesOnChain(), chainless), HasSubstr("the record has no chain"));
}

TEST(AgreesOnChainTest, AClusterOfOneNodeAgreesUnlessItContradictsItself) {
  RecordBuilder alone(1);
  alone.Grow(20);
  EXPECT_THAT(alone.Build(), AgreesOnChain());
  alone.Fork(0, 1).Finalise(0, alone.tip_of(0)).Adopt(0, "b20").Grow(2).Finalise(0, "b22");
  EXPECT_THAT(alone.Build(), Not(AgreesOnChain()));
}

// ----- FinalityAdvances -----

TEST(FinalityAdvancesTest, MatchesWhenEveryNodeFinalises) {
  RecordBuilder builder(3);
  builder.Grow(30);
  EXPECT_THAT(builder.Build(), FinalityAdvances());
  EXPECT_THAT(builder.Build(), FinalityAdvances(Ge(20)));
  EXPECT_EQ(Explain(FinalityAdvances(), builder.Build()),
            "in which the slowest, validator-0 finalised 20 blocks, from height 0 to 20");
}

TEST(FinalityAdvancesTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(FinalityAdvances()),
            "has finality that never goes back, stays from k to k + 2 blocks below the tip of each "
            "node, and advances, on each node that is up, by a number of blocks that is >= 1");
  EXPECT_EQ(
      DescribeNot<RunRecord>(FinalityAdvances(Ge(20))),
      "has finality that goes back, is less than k or more than k + 2 blocks below the tip of "
      "a node, or advances, on a node that is up, by a number of blocks that isn't >= 20");
}

TEST(FinalityAdvancesTest, NamesTheNodeThatStandsStill) {
  RecordBuilder builder(3);
  builder.Finalise(1, "genesis").Grow(30);
  EXPECT_EQ(
      Explain(FinalityAdvances(), builder.Build()),
      "in which validator-1 finalised 0 blocks, from height 0 to 0 (its tip is at height 30)");
}

TEST(FinalityAdvancesTest, NamesTheNodeThatGoesBack) {
  RecordBuilder builder(3);
  builder.Grow(20).Finalise(1, "b3").Grow(10);
  EXPECT_THAT(Explain(FinalityAdvances(), builder.Build()),
              HasSubstr("validator-1's finalised height went back from 10 to 3 at 4.000 s"));
}

TEST(FinalityAdvancesTest, ARestartMayGoBack) {
  RecordBuilder builder(3);
  builder.Grow(20).Kill(1).Idle(1).Start(1).Finalise(1, "b3").Finalise(1, "").Grow(10);
  EXPECT_THAT(builder.Build(), FinalityAdvances());
}

TEST(FinalityAdvancesTest, ANodeThatCameUpHasTimeToCatchUpWithFinality) {
  RecordBuilder builder(3);
  builder.Grow(20).Kill(1).Idle(1).Start(1).Finalise(1, "b3").Grow(55);
  EXPECT_THAT(builder.Build(), FinalityAdvances()) << "11 s after its start";
  builder.Grow(10);
  EXPECT_THAT(
      Explain(FinalityAdvances(), builder.Build()),
      HasSubstr("validator-1's final block is more than k + 2 blocks below its tip at 16."));
  RecordBuilder back(3);
  back.Grow(20).Kill(1).Idle(1).Start(1).Finalise(1, "").Adopt(1).Grow(5).Finalise(1, "b15");
  back.Grow(10);
  EXPECT_EQ(
      Explain(FinalityAdvances(), back.Build()),
      "in which validator-1's final block is more than k + 2 blocks below its tip at 5.800 s: "
      "final height 15, tip height 28, k = 10");
}

TEST(FinalityAdvancesTest, SeesFinalityThatStopsForGood) {
  RecordBuilder all(2);
  all.Grow(20).Finalise(0, "b10").Finalise(1, "b10").Grow(180);
  EXPECT_EQ(
      Explain(FinalityAdvances(), all.Build()),
      "in which validator-0's final block is more than k + 2 blocks below its tip at 4.600 s: "
      "final height 10, tip height 23, k = 10; validator-1's final block is more than k + 2 "
      "blocks below its tip at 4.600 s: final height 10, tip height 23, k = 10");
  RecordBuilder one(3);
  one.Grow(20).Finalise(2, "b10").Grow(180);
  EXPECT_EQ(
      Explain(FinalityAdvances(), one.Build()),
      "in which validator-2's final block is more than k + 2 blocks below its tip at 4.600 s: "
      "final height 10, tip height 23, k = 10");
  RecordBuilder near(3);
  near.Grow(20).Finalise(2, "b10").Grow(2).Finalise(2, "").Grow(8);
  EXPECT_THAT(near.Build(), FinalityAdvances()) << "two blocks are allowed";
}

TEST(FinalityAdvancesTest, AKillDoesNotUndoWhatANodeSaid) {
  RecordBuilder builder(3);
  builder.Grow(20).Finalise(2, "b10").Grow(20).Kill(2).Grow(5);
  EXPECT_EQ(
      Explain(FinalityAdvances(), builder.Build()),
      "in which validator-2's final block is more than k + 2 blocks below its tip at 4.600 s: "
      "final height 10, tip height 23, k = 10");
}

TEST(FinalityAdvancesTest, SeesBlocksThatAreCalledFinalTooEarly) {
  RecordBuilder builder(2);
  builder.Grow(20).Finalise(1, "b17").Grow(20);
  EXPECT_THAT(Explain(FinalityAdvances(), builder.Build()),
              HasSubstr("in which validator-1's final block is not k blocks below its tip at 4.000 "
                        "s: final height 17, tip height 20, k = 10"));
  RecordBuilder young(2);
  young.Grow(8).Finalise(0, "b5").Finalise(1, "b5");
  EXPECT_THAT(Explain(FinalityAdvances(), young.Build()),
              HasSubstr("validator-1's final block is not k blocks below its tip at 1.600 s: final "
                        "height 5, tip height 8, k = 10"))
      << "also in a chain of fewer than k";
  // What the node says of the heights does not matter.
  RunRecord record = builder.Build();
  for (NodeSample& sample : record.samples) {
    if (sample.node != 1 || !sample.reachable) continue;
    chain::State state = chain::StateOf(sample);
    state.height = 1000;
    state.finalised_height = 990;
    chain::SetState(sample, state);
  }
  EXPECT_THAT(Explain(FinalityAdvances(), record), HasSubstr("final height 17, tip height 20"));
}

TEST(FinalityAdvancesTest, SeesFinalBlocksThatAreNotItsOwn) {
  RecordBuilder builder(2);
  builder.Grow(20).Fork(0, 1).Adopt(0).Grow(20).Finalise(1, "f0.21");
  EXPECT_THAT(
      Explain(FinalityAdvances(), builder.Build()),
      HasSubstr("in which validator-1's final block is not in the chain to its tip at 8.000 "
                "s: final height 21, tip height 40, k = 10"));
  RecordBuilder unknown(2);
  unknown.Grow(20).Finalise(1, "cafe").Grow(1);
  EXPECT_THAT(Explain(FinalityAdvances(), unknown.Build()), HasSubstr("no node showed block cafe"));
}

TEST(FinalityAdvancesTest, NeedsMoreThanKBlocks) {
  RecordBuilder builder(3);
  builder.Grow(10);
  EXPECT_EQ(
      Explain(FinalityAdvances(), builder.Build()),
      "in which there is nothing to judge: the highest chain has 10 blocks and k = 10, so none "
      "needs to be final yet; a run of Blocks(24) would be enough");
}

// ----- Reorganises, ForksAtMost -----

TEST(ReorganisesTest, MatchesByDepth) {
  RecordBuilder builder(3);
  builder.Grow(10).Grow(4, {2}).Fork(2, 3).Adopt(2).Grow(3);
  EXPECT_THAT(builder.Build(), Reorganises(3));
  EXPECT_THAT(builder.Build(), Not(Reorganises(Ge(4))));
  EXPECT_EQ(Explain(Reorganises(Ge(2)), builder.Build()),
            "in which validator-2 gave up 3 blocks at 2.800 s (from f2.13 at height 13 to b14 at "
            "height 14)");
  EXPECT_EQ(
      Explain(Reorganises(Ge(4)), builder.Build()),
      "in which none of the 1 reorganisation has such a depth; in the deepest, validator-2 gave "
      "up 3 blocks at 2.800 s (from f2.13 at height 13 to b14 at height 14)");
}

TEST(ReorganisesTest, SaysThatThereWasNone) {
  RecordBuilder builder(3);
  builder.Grow(10);
  EXPECT_EQ(Explain(Reorganises(Ge(1)), builder.Build()),
            "in which there was no reorganisation in a chain of 10 blocks");
}

TEST(ReorganisesTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(Reorganises(Ge(2))),
            "has a reorganisation with a depth that is >= 2");
  EXPECT_EQ(DescribeNot<RunRecord>(Reorganises(Ge(2))),
            "has no reorganisation with a depth that is >= 2");
}

TEST(ForksAtMostTest, JudgesTheDeepest) {
  RecordBuilder builder(3);
  builder.Grow(10).Grow(4, {2}).Fork(2, 3).Adopt(2).Grow(3);
  EXPECT_THAT(builder.Build(), ForksAtMost(3));
  EXPECT_THAT(builder.Build(), Not(ForksAtMost(2)));
  EXPECT_EQ(Explain(ForksAtMost(2), builder.Build()),
            "in which validator-2 gave up 3 blocks at 2.800 s (from f2.13 at height 13 to b14 at "
            "height 14)");
  EXPECT_EQ(Explain(ForksAtMost(3), builder.Build()),
            "in which the deepest reorganisation of 1 gave up 3 blocks");
}

TEST(ForksAtMostTest, RefusesANegativeDepth) {
  EXPECT_THAT(RecordBuilder(2).Grow(3).Build(), Not(ForksAtMost(-1)));
  EXPECT_EQ(Explain(ForksAtMost(-1), RecordBuilder(2).Grow(3).Build()),
            "in which the depth of a fork is not negative");
}

TEST(ForksAtMostTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(ForksAtMost(1)),
            "forks at most 1 block deep: no node ever gave up more of its chain at once");
  EXPECT_EQ(DescribeNot<RunRecord>(ForksAtMost(2)),
            "forks more than 2 blocks deep: a node gave up more of its chain at once");
}

TEST(ForksAtMostTest, NeedsABlock) {
  RecordBuilder builder(3);
  builder.Idle(10);
  EXPECT_EQ(Explain(ForksAtMost(2), builder.Build()),
            "in which there is nothing to judge: no block was made");
}

// ----- RecoversWithin -----

TEST(RecoversWithinTest, MatchesFastRecoveries) {
  RecordBuilder builder(3);
  builder.Grow(10).Kill(2).Grow(10).Start(2).Mode(2, "Bootstrapping").Grow(5).Mode(2, "Online");
  builder.Grow(10);
  EXPECT_THAT(builder.Build(), RecoversWithin(2s));
  EXPECT_EQ(Explain(RecoversWithin(Slots(6)), builder.Build()),
            "in which the slowest of 1 took 1.200 s (validator-2, started at 4.000 s)");
}

TEST(RecoversWithinTest, TakesNoNodeForRecoveredThatIsNotOnline) {
  RecordBuilder builder(3);
  builder.Grow(10).Kill(2).Grow(10).Start(2).Mode(2, "Recovering").Adopt(2).Idle(44);
  builder.Mode(2, "Online").Grow(10);
  EXPECT_THAT(builder.Build(), Not(RecoversWithin(2s)));
  EXPECT_EQ(Explain(RecoversWithin(10s), builder.Build()),
            "in which the slowest of 1 took 9.000 s (validator-2, started at 4.000 s)");
}

TEST(RecoversWithinTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(RecoversWithin(Blocks(5))),
            "recovers within 5 blocks: each node that comes up takes part again by then");
  EXPECT_EQ(DescribeNot<RunRecord>(RecoversWithin(10s)),
            "doesn't recover within 10 s: a node that comes up does not take part again by then");
}

TEST(RecoversWithinTest, NamesTheNodeThatDoesNot) {
  RecordBuilder builder(3);
  builder.Grow(10).Kill(2).Grow(10).Start(2).Grow(20, {2});
  EXPECT_EQ(
      Explain(RecoversWithin(2s), builder.Build()),
      "in which validator-2, started at 4.000 s, never recovered; 2.000 s later it was Online "
      "at height 10");
  builder.Grow(1);
  EXPECT_EQ(Explain(RecoversWithin(2s), builder.Build()),
            "in which validator-2, started at 4.000 s, needed 4.200 s");
  // Of which the run's own program slept through three.
  RunRecord record = builder.Build();
  record.clock = {{4500ms, 7500ms, ClockEventKind::kStopped, 3000ms}};
  EXPECT_THAT(record, RecoversWithin(2s));
  EXPECT_THAT(Explain(RecoversWithin(1s), record), HasSubstr("needed 1.200 s"));
}

// Of a kind without a chain, that says what a node still lacks.
TEST(RecoversWithinTest, NeedsNoChain) {
  RunRecord record;
  record.nodes = {{.name = "member-0"}, {.name = "member-1"}};
  record.closed = record.ended = 9s;
  record.events = {{1s, 1, NodeEventKind::kKilled, "kills", ""},
                   {2s, 1, NodeEventKind::kStarted, "kills", ""}};
  record.samples = {{.at = 0s, .node = 0, .reachable = true},
                    {.at = 0s, .node = 1, .reachable = true},
                    {.at = 1500ms, .node = 1},
                    {.at = 2500ms,
                     .node = 1,
                     .reachable = true,
                     .status = "learner",
                     .words = {{"lacks", "it has 3 of 7 entries"}}},
                    {.at = 6s, .node = 1, .reachable = true, .status = "follower"}};
  EXPECT_THAT(record, RecoversWithin(5s));
  EXPECT_EQ(Explain(RecoversWithin(5s), record),
            "in which the slowest of 1 took 4.000 s (member-1, started at 2.000 s)");
  EXPECT_EQ(Explain(RecoversWithin(1s), record),
            "in which member-1, started at 2.000 s, needed 4.000 s");
  record.samples.pop_back();
  EXPECT_EQ(Explain(RecoversWithin(1s), record),
            "in which member-1, started at 2.000 s, never recovered; 1.000 s later it was learner: "
            "it has 3 of 7 entries");
}

TEST(RecoversWithinTest, LeavesOutWhatHadNoTime) {
  RecordBuilder builder(3);
  builder.Grow(10).Pause(1).Grow(5).Resume(1).Grow(5).Kill(2).Grow(10).Start(2).Grow(5, {2});
  EXPECT_EQ(Explain(RecoversWithin(2s), builder.Build()),
            "in which the slowest of 1 took 0.200 s (validator-1, resumed at 3.000 s); left out: "
            "validator-2, started at 6.000 s, had only 1.000 s");
  EXPECT_THAT(builder.Build(), RecoversWithin(2s));
}

TEST(RecoversWithinTest, NeedsARestart) {
  RecordBuilder builder(3);
  builder.Grow(10);
  EXPECT_EQ(Explain(RecoversWithin(2s), builder.Build()),
            "in which there is nothing to judge: no node was started, restarted, resumed or added "
            "during the run");
  builder.Kill(2).Grow(10).Start(2).Grow(2, {2});
  EXPECT_EQ(Explain(RecoversWithin(2s), builder.Build()),
            "in which there is nothing to judge: nobody that came up had time enough; left out: "
            "validator-2, started at 4.000 s, had only 0.400 s");
}

}  // namespace
}  // namespace gtestnet::matching

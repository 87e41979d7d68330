// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "gtestnet/chain/consensus_matchers.h"
#include "gtestnet/chain/record.h"
#include "matchers/chain/src/testing/record_builder.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using namespace chain;  // NOLINT: what is tested

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string Why(const RunRecord& record) { return Explain(NodesAreTruthful(), record); }

class NodesAreTruthfulTest : public testing::Test {
 protected:
  NodesAreTruthfulTest() { builder_.Grow(20); }

  // The samples of one node, from the first that is not before `from`.
  static std::vector<NodeSample*> SamplesOf(RunRecord& record, NodeIndex node, RunTime from = 0s) {
    std::vector<NodeSample*> samples;
    for (NodeSample& sample : record.samples) {
      if (sample.node == node && sample.at >= from && sample.reachable) samples.push_back(&sample);
    }
    return samples;
  }

  RecordBuilder builder_{3};
};

TEST_F(NodesAreTruthfulTest, MatchesAnHonestRun) {
  EXPECT_THAT(builder_.Build(), NodesAreTruthful());
  EXPECT_THAT(Why(builder_.Build()),
              AllOf(HasSubstr("in which all of "), HasSubstr(" answers fit the blocks, and each")));
}

TEST_F(NodesAreTruthfulTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(NodesAreTruthful()),
            "has nodes that tell what their blocks, their other answers and their peers bear out");
  EXPECT_EQ(
      DescribeNot<RunRecord>(NodesAreTruthful()),
      "has a node that tells what its blocks, its other answers or its peers do not bear out");
}

TEST_F(NodesAreTruthfulTest, NamesTheNodeAndWhatItsBlocksSay) {
  RunRecord record = builder_.Build();
  NodeSample& last = record.samples.back();
  const std::string name = record.nodes[static_cast<size_t>(last.node)].name;
  last.numbers["height"] = 70;
  EXPECT_THAT(record, Not(NodesAreTruthful()));
  EXPECT_THAT(Why(record),
              AllOf(HasSubstr("in which " + name + " told height 70 with the tip "),
                    HasSubstr(", which is at height 20 in the blocks that nodes showed, at "),
                    HasSubstr(" (1 answer like that)")));
  last.numbers["height"] = 19;
  EXPECT_THAT(Why(record), HasSubstr(name + " told height 19 with the tip "));
  last.numbers["height"] = 20;
  last.numbers["finalised_height"] = 21;
  EXPECT_THAT(Why(record), HasSubstr(name + " told finalised height 21 with the final block "));
  last.words["finalised"] = "nowhere";
  EXPECT_THAT(Why(record), HasSubstr(name + " told the final block nowhere, which no node showed"));
}

// As the real node does after a restart.
TEST_F(NodesAreTruthfulTest, ANodeMayCountFromItsLastFinalBlockOnceItCameUp) {
  builder_.Kill(1).Grow(2).Start(1).Adopt(1).Grow(20);
  RunRecord record = builder_.Build();
  const RunTime back = record.events.back().at;
  for (NodeSample* sample : SamplesOf(record, 1, back)) {
    for (const char* number : {"height", "finalised_height"}) {
      sample->numbers[number] = std::max(sample->numbers[number] - 10, 0.0);
    }
  }
  EXPECT_THAT(record, NodesAreTruthful());
  record.events.clear();
  EXPECT_THAT(Why(record), HasSubstr("validator-1 told height "));
}

TEST_F(NodesAreTruthfulTest, ARunMayBeginWithSuchANode) {
  RunRecord record = builder_.Build();
  record.samples.erase(record.samples.begin(), record.samples.begin() + 30);
  for (NodeSample* sample : SamplesOf(record, 1)) {
    sample->numbers["height"] = std::max(sample->numbers["height"] - 4, 0.0);
    sample->numbers["finalised_height"] = std::max(sample->numbers["finalised_height"] - 4, 0.0);
  }
  EXPECT_THAT(record, NodesAreTruthful());
  SamplesOf(record, 1).back()->numbers["height"] -= 1;
  EXPECT_THAT(Why(record), HasSubstr("validator-1 told height 15 with the tip b20, which is at "
                                     "height 20 in the blocks that nodes showed, counted from 4"));
}

TEST_F(NodesAreTruthfulTest, ATipThatNobodyShowedIsToldWhenItIsToldAgainAndAgain) {
  RunRecord record = builder_.Build();
  const std::vector<NodeSample*> samples = SamplesOf(record, 2);
  samples[3]->words["tip"] = "nowhere";
  samples[12]->words["tip"] = "nowhere";
  EXPECT_THAT(record, NodesAreTruthful()) << "two may be of a node that ended";
  samples[13]->words["tip"] = "nowhere";
  EXPECT_THAT(Why(record),
              HasSubstr("validator-2 told the tip nowhere, which no node showed, at "));
}

TEST_F(NodesAreTruthfulTest, TellsWhatTheRunFoundWhileItRan) {
  RunRecord record = builder_.Build();
  MutableChainOf(record).contradictions = {
      {1, "slot 7 in GET /cryptarchia/info", "that block is of slot 5", 1200ms, 3400ms, 12}};
  EXPECT_EQ(Why(record),
            "in which validator-1 told slot 7 in GET /cryptarchia/info, but that block is of slot "
            "5, at 1.200 s (looks that show it: 12)");
}

TEST_F(NodesAreTruthfulTest, NamesALeaderThatWasDown) {
  builder_.Kill(2).Grow(100);
  RunRecord record = builder_.Build();
  for (BlockRecord& block : MutableChainOf(record).blocks) {
    if (block.height > 20) block.leader = block.height % 2;
  }
  EXPECT_THAT(record, NodesAreTruthful());
  // What it may still have made.
  for (BlockRecord& block : MutableChainOf(record).blocks) {
    if (block.height == 40) block.leader = 2;
  }
  EXPECT_THAT(record, NodesAreTruthful());
  for (BlockRecord& block : MutableChainOf(record).blocks) {
    if (block.height >= 60 && block.height <= 61) block.leader = 2;
  }
  EXPECT_EQ(Why(record),
            "in which block b60 of slot 59 is by the key of validator-2, which was killed at 4.000 "
            "s (2 blocks like that, of which validator-0 showed 2 first)");
  // The run's own program stood still: who knows when the node was killed.
  record.clock = {{4000ms, 11'000ms, ClockEventKind::kStopped, 7000ms}};
  EXPECT_THAT(record, NodesAreTruthful());
}

TEST_F(NodesAreTruthfulTest, ALeaderMayLeadBeforeTheRunKnowsThatItIsUp) {
  builder_.Pause(2).Grow(100).Resume(2).Grow(5);
  RunRecord record = builder_.Build();
  for (BlockRecord& block : MutableChainOf(record).blocks) {
    if (block.height > 20) block.leader = block.height % 2;
    if (block.height == 118) block.leader = 2;
  }
  EXPECT_THAT(record, NodesAreTruthful());
  for (BlockRecord& block : MutableChainOf(record).blocks) {
    if (block.height == 90) block.leader = 2;
  }
  EXPECT_THAT(Why(record), HasSubstr("block b90 of slot 89 is by the key of validator-2, which was "
                                     "paused at 4.000 s"));
}

TEST_F(NodesAreTruthfulTest, NamesTwoBlocksOfOneLeaderInASlot) {
  builder_.Fork(2, 1).Grow(3);
  RunRecord record = builder_.Build();
  for (BlockRecord& block : MutableChainOf(record).blocks) {
    if (block.id == "f2.21" || block.id == "b21") block.leader = 0;
    if (block.id == "f2.21") block.slot = 20;
    if (block.id == "b21") block.slot = 20;
  }
  EXPECT_THAT(Why(record), HasSubstr("two blocks for slot 20 are by the key of validator-0: f2.21, "
                                     "which validator-2 showed first, and b21, which "));
}

TEST_F(NodesAreTruthfulTest, SlotsAreInOrder) {
  RunRecord record = builder_.Build();
  MutableChainOf(record).blocks[9].slot = 8;
  EXPECT_EQ(Why(record),
            "in which block b10 of slot 8, which validator-0 showed first, is not after its parent "
            "b9 of slot 8");
}

TEST(NodesAreTruthfulOfNothingTest, NeedsAnAnswerOfAChain) {
  RecordBuilder builder(1);
  RunRecord record = builder.Build();
  record.samples.clear();
  EXPECT_THAT(Why(record), HasSubstr("there is nothing to judge: no node"));
  record.sections.Erase("chain");
  EXPECT_THAT(Why(record), HasSubstr("the record has no chain"));
}

}  // namespace
}  // namespace gtestnet::matching

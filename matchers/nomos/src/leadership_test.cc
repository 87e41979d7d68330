// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/consensus_matchers.h"
#include "matchers/chain/src/testing/record_builder.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using namespace nomos;  // NOLINT: what is tested

using testing::HasSubstr;
using testing::Not;

TEST(LeadsByStakeTest, MatchesWhatTheStakeExplains) {
  RecordBuilder builder(2);
  builder.Coefficient("0.3");
  for (int i = 0; i < 100; ++i) builder.Block(i % 2).Idle(2);
  EXPECT_THAT(builder.Build(), LeadsByStake());
  EXPECT_EQ(
      Explain(LeadsByStake(), builder.Build()),
      "in which validator-0 (50 % of the stake) made 50 blocks in 298 slots (explained: 12 to "
      "83); validator-1 (50 % of the stake) made 50 blocks in 298 slots (explained: 12 to 83)");
}

TEST(LeadsByStakeTest, DescribesItself) {
  EXPECT_EQ(
      Describe<RunRecord>(LeadsByStake()),
      "leads by stake: each leader made a number of blocks that its stake explains, but for a "
      "chance of 1e-6");
  EXPECT_EQ(
      DescribeNot<RunRecord>(LeadsByStake()),
      "doesn't lead by stake: a leader made a number of blocks that its stake doesn't explain, "
      "but for a chance of 1e-6");
}

TEST(LeadsByStakeTest, NamesTheLeaderThatMakesTooManyOrTooFew) {
  RecordBuilder builder(2);
  builder.Coefficient("0.3");
  for (int i = 0; i < 100; ++i) builder.Block(0).Idle(2);
  EXPECT_THAT(builder.Build(), Not(LeadsByStake()));
  EXPECT_THAT(Explain(LeadsByStake(), builder.Build()),
              HasSubstr("validator-1 (50 % of the stake) made 0 blocks in 298 slots (explained: "));
  EXPECT_THAT(Explain(LeadsByStake(), builder.Build()),
              HasSubstr("validator-0 (50 % of the stake) made 100 blocks in 298 slots"));
}

TEST(LeadsByStakeTest, SaysWhatTheOthersMade) {
  RecordBuilder builder(3);
  builder.Coefficient("0.3").Stake(1, 200);
  for (int i = 0; i < 100; ++i) builder.Block(i % 9 == 0 ? 2 : 0).Idle(2);
  const std::string why = Explain(LeadsByStake(), builder.Build());
  EXPECT_THAT(why,
              testing::StartsWith("in which validator-0 (45.455 % of the stake) made 88 blocks "
                                  "in 298 slots (explained: "));
  EXPECT_THAT(why, HasSubstr("; of the others, validator-1 (9.091 % of the stake) made 0 blocks "));
}

TEST(LeadsByStakeTest, NamesBothUsersOfOneKey) {
  RecordBuilder builder(3);
  builder.Grow(9);
  builder.Fork(2, 1).Grow(20);
  RunRecord record = builder.Build();
  for (chain::BlockRecord& block : chain::MutableChainOf(record).blocks) {
    if (block.id == "f2.10") block.leader = 0;
    if (block.id == "b10") block.leader = 0;
  }
  EXPECT_THAT(Explain(LeadsByStake(), record),
              testing::StartsWith(
                  "in which two blocks for slot 9 are by the key of validator-0: f2.10, which "
                  "validator-2 showed first, and b10, which validator-0 showed first"));
  record.events = {{RunTime(1700), 0, NodeEventKind::kKilled, "test", ""},
                   {RunTime(1790), 0, NodeEventKind::kStarted, "test", ""}};
  EXPECT_THAT(Explain(LeadsByStake(), record), testing::Not(HasSubstr("two blocks for slot")))
      << "one that has just come back may have lost its own";
}

TEST(LeadsByStakeTest, NamesBlocksByWhomNobodyStakedFor) {
  RecordBuilder builder(3);
  builder.Stake(2, 0).Block(0).Block(-1).Block(2);
  EXPECT_EQ(
      Explain(LeadsByStake(), builder.Build()),
      "in which block b2 at height 2 is by no node of the topology; block b3 at height 3 is by "
      "validator-2, which has no stake");
}

TEST(LeadsByStakeTest, NeedsALongRunAndTwoLeaders) {
  RecordBuilder builder(3);
  builder.Grow(20);
  EXPECT_EQ(
      Explain(LeadsByStake(), builder.Build()),
      "in which there is nothing to judge: the run is too short: in 20 slots any leader may have "
      "made no block; Blocks(131) would be enough");
  EXPECT_THAT(builder.Build(), Not(LeadsByStake()));
  RecordBuilder alone(1);
  alone.Grow(20);
  EXPECT_EQ(Explain(LeadsByStake(), alone.Build()),
            "in which there is nothing to judge: 1 node with stake, and it takes two");
}

}  // namespace
}  // namespace gtestnet::matching

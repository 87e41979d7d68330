// SPDX-License-Identifier: Apache-2.0
#include "chain/src/chain_tracker.h"

#include <gmock/gmock.h>

#include <string>

namespace gtestnet::chain {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

BlockRecord MakeBlock(std::string id, std::string parent, std::vector<std::string> txs = {}) {
  BlockRecord block;
  block.id = std::move(id);
  block.parent = std::move(parent);
  block.transactions = std::move(txs);
  return block;
}

std::vector<std::string> Ids(const std::vector<BlockRecord>& blocks) {
  std::vector<std::string> ids;
  for (const BlockRecord& block : blocks) ids.push_back(block.id);
  return ids;
}

class ChainTrackerTest : public testing::Test {
 protected:
  ChainUpdate MustUpdate() {
    std::optional<ChainUpdate> update = tracker_.Update(milliseconds(1));
    EXPECT_TRUE(update.has_value());
    return update.value_or(ChainUpdate());
  }
  ChainTracker tracker_{"genesis"};
};

TEST_F(ChainTrackerTest, KnowsOnlyGenesisAtFirst) {
  EXPECT_EQ(tracker_.view().tip, "genesis");
  EXPECT_FALSE(tracker_.Update(milliseconds(0)).has_value());
  EXPECT_EQ(tracker_.HeightOf("genesis"), 0);
  EXPECT_EQ(tracker_.HeightOf("a"), -1);
}

TEST_F(ChainTrackerTest, KeepsEachBlockOnce) {
  EXPECT_TRUE(tracker_.AddBlock(MakeBlock("a", "genesis")));
  EXPECT_FALSE(tracker_.AddBlock(MakeBlock("a", "genesis")));
  EXPECT_EQ(tracker_.size(), 1u);
  EXPECT_EQ(tracker_.HeightOf("a"), 1);
}

TEST_F(ChainTrackerTest, WantsWhatIsMissingAndConnectsItInAnyOrder) {
  tracker_.AddBlock(MakeBlock("c", "b"));
  tracker_.SetTip(0, "d", "genesis");
  EXPECT_THAT(tracker_.Wanted(), UnorderedElementsAre("b", "d"));
  tracker_.AddBlock(MakeBlock("d", "c"));
  tracker_.AddBlock(MakeBlock("b", "a"));
  EXPECT_THAT(tracker_.Wanted(), ElementsAre("a"));
  EXPECT_FALSE(tracker_.Update(milliseconds(1)).has_value());
  EXPECT_THAT(tracker_.Blocks(), IsEmpty());
  tracker_.AddBlock(MakeBlock("a", "genesis"));
  EXPECT_THAT(tracker_.Wanted(), IsEmpty());
  EXPECT_THAT(Ids(MustUpdate().added), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(tracker_.view().height, 4);
  EXPECT_EQ(tracker_.HeightOf("d"), 4);
}

TEST_F(ChainTrackerTest, TakesTheHighestBlockOfHalfTheNodes) {
  for (auto [id, parent] : {std::pair{"a", "genesis"}, {"b", "a"}, {"c", "b"}}) {
    tracker_.AddBlock(MakeBlock(id, parent));
  }
  tracker_.SetTip(0, "c", "genesis");
  tracker_.SetTip(1, "b", "genesis");
  tracker_.SetTip(2, "a", "genesis");
  MustUpdate();
  EXPECT_EQ(tracker_.view().tip, "b");  // two of three have it
  tracker_.SetDown(2);
  MustUpdate();
  EXPECT_EQ(tracker_.view().tip, "c");  // one of two
}

TEST_F(ChainTrackerTest, OneNodeOnAForkOfItsOwnHasNoSay) {
  tracker_.AddBlock(MakeBlock("a", "genesis"));
  tracker_.AddBlock(MakeBlock("x1", "genesis"));
  tracker_.AddBlock(MakeBlock("x2", "x1"));
  tracker_.SetTip(0, "a", "genesis");
  tracker_.SetTip(1, "a", "genesis");
  tracker_.SetTip(2, "x2", "genesis");
  MustUpdate();
  EXPECT_EQ(tracker_.view().tip, "a");
}

TEST_F(ChainTrackerTest, EqualForksGoToTheLowerId) {
  tracker_.AddBlock(MakeBlock("b", "genesis"));
  tracker_.AddBlock(MakeBlock("a", "genesis"));
  tracker_.SetTip(0, "b", "genesis");
  tracker_.SetTip(1, "a", "genesis");
  MustUpdate();
  EXPECT_EQ(tracker_.view().tip, "a");
}

TEST_F(ChainTrackerTest, TellsOfAReorganisation) {
  tracker_.AddBlock(MakeBlock("a", "genesis", {"t1"}));
  tracker_.AddBlock(MakeBlock("b", "a", {"t2"}));
  tracker_.SetTip(0, "b", "genesis");
  MustUpdate();
  ASSERT_TRUE(tracker_.InclusionOf("t2").has_value());
  tracker_.AddBlock(MakeBlock("b'", "a"));
  tracker_.AddBlock(MakeBlock("c'", "b'", {"t3"}));
  tracker_.SetTip(0, "c'", "a");
  const ChainUpdate update = MustUpdate();
  EXPECT_THAT(Ids(update.removed), ElementsAre("b"));
  EXPECT_THAT(Ids(update.added), ElementsAre("b'", "c'"));
  EXPECT_EQ(update.view.finalised_height, 1);
  EXPECT_EQ(tracker_.reorganisations(), 1);
  EXPECT_EQ(tracker_.deepest_reorganisation(), 1);
  EXPECT_FALSE(tracker_.InclusionOf("t2").has_value());
  EXPECT_TRUE(tracker_.InclusionOf("t1")->finalised);
  EXPECT_FALSE(tracker_.InclusionOf("t3")->finalised);
  EXPECT_EQ(tracker_.InclusionOf("t3")->height, 3);
}

TEST_F(ChainTrackerTest, ANodeThatComesBackWithAnEarlierTipIsNoReorganisation) {
  tracker_.AddBlock(MakeBlock("a", "genesis"));
  tracker_.AddBlock(MakeBlock("b", "a"));
  tracker_.SetTip(0, "b", "genesis");
  MustUpdate();
  tracker_.SetTip(0, "a", "genesis");
  tracker_.Update(milliseconds(1));
  tracker_.SetTip(0, "genesis", "genesis");
  tracker_.Update(milliseconds(1));
  tracker_.SetTip(0, "b", "genesis");
  tracker_.Update(milliseconds(1));
  EXPECT_EQ(tracker_.reorganisations(), 0);
}

TEST_F(ChainTrackerTest, SurvivesTheDeathOfAllNodes) {
  tracker_.AddBlock(MakeBlock("a", "genesis"));
  tracker_.SetTip(0, "a", "genesis");
  MustUpdate();
  tracker_.SetDown(0);
  EXPECT_FALSE(tracker_.Update(milliseconds(2)).has_value());
  EXPECT_EQ(tracker_.view().tip, "a");
}

TEST_F(ChainTrackerTest, FinalityIsWhatHalfHaveAndNeverGoesBack) {
  tracker_.AddBlock(MakeBlock("a", "genesis"));
  tracker_.AddBlock(MakeBlock("b", "a"));
  tracker_.SetTip(0, "b", "b");
  tracker_.SetTip(1, "b", "a");
  tracker_.SetTip(2, "b", "genesis");
  MustUpdate();
  EXPECT_EQ(tracker_.view().finalised_height, 1);
  EXPECT_EQ(tracker_.finalised_by_all(), 0);
  tracker_.SetTip(0, "b", "genesis");
  EXPECT_FALSE(tracker_.Update(milliseconds(2)).has_value());
  EXPECT_EQ(tracker_.view().finalised_height, 1);
}

TEST_F(ChainTrackerTest, AFinalBlockThatNobodyShowedIsNone) {
  tracker_.AddBlock(MakeBlock("a", "genesis", {"t"}));
  tracker_.AddBlock(MakeBlock("b", "a"));
  tracker_.SetTip(0, "b", "a");
  MustUpdate();
  EXPECT_EQ(tracker_.view().finalised_height, 1);
  // Only what is known counts, until it is.
  tracker_.SetTip(0, "b", "c");
  EXPECT_FALSE(tracker_.Update(milliseconds(2)).has_value());
  EXPECT_EQ(tracker_.finalised_by_all(), 1);
  tracker_.AddBlock(MakeBlock("c", "b"));
  tracker_.SetTip(0, "c", "c");
  EXPECT_EQ(MustUpdate().view.finalised_height, 3);
  EXPECT_EQ(tracker_.finalised_by_all(), 3);
}

TEST_F(ChainTrackerTest, ANodeIsAsHighAsItsTip) {
  tracker_.SetTip(0, "b", "genesis");
  tracker_.Update(milliseconds(1));
  EXPECT_EQ(tracker_.HeightOfNode(0), std::nullopt) << "nothing is known yet";
  tracker_.AddBlock(MakeBlock("b", "a"));
  tracker_.AddBlock(MakeBlock("a", "genesis"));
  MustUpdate();
  EXPECT_EQ(tracker_.HeightOfNode(0), 2);
  EXPECT_EQ(tracker_.HeightOfNode(1), 0);
  // What nobody showed does not lift it.
  tracker_.SetTip(0, "z", "genesis");
  tracker_.Update(milliseconds(2));
  EXPECT_EQ(tracker_.HeightOfNode(0), 2);
  tracker_.SetTip(0, "a", "genesis");
  tracker_.Update(milliseconds(3));
  EXPECT_EQ(tracker_.HeightOfNode(0), 1);
  tracker_.SetTip(0, "genesis", "genesis");
  tracker_.Update(milliseconds(4));
  EXPECT_EQ(tracker_.HeightOfNode(0), 0);
}

TEST_F(ChainTrackerTest, ATransactionOfTwoBranchesStaysFoundAfterTheSwitch) {
  tracker_.AddBlock(MakeBlock("a", "genesis", {"t"}));
  tracker_.SetTip(0, "a", "genesis");
  MustUpdate();
  tracker_.AddBlock(MakeBlock("a'", "genesis"));
  tracker_.AddBlock(MakeBlock("b'", "a'", {"t"}));
  tracker_.SetTip(0, "b'", "genesis");
  MustUpdate();
  ASSERT_TRUE(tracker_.InclusionOf("t").has_value());
  EXPECT_EQ(tracker_.InclusionOf("t")->block, "b'");
}

TEST_F(ChainTrackerTest, BlocksAreInAnOrderInWhichParentsComeFirst) {
  tracker_.AddBlock(MakeBlock("b", "a"));
  tracker_.AddBlock(MakeBlock("a", "genesis"));
  tracker_.AddBlock(MakeBlock("lost", "nowhere"));
  EXPECT_THAT(Ids(tracker_.Blocks()), ElementsAre("a", "b"));
  tracker_.GiveUp("nowhere");
  EXPECT_FALSE(tracker_.AnyWanted());
}

}  // namespace
}  // namespace gtestnet::chain

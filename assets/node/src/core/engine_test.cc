// SPDX-License-Identifier: Apache-2.0
// One engine: blocks from peers, slots and clocks, restarts, queries.
#include "engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_rig.h"

namespace gtestnet::node {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace testing_support;  // NOLINT: the tests' own words

class EngineTest : public testing::Test {
 protected:
  EngineTest() {
    rig_.ConnectLevelPeer(1);
    rig_.ConnectLevelPeer(2);
    rig_.EnterSlot(100);
  }
  Actions Gossip(const BlockPtr& block, PeerId peer = 1) {
    return rig_.Tell(peer, NewBlock{block});
  }

  EngineRig rig_;
  BlockMaker maker_{AlwaysWinning(5)};
};

TEST_F(EngineTest, ValidBlockIsStoredAppliedAndPassedOnToTheOthers) {
  const BlockPtr block = maker_.Make(maker_.genesis(), 99, 1);
  const Actions actions = Gossip(block);
  ASSERT_THAT(Of<StoreBlock>(actions), SizeIs(1));
  EXPECT_EQ(Of<StoreBlock>(actions)[0].height, 1u);
  ASSERT_THAT(Of<TipChanged>(actions), SizeIs(1));
  EXPECT_EQ(Of<TipChanged>(actions)[0].tip, block->id);
  EXPECT_THAT(Of<BlockApplied>(actions), SizeIs(1));
  ASSERT_THAT(Of<Broadcast>(actions), SizeIs(1));
  EXPECT_EQ(Of<Broadcast>(actions)[0].except, PeerId{1});
  EXPECT_EQ(rig_.info().height, 1u);
  EXPECT_EQ(rig_.info().slot, 99u);
}

TEST_F(EngineTest, DuplicateIsNotPassedOnAgain) {
  const BlockPtr block = maker_.Make(maker_.genesis(), 99, 1);
  Gossip(block);
  EXPECT_THAT(Gossip(block, 2), IsEmpty());
  EXPECT_EQ(rig_.engine().Metrics().processed_blocks, 1u);
}

TEST_F(EngineTest, LateBlockIsAdmittedAndTheTipStays) {
  const auto chain = maker_.Chain(maker_.genesis(), 50, 3, 1);
  for (const BlockPtr& block : chain) Gossip(block);
  const BlockPtr late = maker_.Make(chain[0]->id, 52, 2);
  const Actions actions = Gossip(late);
  EXPECT_THAT(Of<StoreBlock>(actions), SizeIs(1));
  EXPECT_THAT(Of<TipChanged>(actions), IsEmpty());
  EXPECT_EQ(rig_.engine().Metrics().forks, 1u);
  EXPECT_EQ(rig_.info().tip, chain[2]->id);
}

TEST_F(EngineTest, InvalidBlockDropsThePeerAndNothingOfItCountsAnyMore) {
  const BlockPtr good = maker_.Make(maker_.genesis(), 99, 1);
  const Actions actions = Gossip(BlockMaker::Seal(good->header, 2));
  ASSERT_THAT(Of<DropPeer>(actions), SizeIs(1));
  EXPECT_THAT(Of<DropPeer>(actions)[0].reason, HasSubstr("is invalid: its signature"));
  EXPECT_THAT(Messages<NewBlock>(actions), IsEmpty());
  EXPECT_THAT(Gossip(good), IsEmpty());
  EXPECT_EQ(rig_.info().height, 0u);
  Gossip(good, 2);
  EXPECT_EQ(rig_.info().height, 1u);
}

TEST_F(EngineTest, OrphanIsKeptAndItsAncestorsAreAskedFor) {
  const auto chain = maker_.Chain(maker_.genesis(), 50, 4, 1);
  const Actions actions = Gossip(chain[3]);
  const auto asked = Messages<GetBlocks>(actions);
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].target, chain[2]->id);
  EXPECT_EQ(rig_.engine().Metrics().orphan_blocks, 1u);
  EXPECT_THAT(Messages<GetBlocks>(Gossip(chain[3])), IsEmpty());  // nor asked for again
  rig_.Tell(1, Blocks{asked[0].request, {chain[0], chain[1], chain[2]}});
  EXPECT_EQ(rig_.info().tip, chain[3]->id);
}

TEST_F(EngineTest, OrphansInReverseOrderComeTogether) {
  const auto chain = maker_.Chain(maker_.genesis(), 50, 20, 1);
  for (std::size_t i = chain.size(); i-- > 0;) Gossip(chain[i]);
  EXPECT_EQ(rig_.info().height, 20u);
}

TEST_F(EngineTest, FloodOfOrphansIsBounded) {
  BlockMaker maker(AlwaysWinning(5));
  for (Slot slot = 1; slot <= 90; ++slot) {
    const BlockPtr parent = maker.Make(maker.genesis(), slot, 1);
    Gossip(maker.Make(parent->id, slot + 1, 1));
  }
  EXPECT_EQ(rig_.engine().Metrics().orphan_blocks, 90u);
  EXPECT_EQ(rig_.info().height, 0u);
}

TEST_F(EngineTest, BlockOfAFutureSlotWaitsForIt) {
  const BlockPtr block = maker_.Make(maker_.genesis(), 103, 1);
  EXPECT_THAT(Messages<NewBlock>(Gossip(block)), IsEmpty());
  rig_.EnterSlot(102);
  EXPECT_EQ(rig_.info().height, 0u);
  const Actions actions = rig_.EnterSlot(103);
  EXPECT_EQ(rig_.info().tip, block->id);
  EXPECT_THAT(Messages<NewBlock>(actions), SizeIs(1));
}

TEST_F(EngineTest, BlockOfAFarFutureIsRefused) {
  const Actions actions = Gossip(maker_.Make(maker_.genesis(), 100000, 1));
  EXPECT_THAT(Logs(actions), HasSubstr("its slot 100000 is too far ahead of 100"));
  EXPECT_THAT(Of<DropPeer>(actions), IsEmpty());
  EXPECT_EQ(rig_.engine().Metrics().rejected_blocks, 1u);
}

TEST_F(EngineTest, EquivocationIsCountedAndTold) {
  Gossip(maker_.Make(maker_.genesis(), 99, 1));
  const Actions actions = Gossip(maker_.Make(maker_.genesis(), 99, 1, {Inscribe(1, {}, kAlice)}));
  EXPECT_THAT(Logs(actions), HasSubstr("made another block for slot 99"));
  EXPECT_EQ(rig_.engine().Metrics().equivocations, 1u);
  EXPECT_EQ(rig_.engine().Metrics().processed_blocks, 2u);
}

TEST_F(EngineTest, FinalBlocksAreToldInOrderAndStaleOnesPruned) {
  const BlockPtr stale = maker_.Make(maker_.genesis(), 50, 2);
  const auto chain = maker_.Chain(maker_.genesis(), 51, 7, 1);
  Gossip(stale);
  std::vector<Height> heights;
  std::vector<HeaderId> pruned;
  for (const BlockPtr& block : chain) {
    const Actions actions = Gossip(block);
    for (const Finalised& one : Of<Finalised>(actions)) heights.push_back(one.height);
    for (const PruneBlocks& one : Of<PruneBlocks>(actions)) pruned = one.ids;
  }
  EXPECT_THAT(heights, ElementsAre(1, 2));
  EXPECT_THAT(pruned, ElementsAre(stale->id));
  EXPECT_EQ(rig_.engine().FindBlock(stale->id), nullptr);
  ASSERT_NE(rig_.engine().FindBlock(chain[0]->id), nullptr);  // out of the store
  EXPECT_EQ(rig_.engine().FindBlock(rig_.engine().genesis_id()), nullptr);
  EXPECT_THAT(rig_.engine().ImmutableBlocks(0, 1000, 10), ElementsAre(chain[0]->id, chain[1]->id));
}

TEST_F(EngineTest, HeadersWalkFromTheTipToTheFinalBlock) {
  const auto chain = maker_.Chain(maker_.genesis(), 51, 8, 1);
  for (const BlockPtr& block : chain) Gossip(block);
  const Engine& engine = rig_.engine();
  const auto all = engine.Headers({}, {});
  EXPECT_THAT(all, SizeIs(6));
  EXPECT_EQ(all.front(), chain[7]->id);
  EXPECT_EQ(all.back(), chain[2]->id);
  EXPECT_THAT(engine.Headers(chain[3]->id, chain[1]->id),
              ElementsAre(chain[3]->id, chain[2]->id, chain[1]->id));
  EXPECT_THAT(engine.Headers(chain[1]->id, engine.genesis_id()),
              ElementsAre(chain[1]->id, chain[0]->id, engine.genesis_id()));
  // `to` is not on the way: the walk ends at genesis.
  EXPECT_THAT(engine.Headers(chain[1]->id, chain[5]->id), SizeIs(3));
  EXPECT_THAT(engine.Headers(Filled(1), {}), IsEmpty());
}

TEST_F(EngineTest, RestartRestoresTheSameTip) {
  const auto chain = maker_.Chain(maker_.genesis(), 51, 12, 1);
  for (const BlockPtr& block : chain) Gossip(block);
  Gossip(maker_.Make(chain[9]->id, 80, 2));
  const ChainInfo before = rig_.info();
  rig_.Reboot();
  EXPECT_EQ(rig_.restored(), absl::OkStatus());
  EXPECT_EQ(rig_.info().tip, before.tip);
  EXPECT_EQ(rig_.info().height, 12u);
  EXPECT_EQ(rig_.info().lib, before.lib);
  EXPECT_EQ(rig_.info().mode, Mode::kBootstrapping);
  EXPECT_EQ(rig_.engine().Metrics().forks, 1u);
}

TEST_F(EngineTest, StorageOfAnotherChainIsToldAtRestore) {
  MemoryStore store;
  EngineOptions options;
  options.genesis = TestGenesis();
  options.genesis.chain_id = Filled(9);
  Engine other(options, &store);
  const absl::Status status = other.Restore(maker_.Make(maker_.genesis(), 5, 1));
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(status.message(), HasSubstr("its parent is unknown"));
  auto changed = std::make_shared<Block>(*maker_.Make(maker_.genesis(), 5, 1));
  changed->header.slot = 6;
  EXPECT_THAT(other.Restore(changed).message(), HasSubstr("not its id's"));
}

TEST_F(EngineTest, NothingIsAcceptedBeforeTheStartIsKnown) {
  MemoryStore store;
  EngineOptions options;
  options.consensus = AlwaysWinning(5);
  options.genesis = TestGenesis();
  options.leader_seeds = {SeedOf(1)};
  Engine engine(options, &store);
  EXPECT_FALSE(engine.NextSlotTime(5).has_value());
  EXPECT_THAT(engine.Handle(Tick{}, 5000), testing::Not(IsEmpty()));  // tells its tip
  EXPECT_EQ(engine.Info().mode, Mode::kBootstrapping);
  EXPECT_EQ(engine.Info().height, 0u);
  (void)engine.Handle(StartTimeKnown{10000}, 5000);
  EXPECT_EQ(engine.NextSlotTime(5000), 10000);
  EXPECT_EQ(engine.NextSlotTime(10000), 10100);
  EXPECT_EQ(engine.NextSlotTime(10199), 10200);
}

// ---- Slots and clocks

TEST(LeadingTest, NodeWithoutNeighboursLeadsAtOnceAndOnceInASlot) {
  EngineRig rig({.leader = 1, .neighbours = 0});
  rig.EnterSlot(0);
  EXPECT_EQ(rig.info().mode, Mode::kOnline);
  EXPECT_EQ(rig.info().height, 0u);  // slot 0 is the genesis block's
  for (Slot slot = 1; slot <= 10; ++slot) {
    EXPECT_THAT(Of<StoreBlock>(rig.EnterSlot(slot)), SizeIs(1));
    EXPECT_THAT(Of<StoreBlock>(rig.TickAt(EngineRig::TimeOf(slot) + 50)), IsEmpty());
  }
  EXPECT_EQ(rig.info().height, 10u);
  EXPECT_EQ(rig.engine().Metrics().proposals, 10u);
  EXPECT_EQ(rig.engine().Metrics().slots_won, 10u);
}

TEST(LeadingTest, OwnBlockIsStoredBeforeItIsToldToOthers) {
  EngineRig rig({.leader = 1, .neighbours = 0});
  const Actions actions = rig.EnterSlot(1);
  std::size_t stored = 0, told = 0;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (std::holds_alternative<StoreBlock>(actions[i])) stored = i + 1;
    if (std::holds_alternative<Broadcast>(actions[i]) && told == 0) told = i + 1;
  }
  EXPECT_GT(stored, 0u);
  EXPECT_LT(stored, told);
}

TEST(LeadingTest, WaitsForPeersAndTheirTips) {
  EngineRig rig({.leader = 1, .neighbours = 2, .min_peers = 1});
  rig.EnterSlot(1);
  EXPECT_EQ(rig.info().height, 0u);
  rig.Connect(1);
  rig.EnterSlot(2);
  EXPECT_EQ(rig.info().height, 0u);
  EXPECT_EQ(rig.info().mode, Mode::kBootstrapping);
  rig.Tell(1, Tip{rig.engine().genesis_id(), 0});
  EXPECT_EQ(rig.info().mode, Mode::kOnline);
  rig.EnterSlot(3);
  EXPECT_EQ(rig.info().height, 1u);
  rig.Do(PeerDisconnected{1});
  rig.EnterSlot(4);
  EXPECT_EQ(rig.info().height, 1u);
  EXPECT_EQ(rig.engine().Metrics().slots_won, 2u);  // won, and not used
  EXPECT_EQ(rig.engine().Metrics().proposals, 1u);
}

TEST(LeadingTest, PeerThatNeverTellsItsTipIsNotWaitedForForEver) {
  EngineRig rig({.leader = 1});
  rig.Connect(1);
  for (Slot slot = 1; slot < 50; ++slot) rig.EnterSlot(slot);
  EXPECT_EQ(rig.info().mode, Mode::kBootstrapping);
  rig.EnterSlot(50);
  EXPECT_EQ(rig.info().mode, Mode::kOnline);
}

TEST(LeadingTest, NodeThatMayBeAloneLooksForOthersFirst) {
  EngineRig rig({.leader = 1, .neighbours = 2, .min_peers = 0});
  for (Slot slot = 1; slot <= 30; ++slot) rig.EnterSlot(slot);
  EXPECT_EQ(rig.info().height, 0u);
  for (Slot slot = 31; slot <= 33; ++slot) rig.EnterSlot(slot);
  EXPECT_GT(rig.info().height, 0u);
}

TEST(LeadingTest, WinnerWhoseTipIsOfTheSlotMakesNoBlock) {
  EngineRig rig({.leader = 1});
  rig.ConnectLevelPeer(1);
  rig.EnterSlot(1);
  BlockMaker maker(AlwaysWinning(5));
  maker.Learn(rig.store().Get(rig.info().tip));
  const BlockPtr other = maker.Make(rig.info().tip, 2, 2);
  rig.Tell(1, NewBlock{other});  // of slot 2, which begins for us only now
  const Actions actions = rig.EnterSlot(2);
  EXPECT_THAT(Of<StoreBlock>(actions), SizeIs(1));
  EXPECT_EQ(rig.info().tip, other->id);
  EXPECT_EQ(rig.engine().Metrics().slots_won, 2u);
  EXPECT_EQ(rig.engine().Metrics().proposals, 1u);
}

TEST(LeadingTest, ClockThatGoesBackMakesNoSecondBlockForASlot) {
  EngineRig rig({.leader = 1, .neighbours = 0});
  for (Slot slot = 1; slot <= 20; ++slot) rig.EnterSlot(slot);
  ASSERT_EQ(rig.info().height, 20u);
  for (Slot slot = 10; slot <= 20; ++slot) rig.EnterSlot(slot);
  EXPECT_EQ(rig.info().height, 20u);
  rig.TickAt(EngineRig::kStart - 5000);
  rig.TickAt(0);
  EXPECT_EQ(rig.info().height, 20u);
  rig.EnterSlot(21);
  EXPECT_EQ(rig.info().height, 21u);
}

TEST(LeadingTest, RestartMakesNoSecondBlockForASlotEither) {
  EngineRig rig({.leader = 1, .neighbours = 0});
  for (Slot slot = 1; slot <= 20; ++slot) rig.EnterSlot(slot);
  rig.Reboot();
  EXPECT_THAT(Of<StoreBlock>(rig.EnterSlot(20)), IsEmpty());
  EXPECT_THAT(Of<StoreBlock>(rig.EnterSlot(21)), SizeIs(1));
}

TEST(LeadingTest, OwnBlockOnAnAbandonedBranchCountsToo) {
  // A block of its own in slot 9 lost to a longer chain of earlier slots: slot 9 stays used.
  EngineRig rig({.leader = 1});
  rig.ConnectLevelPeer(1);
  BlockMaker maker(AlwaysWinning(5));
  rig.EnterSlot(9);
  ASSERT_EQ(rig.info().height, 1u);
  for (const BlockPtr& block : maker.Chain(maker.genesis(), 1, 3, 2)) rig.Tell(1, NewBlock{block});
  ASSERT_EQ(rig.info().height, 3u);
  for (int boot = 0; boot < 2; ++boot) {
    rig.TickAt(EngineRig::TimeOf(8) + 10);
    rig.EnterSlot(9);
    EXPECT_EQ(rig.info().height, 3u);
    rig.Reboot();
    rig.ConnectLevelPeer(1);
  }
}

TEST(LeadingTest, ClockThatLeapsForwardMakesOneBlock) {
  EngineRig rig({.leader = 1, .neighbours = 0});
  rig.EnterSlot(1);
  rig.EnterSlot(1'000'000'000);
  EXPECT_EQ(rig.info().height, 2u);
  EXPECT_EQ(rig.info().slot, 1'000'000'000u);
}

TEST(LeadingTest, AfterAPauseThePeersAreAskedBeforeItLeadsAgain) {
  EngineRig rig({.leader = 1});
  rig.ConnectLevelPeer(1);
  rig.EnterSlot(1);
  ASSERT_EQ(rig.info().height, 1u);
  const Actions actions = rig.EnterSlot(500);
  EXPECT_THAT(Messages<GetTip>(actions), SizeIs(1));
  EXPECT_EQ(rig.info().height, 1u);
  BlockMaker maker(AlwaysWinning(5));
  const auto chain = maker.Chain(maker.genesis(), 2, 3, 2);
  const auto asked = Messages<GetBlocks>(rig.Tell(1, Tip{chain.back()->id, 3}));
  ASSERT_THAT(asked, SizeIs(1));
  rig.EnterSlot(501);
  EXPECT_EQ(rig.info().height, 1u);
  rig.Tell(1, Blocks{asked[0].request, chain});
  EXPECT_EQ(rig.info().tip, chain.back()->id);
  rig.EnterSlot(502);
  EXPECT_EQ(rig.info().height, 4u);
  EXPECT_EQ(rig.info().mode, Mode::kOnline);
}

}  // namespace
}  // namespace gtestnet::node

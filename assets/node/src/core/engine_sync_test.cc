// SPDX-License-Identifier: Apache-2.0
// One engine: what it asks its peers for, what it gives them, and what it does when they fail; and
// misbehaviour.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_rig.h"

namespace gtestnet::node {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace testing_support;  // NOLINT: the tests' own words

class EngineSyncTest : public testing::Test {
 protected:
  EngineSyncTest() { rig_.EnterSlot(1000); }

  // The request that the last event caused, and to whom.
  static std::pair<PeerId, GetBlocks> Asked(const Actions& actions) {
    for (const Send& send : Of<Send>(actions)) {
      if (const auto* request = std::get_if<GetBlocks>(&send.message)) return {send.peer, *request};
    }
    return {0, {}};
  }

  EngineRig rig_;
  BlockMaker maker_{AlwaysWinning(5)};
};

TEST_F(EngineSyncTest, LongChainIsAskedForBatchByBatch) {
  const auto chain = maker_.Chain(maker_.genesis(), 1, 700, 1);
  EngineRig provider;
  provider.EnterSlot(1000);
  provider.ConnectLevelPeer(1);
  for (const BlockPtr& block : chain) provider.Tell(1, NewBlock{block});
  ASSERT_EQ(provider.info().height, 700u);

  rig_.Connect(1);
  Actions actions = rig_.Tell(1, Tip{chain.back()->id, 700});
  int rounds = 0;
  for (; rig_.info().height < 700 && rounds < 10; ++rounds) {
    const auto [peer, request] = Asked(actions);
    ASSERT_EQ(peer, 1u);
    EXPECT_EQ(request.locator.back(), maker_.genesis());
    const auto answers = Messages<Blocks>(provider.Tell(1, request));
    ASSERT_THAT(answers, SizeIs(1));
    EXPECT_LE(answers[0].blocks.size(), kMaxBatchBlocks);
    actions = rig_.Tell(1, answers[0]);
  }
  EXPECT_EQ(rounds, 3);
  EXPECT_EQ(rig_.info().tip, chain.back()->id);
  EXPECT_EQ(rig_.info().lib_height, 695u);
  EXPECT_EQ(rig_.info().mode, Mode::kOnline);
  EXPECT_EQ(Messages<Tip>(actions).size(), 1u);  // so that those behind us learn of it
}

TEST_F(EngineSyncTest, ShorterForkIsDownloadedFromTheCommonBlock) {
  const auto common = maker_.Chain(maker_.genesis(), 1, 20, 1);
  const auto own = maker_.Chain(common.back()->id, 30, 3, 1);
  const auto theirs = maker_.Chain(common.back()->id, 30, 5, 2);
  rig_.ConnectLevelPeer(1);
  for (const auto& part : {common, own}) {
    for (const BlockPtr& block : part) rig_.Tell(1, NewBlock{block});
  }
  EngineRig provider;
  provider.EnterSlot(1000);
  provider.ConnectLevelPeer(1);
  for (const auto& part : {common, theirs}) {
    for (const BlockPtr& block : part) provider.Tell(1, NewBlock{block});
  }
  const auto [peer, request] = Asked(rig_.Tell(1, Tip{theirs.back()->id, 25}));
  const auto answer = Messages<Blocks>(provider.Tell(1, request));
  ASSERT_THAT(answer, SizeIs(1));
  EXPECT_THAT(answer[0].blocks, SizeIs(5));
  rig_.Tell(1, answer[0]);
  EXPECT_EQ(rig_.info().tip, theirs.back()->id);
}

TEST_F(EngineSyncTest, LevelOrLowerPeersAreNotAsked) {
  rig_.Connect(1);
  EXPECT_EQ(Asked(rig_.Tell(1, Tip{rig_.engine().genesis_id(), 0})).first, 0u);
  rig_.Tell(1, NewBlock{maker_.Make(maker_.genesis(), 5, 1)});
  EXPECT_EQ(Asked(rig_.Tell(1, Tip{Filled(0xff), 1})).first, 0u);  // as long, with a higher id
  EXPECT_EQ(Asked(rig_.Tell(1, Tip{Filled(0), 1})).first, 1u);     // as long, with a lower one
}

TEST_F(EngineSyncTest, UnansweredRequestGoesToAnotherPeer) {
  const auto chain = maker_.Chain(maker_.genesis(), 1, 3, 1);
  rig_.Connect(1);
  rig_.Connect(2);
  EXPECT_EQ(Asked(rig_.Tell(1, Tip{chain.back()->id, 3})).first, 1u);
  EXPECT_EQ(Asked(rig_.Tell(2, Tip{chain.back()->id, 3})).first, 0u);  // one at a time
  EXPECT_EQ(Asked(rig_.EnterSlot(1020)).first, 0u);
  const auto [peer, request] = Asked(rig_.EnterSlot(1040));
  EXPECT_EQ(peer, 2u);
  rig_.Tell(2, Blocks{request.request, chain});
  EXPECT_EQ(rig_.info().height, 3u);
}

TEST_F(EngineSyncTest, PeerLostInTheMiddleIsReplaced) {
  const auto chain = maker_.Chain(maker_.genesis(), 1, 3, 1);
  rig_.Connect(1);
  rig_.Connect(2);
  rig_.Tell(1, Tip{chain.back()->id, 3});
  rig_.Tell(2, Tip{chain.back()->id, 3});
  EXPECT_EQ(Asked(rig_.Do(PeerDisconnected{1})).first, 2u);
}

TEST_F(EngineSyncTest, GarbageDropsThePeer) {
  const auto chain = maker_.Chain(maker_.genesis(), 1, 4, 1);
  const auto expect_drop = [&](PeerId peer, std::vector<BlockPtr> blocks, const char* why) {
    rig_.Connect(peer);
    const auto [asked, request] = Asked(rig_.Tell(peer, Tip{chain.back()->id, 4}));
    ASSERT_EQ(asked, peer);
    const auto drops = Of<DropPeer>(rig_.Tell(peer, Blocks{request.request, std::move(blocks)}));
    ASSERT_THAT(drops, SizeIs(1));
    EXPECT_THAT(drops[0].reason, HasSubstr(why));
    rig_.Do(PeerDisconnected{peer});
  };
  expect_drop(1, {chain[0], chain[2]}, "are no chain");
  expect_drop(2, {chain[2], chain[3]}, "do not follow");
  expect_drop(3, {BlockMaker::Seal(chain[1]->header, 2)}, "is invalid");
  EXPECT_EQ(rig_.info().height, 1u);
}

TEST_F(EngineSyncTest, UnaskedAndLateAnswersAreIgnored) {
  const auto chain = maker_.Chain(maker_.genesis(), 1, 3, 1);
  rig_.Connect(1);
  rig_.Tell(1, Blocks{0, chain});
  rig_.Tell(1, Blocks{77, chain});
  EXPECT_EQ(rig_.info().height, 0u);
}

TEST_F(EngineSyncTest, EmptyAnswerIsNotAskedForInALoop) {
  rig_.Connect(1);
  const auto [peer, request] = Asked(rig_.Tell(1, Tip{Filled(1), 9}));
  const Actions actions = rig_.Tell(1, Blocks{request.request, {}});
  EXPECT_EQ(Asked(actions).first, 0u);
  EXPECT_THAT(Messages<GetTip>(actions), SizeIs(1));
  EXPECT_EQ(rig_.info().mode, Mode::kBootstrapping);
  EXPECT_THAT(Of<DropPeer>(rig_.Tell(1, Tip{Filled(1), 9})), SizeIs(1));
}

TEST_F(EngineSyncTest, BetterChainThatContradictsFinalityIsReported) {
  rig_.ConnectLevelPeer(1);
  for (const BlockPtr& block : maker_.Chain(maker_.genesis(), 1, 10, 1)) {
    rig_.Tell(1, NewBlock{block});
  }
  const auto other = maker_.Chain(maker_.genesis(), 1, 12, 2);
  const auto [peer, request] = Asked(rig_.Tell(1, Tip{other.back()->id, 12}));
  const Actions actions = rig_.Tell(1, Blocks{request.request, other});
  EXPECT_THAT(Logs(actions), HasSubstr("stuck: the better chain of peer-1"));
  EXPECT_THAT(Of<DropPeer>(actions), IsEmpty());
  EXPECT_EQ(rig_.info().height, 10u);
}

TEST_F(EngineSyncTest, ProviderAnswersFromTheNewestCommonBlockAlsoBelowFinality) {
  rig_.ConnectLevelPeer(1);
  const auto chain = maker_.Chain(maker_.genesis(), 1, 20, 1);
  for (const BlockPtr& block : chain) rig_.Tell(1, NewBlock{block});
  const auto answer = [&](HeaderId target, std::vector<HeaderId> locator) {
    return Messages<Blocks>(rig_.Tell(1, GetBlocks{9, target, std::move(locator)})).at(0).blocks;
  };
  EXPECT_THAT(answer(chain[19]->id, {maker_.genesis()}), SizeIs(20));
  EXPECT_EQ(answer(chain[19]->id, {Filled(1), chain[5]->id, maker_.genesis()}).front(), chain[6]);
  EXPECT_THAT(answer(chain[17]->id, {chain[15]->id}), testing::ElementsAre(chain[16], chain[17]));
  EXPECT_THAT(answer(Filled(9), {chain[18]->id}), testing::ElementsAre(chain[19]));
  EXPECT_THAT(answer(chain[19]->id, {Filled(1)}), IsEmpty());  // another chain altogether
  EXPECT_THAT(answer(chain[19]->id, {chain[19]->id}), IsEmpty());
}

TEST_F(EngineSyncTest, BatchFitsAMessage) {
  rig_.ConnectLevelPeer(1);
  HeaderId parent = maker_.genesis();
  for (std::uint8_t i = 0; i < 3; ++i) {
    std::vector<SignedMantleTx> large;
    for (std::uint8_t j = 0; j < 8; ++j) {
      large.push_back(
          Inscribe(static_cast<std::uint8_t>(10 * i + j), {}, kAlice, std::string(60000, 'x')));
    }
    const BlockPtr block = maker_.Make(parent, 1u + i, 1, large);
    parent = block->id;
    rig_.Tell(1, NewBlock{block});
  }
  ASSERT_EQ(rig_.info().height, 3u);
  const auto answers = Messages<Blocks>(rig_.Tell(1, GetBlocks{1, parent, {maker_.genesis()}}));
  EXPECT_THAT(answers.at(0).blocks, SizeIs(2));
  EXPECT_LE(EncodeMessage(answers[0]).size(), kMaxMessageBytes);
}

// ---- Misbehaviour

TEST(MisbehaviourTest, StalledNodeNeitherMakesNorAcceptsBlocks) {
  EngineRig rig({.leader = 1, .misbehaviour = {.stall_at = 2}});
  rig.ConnectLevelPeer(1);
  for (Slot slot = 1; slot <= 5; ++slot) rig.EnterSlot(slot);
  EXPECT_EQ(rig.info().height, 2u);
  BlockMaker maker(AlwaysWinning(5));
  const auto chain = maker.Chain(maker.genesis(), 1, 4, 2);
  for (const BlockPtr& block : chain) rig.Tell(1, NewBlock{block});
  EXPECT_THAT(Messages<GetBlocks>(rig.Tell(1, Tip{chain.back()->id, 4})), IsEmpty());
  EXPECT_EQ(rig.info().height, 2u);
  EXPECT_THAT(Messages<Blocks>(rig.Tell(1, GetBlocks{1, {}, {maker.genesis()}})), SizeIs(1));
}

TEST(MisbehaviourTest, ForkingNodeGoesOnAlone) {
  EngineRig rig({.leader = 1, .misbehaviour = {.fork_at = 2}});
  rig.ConnectLevelPeer(1);
  for (Slot slot = 1; slot <= 3; ++slot) rig.EnterSlot(slot);
  BlockMaker maker(AlwaysWinning(5));
  for (const BlockPtr& block : maker.Chain(maker.genesis(), 1, 3, 2)) rig.Tell(1, NewBlock{block});
  rig.Do(PeerDisconnected{1});
  for (Slot slot = 4; slot <= 20; ++slot) rig.EnterSlot(slot);
  EXPECT_EQ(rig.info().height, 20u);
  EXPECT_EQ(rig.engine().Metrics().blocks_imported, 0u);
}

TEST(MisbehaviourTest, RefusingNodeDoesNotAnswerRequestsForBlocks) {
  EngineRig rig({.misbehaviour = {.refuse_sync = true}});
  rig.ConnectLevelPeer(1);
  EXPECT_THAT(Messages<Blocks>(rig.Tell(1, GetBlocks{1, {}, {}})), IsEmpty());
  EXPECT_THAT(Messages<Tip>(rig.Tell(1, GetTip{})), SizeIs(1));
}

TEST(MisbehaviourTest, CensorIncludesNothingAndPassesNothingOn) {
  EngineRig rig({.leader = 1, .misbehaviour = {.censor = true}});
  rig.ConnectLevelPeer(1);
  absl::Status status;
  EXPECT_THAT(Messages<Transactions>(rig.Submit(Inscribe(1, {}, kAlice), &status)), IsEmpty());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_THAT(Messages<Transactions>(rig.Tell(1, Transactions{{Inscribe(2, {}, kAlice)}})),
              IsEmpty());
  rig.EnterSlot(1);
  EXPECT_EQ(rig.info().height, 1u);
  EXPECT_EQ(rig.engine().pending_count(), 2u);
}

TEST(MisbehaviourTest, FinalityIsTakenBackOnce) {
  EngineRig rig({.k = 3, .leader = 1, .f = "0.9", .misbehaviour = {.revert_finality_at = 8}});
  rig.ConnectLevelPeer(1);
  std::map<Height, HeaderId> final;
  std::size_t contradictions = 0;
  Height deepest = 0;
  for (Slot slot = 1; slot <= 80; ++slot) {
    const Actions actions = rig.EnterSlot(slot);
    for (const Finalised& one : Of<Finalised>(actions)) {
      const auto [entry, is_new] = final.emplace(one.height, one.id);
      if (!is_new && entry->second != one.id) ++contradictions;
    }
    for (const TipChanged& one : Of<TipChanged>(actions)) {
      deepest = std::max(deepest, one.reorganised);
    }
  }
  EXPECT_GE(contradictions, 1u);
  EXPECT_EQ(deepest, 4u);
  EXPECT_GT(rig.info().height, 20u);
}

}  // namespace
}  // namespace gtestnet::node

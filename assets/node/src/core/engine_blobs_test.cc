// SPDX-License-Identifier: Apache-2.0
// One engine and blobs: what leaders pass over, and blocks that wait for data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "blob_tx.h"
#include "engine_rig.h"

namespace gtestnet::node {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace testing_support;  // NOLINT: the tests' own words

constexpr Slot kCheckSlots = 15;  // 3·⌊k ÷ f⌋
const Hash kBlob = Filled(0xb1);
const Hash kOther = Filled(0xb2);

std::vector<Hash> Wanted(const Actions& actions) {
  std::vector<Hash> blobs;
  for (const SampleBlobs& sample : Of<SampleBlobs>(actions)) {
    blobs.insert(blobs.end(), sample.blobs.begin(), sample.blobs.end());
  }
  return blobs;
}

class EngineBlobsTest : public testing::Test {
 protected:
  void Start(RigOptions options = {}) {
    rig_.emplace(std::move(options));
    rig_->ConnectLevelPeer(1);
    rig_->ConnectLevelPeer(2);
    rig_->EnterSlot(100);
  }
  Actions Gossip(const BlockPtr& block, PeerId peer = 1) {
    return rig_->Tell(peer, NewBlock{block});
  }
  Actions Found(const Hash& blob) { return rig_->Do(BlobsAvailable{{blob}}); }
  BlockPtr BlockWith(const Hash& blob, const HeaderId& parent, Slot slot,
                     std::uint8_t channel = 7) {
    return maker_.Make(parent, slot, 1, {BringBlob(channel, {}, kAlice, blob)});
  }

  std::optional<EngineRig> rig_;
  BlockMaker maker_{AlwaysWinning(5)};
};

TEST_F(EngineBlobsTest, ATransactionsBlobIsSampledWhenItComes) {
  Start();
  absl::Status status;
  EXPECT_THAT(Wanted(rig_->Submit(BringBlob(7, {}, kAlice, kBlob), &status)), ElementsAre(kBlob));
  EXPECT_TRUE(status.ok());
  const Actions gossip =
      rig_->Tell(1, Transactions{{BringBlob(8, {}, kAlice, kOther), Inscribe(9, {}, kAlice)}});
  EXPECT_THAT(Wanted(gossip), ElementsAre(kOther));
}

TEST_F(EngineBlobsTest, ANodeWithoutDataAvailabilityRefusesBlobs) {
  Start({.data_availability = false});
  absl::Status status;
  EXPECT_THAT(Wanted(rig_->Submit(BringBlob(7, {}, kAlice, kBlob), &status)), IsEmpty());
  EXPECT_EQ(status.message(), "this node has no data availability");
}

TEST_F(EngineBlobsTest, ALeaderIncludesABlobOnceItIsAvailable) {
  Start({.leader = 1});
  absl::Status status;
  rig_->Submit(BringBlob(7, {}, kAlice, kBlob), &status);
  rig_->Submit(Inscribe(8, {}, kBob), &status);
  const Actions without = rig_->EnterSlot(101);
  ASSERT_THAT(Messages<NewBlock>(without), SizeIs(1));
  EXPECT_THAT(BlobsOf(*Messages<NewBlock>(without)[0].block), IsEmpty());
  EXPECT_THAT(Messages<NewBlock>(without)[0].block->transactions, SizeIs(1));
  EXPECT_THAT(Wanted(without), ElementsAre(kBlob));  // asks again
  EXPECT_THAT(Wanted(rig_->EnterSlot(102)), ElementsAre(kBlob));
  Found(kBlob);
  const Actions with = rig_->EnterSlot(103);
  ASSERT_THAT(Messages<NewBlock>(with), SizeIs(1));
  EXPECT_THAT(BlobsOf(*Messages<NewBlock>(with)[0].block), ElementsAre(kBlob));
  EXPECT_THAT(Wanted(with), IsEmpty());
}

TEST_F(EngineBlobsTest, ALeaderThatIncludesWithoutDataDoesSo) {
  Start({.leader = 1, .misbehaviour = {.include_without_data = true}});
  absl::Status status;
  rig_->Submit(BringBlob(7, {}, kAlice, kBlob), &status);
  EXPECT_THAT(BlobsOf(*Messages<NewBlock>(rig_->EnterSlot(101)).at(0).block), ElementsAre(kBlob));
}

TEST_F(EngineBlobsTest, ABlockWaitsForItsDataAndIsThenPassedOn) {
  Start();
  const BlockPtr block = BlockWith(kBlob, maker_.genesis(), 99);
  const Actions held = Gossip(block);
  EXPECT_THAT(Of<StoreBlock>(held), IsEmpty());
  EXPECT_THAT(Of<DropPeer>(held), IsEmpty());
  EXPECT_THAT(Wanted(held), ElementsAre(kBlob));
  EXPECT_THAT(Logs(held), HasSubstr("waits for the data of its blobs"));
  EXPECT_EQ(rig_->engine().Metrics().blocks_waiting, 1u);
  EXPECT_THAT(Wanted(rig_->EnterSlot(101)), ElementsAre(kBlob));
  EXPECT_THAT(Of<StoreBlock>(Found(kOther)), IsEmpty());

  const Actions released = Found(kBlob);
  EXPECT_THAT(Of<StoreBlock>(released), SizeIs(1));
  ASSERT_THAT(Of<Broadcast>(released), SizeIs(1));
  EXPECT_EQ(Of<Broadcast>(released)[0].except, PeerId{1});
  EXPECT_EQ(rig_->info().tip, block->id);
  EXPECT_EQ(rig_->engine().Metrics().blocks_waiting, 0u);
  EXPECT_THAT(Wanted(rig_->EnterSlot(102)), IsEmpty());
}

TEST_F(EngineBlobsTest, DescendantsWaitWithItAndNobodyIsAskedForIt) {
  Start();
  const BlockPtr parent = BlockWith(kBlob, maker_.genesis(), 97);
  const BlockPtr child = maker_.Make(parent->id, 98, 2);
  const BlockPtr grandchild = BlockWith(kOther, child->id, 99, 8);
  Gossip(parent);
  EXPECT_THAT(Messages<GetBlocks>(Gossip(child)), IsEmpty());
  Gossip(grandchild, 2);
  EXPECT_THAT(Of<StoreBlock>(Found(kOther)), IsEmpty());
  EXPECT_THAT(Of<StoreBlock>(Found(kBlob)), SizeIs(3));
  EXPECT_EQ(rig_->info().tip, grandchild->id);
}

TEST_F(EngineBlobsTest, AChainWithoutTheBlockGoesOnMeanwhile) {
  Start();
  Gossip(BlockWith(kBlob, maker_.genesis(), 98));
  const BlockPtr rival = maker_.Make(maker_.genesis(), 99, 2);
  Gossip(rival);
  EXPECT_EQ(rig_->info().tip, rival->id);
}

TEST_F(EngineBlobsTest, ADownloadGoesOnWhenTheDataIsThere) {
  Start();
  const auto first = maker_.Make(maker_.genesis(), 96, 2);
  const auto second = BlockWith(kBlob, first->id, 97);
  const auto third = BlockWith(kOther, second->id, 98, 8);
  const auto fourth = maker_.Make(third->id, 99, 2);
  const auto asked = Messages<GetBlocks>(rig_->Tell(1, Tip{fourth->id, 4}));
  ASSERT_THAT(asked, SizeIs(1));
  const Actions got = rig_->Tell(1, Blocks{asked[0].request, {first, second, third, fourth}});
  EXPECT_EQ(rig_->info().tip, first->id);
  EXPECT_THAT(Wanted(got), ElementsAre(kBlob, kOther));  // all at once
  EXPECT_THAT(Of<DropPeer>(got), IsEmpty());
  Found(kOther);
  EXPECT_EQ(rig_->info().tip, first->id);
  Found(kBlob);
  EXPECT_EQ(rig_->info().tip, fourth->id);
}

TEST_F(EngineBlobsTest, AChainWhoseDataDoesNotComeKeepsNobodyFromStarting) {
  rig_.emplace(RigOptions{.leader = 1});
  rig_->EnterSlot(100);
  rig_->Connect(1);
  const auto first = BlockWith(kBlob, maker_.genesis(), 98);
  const auto second = maker_.Make(first->id, 99, 2);
  const auto asked = Messages<GetBlocks>(rig_->Tell(1, Tip{second->id, 2}));
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(rig_->info().mode, Mode::kBootstrapping);
  rig_->Tell(1, Blocks{asked[0].request, {first, second}});
  EXPECT_EQ(rig_->info().mode, Mode::kBootstrapping);
  const Actions soon = rig_->TickAt(EngineRig::TimeOf(101));
  EXPECT_THAT(Messages<NewBlock>(soon), IsEmpty());
  EXPECT_EQ(rig_->info().mode, Mode::kBootstrapping);
  rig_->TickAt(EngineRig::TimeOf(105));  // a third of the slots for which blocks are checked
  EXPECT_EQ(rig_->info().mode, Mode::kOnline);
  EXPECT_THAT(Messages<NewBlock>(rig_->EnterSlot(106)), SizeIs(1));
}

TEST_F(EngineBlobsTest, OldBlocksAreTakenAsTheyAre) {
  Start();
  const BlockPtr recent = BlockWith(kBlob, maker_.genesis(), 100 - kCheckSlots);
  EXPECT_THAT(Of<StoreBlock>(Gossip(recent)), IsEmpty());
  const BlockPtr old = BlockWith(kOther, maker_.genesis(), 100 - kCheckSlots - 1);
  EXPECT_THAT(Of<StoreBlock>(Gossip(old)), SizeIs(1));
  // The other one grows old with the next slot.
  EXPECT_THAT(Of<StoreBlock>(rig_->EnterSlot(101)), SizeIs(1));
}

TEST_F(EngineBlobsTest, ARestoredBlockNeedsNoSampling) {
  Start();
  Gossip(BlockWith(kBlob, maker_.genesis(), 99));
  Found(kBlob);
  rig_->Reboot();
  EXPECT_TRUE(rig_->restored().ok()) << rig_->restored();
  EXPECT_EQ(rig_->info().height, 1u);
}

TEST_F(EngineBlobsTest, WordsOfDataAvailabilityHaveANetworkOfTheirOwn) {
  Start();
  const Actions actions = rig_->Tell(1, DataMessage{{1, 2, 3}});
  ASSERT_THAT(Of<DropPeer>(actions), SizeIs(1));
  EXPECT_THAT(Of<DropPeer>(actions)[0].reason, HasSubstr("data availability"));
}

}  // namespace
}  // namespace gtestnet::node

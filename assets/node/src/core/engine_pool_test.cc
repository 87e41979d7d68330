// SPDX-License-Identifier: Apache-2.0
// One engine: transactions from the API and from peers, in blocks and across reorganisations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_rig.h"

namespace gtestnet::node {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace testing_support;  // NOLINT: the tests' own words

class EnginePoolTest : public testing::Test {
 protected:
  EnginePoolTest() {
    rig_.ConnectLevelPeer(1);
    rig_.ConnectLevelPeer(2);
    rig_.EnterSlot(1);
  }
  absl::Status Submit(const SignedMantleTx& tx, Actions* actions = nullptr) {
    absl::Status status;
    Actions done = rig_.Submit(tx, &status);
    if (actions != nullptr) *actions = std::move(done);
    return status;
  }
  TxStatus StatusOf(const SignedMantleTx& tx) { return rig_.engine().StatusOf(HashOfTx(tx.tx)); }

  EngineRig rig_{{.leader = 1}};
  BlockMaker maker_{AlwaysWinning(5)};
  SignedMantleTx pay_ = Transfer({AliceCoin(0)}, {NoteFor(kBob, 100)});
};

TEST_F(EnginePoolTest, SubmittedTransactionIsPassedOnAndIncluded) {
  EXPECT_EQ(StatusOf(pay_).kind, TxStatus::Kind::kUnknown);
  Actions actions;
  ASSERT_EQ(Submit(pay_, &actions), absl::OkStatus());
  EXPECT_THAT(Messages<Transactions>(actions), SizeIs(1));
  EXPECT_EQ(StatusOf(pay_).kind, TxStatus::Kind::kPending);
  EXPECT_EQ(rig_.engine().pending_count(), 1u);
  rig_.EnterSlot(2);
  EXPECT_EQ(StatusOf(pay_).kind, TxStatus::Kind::kInBlock);
  EXPECT_EQ(StatusOf(pay_).block, rig_.info().tip);
  EXPECT_EQ(rig_.engine().FindBlock(rig_.info().tip)->tx_hashes.at(0), HashOfTx(pay_.tx));
  EXPECT_EQ(rig_.engine().pending_count(), 0u);
  EXPECT_EQ(rig_.engine().Metrics().block_transactions, 1u);
}

TEST_F(EnginePoolTest, KnownTransactionIsRefusedAlsoOnceItIsInABlock) {
  ASSERT_EQ(Submit(pay_), absl::OkStatus());
  EXPECT_EQ(Submit(pay_).message(), "Item already in mempool");
  rig_.EnterSlot(2);
  EXPECT_EQ(Submit(pay_).message(), "Item already in mempool");
}

TEST_F(EnginePoolTest, WrongOpProofIsRefused) {
  SignedMantleTx tx = Inscribe(1, {}, kAlice);
  tx.op_proofs[0].bytes[0] ^= 1;
  EXPECT_EQ(Submit(tx).message(), "Invalid signature for operation at index 0");
  tx.op_proofs.clear();
  EXPECT_THAT(Submit(tx).message(), HasSubstr("Number of proofs (0)"));
  EXPECT_EQ(rig_.engine().pending_count(), 0u);
}

TEST_F(EnginePoolTest, TransactionOfAPeerIsPassedOnOnce) {
  const Actions actions = rig_.Tell(1, Transactions{{pay_}});
  ASSERT_THAT(Messages<Transactions>(actions), SizeIs(1));
  EXPECT_EQ(Of<Broadcast>(actions)[0].except, PeerId{1});
  EXPECT_THAT(rig_.Tell(2, Transactions{{pay_}}), IsEmpty());
}

TEST_F(EnginePoolTest, PeerThatSendsAForgedTransactionIsDropped) {
  SignedMantleTx tx = Inscribe(1, {}, kAlice);
  tx.op_proofs[0].bytes[0] ^= 1;
  EXPECT_THAT(Of<DropPeer>(rig_.Tell(1, Transactions{{tx}})), SizeIs(1));
}

TEST_F(EnginePoolTest, NewPeerIsOfferedWhatWaits) {
  ASSERT_EQ(Submit(Transfer({AliceCoin(0)}, {NoteFor(kBob, 99)})), absl::OkStatus());
  const auto offered = Messages<Transactions>(rig_.Connect(3));
  ASSERT_THAT(offered, SizeIs(1));
  EXPECT_THAT(offered[0].transactions, SizeIs(1));
}

TEST_F(EnginePoolTest, UnbalancedTransactionWaitsAndIsNeverIncludedAndThenDropped) {
  const SignedMantleTx unbalanced = Transfer({AliceCoin(0)}, {NoteFor(kBob, 99)});
  ASSERT_EQ(Submit(unbalanced), absl::OkStatus());
  ASSERT_EQ(Submit(Inscribe(1, {}, kAlice)), absl::OkStatus());
  rig_.EnterSlot(2);
  EXPECT_EQ(StatusOf(unbalanced).kind, TxStatus::Kind::kPending);
  EXPECT_EQ(StatusOf(Inscribe(1, {}, kAlice)).kind, TxStatus::Kind::kInBlock);
  for (Slot slot = 3; slot <= 30; ++slot) rig_.EnterSlot(slot);
  EXPECT_EQ(StatusOf(unbalanced).kind, TxStatus::Kind::kUnknown);
  EXPECT_EQ(rig_.engine().pending_count(), 0u);
}

TEST_F(EnginePoolTest, ReorganisationBringsTransactionsBackAndTheyAreIncludedAgain) {
  ASSERT_EQ(Submit(pay_), absl::OkStatus());
  rig_.EnterSlot(2);
  ASSERT_EQ(StatusOf(pay_).kind, TxStatus::Kind::kInBlock);
  rig_.Do(PeerDisconnected{2});
  rig_.Do(PeerDisconnected{1});  // leads no more
  rig_.EnterSlot(3);
  rig_.ConnectLevelPeer(4);
  const auto fork = maker_.Chain(maker_.genesis(), 1, 3, 2);
  for (const BlockPtr& block : fork) rig_.Tell(4, NewBlock{block});
  ASSERT_EQ(rig_.info().tip, fork[2]->id);
  EXPECT_EQ(StatusOf(pay_).kind, TxStatus::Kind::kPending);
  EXPECT_EQ(rig_.engine().Metrics().deepest_reorganisation, 2u);
  rig_.EnterSlot(4);
  EXPECT_EQ(StatusOf(pay_).kind, TxStatus::Kind::kInBlock);
}

TEST_F(EnginePoolTest, TransactionOnBothBranchesStaysInABlock) {
  ASSERT_EQ(Submit(pay_), absl::OkStatus());
  rig_.EnterSlot(2);
  const BlockPtr one = maker_.Make(maker_.genesis(), 1, 2, {pay_});
  const BlockPtr two = maker_.Make(one->id, 2, 2);
  const BlockPtr three = maker_.Make(two->id, 3, 2);
  rig_.TickAt(EngineRig::TimeOf(2) + 50);
  for (const BlockPtr& block : {one, two}) rig_.Tell(1, NewBlock{block});
  rig_.Tell(1, NewBlock{three});
  rig_.EnterSlot(3);
  EXPECT_EQ(StatusOf(pay_).block, one->id);
  EXPECT_EQ(rig_.engine().pending_count(), 0u);
}

TEST_F(EnginePoolTest, RivalOfAnIncludedTransactionIsRemoved) {
  const SignedMantleTx rival = Transfer({AliceCoin(0)}, {NoteFor(kAlice, 100)});
  ASSERT_EQ(Submit(rival), absl::OkStatus());
  maker_.Learn(rig_.store().Get(rig_.info().tip));
  rig_.set_now(EngineRig::TimeOf(2));
  rig_.Tell(1, NewBlock{maker_.Make(rig_.info().tip, 2, 2, {pay_})});
  EXPECT_EQ(StatusOf(rival).kind, TxStatus::Kind::kUnknown);
}

}  // namespace
}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
#include "mempool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "block_maker.h"

namespace gtestnet::node {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace testing_support;  // NOLINT: the tests' own words

class MempoolTest : public testing::Test {
 protected:
  absl::Status Add(const SignedMantleTx& tx, Height height = 0) {
    return pool_.Add(tx, HashOfTx(tx.tx), height);
  }
  LedgerView View() { return {&base_, {}, nullptr}; }
  std::vector<TxHash> Selected() {
    LedgerView view = View();
    std::vector<TxHash> hashes;
    for (const SignedMantleTx& tx : pool_.Select(view)) hashes.push_back(HashOfTx(tx.tx));
    return hashes;
  }
  static BlockPtr BlockOf(std::vector<SignedMantleTx> transactions) {
    return MakeBlock({}, {}, std::move(transactions));
  }
  static TxHash IdOfTx(const SignedMantleTx& tx) { return HashOfTx(tx.tx); }

  LedgerBase base_{TestGenesis()};
  Mempool pool_{100, 1 << 20, 20};
};

TEST_F(MempoolTest, RefusesWhatItHas) {
  const SignedMantleTx tx = Inscribe(1, {}, kAlice);
  EXPECT_EQ(Add(tx), absl::OkStatus());
  EXPECT_EQ(Add(tx).message(), "Item already in mempool");
  EXPECT_EQ(pool_.size(), 1u);
}

TEST_F(MempoolTest, IsBoundedInNumberAndBytes) {
  Mempool few(2, 1 << 20, 20);
  Mempool small(100, 1000, 20);
  for (std::uint8_t i = 0; i < 3; ++i) {
    const SignedMantleTx tx = Inscribe(i, {}, kAlice);
    EXPECT_EQ(few.Add(tx, IdOfTx(tx), 0).ok(), i < 2);
  }
  const SignedMantleTx large = Inscribe(1, {}, kAlice, std::string(1000, 'x'));
  EXPECT_EQ(small.Add(large, IdOfTx(large), 0).message(), "The mempool is full");
}

TEST_F(MempoolTest, SelectsInOrderOfArrivalAndAlsoWhatBuildsOnEachOther) {
  const SignedMantleTx first = Inscribe(1, {}, kAlice);
  const SignedMantleTx second = Inscribe(1, MessageOf(first), kAlice, "second");
  const SignedMantleTx pay = Transfer({AliceCoin(0)}, {NoteFor(kBob, 100)});
  for (const auto& tx : {first, pay, second}) ASSERT_TRUE(Add(tx).ok());
  EXPECT_THAT(Selected(), ElementsAre(IdOfTx(first), IdOfTx(pay), IdOfTx(second)));
}

TEST_F(MempoolTest, PassesOverWhatIsNotValidYet) {
  const SignedMantleTx first = Inscribe(1, {}, kAlice);
  const SignedMantleTx second = Inscribe(1, MessageOf(first), kAlice, "second");
  ASSERT_TRUE(Add(second).ok());
  EXPECT_THAT(Selected(), IsEmpty());
  EXPECT_EQ(pool_.size(), 1u);
  ASSERT_TRUE(Add(first).ok());
  EXPECT_THAT(Selected(), ElementsAre(IdOfTx(first)));
}

TEST_F(MempoolTest, SelectsOneOfTwoRivals) {
  const SignedMantleTx pay = Transfer({AliceCoin(0)}, {NoteFor(kBob, 100)});
  const SignedMantleTx again = Transfer({AliceCoin(0)}, {NoteFor(kAlice, 100)});
  ASSERT_TRUE(Add(pay).ok());
  ASSERT_TRUE(Add(again).ok());
  EXPECT_THAT(Selected(), ElementsAre(IdOfTx(pay)));
  EXPECT_EQ(pool_.Join(*BlockOf({pay})), 2u);
  EXPECT_EQ(pool_.size(), 0u);
}

TEST_F(MempoolTest, SelectionFitsABlock) {
  Mempool pool(3000, 100 << 20, 20);
  for (std::uint32_t i = 0; i < 1100; ++i) {
    SignedMantleTx tx;
    Inscription op{HashOf(LeadershipMessage(i, {})), Bytes(1500), {}, KeyOf(kAlice).public_key()};
    tx.tx.ops.emplace_back(op);
    tx.op_proofs.push_back(KeyOf(kAlice).Sign(IdOfTx(tx).span()));
    ASSERT_TRUE(pool.Add(tx, IdOfTx(tx), 0).ok());
  }
  LedgerView view = View();
  const BlockPtr block = BlockOf(pool.Select(view));
  EXPECT_LE(EncodedSize(*block), kMaxBlockBytes);
  EXPECT_GT(EncodedSize(*block), kMaxBlockBytes - 3000);
  EXPECT_LE(block->transactions.size(), kMaxBlockTransactions);
}

TEST_F(MempoolTest, ReorganisationBringsThemBackInTheirOrder) {
  const SignedMantleTx first = Inscribe(1, {}, kAlice);
  const SignedMantleTx second = Inscribe(1, MessageOf(first), kAlice, "second");
  const SignedMantleTx third = Inscribe(1, MessageOf(second), kAlice, "third");
  const SignedMantleTx fourth = Inscribe(2, {}, kBob);
  for (const auto& tx : {first, second, third, fourth}) ASSERT_TRUE(Add(tx).ok());
  const BlockPtr one = BlockOf({first, second});
  const BlockPtr two = BlockOf({third});
  EXPECT_EQ(pool_.Join(*one), 2u);
  EXPECT_EQ(pool_.Join(*two), 1u);
  pool_.Leave(*two, 5);
  pool_.Leave(*one, 5);
  EXPECT_THAT(Selected(),
              ElementsAre(IdOfTx(first), IdOfTx(second), IdOfTx(third), IdOfTx(fourth)));
}

TEST_F(MempoolTest, AFilterPassesOverAndIsAskedBeforeWaitingOn) {
  const SignedMantleTx blob = BringBlob(1, {}, kAlice, Filled(9));
  const SignedMantleTx upon_it = Inscribe(1, MessageOf(blob), kAlice);
  const SignedMantleTx other = Inscribe(2, {}, kAlice);
  for (const SignedMantleTx& tx : {blob, upon_it, other}) ASSERT_TRUE(Add(tx, 3).ok());
  const auto without_blob = [&](const SignedMantleTx& tx) { return IdOfTx(tx) != IdOfTx(blob); };
  LedgerView view = View();
  const std::vector<SignedMantleTx> chosen = pool_.Select(view, without_blob);
  ASSERT_EQ(chosen.size(), 1u);
  EXPECT_EQ(IdOfTx(chosen[0]), IdOfTx(other));
  EXPECT_EQ(pool_.Expire(
                23, [this] { return View(); }, without_blob),
            2u);
  EXPECT_TRUE(pool_.Contains(IdOfTx(other)));
}

TEST_F(MempoolTest, WhatStaysInvalidIsDroppedAfterAWhile) {
  const SignedMantleTx unbalanced = Transfer({AliceCoin(0)}, {NoteFor(kBob, 99)});
  const SignedMantleTx good = Inscribe(1, {}, kAlice);
  ASSERT_TRUE(Add(unbalanced, 3).ok());
  ASSERT_TRUE(Add(good, 3).ok());
  EXPECT_THAT(Selected(), ElementsAre(IdOfTx(good)));
  EXPECT_EQ(pool_.Expire(22, [this] { return View(); }), 0u);
  EXPECT_EQ(pool_.Expire(23, [this] { return View(); }), 1u);
  EXPECT_FALSE(pool_.Contains(IdOfTx(unbalanced)));
  EXPECT_TRUE(pool_.Contains(IdOfTx(good)));
}

}  // namespace
}  // namespace gtestnet::node

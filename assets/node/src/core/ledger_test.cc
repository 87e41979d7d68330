// SPDX-License-Identifier: Apache-2.0
#include "ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "block_maker.h"

namespace gtestnet::node {
namespace {

using testing::HasSubstr;
using namespace testing_support;  // NOLINT: the tests' own words

class LedgerTest : public testing::Test {
 protected:
  absl::Status Apply(const SignedMantleTx& tx) {
    return view_.Apply(tx, HashOfTx(tx.tx), Signatures::kCheck);
  }
  std::string Error(const SignedMantleTx& tx) { return std::string(Apply(tx).message()); }

  LedgerBase base_{TestGenesis()};
  SignatureCache cache_;
  LedgerView view_{&base_, {}, &cache_};
};

TEST_F(LedgerTest, TransferMovesNotes) {
  const SignedMantleTx tx = Transfer({AliceCoin(0)}, {NoteFor(kBob, 60), NoteFor(kAlice, 40)});
  ASSERT_EQ(Apply(tx), absl::OkStatus());
  EXPECT_EQ(view_.FindNote(AliceCoin(0).id), nullptr);
  const NoteId created = OutputIds(tx.tx.ledger_tx)[0];
  ASSERT_NE(view_.FindNote(created), nullptr);
  EXPECT_EQ(view_.FindNote(created)->value, 60u);
  // What was made in a block can be spent in the same block.
  EXPECT_EQ(Apply(Transfer({{created, kBob}}, {NoteFor(kAlice, 60)})), absl::OkStatus());
  EXPECT_EQ(view_.FindNote(created), nullptr);
}

TEST_F(LedgerTest, SpentNoteCannotBeSpentAgain) {
  ASSERT_EQ(Apply(Transfer({AliceCoin(0)}, {NoteFor(kBob, 100)})), absl::OkStatus());
  EXPECT_EQ(Error(Transfer({AliceCoin(0)}, {NoteFor(kAlice, 100)})), "input 0 does not exist");
}

TEST_F(LedgerTest, NoteCannotBeAnInputTwice) {
  EXPECT_EQ(Error(Transfer({AliceCoin(0), AliceCoin(0)}, {NoteFor(kBob, 200)})),
            "input 1 is there twice");
}

TEST_F(LedgerTest, OnlyTheOwnerSpends) {
  Coin stolen = AliceCoin(0);
  stolen.owner = kBob;
  EXPECT_THAT(Error(Transfer({stolen}, {NoteFor(kBob, 100)})), HasSubstr("not its owner's"));
  SignedMantleTx tx = Transfer({AliceCoin(0)}, {NoteFor(kBob, 100)});
  tx.input_signatures.clear();
  EXPECT_THAT(Error(tx), HasSubstr("Number of input signatures (0)"));
}

TEST_F(LedgerTest, CachedSignaturesAreThoseOfTheWholeTransaction) {
  SignedMantleTx tx = Transfer({AliceCoin(0)}, {NoteFor(kBob, 100)});
  LedgerView other(&base_, {}, &cache_);
  ASSERT_EQ(other.Apply(tx, HashOfTx(tx.tx), Signatures::kCheck), absl::OkStatus());
  tx.input_signatures[0].bytes[5] ^= 1;  // the hash is still the same
  EXPECT_THAT(Error(tx), HasSubstr("not its owner's"));
}

TEST_F(LedgerTest, BalanceIsExact) {
  EXPECT_THAT(Error(Transfer({AliceCoin(0)}, {NoteFor(kBob, 99)})), HasSubstr("balance"));
  EXPECT_THAT(Error(Transfer({AliceCoin(0)}, {NoteFor(kBob, 101)})), HasSubstr("balance"));
  EXPECT_THAT(Error(Transfer({}, {NoteFor(kBob, 1)})), HasSubstr("balance"));
  EXPECT_THAT(
      Error(Transfer({AliceCoin(0)}, {NoteFor(kBob, ~std::uint64_t{0}), NoteFor(kBob, 101)})),
      HasSubstr("balance"));
  EXPECT_EQ(Error(Transfer({AliceCoin(0)}, {NoteFor(kBob, 100), NoteFor(kBob, 0)})),
            "the value of output 1 is 0");
}

TEST_F(LedgerTest, GasIsPaidByTheDifference) {
  SignedMantleTx tx = Transfer({{GenesisNoteIds(TestGenesis())[0], 1}}, {NoteFor(kBob, 1)});
  tx.tx.storage_gas_price = 1;
  const std::uint64_t cost = GasCost(tx).value();
  tx.tx.ledger_tx.outputs[0].value = 1000 - cost;
  Sign(tx, {1});
  EXPECT_EQ(Apply(tx), absl::OkStatus());
}

TEST_F(LedgerTest, ChannelIsAChainOfOneSigner) {
  const SignedMantleTx first = Inscribe(5, {}, kAlice);
  EXPECT_THAT(Error(Inscribe(5, Filled(1), kAlice)), HasSubstr("not its channel's tip"));
  ASSERT_EQ(Apply(first), absl::OkStatus());
  EXPECT_THAT(Error(Inscribe(5, {}, kAlice, "again")), HasSubstr("not its channel's tip"));
  EXPECT_THAT(Error(Inscribe(5, MessageOf(first), kBob)), HasSubstr("may not write"));
  EXPECT_EQ(Apply(Inscribe(5, MessageOf(first), kAlice, "second")), absl::OkStatus());
  EXPECT_EQ(Apply(Inscribe(6, {}, kBob)), absl::OkStatus());
}

TEST_F(LedgerTest, ABlobIsAMessageOfItsChannel) {
  const SignedMantleTx first = Inscribe(5, {}, kAlice);
  ASSERT_EQ(Apply(first), absl::OkStatus());
  EXPECT_THAT(Error(BringBlob(5, {}, kAlice, Filled(1))), HasSubstr("not its channel's tip"));
  EXPECT_THAT(Error(BringBlob(5, MessageOf(first), kBob, Filled(1))), HasSubstr("may not write"));
  const SignedMantleTx blob = BringBlob(5, MessageOf(first), kAlice, Filled(1));
  ASSERT_EQ(Apply(blob), absl::OkStatus());
  EXPECT_EQ(Apply(Inscribe(5, MessageOf(blob), kAlice)), absl::OkStatus());
}

TEST_F(LedgerTest, ABlobHasASizeThatABlobCanHaveAndTheOneSession) {
  for (const std::uint64_t size : {0u, 30u, 32u, 31u * 4096u + 31u}) {
    EXPECT_THAT(Error(BringBlob(5, {}, kAlice, Filled(1), size)),
                HasSubstr("must be a multiple of 31 up to 126976"));
  }
  SignedMantleTx tx = BringBlob(5, {}, kAlice, Filled(1), 31 * 4096);
  EXPECT_EQ(Apply(tx), absl::OkStatus());
  tx = BringBlob(6, {}, kAlice, Filled(1));
  std::get<ChannelBlob>(tx.tx.ops[0]).session = 1;
  EXPECT_THAT(Error(tx), HasSubstr("session of operation 0 is 1; there is only 0"));
}

TEST_F(LedgerTest, ForgedOperationIsRefused) {
  SignedMantleTx tx = Inscribe(5, {}, kAlice);
  tx.op_proofs[0] = KeyOf(kBob).Sign(HashOfTx(tx.tx).span());
  EXPECT_EQ(Error(tx), "Invalid signature for operation at index 0");
}

TEST_F(LedgerTest, FailedTransactionChangesNothing) {
  SignedMantleTx tx = Inscribe(5, {}, kAlice);
  tx.tx.ledger_tx.inputs = {AliceCoin(0).id};
  tx.tx.ledger_tx.outputs = {NoteFor(kBob, 100)};
  Sign(tx, {kBob});  // not the owner
  tx.op_proofs[0] = KeyOf(kAlice).Sign(HashOfTx(tx.tx).span());
  ASSERT_FALSE(Apply(tx).ok());
  EXPECT_NE(view_.FindNote(AliceCoin(0).id), nullptr);
  EXPECT_EQ(view_.FindChannel(Filled(5)), nullptr);
}

TEST_F(LedgerTest, ViewReadsThroughTheChangesOfItsBranchOnly) {
  const SignedMantleTx tx = Transfer({AliceCoin(0)}, {NoteFor(kBob, 100)});
  ASSERT_EQ(Apply(tx), absl::OkStatus());
  const LedgerDelta delta = view_.TakeChanges();
  LedgerView on_branch(&base_, {&delta}, nullptr);
  LedgerView elsewhere(&base_, {}, nullptr);
  EXPECT_EQ(on_branch.FindNote(AliceCoin(0).id), nullptr);
  EXPECT_NE(elsewhere.FindNote(AliceCoin(0).id), nullptr);
  base_.Absorb(delta);
  EXPECT_EQ(elsewhere.FindNote(AliceCoin(0).id), nullptr);
  EXPECT_NE(elsewhere.FindNote(OutputIds(tx.tx.ledger_tx)[0]), nullptr);
}

}  // namespace
}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
#include "transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_support.h"

namespace gtestnet::node {
namespace {

using testing::HasSubstr;
using testing_support::BringBlob;
using testing_support::Filled;
using testing_support::ForEachMutation;
using testing_support::Inscribe;
using testing_support::Transfer;

SignedMantleTx Sample() {
  SignedMantleTx tx = Inscribe(9, {}, 1);
  tx.tx.ops.push_back(BringBlob(8, Filled(3), 1, Filled(4)).tx.ops.front());
  tx.op_proofs.push_back({});
  tx.tx.ledger_tx.inputs = {Filled(5), Filled(6)};
  tx.tx.ledger_tx.outputs = {{10, Filled(7)}};
  tx.input_signatures.resize(2);
  return tx;
}

TEST(TransactionTest, DecodesWhatWasEncoded) {
  const SignedMantleTx tx = Sample();
  const auto decoded = DecodeSignedTx(EncodeSignedTx(tx));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_TRUE(*decoded == tx);
}

TEST(TransactionTest, EmptyMantleEncodingIsNineteenZeros) {
  EXPECT_EQ(EncodeMantleTx({}), Bytes(19, 0));
}

TEST(TransactionTest, DecoderAcceptsOnlyWhatTheEncoderMakes) {
  const Bytes bytes = EncodeSignedTx(Sample());
  int accepted = 0;
  ForEachMutation(bytes, 5000, [&](const Bytes& changed) {
    const auto decoded = DecodeSignedTx(changed);
    if (!decoded.ok()) return;
    ++accepted;
    EXPECT_EQ(EncodeSignedTx(*decoded), changed);
    EXPECT_TRUE(CheckShape(*decoded).ok());
  });
  EXPECT_GT(accepted, 100);
}

TEST(TransactionTest, UnknownOperationIsRefused) {
  const auto decoded = DecodeSignedTx(Bytes{1, 0x22});
  EXPECT_EQ(
      decoded.status().message(),
      "transaction: operation 0 has the opcode 34; only 0 (inscribe) and 1 (blob) are supported");
}

TEST(TransactionTest, TooLargeIsRefused) {
  EXPECT_THAT(DecodeSignedTx(Bytes(kMaxTransactionBytes + 1)).status().message(),
              HasSubstr("65537 bytes; at most 65536"));
  SignedMantleTx tx = Sample();
  std::get<Inscription>(tx.tx.ops[0]).inscription.resize(kMaxTransactionBytes);
  EXPECT_THAT(CheckShape(tx).message(), HasSubstr("bytes; at most 65536"));
  tx = Sample();
  tx.tx.ledger_tx.inputs.resize(256);
  EXPECT_EQ(CheckShape(tx).message(), "transaction: 256 inputs; at most 255");
}

TEST(TransactionTest, OpProofsAreChecked) {
  SignedMantleTx tx = Inscribe(9, {}, 1);
  EXPECT_TRUE(CheckOpProofs(tx).ok());
  tx.op_proofs[0].bytes[3] ^= 1;
  EXPECT_EQ(CheckOpProofs(tx).message(), "Invalid signature for operation at index 0");
  tx.op_proofs.clear();
  EXPECT_EQ(CheckOpProofs(tx).message(),
            "Number of proofs (0) does not match number of operations (1)");
  EXPECT_THAT(CheckShape(tx).message(), HasSubstr("Number of proofs"));
  tx = Transfer({{Filled(1), 1}}, {});
  tx.input_signatures.clear();
  EXPECT_EQ(CheckOpProofs(tx).message(),
            "Number of input signatures (0) does not match number of inputs (1)");
}

TEST(TransactionTest, GasIsPricedAndNeverOverflows) {
  SignedMantleTx tx = Inscribe(9, {}, 1);
  EXPECT_EQ(GasCost(tx), 0u);
  tx.tx.execution_gas_price = 2;
  EXPECT_EQ(GasCost(tx), 2u * (2705 + 22));
  tx.tx.storage_gas_price = 3;
  EXPECT_EQ(GasCost(tx), 2u * (2705 + 22) + 3 * EncodeSignedTx(tx).size());
  tx.tx.storage_gas_price = ~std::uint64_t{0};
  EXPECT_FALSE(GasCost(tx).has_value());
}

TEST(TransactionTest, BlobsArePricedByTheirSize) {
  SignedMantleTx tx = BringBlob(9, {}, 1, Filled(4), 32 * 1024 - 1);
  tx.tx.execution_gas_price = 2;
  EXPECT_EQ(GasCost(tx), 2u * (2705 + 800));
  auto& blob = std::get<ChannelBlob>(tx.tx.ops[0]);
  blob.blob_size = 3 * 32 * 1024;
  EXPECT_EQ(GasCost(tx), 2u * (2705 + 800 + 300));
  blob.da_storage_gas_price = 5;
  EXPECT_EQ(GasCost(tx), 2u * (2705 + 800 + 300) + 5 * 3 * 32 * 1024);
  blob.da_storage_gas_price = ~std::uint64_t{0};
  EXPECT_FALSE(GasCost(tx).has_value());
  blob.da_storage_gas_price = 0;
  blob.blob_size = ~std::uint64_t{0};
  EXPECT_FALSE(GasCost(tx).has_value());
}

TEST(TransactionTest, AnOperationsSizeIsThatOfItsEncoding) {
  EXPECT_EQ(SignedTxSize(Sample()), EncodeSignedTx(Sample()).size());
}

}  // namespace
}  // namespace gtestnet::node

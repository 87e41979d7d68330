// SPDX-License-Identifier: Apache-2.0
#include "block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_support.h"

namespace gtestnet::node {
namespace {

using testing::HasSubstr;
using testing_support::Filled;
using testing_support::ForEachMutation;
using testing_support::Inscribe;
using testing_support::KeyOf;

BlockPtr Sample(std::vector<SignedMantleTx> transactions) {
  std::vector<TxHash> hashes;
  for (const SignedMantleTx& tx : transactions) hashes.push_back(HashOfTx(tx.tx));
  Header header;
  header.parent = Filled(1);
  header.slot = 77;
  header.block_root = BlockRoot(hashes);
  header.entropy = Filled(2);
  header.leader_key = KeyOf(3).public_key();
  return MakeBlock(header, KeyOf(3).Sign(IdOf(header).span()), std::move(transactions));
}

TEST(BlockTest, DecodesWhatWasEncoded) {
  const BlockPtr block = Sample({Inscribe(1, {}, 1), {}, Inscribe(2, {}, 2)});
  const Bytes bytes = EncodeBlock(*block);
  EXPECT_EQ(bytes.size(), EncodedSize(*block));
  const auto decoded = DecodeBlock(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ((*decoded)->id, block->id);
  EXPECT_EQ((*decoded)->tx_hashes, block->tx_hashes);
  EXPECT_EQ(EncodeBlock(**decoded), bytes);
  EXPECT_TRUE(CheckBlock(**decoded, Signatures::kCheck).ok());
}

TEST(BlockTest, DecoderAcceptsOnlyWhatTheEncoderMakes) {
  ForEachMutation(EncodeBlock(*Sample({Inscribe(1, {}, 1)})), 3000, [](const Bytes& changed) {
    const auto decoded = DecodeBlock(changed);
    if (decoded.ok()) {
      EXPECT_EQ(EncodeBlock(**decoded), changed);
    }
  });
}

TEST(BlockTest, BoundsAreHeld) {
  EXPECT_THAT(DecodeBlock(Bytes(kMaxBlockBytes + 1)).status().message(),
              HasSubstr("1048577 bytes; at most 1048576"));
  Bytes bytes = EncodeBlock(*Sample({}));
  bytes[bytes.size() - 2] = 0x01;
  bytes[bytes.size() - 1] = 0x04;  // 1025
  EXPECT_EQ(DecodeBlock(bytes).status().message(), "block: 1025 transactions; at most 1024");
}

TEST(BlockTest, RootAndSignatureAreChecked) {
  const BlockPtr block = Sample({Inscribe(1, {}, 1)});
  EXPECT_THAT(
      CheckBlock(*MakeBlock(block->header, block->signature, {}), Signatures::kCheck).message(),
      HasSubstr("root"));
  Signature wrong = block->signature;
  wrong.bytes[0] ^= 1;
  EXPECT_THAT(CheckBlock(*MakeBlock(block->header, wrong, block->transactions), Signatures::kCheck)
                  .message(),
              HasSubstr("signature"));
}

TEST(GenesisTest, SumsAreChecked) {
  Genesis genesis;
  genesis.notes = {{{~std::uint64_t{0}, Filled(1)}, true}, {{1, Filled(2)}, false}};
  EXPECT_THAT(CheckGenesis(genesis).message(), HasSubstr("note 1 add up to more than 64 bits"));
  genesis.notes[1].note.value = 0;
  EXPECT_EQ(CheckGenesis(genesis).message(), "genesis: the value of note 1 is 0");
}

}  // namespace
}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
// Holds the encodings, hashes and signatures against testdata/vectors.json, which another program
// wrote.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "block.h"
#include "lottery.h"

namespace gtestnet::node {
namespace {

namespace json = boost::json;

const json::object& Vectors() {
  static const json::value* const kValue = [] {
    std::ifstream file(NODE_VECTORS);
    std::stringstream text;
    text << file.rdbuf();
    return new json::value(json::parse(text.str()));
  }();
  return kValue->as_object();
}

std::string Text(const json::value& value) { return std::string(value.as_string().c_str()); }

Hash Id(const json::value& value) { return Hash::FromHex(Text(value)).value(); }

std::uint64_t Number(const json::value& value) { return value.to_number<std::uint64_t>(); }

Signature GetSignature(const json::value& numbers) {
  Signature signature;
  std::size_t i = 0;
  for (const json::value& number : numbers.as_array()) {
    signature.bytes.at(i++) = number.to_number<std::uint8_t>();
  }
  return signature;
}

SignedMantleTx FromJson(const json::object& from) {
  SignedMantleTx tx;
  const json::object& mantle = from.at("mantle_tx").as_object();
  for (const json::value& op : mantle.at("ops").as_array()) {
    const json::object& payload = op.at("payload").as_object();
    if (Number(op.at("opcode")) == ChannelBlob::kOpcode) {
      ChannelBlob blob;
      blob.channel = Id(payload.at("channel"));
      blob.session = Number(payload.at("session"));
      for (std::size_t i = 0; i < Hash::kSize; ++i) {
        blob.blob.bytes[i] = payload.at("blob").at(i).to_number<std::uint8_t>();
      }
      blob.blob_size = Number(payload.at("blob_size"));
      blob.da_storage_gas_price = Number(payload.at("da_storage_gas_price"));
      blob.parent = Id(payload.at("parent"));
      blob.signer = Id(payload.at("signer"));
      tx.tx.ops.emplace_back(blob);
      continue;
    }
    Inscription inscription{
        Id(payload.at("channel_id")), {}, Id(payload.at("parent")), Id(payload.at("signer"))};
    for (const json::value& byte : payload.at("inscription").as_array()) {
      inscription.inscription.push_back(byte.to_number<std::uint8_t>());
    }
    tx.tx.ops.emplace_back(inscription);
  }
  const json::object& ledger = mantle.at("ledger_tx").as_object();
  for (const json::value& id : ledger.at("inputs").as_array()) {
    tx.tx.ledger_tx.inputs.push_back(Id(id));
  }
  for (const json::value& output : ledger.at("outputs").as_array()) {
    tx.tx.ledger_tx.outputs.push_back({Number(output.at("value")), Id(output.at("pk"))});
  }
  tx.tx.execution_gas_price = Number(mantle.at("execution_gas_price"));
  tx.tx.storage_gas_price = Number(mantle.at("storage_gas_price"));
  for (const json::value& proof : from.at("ops_proofs").as_array()) {
    tx.op_proofs.push_back(GetSignature(proof.at("Ed25519Sig")));
  }
  for (const json::value& one : from.at("ledger_tx_proof").at("signatures").as_array()) {
    tx.input_signatures.push_back(GetSignature(one));
  }
  return tx;
}

Genesis GetGenesis() {
  const json::object& from = Vectors().at("genesis").as_object();
  Genesis genesis;
  genesis.chain_id = Id(from.at("chain_id"));
  for (const json::value& note : from.at("notes").as_array()) {
    genesis.notes.push_back(
        {{Number(note.at("value")), Id(note.at("public_key"))}, note.at("leader").as_bool()});
  }
  return genesis;
}

std::vector<std::string> Texts(const json::value& array) {
  std::vector<std::string> texts;
  for (const json::value& text : array.as_array()) texts.push_back(Text(text));
  return texts;
}

std::vector<std::string> Hexes(const std::vector<Hash>& hashes) {
  std::vector<std::string> texts;
  for (const Hash& hash : hashes) texts.push_back(hash.Hex());
  return texts;
}

TEST(VectorsTest, Keys) {
  for (const json::value& key : Vectors().at("keys").as_array()) {
    EXPECT_EQ(KeyPair::FromSeed(Id(key.at("seed"))).public_key().Hex(), Text(key.at("public_key")));
  }
}

TEST(VectorsTest, Transactions) {
  ASSERT_GE(Vectors().at("transactions").as_array().size(), 5u);
  for (const json::value& vector : Vectors().at("transactions").as_array()) {
    SCOPED_TRACE(Text(vector.at("name")));
    const SignedMantleTx tx = FromJson(vector.at("json").as_object());
    EXPECT_EQ(ToHex(EncodeLedgerTx(tx.tx.ledger_tx)), Text(vector.at("ledger_encoding")));
    EXPECT_EQ(ToHex(EncodeMantleTx(tx.tx)), Text(vector.at("mantle_encoding")));
    EXPECT_EQ(ToHex(EncodeSignedTx(tx)), Text(vector.at("signed_encoding")));
    EXPECT_EQ(SignedTxSize(tx), EncodeSignedTx(tx).size());
    EXPECT_EQ(HashOfTx(tx.tx).Hex(), Text(vector.at("hash")));
    EXPECT_EQ(LedgerHash(tx.tx.ledger_tx).Hex(), Text(vector.at("ledger_hash")));
    EXPECT_EQ(Hexes(OutputIds(tx.tx.ledger_tx)), Texts(vector.at("note_ids")));
    std::vector<Hash> messages;
    for (const Operation& op : tx.tx.ops) messages.push_back(MessageId(op));
    EXPECT_EQ(Hexes(messages), Texts(vector.at("message_ids")));
    EXPECT_EQ(CheckOpProofs(tx), absl::OkStatus());
    EXPECT_EQ(CheckShape(tx), absl::OkStatus());

    const auto decoded = DecodeSignedTx(FromHex(Text(vector.at("signed_encoding"))).value());
    ASSERT_EQ(decoded.status(), absl::OkStatus());
    EXPECT_TRUE(*decoded == tx);
  }
}

TEST(VectorsTest, GenesisBlock) {
  const json::object& expected = Vectors().at("genesis").as_object();
  const Genesis genesis = GetGenesis();
  EXPECT_EQ(CheckGenesis(genesis), absl::OkStatus());
  EXPECT_EQ(GenesisLedgerHash(genesis).Hex(), Text(expected.at("ledger_hash")));
  EXPECT_EQ(Hexes(GenesisNoteIds(genesis)), Texts(expected.at("note_ids")));
  EXPECT_EQ(MakeGenesisBlock(genesis)->id.Hex(), Text(expected.at("header_id")));
  EXPECT_EQ(GenesisNonce(genesis).Hex(), Text(expected.at("nonce")));
}

TEST(VectorsTest, BlockRoots) {
  for (const json::value& vector : Vectors().at("block_roots").as_array()) {
    std::vector<Hash> hashes;
    for (const json::value& hash : vector.at("hashes").as_array()) hashes.push_back(Id(hash));
    EXPECT_EQ(BlockRoot(hashes).Hex(), Text(vector.at("root"))) << hashes.size();
  }
}

TEST(VectorsTest, LeadersBlock) {
  const json::object& expected = Vectors().at("block").as_object();
  const KeyPair key = KeyPair::FromSeed(Id(Vectors().at("keys").at(1).at("seed")));
  const NoteId note = GenesisNoteIds(GetGenesis()).front();
  const Slot slot = Number(expected.at("slot"));
  const Hash nonce = Id(expected.at("nonce_before"));
  std::vector<SignedMantleTx> transactions;
  for (int i = 1; i < 4; ++i) {
    transactions.push_back(FromJson(Vectors().at("transactions").at(i).at("json").as_object()));
  }

  const Signature leadership = key.Sign(LeadershipMessage(slot, nonce));
  Header header;
  header.parent = Id(expected.at("parent"));
  header.slot = slot;
  header.block_root = Id(expected.at("block_root"));
  header.entropy = Entropy(leadership);
  header.proof = LeaderProof::Make(leadership, note);
  header.leader_key = key.public_key();
  const Signature signature = key.Sign(IdOf(header).span());
  const BlockPtr block = MakeBlock(header, signature, transactions);

  EXPECT_EQ(ToHex(header.proof.bytes), Text(expected.at("proof")));
  EXPECT_EQ(header.entropy.Hex(), Text(expected.at("entropy")));
  EXPECT_EQ(block->id.Hex(), Text(expected.at("header_id")));
  EXPECT_EQ(ToHex(signature.bytes), Text(expected.at("signature")));
  EXPECT_EQ(Hexes(block->tx_hashes), Texts(expected.at("transaction_hashes")));
  EXPECT_EQ(CheckBlock(*block, Signatures::kCheck), absl::OkStatus());
  EXPECT_EQ(std::to_string(Ticket(note, leadership)), Text(expected.at("ticket")));
  EXPECT_EQ(NextNonce(nonce, header.entropy, slot).Hex(), Text(expected.at("nonce_after")));
}

TEST(VectorsTest, Lottery) {
  ASSERT_GE(Vectors().at("lottery").as_array().size(), 100u);
  for (const json::value& vector : Vectors().at("lottery").as_array()) {
    const auto f = SlotCoefficient::Parse(Text(vector.at("f")));
    ASSERT_EQ(f.status(), absl::OkStatus());
    EXPECT_EQ(WinThreshold(*f, std::stoull(Text(vector.at("value"))),
                           std::stoull(Text(vector.at("total"))))
                  .Decimal(),
              Text(vector.at("threshold")))
        << vector;
  }
}

}  // namespace
}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
// Holds this side's encodings equal to those of the node, by vectors that neither of them wrote.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "core/src/base/hash.h"
#include "gtestnet/nomos/transaction.h"
#include "nomos/src/client/json.h"
#include "nomos/src/kind/encoding.h"

namespace gtestnet::nomos {
namespace {

namespace json = boost::json;
using base::ParseHash;
using base::ToHex;

std::string Text(const json::value& value) { return std::string(value.as_string().c_str()); }
Hash32 Hash(const json::value& value) { return ParseHash(Text(value)).value(); }
uint64_t Number(const json::value& value) {
  return value.is_string() ? std::stoull(Text(value)) : value.to_number<uint64_t>();
}
std::string Bytes(const json::value& value) {
  std::string bytes;
  for (const json::value& byte : value.as_array()) {
    bytes += static_cast<char>(byte.to_number<int>());
  }
  return bytes;
}
Signature ToSignature(const json::value& value) {
  const std::string bytes = Bytes(value);
  Signature signature{};
  std::copy(bytes.begin(), bytes.end(), signature.begin());
  return signature;
}
std::vector<std::string> Texts(const json::value& value) {
  std::vector<std::string> texts;
  for (const json::value& each : value.as_array()) texts.push_back(Text(each));
  return texts;
}

class VectorsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(GTESTNET_NODE_VECTORS);
    if (!file) GTEST_SKIP() << "there is no " << GTESTNET_NODE_VECTORS;
    std::stringstream text;
    text << file.rdbuf();
    vectors_ = json::parse(text.str());
    for (const json::value& key : vectors_.at("keys").as_array()) {
      const KeyPair pair = KeyPair::FromSeed(Hash(key.at("seed")));
      EXPECT_EQ(pair.public_key(), Text(key.at("public_key")));
      keys_.emplace(pair.public_key(), pair);
    }
  }

  static Operation OperationFromJson(const json::value& op) {
    const json::value& payload = op.at("payload");
    if (Number(op.at("opcode")) == 0) {
      return InscriptionOp{Hash(payload.at("channel_id")), Bytes(payload.at("inscription")),
                           Hash(payload.at("parent")), Hash(payload.at("signer"))};
    }
    const std::string id = Bytes(payload.at("blob"));
    BlobOp blob;
    blob.channel = Hash(payload.at("channel"));
    blob.session = Number(payload.at("session"));
    std::copy(id.begin(), id.end(), blob.blob.begin());
    blob.blob_size = Number(payload.at("blob_size"));
    blob.storage_price = Number(payload.at("da_storage_gas_price"));
    blob.parent = Hash(payload.at("parent"));
    blob.signer = Hash(payload.at("signer"));
    return blob;
  }

  static SignedTx FromJson(const json::value& value) {
    SignedTx signed_tx;
    const json::value& mantle = value.at("mantle_tx");
    for (const json::value& op : mantle.at("ops").as_array()) {
      signed_tx.tx.operations.push_back(OperationFromJson(op));
    }
    for (const json::value& input : mantle.at("ledger_tx").at("inputs").as_array()) {
      signed_tx.tx.ledger.inputs.push_back(Hash(input));
    }
    for (const json::value& output : mantle.at("ledger_tx").at("outputs").as_array()) {
      signed_tx.tx.ledger.outputs.push_back({Number(output.at("value")), Hash(output.at("pk"))});
    }
    signed_tx.tx.execution_price = Number(mantle.at("execution_gas_price"));
    signed_tx.tx.storage_price = Number(mantle.at("storage_gas_price"));
    for (const json::value& proof : value.at("ops_proofs").as_array()) {
      signed_tx.operation_proofs.push_back(ToSignature(proof.at("Ed25519Sig")));
    }
    for (const json::value& each : value.at("ledger_tx_proof").at("signatures").as_array()) {
      signed_tx.input_signatures.push_back(ToSignature(each));
    }
    return signed_tx;
  }

  json::value vectors_;
  std::map<std::string, KeyPair> keys_;
};

TEST_F(VectorsTest, EncodesAndHashesTransactions) {
  ASSERT_FALSE(vectors_.at("transactions").as_array().empty());
  for (const json::value& vector : vectors_.at("transactions").as_array()) {
    SCOPED_TRACE(Text(vector.at("name")));
    const SignedTx signed_tx = FromJson(vector.at("json"));
    EXPECT_EQ(ToHex(Encode(signed_tx.tx.ledger)), Text(vector.at("ledger_encoding")));
    EXPECT_EQ(ToHex(Encode(signed_tx.tx)), Text(vector.at("mantle_encoding")));
    EXPECT_EQ(ToHex(Encode(signed_tx)), Text(vector.at("signed_encoding")));
    EXPECT_EQ(ToHex(HashOf(signed_tx.tx)), Text(vector.at("hash")));
    EXPECT_EQ(ToHex(HashOf(signed_tx.tx.ledger)), Text(vector.at("ledger_hash")));
    std::vector<std::string> notes, messages;
    for (const Hash32& id : NoteIds(signed_tx.tx.ledger)) notes.push_back(ToHex(id));
    for (const auto& op : signed_tx.tx.operations) messages.push_back(ToHex(MessageId(op)));
    EXPECT_EQ(notes, Texts(vector.at("note_ids")));
    EXPECT_EQ(messages, Texts(vector.at("message_ids")));
    EXPECT_EQ(json::parse(ToJson(signed_tx)), vector.at("json"));
  }
}

TEST_F(VectorsTest, ReadsTransactionsOutOfBlocks) {
  json::array transactions;
  for (const json::value& vector : vectors_.at("transactions").as_array()) {
    transactions.push_back(vector.at("json"));
  }
  const std::string zero(64, '0');
  const json::value block = {
      {"header",
       {{"parent_block", zero}, {"slot", 5}, {"proof_of_leadership", {{"leader_key", zero}}}}},
      {"transactions", transactions}};
  const auto parsed = ParseBlock(zero, json::serialize(block));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  ASSERT_EQ((*parsed)->transactions.size(), transactions.size());
  for (size_t i = 0; i < transactions.size(); ++i) {
    const json::value& vector = vectors_.at("transactions").as_array()[i];
    EXPECT_EQ((*parsed)->transactions[i].hash, Text(vector.at("hash")));
    std::vector<std::string> notes;
    for (const Note& note : (*parsed)->transactions[i].outputs) notes.push_back(note.id);
    EXPECT_EQ(notes, Texts(vector.at("note_ids")));
  }
}

// What the builder makes of the same content is the vector itself, signatures included.
TEST_F(VectorsTest, BuildsTheSameTransfer) {
  for (const json::value& vector : vectors_.at("transactions").as_array()) {
    if (Text(vector.at("name")) != "transfer") continue;
    const json::value& ledger = vector.at("json").at("mantle_tx").at("ledger_tx");
    int matches = 0;
    for (const auto& [public_key, pair] : keys_) {
      Transfer transfer;
      uint64_t sum = 0;
      for (const json::value& output : ledger.at("outputs").as_array()) {
        transfer.Pay(Text(output.at("pk")), Number(output.at("value")));
        sum += Number(output.at("value"));
      }
      transfer.Spend({Text(ledger.at("inputs").as_array()[0]), sum, public_key}, pair);
      const auto built = transfer.Build();
      ASSERT_TRUE(built.ok()) << built.status();
      EXPECT_EQ(built->hash, Text(vector.at("hash")));
      if (json::parse(built->json) == vector.at("json")) ++matches;
    }
    EXPECT_EQ(matches, 1);  // by the note's owner
  }
}

TEST_F(VectorsTest, KnowsTheGenesisBlock) {
  const json::value& genesis = vectors_.at("genesis");
  std::vector<GenesisOutput> outputs;
  for (const json::value& note : genesis.at("notes").as_array()) {
    outputs.push_back(
        {{Number(note.at("value")), Hash(note.at("public_key"))}, note.at("leader").as_bool()});
  }
  Header header;
  header.block_root = GenesisLedgerHash(Hash(genesis.at("chain_id")), outputs);
  EXPECT_EQ(ToHex(header.block_root), Text(genesis.at("ledger_hash")));
  EXPECT_EQ(ToHex(IdOf(header)), Text(genesis.at("header_id")));
  const std::vector<std::string> ids = Texts(genesis.at("note_ids"));
  for (size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(ToHex(NoteId(header.block_root, i, outputs[i].output)), ids[i]);
  }
}

TEST_F(VectorsTest, KnowsTheRootOfABlocksTransactions) {
  for (const json::value& each : vectors_.at("block_roots").as_array()) {
    std::vector<Hash32> hashes;
    for (const json::value& hash : each.at("hashes").as_array()) hashes.push_back(Hash(hash));
    EXPECT_EQ(ToHex(BlockRoot(hashes)), Text(each.at("root"))) << hashes.size();
  }
}

TEST_F(VectorsTest, KnowsAHeadersId) {
  const json::value& block = vectors_.at("block");
  Header header;
  header.parent = Hash(block.at("parent"));
  header.slot = Number(block.at("slot"));
  header.block_root = Hash(block.at("block_root"));
  header.voucher = Hash(block.at("voucher"));
  header.entropy = Hash(block.at("entropy"));
  header.leader_key = Hash(block.at("leader_key"));
  const std::string proof = Text(block.at("proof"));
  for (size_t i = 0; i < 4; ++i) {
    const Hash32 part = ParseHash(proof.substr(64 * i, 64)).value();
    std::copy(part.begin(), part.end(), header.proof.begin() + static_cast<ptrdiff_t>(32 * i));
  }
  EXPECT_EQ(ToHex(IdOf(header)), Text(block.at("header_id")));
}

}  // namespace
}  // namespace gtestnet::nomos

// SPDX-License-Identifier: Apache-2.0
#include "api/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "boost/json.hpp"

namespace gtestnet::node {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

json::array VectorTransactions() {
  std::ifstream file(NODE_VECTORS);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return json::parse(text).at("transactions").as_array();
}

std::string Error(const json::value& value) {
  return std::string(ParseSignedTx(json::serialize(value)).status().message());
}

TEST(JsonTest, ReadsTheTransactionsOfTheVectors) {
  const json::array transactions = VectorTransactions();
  ASSERT_FALSE(transactions.empty());
  for (const json::value& each : transactions) {
    const absl::StatusOr<SignedMantleTx> tx = ParseSignedTx(json::serialize(each.at("json")));
    ASSERT_TRUE(tx.ok()) << tx.status();
    EXPECT_EQ(ToHex(EncodeSignedTx(*tx)), each.at("signed_encoding").as_string());
  }
}

TEST(JsonTest, BoundsTheValuesOfABody) {
  const auto list = [](std::size_t values) {
    std::string text = "[0";
    for (std::size_t i = 1; i < values; ++i) text += ",0";
    return std::string(ParseHashes(text + "]").status().message());
  };
  // As many are read, and are no hashes.
  EXPECT_THAT(list(999'999), HasSubstr("must be a string"));
  EXPECT_THAT(list(1'000'000), HasSubstr("must be a string"));
  EXPECT_THAT(list(1'000'001), HasSubstr("more than 1000000 values"));
}

TEST(JsonTest, WritesThemAsItReadsThem) {
  std::vector<SignedMantleTx> transactions;
  for (const json::value& each : VectorTransactions()) {
    transactions.push_back(ParseSignedTx(json::serialize(each.at("json"))).value());
  }
  const BlockPtr block = MakeBlock(Header{}, Signature{}, transactions);
  const json::value written = json::parse(BlockJson(*block));
  const json::array& again = written.at("transactions").as_array();
  ASSERT_EQ(again.size(), transactions.size());
  for (std::size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i], VectorTransactions()[i].at("json"));
  }
}

TEST(JsonTest, EveryFieldIsNeededAndNamed) {
  const json::value valid = VectorTransactions()[1].at("json");
  for (const char* path : {"/mantle_tx", "/mantle_tx/ops", "/mantle_tx/ledger_tx",
                           "/mantle_tx/ledger_tx/inputs", "/mantle_tx/ledger_tx/outputs",
                           "/mantle_tx/execution_gas_price", "/mantle_tx/storage_gas_price",
                           "/ops_proofs", "/ledger_tx_proof", "/ledger_tx_proof/signatures"}) {
    json::value broken = valid;
    const std::string text = path;
    const std::size_t slash = text.rfind('/');
    json::value* parent = slash == 0 ? &broken : &broken.at_pointer(text.substr(0, slash));
    parent->as_object().erase(text.substr(slash + 1));
    EXPECT_THAT(Error(broken), HasSubstr("missing field `" + text.substr(slash + 1) + "`")) << path;
    broken = valid;
    broken.at_pointer(text) = true;
    EXPECT_THAT(Error(broken), HasSubstr("must be")) << path;
  }
}

TEST(JsonTest, ValuesOutOfBoundsAreNamed) {
  const json::value valid = VectorTransactions()[1].at("json");
  const auto with = [&](const char* path, const json::value& value) {
    json::value broken = valid;
    broken.at_pointer(path) = value;
    return Error(broken);
  };
  EXPECT_EQ(with("/mantle_tx/storage_gas_price", -1),
            "mantle_tx.storage_gas_price: must be a whole number from 0 to 18446744073709551615");
  EXPECT_THAT(with("/mantle_tx/storage_gas_price", 1.5), HasSubstr("must be a whole number"));
  EXPECT_EQ(with("/mantle_tx/ledger_tx/inputs/0", "12"),
            "mantle_tx.ledger_tx.inputs[0]: must be a string of 64 hex digits");
  EXPECT_EQ(with("/ledger_tx_proof/signatures/0/3", 256),
            "ledger_tx_proof.signatures[0][3]: must be a number from 0 to 255");
  EXPECT_EQ(with("/ledger_tx_proof/signatures/0", json::array{1, 2}),
            "ledger_tx_proof.signatures[0]: must be an array of 64 numbers");
  EXPECT_EQ(with("/mantle_tx/ops", json::array{{{"opcode", 34}, {"payload", {}}}}),
            "mantle_tx.ops[0].opcode: operation 34 is not supported");
  EXPECT_EQ(with("/ops_proofs", json::array{"NoProof"}),
            "Incorrect proof type for operation at index 0");
  EXPECT_EQ(with("/mantle_tx/ledger_tx/inputs", json::array(256)),
            "mantle_tx.ledger_tx.inputs: must have at most 255 elements");
}

TEST(JsonTest, WhatIsNotJsonIsAnErrorOfItsOwn) {
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("nonsense"), std::string("{} {}"),
        std::string(100'000, '['), std::string("\xff\xfe")}) {
    EXPECT_EQ(ParseSignedTx(text).status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(ParseSignedTx("[]").status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(JsonTest, EveryTruncationOfATransactionIsRefused) {
  const std::string text = json::serialize(VectorTransactions()[1].at("json"));
  for (std::size_t size = 0; size < text.size(); size += 3) {
    EXPECT_FALSE(ParseSignedTx(std::string_view(text).substr(0, size)).ok());
  }
}

TEST(JsonTest, ReadsHashes) {
  const std::string hex(64, 'a');
  EXPECT_EQ(ParseHash("\"" + hex + "\"")->Hex(), hex);
  EXPECT_EQ(ParseHash("\"0x" + hex + "\"")->Hex(), hex);
  EXPECT_EQ(ParseHashes("[\"" + hex + "\"]")->size(), 1u);
  EXPECT_EQ(ParseHashes("[5]").status().message(), "[0]: must be a string of 64 hex digits");
}

}  // namespace
}  // namespace gtestnet::node

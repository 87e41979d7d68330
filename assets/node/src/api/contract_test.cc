// SPDX-License-Identifier: Apache-2.0
// Holds the HTTP API to the real node's: each route's shape and status codes, over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "boost/json.hpp"
#include "core/test_support.h"
#include "testing/http_client.h"
#include "testing/running_node.h"
#include "testing/temp_dir.h"

namespace gtestnet::node {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing_support::Inscribe;

constexpr char kHex[] = "[0-9a-f]{64}";

std::string Text(const json::value& value) { return std::string(value.as_string()); }

std::vector<std::string> Keys(const json::value& value) {
  std::vector<std::string> keys;
  for (const auto& entry : value.as_object()) keys.emplace_back(entry.key());
  return keys;
}

// By hand, as a client would.
json::value TxJson(const SignedMantleTx& tx) {
  const auto bytes = [](ByteSpan span) {
    json::array array;
    for (const std::uint8_t byte : span) array.emplace_back(byte);
    return array;
  };
  json::array ops, proofs;
  for (const Operation& op : tx.tx.ops) {
    const auto& inscription = std::get<Inscription>(op);
    ops.push_back(json::object{{"opcode", 0},
                               {"payload",
                                {{"channel_id", inscription.channel_id.Hex()},
                                 {"inscription", bytes(inscription.inscription)},
                                 {"parent", inscription.parent.Hex()},
                                 {"signer", inscription.signer.Hex()}}}});
  }
  for (const Signature& proof : tx.op_proofs) {
    proofs.push_back(json::object{{"Ed25519Sig", bytes(proof.span())}});
  }
  return {{"mantle_tx",
           {{"ops", ops},
            {"ledger_tx", {{"inputs", json::array()}, {"outputs", json::array()}}},
            {"execution_gas_price", 0},
            {"storage_gas_price", 0}}},
          {"ops_proofs", proofs},
          {"ledger_tx_proof", {{"signatures", json::array()}}}};
}

class ContractTest : public testing::Test {
 protected:
  void Start(Role role = Role::kValidator, bool make_blocks = true) {
    config_ = LonelyConfig(directory_.path(), role);
    if (make_blocks) WriteStartFile(config_, WallClock());
    node_.emplace(config_);
    client_.emplace(node_->api());
  }

  json::value GetJson(const std::string& target) {
    const HttpReply reply = client_->Get(target);
    EXPECT_EQ(reply.status, 200u) << target << ": " << reply.body;
    EXPECT_EQ(reply.fields.at("content-type"), "application/json");
    return json::parse(reply.body);
  }
  json::value PostJson(const std::string& target, const json::value& body) {
    const HttpReply reply = client_->Post(target, json::serialize(body));
    EXPECT_EQ(reply.status, 200u) << target << ": " << reply.body;
    return json::parse(reply.body);
  }
  std::int64_t AwaitHeight(std::int64_t height) {
    std::int64_t seen = 0;
    while (seen < height) seen = GetJson("/cryptarchia/info").at("height").as_int64();
    return seen;
  }

  TempDir directory_;
  NodeConfig config_;
  std::optional<RunningNode> node_;
  std::optional<HttpClient> client_;
};

TEST_F(ContractTest, InfoBeforeTheStartIsTheGenesisBlocks) {
  Start(Role::kValidator, /*make_blocks=*/false);
  const json::value info = GetJson("/cryptarchia/info");
  EXPECT_THAT(Keys(info), ElementsAre("lib", "tip", "slot", "height", "mode", "lib_height"));
  EXPECT_EQ(info.at("tip"), info.at("lib"));
  EXPECT_EQ(Text(info.at("tip")), MakeGenesisBlock(config_.genesis)->id.Hex());
  EXPECT_EQ(info.at("slot"), 0);
  EXPECT_EQ(info.at("height"), 0);
  EXPECT_EQ(info.at("mode"), "Bootstrapping");
}

TEST_F(ContractTest, InfoFollowsTheChain) {
  Start();
  AwaitHeight(5);
  const json::value info = GetJson("/cryptarchia/info");
  EXPECT_EQ(info.at("mode"), "Online");
  EXPECT_GE(info.at("slot").as_int64(), info.at("height").as_int64());
  EXPECT_EQ(info.at("lib_height").as_int64(), info.at("height").as_int64() - 3);
  EXPECT_NE(info.at("tip"), info.at("lib"));
}

TEST_F(ContractTest, HeadersRunFromNewToOld) {
  Start();
  AwaitHeight(6);
  const json::value defaults = GetJson("/cryptarchia/headers");
  EXPECT_EQ(defaults.as_array().size(), 4u) << "from the tip to the LIB, both included";
  const std::string tip = Text(defaults.at(0));
  const std::string genesis = MakeGenesisBlock(config_.genesis)->id.Hex();
  const json::value all = GetJson("/cryptarchia/headers?from=" + tip + "&to=" + genesis);
  ASSERT_GE(all.as_array().size(), 7u);
  EXPECT_EQ(Text(all.at(0)), tip);
  EXPECT_EQ(Text(all.as_array().back()), genesis);
  for (std::size_t i = 0; i + 2 < all.as_array().size(); ++i) {
    EXPECT_EQ(PostJson("/storage/block", all.at(i)).at("header").at("parent_block"), all.at(i + 1));
  }
  EXPECT_EQ(GetJson("/cryptarchia/headers?from=" + std::string(64, 'e')), json::array());
  EXPECT_EQ(client_->Get("/cryptarchia/headers?from=12").status, 400u);
}

TEST_F(ContractTest, StorageGivesBlocksWithoutTheirIds) {
  Start();
  AwaitHeight(1);
  const json::value id = GetJson("/cryptarchia/info").at("tip");
  const json::value block = PostJson("/storage/block", id);
  EXPECT_THAT(Keys(block), ElementsAre("header", "signature", "transactions"));
  const json::value& header = block.at("header");
  EXPECT_THAT(Keys(header),
              ElementsAre("version", "parent_block", "slot", "block_root", "proof_of_leadership"));
  EXPECT_EQ(header.at("version"), "Bedrock");
  EXPECT_THAT(Text(header.at("parent_block")), MatchesRegex(kHex));
  EXPECT_THAT(Text(header.at("block_root")), MatchesRegex(kHex));
  const json::value& proof = header.at("proof_of_leadership");
  EXPECT_THAT(Keys(proof),
              ElementsAre("proof", "entropy_contribution", "leader_key", "voucher_cm"));
  EXPECT_EQ(proof.at("proof").as_array().size(), 128u);
  EXPECT_EQ(block.at("signature").as_array().size(), 64u);

  EXPECT_TRUE(PostJson("/storage/block", json::string(std::string(64, 'a'))).is_null());
  const std::string genesis = MakeGenesisBlock(config_.genesis)->id.Hex();
  EXPECT_TRUE(PostJson("/storage/block", json::string(genesis)).is_null());
}

TEST_F(ContractTest, ATransactionGoesFromUnknownOverPendingIntoABlock) {
  Start(Role::kValidator, /*make_blocks=*/false);
  const SignedMantleTx tx = Inscribe(7, MsgId{}, 40);
  const std::string hash = HashOfTx(tx.tx).Hex();
  const json::array asked = {json::string(hash), json::string(std::string(64, '0'))};
  EXPECT_EQ(PostJson("/mantle/status", asked), (json::array{"Unknown", "Unknown"}));
  EXPECT_EQ(GetJson("/mantle/metrics"),
            (json::object{{"pending_items", 0}, {"last_item_timestamp", 0}}));

  EXPECT_TRUE(PostJson("/mempool/add/tx", TxJson(tx)).is_null());
  EXPECT_EQ(PostJson("/mantle/status", asked), (json::array{"Pending", "Unknown"}));
  EXPECT_EQ(GetJson("/mantle/metrics").at("pending_items"), 1);
  EXPECT_NEAR(static_cast<double>(GetJson("/mantle/metrics").at("last_item_timestamp").as_int64()),
              static_cast<double>(WallClock()), 60'000);
  const HttpReply again = client_->Post("/mempool/add/tx", json::serialize(TxJson(tx)));
  EXPECT_EQ(again.status, 500u);
  EXPECT_EQ(again.body, "Item already in mempool");
  EXPECT_THAT(again.fields.at("content-type"), HasSubstr("text/plain"));

  WriteStartFile(config_, WallClock());
  json::value status;
  do {
    status = PostJson("/mantle/status", asked).at(0);
  } while (status == "Pending");
  const json::value block = PostJson("/storage/block", status.at("InBlock").at("block"));
  ASSERT_EQ(block.at("transactions").as_array().size(), 1u);
  EXPECT_EQ(block.at("transactions").at(0), TxJson(tx));
}

TEST_F(ContractTest, ATransactionWithWrongProofsIsRefusedInTheRealNodesWords) {
  Start(Role::kValidator, /*make_blocks=*/false);
  const auto refusal = [&](const SignedMantleTx& tx) {
    const HttpReply reply = client_->Post("/mempool/add/tx", json::serialize(TxJson(tx)));
    EXPECT_EQ(reply.status, 422u);
    return reply.body;
  };
  SignedMantleTx unproved = Inscribe(7, MsgId{}, 40);
  unproved.op_proofs.clear();
  EXPECT_THAT(refusal(unproved),
              HasSubstr("Number of proofs (0) does not match number of operations (1)"));
  SignedMantleTx forged = Inscribe(7, MsgId{}, 40);
  forged.op_proofs[0].bytes[5] ^= 1;
  EXPECT_THAT(refusal(forged), HasSubstr("Invalid signature for operation at index 0"));
  EXPECT_EQ(GetJson("/mantle/metrics").at("pending_items"), 0);
}

TEST_F(ContractTest, BodiesHaveTheirStatusCodes) {
  Start(Role::kValidator, /*make_blocks=*/false);
  for (const char* target : {"/storage/block", "/mempool/add/tx", "/mantle/status"}) {
    EXPECT_EQ(client_->Post(target, "null", "text/plain").status, 415u) << target;
    EXPECT_EQ(client_->Post(target, "{", "application/json").status, 400u) << target;
    EXPECT_EQ(client_->Post(target, "", "application/json; charset=utf-8").status, 400u) << target;
    EXPECT_EQ(client_->Post(target, "17").status, 422u) << target;
    EXPECT_EQ(client_->Post(target, std::string(50'000, '[')).status, 400u) << target;
    EXPECT_EQ(client_->Get(target).status, 405u) << target;
  }
  HttpClient big(node_->api());
  big.SendRaw("POST /mempool/add/tx HTTP/1.1\r\ncontent-length: 10485761\r\n\r\n");
  EXPECT_EQ(big.ReadReply().status, 413u);
}

TEST_F(ContractTest, PathsAndMethodsHaveTheirStatusCodes) {
  Start(Role::kValidator, /*make_blocks=*/false);
  for (const char* path : {"/", "/nothing", "/cryptarchia", "/cryptarchia/info/", "/health"}) {
    EXPECT_EQ(client_->Get(path).status, 404u) << path;
  }
  for (const char* path : {"/cryptarchia/info", "/cryptarchia/headers", "/cryptarchia/lib-stream",
                           "/cryptarchia/blocks", "/cryptarchia/blocks/stream", "/mantle/metrics",
                           "/network/info", "/metrics"}) {
    const HttpReply reply = client_->Post(path, "{}");
    EXPECT_EQ(reply.status, 405u) << path;
    EXPECT_EQ(reply.fields.at("allow"), "GET,HEAD");
  }
}

TEST_F(ContractTest, NetworkInfoCountsPeers) {
  Start(Role::kValidator, /*make_blocks=*/false);
  const json::value info = GetJson("/network/info");
  EXPECT_THAT(Keys(info),
              ElementsAre("listen_addresses", "n_peers", "n_connections", "n_pending_connections"));
  EXPECT_EQ(Text(info.at("listen_addresses").at(0)),
            "/ip4/127.0.0.1/tcp/" + std::to_string(node_->network().port));
  EXPECT_EQ(info.at("n_peers"), 0);
}

TEST_F(ContractTest, LibStreamNamesEachFinalisedBlockOnce) {
  Start(Role::kValidator, /*make_blocks=*/false);
  client_->SendRaw("GET /cryptarchia/lib-stream HTTP/1.1\r\n\r\n");
  ASSERT_EQ(client_->ReadHeader().fields.at("content-type"), "application/x-ndjson");
  WriteStartFile(config_, WallClock());
  std::string lines;
  while (std::count(lines.begin(), lines.end(), '\n') < 4) lines += client_->ReadChunk().value();
  for (std::int64_t height = 1; height <= 4; ++height) {
    const std::size_t end = lines.find('\n');
    const json::value line = json::parse(lines.substr(0, end));
    lines.erase(0, end + 1);
    EXPECT_THAT(Keys(line), ElementsAre("height", "header_id"));
    EXPECT_EQ(line.at("height"), height);
    EXPECT_THAT(Text(line.at("header_id")), MatchesRegex(kHex));
  }
}

TEST_F(ContractTest, BlockStreamHasEachProcessedBlock) {
  Start(Role::kExecutor, /*make_blocks=*/false);
  client_->SendRaw("GET /cryptarchia/blocks/stream HTTP/1.1\r\n\r\n");
  ASSERT_EQ(client_->ReadHeader().status, 200u);
  WriteStartFile(config_, WallClock());
  std::string parent = MakeGenesisBlock(config_.genesis)->id.Hex();
  std::string lines;
  for (std::int64_t height = 1; height <= 5; ++height) {
    while (lines.find('\n') == std::string::npos) lines += client_->ReadChunk().value();
    const json::value line = json::parse(lines.substr(0, lines.find('\n')));
    lines.erase(0, lines.find('\n') + 1);
    EXPECT_THAT(Keys(line), ElementsAre("header", "transactions", "height", "tip", "tip_height",
                                        "lib", "lib_height"));
    EXPECT_THAT(Keys(line.at("header")),
                ElementsAre("id", "parent_block", "slot", "block_root", "proof_of_leadership"));
    EXPECT_EQ(Text(line.at("header").at("parent_block")), parent);
    EXPECT_EQ(line.at("height"), height);
    EXPECT_EQ(line.at("tip"), line.at("header").at("id"));
    EXPECT_EQ(line.at("lib_height"), std::max<std::int64_t>(height - 3, 0));
    parent = Text(line.at("header").at("id"));
  }
}

TEST_F(ContractTest, ExecutorsHaveNoLibStream) {
  Start(Role::kExecutor, /*make_blocks=*/false);
  EXPECT_EQ(client_->Get("/cryptarchia/lib-stream").status, 404u);
  EXPECT_EQ(client_->Get("/cryptarchia/info").status, 200u);
}

TEST_F(ContractTest, BlocksAreTheFinalisedOnesBetweenTwoSlots) {
  Start(Role::kValidator, /*make_blocks=*/false);
  const SignedMantleTx tx = Inscribe(7, MsgId{}, 40);
  PostJson("/mempool/add/tx", TxJson(tx));
  WriteStartFile(config_, WallClock());
  AwaitHeight(6);
  const json::value blocks = GetJson("/cryptarchia/blocks?slot_from=0&slot_to=1000000");
  ASSERT_GE(blocks.as_array().size(), 3u);
  std::string hash;
  for (const json::value& block : blocks.as_array()) {
    EXPECT_THAT(Keys(block), ElementsAre("header", "transactions"));
    EXPECT_THAT(Text(block.at("header").at("id")), MatchesRegex(kHex));
    for (const json::value& each : block.at("transactions").as_array()) {
      hash = Text(each.at("mantle_tx").at("hash"));
    }
  }
  EXPECT_EQ(hash, HashOfTx(tx.tx).Hex());
  const std::string slot = json::serialize(blocks.as_array().front().at("header").at("slot"));
  EXPECT_EQ(GetJson("/cryptarchia/blocks?slot_from=" + slot + "&slot_to=" + slot).as_array().size(),
            1u);
  EXPECT_EQ(client_->Get("/cryptarchia/blocks").status, 400u);
  EXPECT_EQ(client_->Get("/cryptarchia/blocks?slot_from=1&slot_to=x").status, 400u);
}

TEST_F(ContractTest, MetricsAreTextForPrometheus) {
  Start();
  AwaitHeight(5);
  const HttpReply reply = client_->Get("/metrics");
  EXPECT_EQ(reply.status, 200u);
  EXPECT_THAT(reply.fields.at("content-type"), HasSubstr("text/plain; version=0.0.4"));
  for (const char* name :
       {"consensus_tip_height", "consensus_finalized_height", "consensus_current_slot",
        "consensus_current_epoch", "consensus_forks_count", "consensus_peers_connected",
        "mempool_transactions_pending", "consensus_processed_blocks",
        "consensus_blocks_imported_total", "consensus_block_transactions_total",
        "consensus_slots_won_total", "consensus_proposals_total", "consensus_reorganisations_total",
        "orphan_blocks_total", "mempool_transactions_added_total",
        "mempool_transactions_removed_total", "network_dial_failures_total",
        "http_requests_total"}) {
    EXPECT_THAT(reply.body, HasSubstr("\n" + std::string(name) + " ")) << name;
  }
}

TEST_F(ContractTest, HeightsAreAbsoluteAfterARestart) {
  Start();
  AwaitHeight(8);
  client_.reset();
  node_.reset();
  node_.emplace(config_);
  client_.emplace(node_->api());
  const json::value info = GetJson("/cryptarchia/info");
  EXPECT_GE(info.at("height").as_int64(), 8);
  AwaitHeight(info.at("height").as_int64() + 2);
}

}  // namespace
}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
// Holds the routes of data availability to the node's README: shapes and status codes, with a real
// blob, over real sockets. The one node is executor and the only member.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "boost/json.hpp"
#include "core/da_types.h"
#include "core/test_support.h"
#include "testing/http_client.h"
#include "testing/running_node.h"
#include "testing/temp_dir.h"

namespace gtestnet::node {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::size_t kDataBytes = 31 * 40;
constexpr char kZeroHash[] = "0000000000000000000000000000000000000000000000000000000000000000";

json::array Data(std::size_t size = kDataBytes) {
  json::array data;
  for (std::size_t i = 0; i < size; ++i) data.emplace_back(i * 7 % 256);
  return data;
}

std::string DisperseBody(json::value data) {
  return json::serialize(json::value{{"channel_id", std::string(64, 'a')},
                                     {"parent_msg_id", kZeroHash},
                                     {"signer", kZeroHash},
                                     {"data", std::move(data)}});
}

NodeConfig ConfigWithDa(const std::string& directory, Role role) {
  NodeConfig config = LonelyConfig(directory, role);
  DaConfig da;
  da.listen = {"127.0.0.1", 0};
  da.members = {{config.identifier, {"127.0.0.1", 3300}}};
  da.replication = 1;
  da.params_path = NODE_KZG_PARAMETERS;
  da.retention_slots = 100'000;
  config.da = da;
  return config;
}

// One node for all tests: what they ask for changes nothing.
class DaContractTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TempDir;
    config_ = new NodeConfig(ConfigWithDa(directory_->path(), Role::kExecutor));
    WriteStartFile(*config_, WallClock());
    node_ = new RunningNode(*config_);
    HttpClient client(node_->api());
    const HttpReply reply = client.Post("/disperse-data", DisperseBody(Data()));
    ASSERT_EQ(reply.status, 200U) << reply.body;
    blob_ = new json::value(json::parse(reply.body));
  }
  static void TearDownTestSuite() {
    delete blob_;
    delete node_;
    delete config_;
    delete directory_;
  }

  HttpReply Send(const std::string& method, const std::string& target, const std::string& body) {
    if (method == "POST") return client_.Post(target, body);
    client_.SendRaw(absl::StrCat(method, " ", target,
                                 " HTTP/1.1\r\nhost: node\r\ncontent-type: "
                                 "application/json\r\ncontent-length: ",
                                 body.size(), "\r\n\r\n", body));
    return client_.ReadReply();
  }
  json::value Ask(const std::string& method, const std::string& target, const json::value& body) {
    const HttpReply reply = Send(method, target, json::serialize(body));
    EXPECT_EQ(reply.status, 200U) << target << ": " << reply.body;
    EXPECT_EQ(reply.fields.at("content-type"), "application/json");
    return json::parse(reply.body);
  }
  json::value GetJson(const std::string& target) {
    const HttpReply reply = client_.Get(target);
    EXPECT_EQ(reply.status, 200U) << target << ": " << reply.body;
    return json::parse(reply.body);
  }
  json::value ShareOf(int column) {
    return Ask("GET", "/da/get-share", {{"blob_id", *blob_}, {"share_idx", {column, 0}}});
  }
  static json::value Unknown() { return json::array(32, 5); }

  static const TempDir* directory_;
  static const NodeConfig* config_;
  static RunningNode* node_;
  static const json::value* blob_;
  HttpClient client_{node_->api()};
};
const TempDir* DaContractTest::directory_ = nullptr;
const NodeConfig* DaContractTest::config_ = nullptr;
RunningNode* DaContractTest::node_ = nullptr;
const json::value* DaContractTest::blob_ = nullptr;

TEST_F(DaContractTest, DispersalAnswersWithTheBlobsId) {
  EXPECT_EQ(blob_->as_array().size(), 32U);
  const HttpReply again = client_.Post("/disperse-data", DisperseBody(Data()));
  EXPECT_EQ(again.status, 200U);
  EXPECT_EQ(json::parse(again.body), *blob_);
}

TEST_F(DaContractTest, DispersalRefusesWhatIsNoBlob) {
  for (const std::size_t size : {0U, 30U, 32U, 126'976U + 31U}) {
    const HttpReply reply = client_.Post("/disperse-data", DisperseBody(Data(size)));
    EXPECT_EQ(reply.status, size > kMaxBlobBytes && reply.status == 422 ? 422U : 500U) << size;
    if (reply.status == 500) {
      EXPECT_THAT(reply.body, StartsWith("Failed to disperse data: data must have a multiple"));
    }
  }
  const HttpReply zero = client_.Post("/disperse-data", DisperseBody(json::array(31, 0)));
  EXPECT_EQ(zero.status, 500U);
  EXPECT_EQ(zero.body, "Failed to disperse data: data must not be all zero");
}

TEST_F(DaContractTest, BodiesThatAreWrongAreTold) {
  for (const char* target : {"/disperse-data", "/da/add-share", "/da/get-commitments",
                             "/da/reconstruct", "/da/block-peer", "/da/unblock-peer",
                             "/test/da/membership", "/test/da/historic-sampling"}) {
    EXPECT_EQ(client_.Post(target, "{").status, 400U) << target;
    EXPECT_EQ(client_.Post(target, "{\"a\":1}").status, 422U) << target;
    EXPECT_EQ(client_.Post(target, "1", "text/plain").status, 415U) << target;
    EXPECT_EQ(client_.Get(target).status, 405U) << target;
  }
  for (const char* target :
       {"/da/get-storage-commitments", "/da/get-share", "/da/sampling/shares"}) {
    EXPECT_EQ(Send("GET", target, "{").status, 400U) << target;
    EXPECT_EQ(Send("GET", target, "[]").status, 422U) << target;
    EXPECT_EQ(Send("POST", target, "{}").status, 405U) << target;
  }
  EXPECT_THAT(client_.Post("/disperse-data", DisperseBody({1, 256})).body, HasSubstr("data[1]"));
}

TEST_F(DaContractTest, SharesAreCellsWithTheirProofs) {
  const json::value share = ShareOf(3);
  EXPECT_EQ(share.at("share_idx").as_int64(), 3);
  const json::array& column = share.at("column").as_array();
  ASSERT_EQ(column.size(), 64U);
  for (const json::value& element : column) EXPECT_EQ(element.as_array().size(), 32U);
  const json::array& proof = share.at("combined_column_proof").as_array();
  ASSERT_EQ(proof.size(), 49U);
  EXPECT_EQ(proof[48].as_int64(), 0);
  // The first columns are the data: a zero byte and 31 of them.
  const json::value data = Data();
  const json::value first = ShareOf(0);
  const json::array& element = first.at("column").at(1).as_array();
  EXPECT_EQ(element[0].as_int64(), 0);
  for (std::size_t i = 0; i < 31; ++i) {
    EXPECT_EQ(json::value_to<int>(element[i + 1]), json::value_to<int>(data.at(31 + i))) << i;
  }
}

TEST_F(DaContractTest, AnUnknownShareIsNull) {
  EXPECT_TRUE(
      Ask("GET", "/da/get-share", {{"blob_id", Unknown()}, {"share_idx", {3, 0}}}).is_null());
  EXPECT_TRUE(Ask("GET", "/da/get-share", {{"blob_id", *blob_}, {"share_idx", {0, 1}}}).is_null());
}

TEST_F(DaContractTest, CommitmentsAreTheBlobs) {
  const json::value asked =
      Ask("POST", "/da/get-commitments", {{"blob_id", *blob_}, {"session", 0}});
  EXPECT_EQ(asked.at("rows_commitments").as_array().size(), 1U);
  EXPECT_EQ(asked.at("rows_commitments").at(0).as_array().size(), 48U);
  EXPECT_EQ(Ask("GET", "/da/get-storage-commitments", {{"blob_id", *blob_}}), asked);
  EXPECT_TRUE(
      Ask("POST", "/da/get-commitments", {{"blob_id", Unknown()}, {"session", 0}}).is_null());
  EXPECT_TRUE(Ask("GET", "/da/get-storage-commitments", {{"blob_id", Unknown()}}).is_null());
}

TEST_F(DaContractTest, SamplingGivesALineForEachShare) {
  json::object body{{"blob_id", *blob_},
                    {"requested_shares", {{5, 0}, {2, 0}}},
                    {"filter_shares", json::array()},
                    {"return_available", false}};
  const auto lines = [&] {
    const HttpReply reply = Send("GET", "/da/sampling/shares", json::serialize(body));
    EXPECT_EQ(reply.status, 200U) << reply.body;
    std::vector<std::string> all = absl::StrSplit(reply.body, '\n', absl::SkipEmpty());
    return all;
  };
  ASSERT_EQ(lines().size(), 2U);
  EXPECT_EQ(json::parse(lines()[0]), ShareOf(2));
  body["filter_shares"] = {{0, 0}, {1, 0}};
  body["return_available"] = true;
  EXPECT_EQ(lines().size(), 126U);
  body["blob_id"] = Unknown();
  const HttpReply unknown = Send("GET", "/da/sampling/shares", json::serialize(body));
  EXPECT_EQ(unknown.status, 500U);
  EXPECT_EQ(unknown.body, "Blob index not found");
}

TEST_F(DaContractTest, ReconstructionGivesTheDataBack) {
  const json::value found = Ask("POST", "/da/reconstruct", {{"blob_id", *blob_}, {"session", 0}});
  EXPECT_EQ(found.at("columns").as_int64(), 128);
  json::array data = found.at("data").as_array();
  ASSERT_EQ(data.size(), kMaxBlobBytes);
  data.resize(kDataBytes);
  EXPECT_EQ(json::serialize(data), json::serialize(Data()));
  EXPECT_TRUE(Ask("POST", "/da/reconstruct", {{"blob_id", Unknown()}, {"session", 0}}).is_null());
}

TEST_F(DaContractTest, AShareCanBeAddedAndMustVerify) {
  json::value share = ShareOf(9);
  share.as_object()["rows_commitments"] =
      Ask("GET", "/da/get-storage-commitments", {{"blob_id", *blob_}}).at("rows_commitments");
  EXPECT_TRUE(Ask("POST", "/da/add-share", share).is_null());
  share.at("share_idx") = 10;
  const HttpReply reply = client_.Post("/da/add-share", json::serialize(share));
  EXPECT_EQ(reply.status, 500U);
  EXPECT_EQ(reply.body, "the share does not verify");
}

TEST_F(DaContractTest, PeersAreBlockedAndUnblocked) {
  EXPECT_EQ(json::serialize(GetJson("/da/blacklisted-peers")), "[]");
  EXPECT_TRUE(Ask("POST", "/da/block-peer", "validator-7").as_bool());
  EXPECT_FALSE(Ask("POST", "/da/block-peer", "validator-7").as_bool());
  EXPECT_TRUE(Ask("POST", "/da/block-peer", "validator-3").as_bool());
  EXPECT_EQ(json::serialize(GetJson("/da/blacklisted-peers")), R"(["validator-3","validator-7"])");
  EXPECT_TRUE(Ask("POST", "/da/unblock-peer", "validator-7").as_bool());
  EXPECT_FALSE(Ask("POST", "/da/unblock-peer", "validator-7").as_bool());
  EXPECT_TRUE(Ask("POST", "/da/unblock-peer", "validator-3").as_bool());
}

TEST_F(DaContractTest, BalancerAndMonitorTellOfPeers) {
  const json::value balance = GetJson("/da/balancer-stats");
  EXPECT_EQ(balance.as_object().size(), 128U);
  EXPECT_EQ(json::serialize(balance.at("127")), R"({"inbound":0,"outbound":0})");
  EXPECT_EQ(json::serialize(GetJson("/da/monitor-stats")), "{}");
}

TEST_F(DaContractTest, MembershipIsTheConfigs) {
  const json::value all = Ask("POST", "/test/da/membership", 0);
  EXPECT_EQ(all.at("assignations").as_object().size(), 128U);
  EXPECT_EQ(json::serialize(all.at("assignations").at("77")), R"(["executor-0"])");
  EXPECT_EQ(json::serialize(all.at("addressbook")), R"({"executor-0":"/ip4/127.0.0.1/tcp/3300"})");
  EXPECT_EQ(json::serialize(Ask("POST", "/test/da/membership", 1)),
            R"({"assignations":{},"addressbook":{}})");
}

TEST_F(DaContractTest, HistoricSamplingNeedsTheBlockAndTheBlobs) {
  const json::value tip = GetJson("/cryptarchia/info").at("tip");
  const auto sampled = [&](const json::value& block, const json::value& blob) {
    return Ask("POST", "/test/da/historic-sampling",
               {{"block_id", block}, {"blob_ids", json::array{json::array{blob, 0}}}})
        .as_bool();
  };
  EXPECT_TRUE(sampled(tip, *blob_));
  EXPECT_FALSE(sampled(tip, Unknown()));
  EXPECT_FALSE(sampled(kZeroHash, *blob_));
}

TEST_F(DaContractTest, TheBlobsTransactionComesIntoABlock) {
  for (;;) {
    const json::value info = GetJson("/cryptarchia/info");
    const json::value blocks = GetJson(
        absl::StrCat("/cryptarchia/blocks?slot_from=0&slot_to=", info.at("slot").as_int64()));
    for (const json::value& block : blocks.as_array()) {
      for (const json::value& tx : block.at("transactions").as_array()) {
        const json::value& op = tx.at("mantle_tx").at("ops").at(0);
        EXPECT_EQ(op.at("opcode").as_int64(), 1);
        const json::object& payload = op.at("payload").as_object();
        EXPECT_EQ(payload.at("blob"), *blob_);
        EXPECT_EQ(payload.at("blob_size").as_int64(), static_cast<std::int64_t>(kDataBytes));
        EXPECT_EQ(payload.at("channel").as_string(), std::string(64, 'a'));
        EXPECT_EQ(payload.at("session").as_int64(), 0);
        EXPECT_EQ(payload.at("da_storage_gas_price").as_int64(), 0);
        EXPECT_EQ(payload.at("parent").as_string(), kZeroHash);
        EXPECT_EQ(payload.at("signer").as_string(),
                  "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29");
        return;
      }
    }
  }
}

TEST_F(DaContractTest, MetricsCount) {
  const std::string text = client_.Get("/metrics").body;
  EXPECT_THAT(text, HasSubstr("\nda_blobs_stored 1\n"));
  EXPECT_THAT(text, HasSubstr("\nda_shares_stored 128\n"));
  for (const char* name :
       {"da_peers_connected", "da_blocks_waiting", "da_samples_verified_total",
        "da_samples_failed_total", "da_blobs_sampled_total", "da_verifier_shares_total",
        "da_verifier_failed_total", "da_dispersal_blobs_total", "da_dispersal_failed_total",
        "da_shares_served_total", "da_shares_pruned_total", "da_kzg_microseconds_total",
        "da_work_microseconds_total"}) {
    EXPECT_THAT(text, HasSubstr(absl::StrCat("\n", name, " "))) << name;
  }
}

TEST(DaContract, ValidatorsDoNotDisperseAndANodeWithoutDaHasNoRoutes) {
  const TempDir directory;
  {
    const RunningNode validator(ConfigWithDa(directory.path(), Role::kValidator));
    HttpClient client(validator.api());
    EXPECT_EQ(client.Post("/disperse-data", DisperseBody(Data())).status, 404U);
    EXPECT_EQ(client.Get("/da/monitor-stats").status, 200U);
  }
  const RunningNode plain(LonelyConfig(directory.path(), Role::kExecutor));
  HttpClient client(plain.api());
  EXPECT_EQ(client.Post("/disperse-data", DisperseBody(Data())).status, 404U);
  EXPECT_EQ(client.Get("/da/monitor-stats").status, 404U);
  EXPECT_THAT(client.Get("/metrics").body, testing::Not(HasSubstr("da_")));
}

}  // namespace
}  // namespace gtestnet::node

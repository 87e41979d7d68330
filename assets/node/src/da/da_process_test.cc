// SPDX-License-Identifier: Apache-2.0
// Blobs between real processes of nomos-node and nomos-executor: dispersed, included, given back by
// half of the columns, kept over a kill -9, and what misbehaving nodes bring about.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "boost/json.hpp"
#include "core/da_types.h"
#include "core/test_support.h"
#include "testing/await.h"
#include "testing/http_client.h"
#include "testing/process.h"
#include "testing/running_node.h"
#include "testing/temp_dir.h"

namespace gtestnet::node {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing_support::Filled;
using testing_support::KeyOf;

// Deterministic, all sorts of bytes, and no shorter than a blob can be.
json::array Data(int seed, std::size_t size = kMaxBlobBytes) {
  std::mt19937 random(static_cast<unsigned>(seed));
  json::array data;
  for (std::size_t i = 0; i < size; ++i) data.emplace_back(random() % 256);
  return data;
}

class DaProcessTest : public testing::Test {
 protected:
  ~DaProcessTest() override {
    for (auto& [node, process] : nodes_) process->Signal(SIGTERM);
  }

  // Nodes 0 to members - 1 are validators, which hold the columns; the one behind them is the
  // executor. All lead, and each is a neighbour of all.
  void WriteConfigs(int members, int replication, const std::string& parameters = {}) {
    members_ = members;
    for (int node = 0; node <= members; ++node) WriteConfig(node, replication, parameters);
  }
  std::string NameOf(int node) const {
    return absl::StrCat(node == members_ ? "executor-" : "validator-", node);
  }

  void Run(int node, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {node == members_ ? EXECUTOR_PROGRAM : NODE_PROGRAM,
                                          directory_.File(absl::StrCat("node-", node, ".yaml"))};
    arguments.insert(arguments.end(), more.begin(), more.end());
    nodes_[node] =
        std::make_unique<Process>(arguments, directory_.File(absl::StrCat("err-", node)));
  }
  void StartChain() {
    NodeConfig config;
    config.start_file = directory_.File("start");
    WriteStartFile(config, WallClock() + 100);
  }
  // Until all see each other on the network of blobs.
  void StartCluster(int members, int replication) {
    WriteConfigs(members, replication);
    for (int node = 0; node <= members; ++node) {
      if (!nodes_.contains(node)) Run(node);
    }
    StartChain();
    ASSERT_TRUE(Await([&] { return Metric(members_, "da_peers_connected") == members_; }));
  }
  void Kill(int node) {
    nodes_[node]->Signal(SIGKILL);
    nodes_[node]->Wait();
  }

  HttpReply Post(int node, const std::string& target, const json::value& body) {
    HttpClient client({block_.Host(node), 18080});
    client.set_timeout_ms(60'000);
    return client.connected() ? client.Post(target, json::serialize(body)) : HttpReply();
  }
  HttpReply Disperse(int node, const json::array& data, int channel = 9) {
    return Post(node, "/disperse-data",
                {{"channel_id", Filled(static_cast<std::uint8_t>(channel)).Hex()},
                 {"parent_msg_id", Hash().Hex()},
                 {"signer", Hash().Hex()},
                 {"data", data}});
  }
  std::string Get(int node, const std::string& target) {
    HttpClient client({block_.Host(node), 18080});
    return client.connected() ? client.Get(target).body : "";
  }
  std::int64_t Metric(int node, const std::string& name) {
    const std::string text = Get(node, "/metrics");
    const std::size_t at = text.find(absl::StrCat("\n", name, " "));
    return at == std::string::npos ? -1 : std::atoll(text.c_str() + at + name.size() + 2);
  }
  json::value InfoOf(int node) {
    const std::string body = Get(node, "/cryptarchia/info");
    return body.empty() ? json::value{{"height", -1}, {"slot", 0}} : json::parse(body);
  }
  // In the blocks from the tip back to the genesis block.
  bool HasBlob(int node, const json::value& blob) {
    const std::string zero(64, '0');
    const std::string body = Get(node, "/cryptarchia/headers?to=" + zero);
    if (body.empty()) return false;
    const json::value headers = json::parse(body);
    for (const json::value& id : headers.as_array()) {
      const json::value block = json::parse(Post(node, "/storage/block", id).body);
      if (block.is_null()) continue;
      for (const json::value& tx : block.at("transactions").as_array()) {
        for (const json::value& op : tx.at("mantle_tx").at("ops").as_array()) {
          if (op.at("opcode") == 1 && op.at("payload").at("blob") == blob) return true;
        }
      }
    }
    return false;
  }
  // {"columns":n,"data":[…]} or null.
  json::value Reconstruct(int node, const json::value& blob) {
    const HttpReply reply = Post(node, "/da/reconstruct", {{"blob_id", blob}, {"session", 0}});
    EXPECT_EQ(reply.status, 200U) << reply.body;
    return json::parse(reply.body);
  }

  std::string LogOf(int node) const {
    std::ifstream file(
        directory_.File(absl::StrCat(node == members_ ? "nomos-executor-" : "nomos-node-", node)));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TempDir directory_;
  LoopbackBlock block_;
  int members_ = 0;
  std::map<int, std::unique_ptr<Process>> nodes_;

 private:
  void WriteConfig(int node, int replication, const std::string& parameters) {
    const auto hex = [](int byte) { return Filled(static_cast<std::uint8_t>(byte)).Hex(); };
    std::string peers, neighbours, notes, members;
    for (int other = 0; other <= members_; ++other) {
      absl::StrAppend(&notes, "    - {value: 100, leader: true, public_key: ",
                      KeyOf(static_cast<std::uint8_t>(other + 10)).public_key().Hex(), "}\n");
      if (other < members_) {
        absl::StrAppend(&members, "    - {identifier: ", NameOf(other), ", address: \"",
                        block_.Host(other), ":3300\"}\n");
      }
      if (other == node) continue;
      absl::StrAppend(&neighbours, neighbours.empty() ? "" : ", ", NameOf(other));
      if (other > node) continue;
      absl::StrAppend(&peers, peers.empty() ? "" : ", ", "{identifier: ", NameOf(other),
                      ", address: \"", block_.Host(other), ":3000\"}");
    }
    std::ofstream(directory_.File(absl::StrCat("node-", node, ".yaml")))
        << "identifier: " << NameOf(node)
        << "\nrole: " << (node == members_ ? "executor" : "validator")
        << "\nnode_key: " << hex(node + 100) << "\nnetwork:\n  listen: " << block_.Host(node)
        << ":3000\n  peers: [" << peers << "]\n  neighbours: [" << neighbours
        << "]\n  min_peers: 1\nconsensus:\n  slot_duration_ms: 200\n  active_slot_coeff: "
           "\"0.9\"\n  security_param: 10\n  epoch: {stake_stabilisation: 3, nonce_buffer: 3, "
           "nonce_stabilisation: 4}\nleader:\n  secret_keys: ["
        << hex(node + 10) << "]\ngenesis:\n  chain_id: " << hex(3) << "\n  notes:\n"
        << notes << "start:\n  file: " << directory_.File("start")
        << "\napi:\n  listen: " << block_.Host(node)
        << ":18080\nstorage:\n  path: " << directory_.File(absl::StrCat("chain-", node, ".db"))
        << "\nda:\n  listen: " << block_.Host(node) << ":3300\n  replication: " << replication
        << "\n  members:\n"
        << members << (parameters.empty() ? "" : "  params_path: ") << parameters
        << "\nlog:\n  level: debug\n  directory: " << directory_.path() << "\n";
  }
};

TEST_F(DaProcessTest, ABlobIsIncludedAndAnyHalfOfItsColumnsGivesItBack) {
  ASSERT_NO_FATAL_FAILURE(StartCluster(4, 1));
  const json::array data = Data(1);
  const HttpReply reply = Disperse(4, data);
  ASSERT_EQ(reply.status, 200U) << reply.body;
  const json::value blob = json::parse(reply.body);
  for (int node = 0; node < 5; ++node) {
    ASSERT_TRUE(Await([&] { return HasBlob(node, blob); })) << LogOf(node);
    EXPECT_EQ(Metric(node, "da_samples_failed_total"), 0) << node;
    EXPECT_EQ(Metric(node, "da_shares_stored"), node < 4 ? 32 : 0) << node;
  }
  EXPECT_EQ(Reconstruct(4, blob).at("columns"), 128);

  Kill(1);
  Kill(2);
  ASSERT_TRUE(Await([&] { return Metric(4, "da_peers_connected") == 2; }));
  const json::value half = Reconstruct(4, blob);
  EXPECT_EQ(half.at("columns"), 64);
  EXPECT_TRUE(half.at("data") == json::value(data)) << "other bytes came back";
  EXPECT_EQ(Reconstruct(0, blob).at("columns"), 64);
  Kill(3);
  ASSERT_TRUE(Await([&] { return Metric(4, "da_peers_connected") == 1; }));
  EXPECT_TRUE(Reconstruct(4, blob).is_null());
  EXPECT_TRUE(Reconstruct(0, blob).is_null());
}

TEST_F(DaProcessTest, AKilledMemberKeepsItsColumns) {
  ASSERT_NO_FATAL_FAILURE(StartCluster(2, 1));
  const HttpReply reply = Disperse(2, Data(2));
  Kill(0);
  Kill(1);
  ASSERT_EQ(reply.status, 200U) << reply.body;
  const json::value blob = json::parse(reply.body);
  Run(0);
  Run(1);
  ASSERT_TRUE(Await([&] { return Metric(2, "da_peers_connected") == 2; }));
  EXPECT_EQ(Metric(0, "da_shares_stored"), 64);
  EXPECT_EQ(Reconstruct(2, blob).at("columns"), 128);
  ASSERT_TRUE(Await([&] { return HasBlob(0, blob); }));
}

TEST_F(DaProcessTest, AMemberThatWasAwaySamplesWhatItMissed) {
  ASSERT_NO_FATAL_FAILURE(StartCluster(3, 2));
  Kill(1);
  ASSERT_TRUE(Await([&] { return Metric(3, "da_peers_connected") == 2; }));
  const HttpReply reply = Disperse(3, Data(3, 31));
  ASSERT_EQ(reply.status, 200U) << reply.body;
  const json::value blob = json::parse(reply.body);
  ASSERT_TRUE(Await([&] { return HasBlob(0, blob); }));
  Run(1);
  ASSERT_TRUE(Await([&] { return HasBlob(1, blob); })) << LogOf(1);
  EXPECT_EQ(Metric(1, "da_shares_stored"), 0);
  EXPECT_EQ(Metric(1, "da_blobs_sampled_total"), 1);
}

TEST_F(DaProcessTest, ABlockWithoutItsDataWaitsAndIsNotBuiltUpon) {
  members_ = 3;
  WriteConfigs(3, 2);
  Run(3, {"--misbehave=include-without-data"});
  ASSERT_NO_FATAL_FAILURE(StartCluster(3, 2));
  const HttpReply reply = Disperse(3, Data(4));
  ASSERT_EQ(reply.status, 200U) << reply.body;
  const json::value blob = json::parse(reply.body);
  ASSERT_TRUE(Await([&] { return Metric(0, "da_blocks_waiting") > 0; }));
  const std::int64_t height = InfoOf(0).at("height").as_int64();
  ASSERT_TRUE(Await([&] { return InfoOf(0).at("height").as_int64() > height + 3; }));
  for (int node = 0; node < 3; ++node) EXPECT_FALSE(HasBlob(node, blob)) << node;
  EXPECT_TRUE(Reconstruct(0, blob).is_null());
}

TEST_F(DaProcessTest, CorruptColumnsAreTakenByNobodyAndPassedOver) {
  members_ = 3;
  WriteConfigs(3, 2);
  Run(1, {"--misbehave=corrupt-proofs"});
  Run(3, {"--misbehave=corrupt-shares"});
  ASSERT_NO_FATAL_FAILURE(StartCluster(3, 2));
  HttpReply reply = Disperse(3, Data(5));
  EXPECT_EQ(reply.status, 500U);
  EXPECT_EQ(reply.body, "Failed to disperse data: no member took 128 of the columns");
  EXPECT_GT(Metric(0, "da_verifier_failed_total"), 0);

  nodes_[3]->Signal(SIGTERM);
  EXPECT_EQ(nodes_[3]->ExitStatus(), 0);
  Run(3);
  ASSERT_TRUE(Await([&] { return Metric(3, "da_peers_connected") == 3; }));
  reply = Disperse(3, Data(5));
  ASSERT_EQ(reply.status, 200U) << reply.body;
  const json::value blob = json::parse(reply.body);
  EXPECT_EQ(Reconstruct(3, blob).at("columns"), 128);
  EXPECT_THAT(Get(3, "/da/monitor-stats"), HasSubstr("validator-1"));
  EXPECT_GT(Metric(3, "da_samples_failed_total"), 0);
}

TEST_F(DaProcessTest, WrongParametersAreOneSentenceAtStart) {
  const std::string parameters = directory_.File("parameters");
  WriteConfigs(1, 1, parameters);
  const auto ends = [&](const std::string& sentence) {
    Run(0);
    EXPECT_EQ(nodes_[0]->ExitStatus(), 2);
    EXPECT_EQ(nodes_[0]->Errors(),
              absl::StrCat("nomos-node: the KZG parameters ", parameters, " ", sentence, "\n"));
  };
  ends("cannot be read: No such file or directory");
  std::ofstream(parameters) << "4096\n65\n";
  ends("are short: 8 of 807177 bytes");
  std::ofstream(parameters) << std::string(807'177, '0');
  ends("are other ones: their hash is not that of Ethereum's trusted setup");
  std::ofstream(parameters) << std::string(807'178, '0');
  ends("are longer than 807177 bytes");
}

}  // namespace
}  // namespace gtestnet::node

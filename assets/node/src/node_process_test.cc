// SPDX-License-Identifier: Apache-2.0
// Real processes of nomos-node and nomos-executor: that they find each other, agree, survive kill
// -9, and say what is wrong when they end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "boost/json.hpp"
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
using testing::StartsWith;
using testing_support::Filled;
using testing_support::KeyOf;

struct Info {
  std::int64_t height = -1;  // -1: no answer
  std::int64_t lib_height = 0;
  std::string tip, lib, mode;
};

class NodeProcessTest : public testing::Test {
 protected:
  ~NodeProcessTest() override {
    for (auto& [node, process] : nodes_) process->Signal(SIGTERM);
  }

  // Validators 0 to total - 1; each dials those of lower number. A joiner is known to nobody.
  std::string WriteConfig(int node, int total, bool joiner = false, int slot_ms = 100) {
    const auto hex = [](int byte) { return Filled(static_cast<std::uint8_t>(byte)).Hex(); };
    std::string peers, neighbours, notes;
    for (int other = 0; other < total; ++other) {
      if (other == node) continue;
      absl::StrAppend(&neighbours, neighbours.empty() ? "" : ", ", "validator-", other);
      if (other > node) continue;
      absl::StrAppend(&peers, peers.empty() ? "" : ", ", "{identifier: validator-", other,
                      ", address: \"", block_.Host(other), ":3000\"}");
    }
    for (int leader = 0; leader < total; ++leader) {
      absl::StrAppend(&notes, "    - {value: 100, leader: true, public_key: ",
                      KeyOf(static_cast<std::uint8_t>(leader + 10)).public_key().Hex(), "}\n");
    }
    const std::string path = directory_.File(absl::StrCat("node-", node, ".yaml"));
    std::ofstream(path) << "identifier: validator-" << node
                        << "\nrole: validator\nnode_key: " << hex(node + 100)
                        << "\nnetwork:\n  listen: " << block_.Host(node) << ":3000\n  peers: ["
                        << peers << "]\n  neighbours: [" << neighbours
                        << "]\n  min_peers: " << (total > 1 ? 1 : 0)
                        << "\nconsensus:\n  slot_duration_ms: " << slot_ms
                        << "\n  active_slot_coeff: \"0.9\"\n  security_param: 5\n  epoch: "
                           "{stake_stabilisation: 3, nonce_buffer: 3, nonce_stabilisation: 4}\n"
                           "leader:\n  secret_keys: ["
                        << (joiner ? "" : hex(node + 10)) << "]\ngenesis:\n  chain_id: " << hex(3)
                        << "\n  notes:\n"
                        << notes << "start:\n  file: " << directory_.File("start")
                        << "\napi:\n  listen: " << block_.Host(node) << ":18080\nstorage:\n  path: "
                        << directory_.File(absl::StrCat("chain-", node, ".db"))
                        << "\nlog:\n  level: debug\n  directory: " << directory_.path() << "\n";
    return path;
  }

  Process& Run(int node, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {NODE_PROGRAM,
                                          directory_.File(absl::StrCat("node-", node, ".yaml"))};
    arguments.insert(arguments.end(), more.begin(), more.end());
    nodes_[node] =
        std::make_unique<Process>(arguments, directory_.File(absl::StrCat("err-", node)));
    return *nodes_[node];
  }

  void StartChain() {
    NodeConfig config;
    config.start_file = directory_.File("start");
    WriteStartFile(config, WallClock() + 100);
  }

  void StartCluster(int total) {
    for (int node = 0; node < total; ++node) WriteConfig(node, total);
    for (int node = 0; node < total; ++node) Run(node);
    StartChain();
  }

  std::string Get(int node, const std::string& target) {
    HttpClient client({block_.Host(node), 18080});
    return client.connected() ? client.Get(target).body : "";
  }

  Info InfoOf(int node) {
    const std::string body = Get(node, "/cryptarchia/info");
    if (body.empty()) return {};
    const json::value info = json::parse(body);
    return {info.at("height").as_int64(), info.at("lib_height").as_int64(),
            std::string(info.at("tip").as_string()), std::string(info.at("lib").as_string()),
            std::string(info.at("mode").as_string())};
  }
  std::int64_t PeersOf(int node) {
    const std::string body = Get(node, "/network/info");
    return body.empty() ? -1 : json::parse(body).at("n_peers").as_int64();
  }

  std::int64_t DialFailuresOf(int node) {
    const std::string body = Get(node, "/metrics");
    const std::string name = "\nnetwork_dial_failures_total ";
    const std::size_t at = body.find(name);
    return at == std::string::npos ? -1 : std::atoll(body.c_str() + at + name.size());
  }

  // Finalised ids by height, as far as the chain of the LIB is told.
  std::vector<std::string> FinalisedOf(int node) {
    const std::string body =
        Get(node, "/cryptarchia/headers?from=" + InfoOf(node).lib + "&to=" + std::string(64, '0'));
    std::vector<std::string> ids;
    const json::value headers = json::parse(body);
    for (const json::value& id : headers.as_array()) ids.emplace_back(id.as_string());
    return {ids.rbegin(), ids.rend()};
  }

  std::string LogOf(int node) const {
    std::ifstream file(directory_.File(absl::StrCat("nomos-node-", node)));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TempDir directory_;
  LoopbackBlock block_;
  std::map<int, std::unique_ptr<Process>> nodes_;
};

TEST_F(NodeProcessTest, ThreeAgreeAndEndInOrder) {
  StartCluster(3);
  for (int node = 0; node < 3; ++node) {
    ASSERT_TRUE(Await([&] { return InfoOf(node).lib_height >= 4; })) << nodes_[node]->Errors();
    EXPECT_EQ(PeersOf(node), 2);
    EXPECT_EQ(InfoOf(node).mode, "Online");
  }
  const std::vector<std::string> first = FinalisedOf(0);
  for (int node = 1; node < 3; ++node) {
    const std::vector<std::string> other = FinalisedOf(node);
    for (std::size_t height = 0; height < std::min(first.size(), other.size()); ++height) {
      EXPECT_EQ(first[height], other[height]) << height;
    }
  }
  for (auto& [node, process] : nodes_) process->Signal(SIGTERM);
  for (auto& [node, process] : nodes_) EXPECT_EQ(process->ExitStatus(), 0) << process->Errors();
  EXPECT_THAT(LogOf(0), HasSubstr("ends on SIGTERM"));
}

TEST_F(NodeProcessTest, AKilledOneKeepsItsChainAndCatchesUp) {
  StartCluster(3);
  ASSERT_TRUE(Await([&] { return InfoOf(2).lib_height >= 2; }));
  const Info before = InfoOf(2);
  nodes_[2]->Signal(SIGKILL);
  nodes_[2]->Wait();
  ASSERT_TRUE(Await([&] { return InfoOf(0).height >= before.height + 8; }));
  EXPECT_EQ(PeersOf(0), 1);

  Run(2);
  Info after;
  ASSERT_TRUE(Await([&] { return (after = InfoOf(2)).height >= 0; })) << nodes_[2]->Errors();
  EXPECT_GE(after.height, before.height) << "its chain was kept";
  ASSERT_TRUE(Await([&] { return InfoOf(2).height + 1 >= InfoOf(0).height; }));
  ASSERT_TRUE(Await([&] { return PeersOf(0) == 2 && PeersOf(1) == 2 && PeersOf(2) == 2; }));
}

// Its peer dials it: it has to be found again after each kill, and at once.
TEST_F(NodeProcessTest, AHubThatIsKilledIsDialledAgain) {
  StartCluster(2);
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(Await([&] { return PeersOf(1) == 1 && PeersOf(0) == 1; }));
    nodes_[0]->Signal(SIGKILL);
    nodes_[0]->Wait();
    ASSERT_TRUE(Await([&] { return PeersOf(1) == 0; }));
    ASSERT_TRUE(Await([&] { return DialFailuresOf(1) > 0; }));
    Run(0);
  }
  ASSERT_TRUE(Await([&] { return PeersOf(1) == 1 && PeersOf(0) == 1; }));
  EXPECT_THAT(LogOf(1), HasSubstr("dial of validator-0 failed: "));
}

TEST_F(NodeProcessTest, ALateJoinerThatNobodyKnowsCatchesUp) {
  StartCluster(2);
  ASSERT_TRUE(Await([&] { return InfoOf(0).height >= 10; }));
  WriteConfig(2, 2, /*joiner=*/true);
  Run(2);
  ASSERT_TRUE(Await([&] { return InfoOf(2).height + 1 >= InfoOf(0).height; }));
  EXPECT_EQ(PeersOf(2), 2);
  EXPECT_EQ(InfoOf(2).mode, "Online");
}

TEST_F(NodeProcessTest, SurvivesAKillAtRandomInstants) {
  WriteConfig(0, 1, false, /*slot_ms=*/10);
  StartChain();
  std::mt19937_64 random(5);
  Info last;
  std::vector<std::string> finalised;
  for (int round = 0; round < 25; ++round) {
    Run(0);
    Info now;
    ASSERT_TRUE(Await([&] { return (now = InfoOf(0)).height >= 0; })) << nodes_[0]->Errors();
    ASSERT_GE(now.height, last.height) << "a block that was told of is gone";
    // Beyond that the route tells the newest ones only.
    const std::vector<std::string> again =
        now.height < 400 ? FinalisedOf(0) : std::vector<std::string>();
    for (std::size_t i = 0; i < std::min(again.size(), finalised.size()); ++i) {
      ASSERT_EQ(again[i], finalised[i]);
    }
    const std::int64_t target = now.height + 1 + static_cast<std::int64_t>(random() % 5);
    ASSERT_TRUE(Await([&] { return (last = InfoOf(0)).height >= target; }));
    if (last.height < 400) finalised = FinalisedOf(0);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 12'000));
    nodes_[0]->Signal(SIGKILL);
    nodes_[0]->Wait();
  }
}

TEST_F(NodeProcessTest, MisbehavesAsAsked) {
  WriteConfig(0, 1, false, 20);
  StartChain();
  EXPECT_EQ(Run(0, {"--misbehave=crash@3"}).ExitStatus(), -SIGABRT);
  EXPECT_THAT(LogOf(0), HasSubstr("crashes at height 3, as asked"));
  EXPECT_EQ(Run(0, {"--misbehave=exit@5=42"}).ExitStatus(), 42);
  Process& starting = Run(0, {"--misbehave=exit-on-start"});
  EXPECT_EQ(starting.ExitStatus(), 3);
  EXPECT_EQ(starting.Errors(), "nomos-node: exits on start, as asked\n");

  Process& stubborn = Run(0, {"--misbehave=ignore-sigterm"});
  ASSERT_TRUE(Await([&] { return InfoOf(0).height >= 5; }));
  stubborn.Signal(SIGTERM);
  const std::int64_t height = InfoOf(0).height;
  ASSERT_TRUE(Await([&] { return InfoOf(0).height > height + 2; }));
  stubborn.Signal(SIGINT);
  EXPECT_EQ(stubborn.ExitStatus(), 0);
}

TEST_F(NodeProcessTest, EveryFailureIsOneSentence) {
  const std::string config = WriteConfig(0, 1);
  const auto ends = [&](const std::vector<std::string>& arguments, int status,
                        const std::string& sentence, bool development_mode = true) {
    std::vector<std::string> all = {NODE_PROGRAM};
    all.insert(all.end(), arguments.begin(), arguments.end());
    Process process(all, directory_.File("error"), development_mode);
    EXPECT_EQ(process.ExitStatus(), status) << process.Errors();
    EXPECT_THAT(process.Errors(), StartsWith("nomos-node: "));
    EXPECT_THAT(process.Errors(), HasSubstr(sentence));
    const std::string errors = process.Errors();
    EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1);
  };
  ends({}, 2, "no config is given; usage: nomos-node CONFIG.yaml");
  ends({config, "--colour"}, 2, "unknown option --colour");
  ends({config, config}, 2, "a second config");
  ends({config, "--misbehave=dance"}, 2, "unknown or wrong \"dance\"; there are: stall@H");
  ends({"/nowhere.yaml"}, 2, "cannot read the config /nowhere.yaml");
  ends({directory_.path()}, 2, "cannot read the config " + directory_.path());
  ends({config}, 2, "POL_PROOF_DEV_MODE=true must be in its environment", false);

  Run(0);
  ASSERT_TRUE(Await([&] { return InfoOf(0).height >= 0; }));
  ends({config}, 5, "chain-0.db is in use by another process");
  const std::string other = directory_.File("other.yaml");
  {
    std::ifstream in(config);
    std::string text(std::istreambuf_iterator<char>(in), {});
    text.replace(text.find("chain-0"), 7, "chain-x");
    std::ofstream(other) << text;
  }
  ends({other}, 4, "the address " + block_.Host(0) + ":18080 for the API is in use");
  nodes_.erase(0);

  {
    std::ifstream in(config);
    std::string text(std::istreambuf_iterator<char>(in), {});
    text.replace(text.find("value: 100"), 10, "value: 101");
    std::ofstream(other) << text;
  }
  ends({other}, 5, "chain-0.db is of another genesis");
  std::ofstream(directory_.File("chain-0.db")) << std::string(8192, 'x');
  ends({config}, 5, "chain-0.db is damaged or no database");
  std::filesystem::remove(directory_.File("chain-0.db"));
  std::ofstream(directory_.File("start")) << "soon";
  ends({config}, 2, "the start file " + directory_.File("start") + " must hold milliseconds");
}

TEST_F(NodeProcessTest, ChecksAConfigAndEnds) {
  const std::string config = WriteConfig(0, 1);
  Process valid({NODE_PROGRAM, config, "--check-config"}, directory_.File("error"), false);
  EXPECT_EQ(valid.ExitStatus(), 0);
  EXPECT_EQ(valid.Errors(), "");
  Process wrong({EXECUTOR_PROGRAM, config, "--check-config"}, directory_.File("error"), false);
  EXPECT_EQ(wrong.ExitStatus(), 2);
  EXPECT_THAT(wrong.Errors(), HasSubstr("role must be executor for nomos-executor"));
}

}  // namespace
}  // namespace gtestnet::node

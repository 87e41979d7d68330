// SPDX-License-Identifier: Apache-2.0
#include "config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace gtestnet::node {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kValid[] = R"(identifier: validator-12
role: validator
node_key: 0101010101010101010101010101010101010101010101010101010101010101
network:
  listen: 127.12.7.1:3000
  peers:
    - {identifier: validator-1, address: "node-1:3000"}
  neighbours: [validator-1, executor-0]
  min_peers: 1
consensus:
  slot_duration_ms: 200
  active_slot_coeff: "0.9"
  security_param: 10
  epoch: {stake_stabilisation: 3, nonce_buffer: 3, nonce_stabilisation: 4}
leader:
  secret_keys: [0202020202020202020202020202020202020202020202020202020202020202]
genesis:
  chain_id: 0303030303030303030303030303030303030303030303030303030303030303
  notes:
    - {value: 1000, public_key: 0404040404040404040404040404040404040404040404040404040404040404, leader: true}
    - {value: 100, public_key: 0505050505050505050505050505050505050505050505050505050505050505, count: 20}
start:
  file: /run/start
api:
  listen: 127.12.7.1:18080
storage:
  path: /run/chain.db
)";

std::string With(const std::string& from, const std::string& to) {
  std::string text = kValid;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ConfigTest, ReadsEveryValue) {
  const absl::StatusOr<NodeConfig> config = ParseConfig(kValid, "v.yaml", Role::kValidator);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->identifier, "validator-12");
  EXPECT_EQ(config->index, 12u);
  EXPECT_EQ(config->network_listen.ToString(), "127.12.7.1:3000");
  EXPECT_TRUE(config->network_listen.IsSpecific());
  ASSERT_EQ(config->peers.size(), 1u);
  EXPECT_EQ(config->peers[0].address.host, "node-1");
  EXPECT_EQ(config->neighbours.size(), 2u);
  EXPECT_EQ(config->consensus.slot_duration_ms, 200);
  EXPECT_EQ(config->consensus.active_slot_coeff, (SlotCoefficient::Parse("0.9").value()));
  EXPECT_EQ(config->leader_seeds.size(), 1u);
  EXPECT_EQ(config->genesis.notes.size(), 21u);
  EXPECT_TRUE(config->genesis.notes[0].leader);
  EXPECT_FALSE(config->genesis.notes[20].leader);
  EXPECT_EQ(config->max_connections, 1000u);
  EXPECT_EQ(config->log.level, LogLevel::kInfo);
}

// All nodes have the same, so that it may be kept once for all.
class GenesisFileTest : public testing::Test {
 protected:
  GenesisFileTest() : directory_(testing::TempDir() + "genesis_file_test/") {
    std::filesystem::create_directories(directory_);
    config_ = kValid;
    const std::size_t begin = config_.find("genesis:\n");
    const std::size_t end = config_.find("start:\n");
    genesis_ = config_.substr(begin + 9, end - begin - 9);
    config_.replace(begin, end - begin, "genesis: {file: g.yaml}\n");
  }
  ~GenesisFileTest() override { std::filesystem::remove_all(directory_); }

  absl::StatusOr<NodeConfig> Parse(const std::string& genesis) const {
    std::ofstream(directory_ + "g.yaml") << genesis;
    return ParseConfig(config_, directory_ + "v.yaml", Role::kValidator);
  }
  std::string Message(const std::string& genesis) const {
    return std::string(Parse(genesis).status().message());
  }

  std::string directory_, genesis_, config_;
};

TEST_F(GenesisFileTest, IsTheSameAsInTheConfig) {
  const absl::StatusOr<NodeConfig> config = Parse(genesis_);
  ASSERT_TRUE(config.ok()) << config.status();
  const NodeConfig inside = ParseConfig(kValid, "v.yaml", Role::kValidator).value();
  EXPECT_EQ(config->genesis.chain_id, inside.genesis.chain_id);
  EXPECT_EQ(config->genesis.notes.size(), inside.genesis.notes.size());
}

TEST_F(GenesisFileTest, ErrorsNameTheFileAndThePlace) {
  EXPECT_THAT(Message("notes: ["), StartsWith(directory_ + "g.yaml:1:"));
  EXPECT_THAT(Message("notes: []\n"),
              StartsWith(directory_ + "g.yaml:1:1: genesis.chain_id is missing"));
  EXPECT_THAT(Message(""), HasSubstr("g.yaml, which cannot be read: it is empty"));
  std::filesystem::remove(directory_ + "g.yaml");
  EXPECT_THAT(
      std::string(ParseConfig(config_, directory_ + "v.yaml", Role::kValidator).status().message()),
      HasSubstr("g.yaml, which cannot be read: No such file"));
}

struct Wrong {
  std::string name, from, to, message;
};

class ConfigErrorTest : public testing::TestWithParam<Wrong> {};

TEST_P(ConfigErrorTest, NamesThePlaceAndTheKey) {
  const absl::StatusOr<NodeConfig> config =
      ParseConfig(With(GetParam().from, GetParam().to), "v.yaml", Role::kValidator);
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(std::string(config.status().message()), StartsWith("v.yaml:"));
  EXPECT_THAT(std::string(config.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Values, ConfigErrorTest,
    testing::Values(
        Wrong{"unknown_key", "start:\n", "begin: 1\nstart:\n", "unknown key begin"},
        Wrong{"unknown_inner_key", "min_peers: 1", "min_peers: 1\n  hue: 3",
              "v.yaml:10:3: unknown key network.hue"},
        Wrong{"twice", "min_peers: 1", "min_peers: 1\n  min_peers: 2",
              "network.min_peers is given twice"},
        Wrong{"missing", "role: validator\n", "", "role is missing"},
        Wrong{"other_role", "role: validator", "role: executor",
              "v.yaml:2:7: role must be validator for nomos-node"},
        Wrong{"short_key", "node_key: 01", "node_key: ", "node_key must be 64 hex digits"},
        Wrong{"no_hex", "node_key: 0101", "node_key: zz01", "node_key must be 64 hex digits"},
        Wrong{"identifier", "identifier: validator-12", "identifier: \"a b\"",
              "identifier must be"},
        Wrong{"listen_name", "listen: 127.12.7.1:3000", "listen: localhost:3000",
              "network.listen must begin with an IP address"},
        Wrong{"listen_port", "listen: 127.12.7.1:3000", "listen: 127.12.7.1:70000",
              "network.listen must be HOST:PORT"},
        Wrong{"peer_port", "node-1:3000", "node-1:0",
              "network.peers[0] has an address with port 0"},
        Wrong{"peer_not_neighbour", "neighbours: [validator-1, executor-0]",
              "neighbours: [executor-0]", "network.neighbours lacks validator-1"},
        Wrong{"neighbour_itself", "[validator-1, executor-0]", "[validator-1, validator-12]",
              "network.neighbours[1] is this node itself"},
        Wrong{"neighbour_twice", "[validator-1, executor-0]", "[validator-1, validator-1]",
              "network.neighbours[1] repeats validator-1"},
        Wrong{"min_peers", "min_peers: 1", "min_peers: 3", "network.min_peers is 3"},
        Wrong{"negative", "min_peers: 1", "min_peers: -1", "network.min_peers must be a whole"},
        Wrong{"slot_zero", "slot_duration_ms: 200", "slot_duration_ms: 0",
              "consensus.slot_duration_ms must be a whole number from 1"},
        Wrong{"coefficient_zero", "\"0.9\"", "\"0.0\"", "consensus.active_slot_coeff must be"},
        Wrong{"coefficient_big", "\"0.9\"", "\"1.1\"", "consensus.active_slot_coeff must be"},
        Wrong{"coefficient_text", "\"0.9\"", "often", "consensus.active_slot_coeff must be"},
        Wrong{"security", "security_param: 10", "security_param: 0",
              "consensus.security_param must be"},
        Wrong{"epoch", "nonce_buffer: 3", "nonce_buffer: 0",
              "consensus.epoch.nonce_buffer must be"},
        Wrong{"note_value", "value: 1000", "value: 0", "genesis.notes[0].value must be"},
        Wrong{"note_count", "count: 20", "count: 2000000", "genesis.notes[1].count must be"},
        Wrong{"leader_flag", "leader: true", "leader: maybe",
              "genesis.notes[0].leader must be true or false"},
        Wrong{"no_leader", "leader: true", "leader: false",
              "genesis.notes has no note with leader"},
        Wrong{"map_expected", "start:\n  file: /run/start", "start: 5", "start must be a map"},
        Wrong{"list_expected", "neighbours: [validator-1, executor-0]", "neighbours: validator-1",
              "network.neighbours must be a list"},
        Wrong{"empty_path", "path: /run/chain.db", "path: \"\"", "storage.path must not be empty"},
        Wrong{"log_level", "storage:", "log: {level: loud}\nstorage:", "log.level must be trace"},
        Wrong{"log_filter",
              "storage:", "log: {filter: consensus}\nstorage:", "log.filter must be TOPIC=LEVEL"},
        Wrong{"not_yaml", "network:", "network: [", "not YAML"}),
    [](const auto& each) { return each.param.name; });

constexpr char kDa[] = R"(da:
  listen: 127.12.7.1:3300
  members:
    - {identifier: validator-12, address: "127.12.7.1:3300"}
    - {identifier: validator-1, address: "node-1:3300"}
    - {identifier: validator-2, address: "node-2:3300"}
)";

absl::StatusOr<NodeConfig> WithDa(const std::string& more, const std::string& from = "",
                                  const std::string& to = "") {
  std::string da = kDa;
  if (!from.empty()) da.replace(da.find(from), from.size(), to);
  return ParseConfig(kValid + da + more, "v.yaml", Role::kValidator);
}

TEST(ConfigTest, DataAvailabilityHasDefaults) {
  EXPECT_FALSE(ParseConfig(kValid, "v.yaml", Role::kValidator)->da.has_value());
  const absl::StatusOr<NodeConfig> config = WithDa("");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_TRUE(config->da.has_value());
  EXPECT_EQ(config->da->listen.ToString(), "127.12.7.1:3300");
  ASSERT_EQ(config->da->members.size(), 3u);
  EXPECT_EQ(config->da->members[1].identifier, "validator-1");
  EXPECT_EQ(config->da->replication, 2u);
  EXPECT_EQ(config->da->samples, 4u);
  EXPECT_EQ(config->da->check_slots, 33u);
  EXPECT_EQ(config->da->retention_slots, 1000u);
  EXPECT_EQ(config->da->sampling_timeout_ms, 1000);
  EXPECT_EQ(config->da->dispersal_timeout_ms, 20'000);
  EXPECT_EQ(config->da->params_path, "");
}

TEST(ConfigTest, DataAvailabilityIsReadWhole) {
  const absl::StatusOr<NodeConfig> config = WithDa(
      "  replication: 3\n  samples: 128\n  sampling_timeout_ms: 50\n  check_slots: 4\n"
      "  retention_slots: 5\n  dispersal_timeout_ms: 60\n  params_path: /p\n"
      "  cache_path: /c\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->da->replication, 3u);
  EXPECT_EQ(config->da->samples, 128u);
  EXPECT_EQ(config->da->sampling_timeout_ms, 50);
  EXPECT_EQ(config->da->check_slots, 4u);
  EXPECT_EQ(config->da->retention_slots, 5u);
  EXPECT_EQ(config->da->dispersal_timeout_ms, 60);
  EXPECT_EQ(config->da->params_path, "/p");
  EXPECT_EQ(config->da->cache_path, "/c");
}

TEST(ConfigTest, WrongDataAvailabilityNamesThePlace) {
  const auto message = [](const absl::StatusOr<NodeConfig>& config) {
    return std::string(config.status().message());
  };
  EXPECT_THAT(message(WithDa("  replication: 4\n")), HasSubstr("da.replication must be"));
  EXPECT_THAT(message(WithDa("  replication: 0\n")), HasSubstr("da.replication must be"));
  EXPECT_THAT(message(WithDa("  samples: 129\n")), HasSubstr("da.samples must be"));
  EXPECT_THAT(message(WithDa("  retention_slots: 33\n")),
              HasSubstr("da.retention_slots is 33, but blocks are checked for 33 slots"));
  EXPECT_THAT(message(WithDa("  colour: red\n")), HasSubstr("unknown key da.colour"));
  EXPECT_THAT(message(WithDa("", "validator-2", "validator-1")),
              HasSubstr("da.members[2] repeats validator-1"));
  EXPECT_THAT(message(WithDa("", "node-2:3300", "node-2:0")), HasSubstr("address with port 0"));
  EXPECT_THAT(message(WithDa("", "127.12.7.1:3300", "localhost:1")),
              HasSubstr("da.listen must begin with an IP address"));
}

TEST(ConfigTest, AMissingFileIsNamed) {
  const absl::StatusOr<NodeConfig> config = LoadConfig("/nowhere/v.yaml", Role::kValidator);
  EXPECT_EQ(config.status().message(),
            "cannot read the config /nowhere/v.yaml: No such file or directory");
}

TEST(ConfigTest, ANodeAloneNeedsNoPeers) {
  std::string text = With("[validator-1, executor-0]", "[]");
  const std::string peers = "peers:\n    - {identifier: validator-1, address: \"node-1:3000\"}";
  text.replace(text.find(peers), peers.size(), "peers: []");
  EXPECT_TRUE(ParseConfig(text, "v.yaml", Role::kValidator).ok());
}

TEST(ConfigTest, VariablesOverrideTheLog) {
  LogConfig log;
  ASSERT_TRUE(OverrideLog(log, "debug", "network=trace,consensus=warn", "/var/log").ok());
  EXPECT_EQ(log.level, LogLevel::kDebug);
  EXPECT_EQ(log.filter.at("network"), LogLevel::kTrace);
  EXPECT_EQ(log.directory, "/var/log");
  EXPECT_EQ(OverrideLog(log, "shout", nullptr, nullptr).message(),
            "NOMOS_LOG_LEVEL must be trace, debug, info, warn or error, not \"shout\"");
  EXPECT_THAT(std::string(OverrideLog(log, nullptr, "network=shout", nullptr).message()),
              StartsWith("NOMOS_LOG_FILTER has a topic network whose level must be"));
  EXPECT_TRUE(OverrideLog(log, "", "", "").ok());
}

TEST(AddressTest, ReadsNamesAndBothFamilies) {
  EXPECT_EQ(ParseAddress("node-1:80")->host, "node-1");
  EXPECT_EQ(ParseAddress("[::1]:80")->host, "::1");
  EXPECT_EQ(ParseAddress("[::1]:80")->ToString(), "[::1]:80");
  EXPECT_FALSE(ParseAddress("0.0.0.0:80")->IsSpecific());
  for (const char* wrong : {"", ":80", "host", "host:", "host:x", "::1:80", "[]:80", "a b:80"}) {
    EXPECT_FALSE(ParseAddress(wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/kind/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/node_values.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/nomos/wallet.h"
#include "nomos/src/kind/genesis.h"

namespace gtestnet::nomos {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

ClusterSpec SpecOf(const Topology& topology, uint64_t seed = 7) {
  ClusterSpec spec;
  spec.topology = topology;
  spec.seed = seed;
  spec.run_id = "run";
  return spec;
}

Placement PlacementFor(int nodes) {
  Placement placement;
  placement.directory = "/run/node";
  placement.start_file = "/run/start";
  for (int i = 1; i <= nodes; ++i) {
    placement.addresses.push_back(
        {"127.12.7." + std::to_string(i), {{"p2p", 3000}, {"api", 18080}}});
  }
  return placement;
}

std::string Config(const ClusterSpec& spec, const Placement& placement, NodeIndex node) {
  const absl::StatusOr<std::string> config = MakeConfig(spec, placement, node);
  return config.ok() ? *config : std::string(config.status().message());
}

Topology Small() {
  return Topology::Star().Validators(2).Executors(1).Wallets(2).Slot(
      std::chrono::milliseconds(200));
}

YAML::Node GenesisFileOf(const Topology& topology) {
  return YAML::Load(MakeGenesis(SpecOf(topology)));
}

// A change of this text changes every cluster of every seed: it must be meant.
TEST(ConfigTest, IsTheGoldenText) {
  std::ifstream file(GTESTNET_GOLDEN_CONFIG);
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(Config(SpecOf(Small()), PlacementFor(3), 1) + "---\n" + MakeGenesis(SpecOf(Small())),
            golden.str());
}

TEST(ConfigTest, DependsOnSeedAndTopologyAlone) {
  const Placement placement = PlacementFor(3);
  ClusterSpec other_run = SpecOf(Small());
  other_run.run_id = "another";
  EXPECT_EQ(Config(other_run, placement, 1), Config(SpecOf(Small()), placement, 1));
  EXPECT_NE(Config(SpecOf(Small(), 8), placement, 1), Config(SpecOf(Small()), placement, 1));
}

TEST(ConfigTest, GivesANodeItsKeysByItsName) {
  // One more validator moves the executor's index and changes none of its keys.
  const YAML::Node before = YAML::Load(Config(SpecOf(Small()), PlacementFor(3), 2));
  const YAML::Node after = YAML::Load(Config(SpecOf(Small().Validators(3)), PlacementFor(4), 3));
  EXPECT_EQ(before["identifier"].as<std::string>(), "executor-0");
  EXPECT_EQ(after["identifier"].as<std::string>(), "executor-0");
  EXPECT_EQ(before["node_key"].as<std::string>(), after["node_key"].as<std::string>());
  EXPECT_EQ(before["leader"]["secret_keys"][0].as<std::string>(),
            after["leader"]["secret_keys"][0].as<std::string>());
  EXPECT_EQ(GenesisFileOf(Small())["notes"][3]["public_key"].as<std::string>(),
            GenesisFileOf(Small().Validators(3))["notes"][4]["public_key"].as<std::string>());
}

TEST(ConfigTest, SharesOneGenesis) {
  const absl::StatusOr<NodeSetup> first = NomosKind().Setup(SpecOf(Small()), PlacementFor(3), 0);
  const absl::StatusOr<NodeSetup> other = NomosKind().Setup(SpecOf(Small()), PlacementFor(3), 2);
  ASSERT_TRUE(first.ok() && other.ok());
  ASSERT_THAT(first->files, SizeIs(2));
  EXPECT_NE(first->files[0].content, other->files[0].content);
  EXPECT_EQ(first->files[1].path, "genesis.yaml");
  EXPECT_EQ(first->files[1].content, other->files[1].content);
  EXPECT_THAT(first->files[0].content, HasSubstr("genesis:\n  file: \"genesis.yaml\"\n"));
  EXPECT_EQ(GenesisFileOf(Small())["notes"].size(), 5u);
}

TEST(ConfigTest, TellsBothSidesOfAnEdge) {
  const YAML::Node hub = YAML::Load(Config(SpecOf(Small().Late(2)), PlacementFor(3), 0));
  EXPECT_THAT(hub["network"]["peers"], SizeIs(0));
  EXPECT_THAT(hub["network"]["neighbours"].as<std::vector<std::string>>(),
              ElementsAre("validator-1", "executor-0"));
  const YAML::Node leaf = YAML::Load(Config(SpecOf(Small().Late(2)), PlacementFor(3), 2));
  EXPECT_EQ(leaf["network"]["peers"][0]["address"].as<std::string>(), "127.12.7.1:3000");
  EXPECT_THAT(leaf["network"]["neighbours"].as<std::vector<std::string>>(),
              ElementsAre("validator-0"));
}

TEST(ConfigTest, HasAnAddedNodeDialWithoutStake) {
  Placement placement = PlacementFor(4);
  placement.added_roles = {"validator"};
  placement.added_edges = {{3, 2}, {3, 0}};
  const ClusterSpec spec = SpecOf(Small());
  const YAML::Node added = YAML::Load(Config(spec, placement, 3));
  EXPECT_EQ(added["identifier"].as<std::string>(), "validator-2");
  EXPECT_EQ(added["role"].as<std::string>(), "validator");
  EXPECT_THAT(added["network"]["neighbours"].as<std::vector<std::string>>(),
              ElementsAre("validator-0", "executor-0"));
  EXPECT_THAT(added["network"]["peers"], SizeIs(2));
  EXPECT_THAT(added["leader"]["secret_keys"], SizeIs(0));
  // Nobody else's config changes by it.
  EXPECT_EQ(Config(spec, placement, 0), Config(spec, PlacementFor(3), 0));
}

TEST(ConfigTest, LeavesOutTheStakeOfANodeThatNeverLeads) {
  const ClusterSpec spec = SpecOf(Small().Stake(1, 0).Stake(0, 3000));
  const YAML::Node config = YAML::Load(Config(spec, PlacementFor(3), 1));
  EXPECT_THAT(config["leader"]["secret_keys"], SizeIs(0));
  const YAML::Node genesis = GenesisFileOf(Small().Stake(1, 0).Stake(0, 3000));
  EXPECT_THAT(genesis["notes"], SizeIs(4));
  EXPECT_EQ(genesis["notes"][0]["value"].as<int>(), 3000);
  EXPECT_EQ(GenesisOf(spec).total_stake, 4000u);
}

TEST(ConfigTest, ListensEverywhereWhereItsAddressIsAName) {
  Placement placement = PlacementFor(3);
  placement.addresses[0].host = "validator-0";
  YAML::Node config = YAML::Load(Config(SpecOf(Small()), placement, 0));
  EXPECT_EQ(config["network"]["listen"].as<std::string>(), "0.0.0.0:3000");
  config = YAML::Load(Config(SpecOf(Small()), placement, 1));
  EXPECT_EQ(config["network"]["peers"][0]["address"].as<std::string>(), "validator-0:3000");
  placement.listen_host = "::";
  config = YAML::Load(Config(SpecOf(Small()), placement, 1));
  EXPECT_EQ(config["api"]["listen"].as<std::string>(), "[::]:18080");
}

TEST(ConfigTest, QuotesWhateverIsInAPath) {
  Placement placement = PlacementFor(3);
  placement.directory = "/tmp/a \"b\"\\c\n: #é";
  const YAML::Node config = YAML::Load(Config(SpecOf(Small()), placement, 0));
  EXPECT_EQ(config["storage"]["path"].as<std::string>(), placement.directory + "/chain.db");
}

TEST(ConfigTest, SaysWhatThePlacementLacks) {
  EXPECT_EQ(Config(SpecOf(Small()), PlacementFor(2), 2),
            "config of node 2: there are addresses of 2 nodes only");
  EXPECT_EQ(Config(SpecOf(Small()), PlacementFor(2), 0),
            "config of validator-0: there is no address of executor-0, its neighbour");
  EXPECT_EQ(Config(SpecOf(Small()), PlacementFor(4), 3), "config of node 3: it has no role");
}

TEST(GenesisTest, AgreesWithWalletsAndRecords) {
  const ClusterSpec spec = SpecOf(Small().NotesPerWallet(3));
  const Genesis genesis = GenesisOf(spec);
  ASSERT_THAT(genesis.notes, SizeIs(3 + 2 * 3));
  EXPECT_EQ(genesis.supply, 3000u + 600u);
  const Wallets wallets(spec);
  ASSERT_EQ(wallets.size(), 2u);
  EXPECT_THAT(wallets[1].genesis_notes(), SizeIs(3));
  EXPECT_EQ(wallets[1].genesis_notes()[2], genesis.notes[8].note);
  EXPECT_EQ(wallets[1].genesis_notes()[2].public_key, wallets[1].public_key());
  NodeRecord record;
  NomosKind().Describe(spec, record, 2);
  EXPECT_EQ(StakeOf(record), 1000u);
  EXPECT_EQ(PublicKeyOf(record), genesis.notes[2].note.public_key);
  const chain::ChainParameters parameters = ChainParametersOf(spec, genesis);
  EXPECT_EQ(parameters.total_stake, 3000u);
  EXPECT_EQ(parameters.genesis, genesis.header_id);
  EXPECT_EQ(parameters.security_parameter, 10);
}

TEST(GenesisTest, DescribesNothingOfNodesWithoutStake) {
  NodeRecord record;
  NomosKind().Describe(SpecOf(Small().Stake(1, 0)), record, 1);
  NomosKind().Describe(SpecOf(Small()), record, 3);
  EXPECT_EQ(StakeOf(record), 0u);
  EXPECT_EQ(PublicKeyOf(record), "");
}

TEST(WalletsTest, AreNoneWithoutANomosTopology) {
  EXPECT_TRUE(Wallets(ClusterSpec{}).empty());
  EXPECT_TRUE(Wallets(SpecOf(Topology::Star().Validators(1))).empty());
}

TEST(ConfigTest, TellsEveryNodeWhoHoldsColumns) {
  const Topology topology =
      Small().Slot(std::chrono::seconds(1)).DataAvailability({.samples = 3, .retention_slots = 77});
  EXPECT_FALSE(YAML::Load(Config(SpecOf(Small()), PlacementFor(3), 0))["da"].IsDefined());
  for (NodeIndex node = 0; node < 3; ++node) {
    const YAML::Node da = YAML::Load(Config(SpecOf(topology), PlacementFor(3), node))["da"];
    EXPECT_EQ(da["listen"].as<std::string>(), "127.12.7." + std::to_string(node + 1) + ":3300");
    ASSERT_EQ(da["members"].size(), 2u);
    EXPECT_EQ(da["members"][1]["identifier"].as<std::string>(), "validator-1");
    EXPECT_EQ(da["members"][1]["address"].as<std::string>(), "127.12.7.2:3300");
    EXPECT_EQ(da["replication"].as<int>(), 2);
    EXPECT_EQ(da["samples"].as<int>(), 3);
    EXPECT_EQ(da["check_slots"].as<int>(), 33);
    EXPECT_EQ(da["retention_slots"].as<int>(), 77);
  }
}

}  // namespace
}  // namespace gtestnet::nomos

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gtestnet/chain/sample.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/nomos/nomos.h"

namespace gtestnet::nomos {
namespace {

NodeSample Sample(NodeIndex node, const char* mode, int64_t height, int64_t peers) {
  NodeSample sample{.node = node, .reachable = true, .status = mode};
  chain::SetState(sample, {.height = height, .peers = peers});
  return sample;
}

// A full mesh of three, all of them Online at height 9; of which a test makes something else.
class NomosBehindTest : public testing::Test {
 protected:
  NomosBehindTest() {
    for (NodeIndex node = 0; node < 3; ++node) {
      snapshot_.nodes.push_back(Sample(node, "Online", 9, 2));
    }
  }
  NodeSample& one() { return snapshot_.nodes[1]; }
  std::string Behind() { return NomosKind().Behind(topology_, one(), snapshot_); }

  const TopologySpec topology_ = Topology::FullMesh().Validators(3);
  Snapshot snapshot_;
};

TEST_F(NomosBehindTest, IsNothingForANodeThatTakesPart) {
  EXPECT_EQ(Behind(), "");
  one().numbers["height"] = 7;
  EXPECT_EQ(Behind(), "");
}

TEST_F(NomosBehindTest, IsWhateverIsNotAsItShallBe) {
  one().numbers["height"] = 6;
  EXPECT_EQ(Behind(), "the highest node is at 9");
  one().numbers["peers"] = 1;
  EXPECT_EQ(Behind(),
            "the highest node is at 9; it is connected with 1 of the 2 neighbours that are up");
  for (const char* mode : {"Bootstrapping", "Recovering", ""}) {
    one() = Sample(1, mode, 9, 2);
    EXPECT_EQ(Behind(), "it is not Online");
  }
}

TEST_F(NomosBehindTest, AsksForNobodyThatDoesNotAnswer) {
  one().numbers["peers"] = 1;
  snapshot_.nodes[2] = {.node = 2, .numbers = {{"height", 100}}};
  EXPECT_EQ(Behind(), "");
}

TEST_F(NomosBehindTest, KnowsNoNeighboursOfAnAddedNode) {
  snapshot_.nodes.push_back(Sample(3, "Online", 9, 0));
  EXPECT_EQ(NomosKind().Behind(topology_, snapshot_.nodes[3], snapshot_), "");
}

class NomosLacksTest : public testing::Test {
 protected:
  // What node 0 of two lacks when it answers so.
  absl::StatusOr<std::string> Lacks(const std::string& tip, int64_t peers) const {
    NodeSample sample{.node = 0, .reachable = true, .status = "Online"};
    chain::SetState(sample, {.tip = tip, .peers = peers});
    return NomosKind().Lacks(spec_, {.index = 0, .name = "validator-0"}, sample, {});
  }

  const ClusterSpec spec_{
      .topology = Topology::FullMesh().Validators(2), .seed = 3, .run_id = "run"};
};

TEST_F(NomosLacksTest, IsItsPeersFirst) {
  EXPECT_EQ(*Lacks("", 0), "0 peers connected, of 1");
  EXPECT_EQ(*Lacks("", 2), "2 peers connected, of 1");
}

TEST_F(NomosLacksTest, IsTheGenesisOfItsClusterForANodeOfAnother) {
  const std::string said = *Lacks("0123", 1);
  ASSERT_THAT(said,
              testing::MatchesRegex("the genesis of its cluster, [0-9a-f]+: its tip is 0123"));
  // And nothing, once it has that.
  const size_t begin = said.rfind(", ") + 2;
  const std::string genesis = said.substr(begin, said.find(':') - begin);
  EXPECT_EQ(*Lacks(genesis, 1), "");
}

}  // namespace
}  // namespace gtestnet::nomos

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gtestnet/node_kind.h"
#include "gtestnet/nomos/nomos.h"

namespace gtestnet::nomos {
namespace {

// A full mesh of three, all of them Online at height 9; of which a test makes something else.
class NomosBehindTest : public testing::Test {
 protected:
  NomosBehindTest() {
    for (NodeIndex node = 0; node < 3; ++node) {
      snapshot_.nodes.push_back(
          {.node = node, .reachable = true, .mode = "Online", .height = 9, .peers = 2});
    }
  }
  NodeSample& one() { return snapshot_.nodes[1]; }
  std::string Behind() { return NomosKind().Behind(topology_, one(), snapshot_); }

  const TopologySpec topology_ = Topology::FullMesh().Validators(3);
  Snapshot snapshot_;
};

TEST_F(NomosBehindTest, IsNothingForANodeThatTakesPart) {
  EXPECT_EQ(Behind(), "");
  one().height = 7;
  EXPECT_EQ(Behind(), "");
}

TEST_F(NomosBehindTest, IsWhateverIsNotAsItShallBe) {
  one().height = 6;
  EXPECT_EQ(Behind(), "the highest node is at 9");
  one().peers = 1;
  EXPECT_EQ(Behind(),
            "the highest node is at 9; it is connected with 1 of the 2 neighbours that are up");
  for (const char* mode : {"Bootstrapping", "Recovering", ""}) {
    one() = {.node = 1, .reachable = true, .mode = mode, .height = 9, .peers = 2};
    EXPECT_EQ(Behind(), "it is not Online");
  }
}

TEST_F(NomosBehindTest, AsksForNobodyThatDoesNotAnswer) {
  one().peers = 1;
  snapshot_.nodes[2] = {.node = 2, .height = 100};
  EXPECT_EQ(Behind(), "");
}

TEST_F(NomosBehindTest, KnowsNoNeighboursOfAnAddedNode) {
  snapshot_.nodes.push_back({.node = 3, .reachable = true, .mode = "Online", .height = 9});
  EXPECT_EQ(NomosKind().Behind(topology_, snapshot_.nodes[3], snapshot_), "");
}

}  // namespace
}  // namespace gtestnet::nomos

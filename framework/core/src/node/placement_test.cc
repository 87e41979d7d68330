// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "gtestnet/node_kind.h"

namespace gtestnet {
namespace {

TEST(PlacementTest, CountsAddedNodesOnWithinTheirRole) {
  TopologySpec topology;
  topology.roles = {{"validator", 3}, {"executor", 1}};
  Placement placement;
  placement.added_roles = {"validator", "executor", "validator"};
  EXPECT_EQ(placement.NodeName(topology, 2), "validator-2");
  EXPECT_EQ(placement.NodeName(topology, 3), "executor-0");
  EXPECT_EQ(placement.NodeName(topology, 4), "validator-3");
  EXPECT_EQ(placement.NodeName(topology, 5), "executor-1");
  EXPECT_EQ(placement.NodeName(topology, 6), "validator-4");
  EXPECT_EQ(placement.RoleOf(topology, 3), "executor");
  EXPECT_EQ(placement.RoleOf(topology, 5), "executor");
}

TEST(PlacementTest, SurvivesANodeThatIsNotThere) {
  EXPECT_EQ(Placement().RoleOf({}, 4), "");
  EXPECT_EQ(Placement().NodeName({}, 4), "node-4");
}

}  // namespace
}  // namespace gtestnet

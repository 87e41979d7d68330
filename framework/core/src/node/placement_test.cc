// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "gtestnet/node_kind.h"

namespace gtestnet {
namespace {

TEST(PlacementTest, CountsAddedNodesOnWithinTheirRole) {
  TopologySpec topology;
  topology.roles = {{"member", 3}, {"scout", 1}};
  Placement placement;
  placement.added_roles = {"member", "scout", "member"};
  EXPECT_EQ(placement.NodeName(topology, 2), "member-2");
  EXPECT_EQ(placement.NodeName(topology, 3), "scout-0");
  EXPECT_EQ(placement.NodeName(topology, 4), "member-3");
  EXPECT_EQ(placement.NodeName(topology, 5), "scout-1");
  EXPECT_EQ(placement.NodeName(topology, 6), "member-4");
  EXPECT_EQ(placement.RoleOf(topology, 3), "scout");
  EXPECT_EQ(placement.RoleOf(topology, 5), "scout");
}

TEST(PlacementTest, SurvivesANodeThatIsNotThere) {
  EXPECT_EQ(Placement().RoleOf({}, 4), "");
  EXPECT_EQ(Placement().NodeName({}, 4), "node-4");
}

}  // namespace
}  // namespace gtestnet

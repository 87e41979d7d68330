// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gtestnet/chain/node_matchers.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using namespace chain;  // NOLINT: what is tested

using testing::Not;

Snapshot At(int64_t first, int64_t second) {
  Snapshot snapshot;
  snapshot.names = {"validator-0", "validator-1"};
  for (int64_t height : {first, second}) {
    NodeSample node;
    node.node = static_cast<NodeIndex>(snapshot.nodes.size());
    node.reachable = true;
    node.numbers["height"] = static_cast<double>(height);
    snapshot.nodes.push_back(node);
  }
  return snapshot;
}

TEST(NodesAreLevelTest, IsTestedFourWays) {
  EXPECT_THAT(At(7, 8), NodesAreLevel(1));
  EXPECT_THAT(At(7, 9), Not(NodesAreLevel(1)));
  EXPECT_EQ(Explain(NodesAreLevel(1), At(7, 9)),
            "in which validator-0 has height 7; the highest node has height 9");
  EXPECT_EQ(Explain(NodesAreLevel(1), At(9, 9)), "in which the highest node has height 9");
  EXPECT_EQ(Describe<Snapshot>(NodesAreLevel(1)),
            "has only nodes that answer, none more than 1 block below the highest");
  EXPECT_EQ(DescribeNot<Snapshot>(NodesAreLevel(1)),
            "has a node that does not answer, or that is more than 1 block below the highest");
}

TEST(NodesAreLevelTest, NamesTheOneThatIsAboveSeveral) {
  Snapshot snapshot = At(9, 59);
  snapshot.names.emplace_back("validator-2");
  snapshot.nodes.push_back(snapshot.nodes[0]);
  EXPECT_EQ(Explain(NodesAreLevel(1), snapshot),
            "in which validator-1 has height 59, and validator-0 has 9, validator-2 has 9");
  snapshot.nodes[1].words["tip"] = snapshot.nodes[2].words["tip"] = "cafe";
  EXPECT_EQ(Explain(NodesAreLevel(1), snapshot),
            "in which validator-1 has height 59, and validator-0 has 9, validator-2 has 9; it has "
            "the same tip as validator-2");
  snapshot.nodes[0].numbers["height"] = 58;
  EXPECT_EQ(Explain(NodesAreLevel(1), snapshot),
            "in which validator-2 has height 9; the highest node has height 59");
}

TEST(NodesAreLevelTest, ANodeThatDoesNotAnswerIsNotLevel) {
  Snapshot snapshot = At(9, 9);
  snapshot.nodes[1].reachable = false;
  EXPECT_EQ(Explain(NodesAreLevel(1), snapshot),
            "in which validator-1 does not answer; the highest node has height 9");
  EXPECT_THAT(snapshot, Not(NodesAreLevel(100)));
  EXPECT_THAT(Snapshot{}, Not(NodesAreLevel(100)));
}

}  // namespace
}  // namespace gtestnet::matching

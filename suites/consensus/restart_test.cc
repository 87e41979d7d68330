// SPDX-License-Identifier: Apache-2.0
#include <gtestnet/gtestnet.h>

#include <string>
#include <vector>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;

class RestartTest : public ClusterTest {
 protected:
  void OnReady() override {
    ExpectAtTearDown(ConsensusIsLive());
    ExpectAtTearDown(AgreesOnChain());
    ExpectAtTearDown(FinalityAdvances());
  }
};

TEST_P(RestartTest, OneNodeCrashesAndComesBack) {
  RunFor(Blocks(10));
  GTESTNET_ASSERT_OK(cluster().node_control().Kill(2));
  RunFor(Blocks(10));
  GTESTNET_ASSERT_OK(cluster().node_control().Start(2));
  Await(NodesAreLevel(1), Within(Blocks(30)));
  RunFor(Blocks(20));
}

TEST_P(RestartTest, AMinorityCrashesAndComesBack) {
  const std::vector<NodeIndex> minority = {1, 3};
  RunFor(Blocks(10));
  for (NodeIndex node : minority) GTESTNET_ASSERT_OK(cluster().node_control().Kill(node));
  RunFor(Blocks(15));
  for (NodeIndex node : minority) GTESTNET_ASSERT_OK(cluster().node_control().Start(node));
  Await(NodesAreLevel(1), Within(Blocks(30)));
  RunFor(Blocks(20));
}

TEST_P(RestartTest, AllNodesCrashAtOnceAndKeepTheirChain) {
  RunFor(Blocks(15));
  const NodeClients clients = cluster().node_clients();
  GTESTNET_ASSERT_OK_AND_ASSIGN(const ConsensusInfo before, clients[0].GetInfo());
  const int nodes = cluster().topology().node_count();
  for (NodeIndex node = 0; node < nodes; ++node) {
    GTESTNET_ASSERT_OK(cluster().node_control().Kill(node));
  }
  for (NodeIndex node = 0; node < nodes; ++node) {
    GTESTNET_ASSERT_OK(cluster().node_control().Start(node));
  }
  Await(AllNodes(HasMode("Online")), Within(Blocks(40)));
  GTESTNET_ASSERT_OK_AND_ASSIGN(const ConsensusInfo after, clients[0].GetInfo());
  EXPECT_GE(after.height, before.lib_height.value_or(0)) << "the chain started anew";
  // What was final is still in every node's chain.
  for (const NodeClient& client : clients.all()) {
    SCOPED_TRACE(client.name());
    GTESTNET_ASSERT_OK_AND_ASSIGN(const auto block, client.GetBlock(before.lib));
    EXPECT_TRUE(block.has_value()) << "lost the final block " << before.lib;
  }
  RunFor(Blocks(25));
}

TEST_P(RestartTest, ANodeThatIsStoppedInOrderComesBack) {
  RunFor(Blocks(10));
  GTESTNET_ASSERT_OK(cluster().node_control().Restart(4));
  Await(NodesAreLevel(1), Within(Blocks(30)));
  RunFor(Blocks(20));
}

// Longer than k blocks: what the others finalised meanwhile, the node has to download.
TEST_P(RestartTest, APauseLongerThanTheFinalityDepth) {
  RunFor(Blocks(10));
  GTESTNET_ASSERT_OK(cluster().node_control().Pause(2));
  RunFor(Blocks(25));
  GTESTNET_ASSERT_OK(cluster().node_control().Resume(2));
  Await(NodesAreLevel(1), Within(Blocks(40)));
  RunFor(Blocks(20));
}

INSTANTIATE_TEST_SUITE_P(Mesh, RestartTest,
                         Clusters(Topology::FullMesh().Validators(5).Slot(100ms)), ClusterName);

}  // namespace
}  // namespace gtestnet

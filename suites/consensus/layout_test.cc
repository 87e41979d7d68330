// SPDX-License-Identifier: Apache-2.0
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;

class LayoutTest : public ClusterTest {};

TEST_P(LayoutTest, EveryNodeHasItsNeighboursAndAgrees) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(AgreesOnChain());
  ExpectAtTearDown(HasNoUnexpectedExits());

  RunFor(Blocks(25));

  const TopologySpec& topology = cluster().topology();
  const NodeClients clients = cluster().node_clients();
  for (NodeIndex node = 0; node < topology.node_count(); ++node) {
    SCOPED_TRACE(topology.NodeName(node));
    GTESTNET_ASSERT_OK_AND_ASSIGN(const nomos::NetworkInfo network, clients[node].GetNetwork());
    const auto neighbours = topology.layout.Neighbours(node, topology.node_count());
    EXPECT_EQ(network.peers, static_cast<int>(neighbours.size()));
  }
}

INSTANTIATE_TEST_SUITE_P(All, LayoutTest,
                         Clusters(Topology::Star().Validators(5).Slot(100ms),
                                  Topology::Chain().Validators(5).Slot(100ms),
                                  Topology::Ring().Validators(5).Slot(100ms),
                                  Topology::FullMesh().Validators(5).Slot(100ms),
                                  // Two triangles that share node 2.
                                  Topology::Custom({{0, 1}, {1, 2}, {2, 0}, {2, 3}, {3, 4}, {4, 2}})
                                      .Validators(5)
                                      .Slot(100ms)
                                      .Named("triangles")),
                         ClusterName);

}  // namespace
}  // namespace gtestnet

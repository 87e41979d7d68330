// SPDX-License-Identifier: Apache-2.0
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;

// The last validator is in the topology, and in genesis, but joins when the test says so.
class LateJoinerTest : public ClusterTest {};

TEST_P(LateJoinerTest, CatchesUpAndLeads) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(AgreesOnChain());

  const NodeIndex joiner = cluster().topology().late.front();
  RunFor(Blocks(20));
  GTESTNET_ASSERT_OK(cluster().node_control().Start(joiner));
  Await(AllNodes(HasMode("Online")), Within(Blocks(20)));
  Await(NodesAreLevel(1), Within(Blocks(20)));
  RunFor(Blocks(20));
}

INSTANTIATE_TEST_SUITE_P(Star, LateJoinerTest,
                         Clusters(Topology::Star().Validators(4).Late(3).Slot(100ms)), ClusterName);

// A node that no topology names joins a running cluster. It has no stake, and follows.
class AddedNodeTest : public ClusterTest {};

TEST_P(AddedNodeTest, CatchesUpAndFollows) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(AgreesOnChain());

  RunFor(Blocks(15));
  GTESTNET_ASSERT_OK_AND_ASSIGN(const NodeIndex added, cluster().node_control().Add({}));
  EXPECT_EQ(added, cluster().topology().node_count());
  Await(AllNodes(HasMode("Online")), Within(Blocks(20)));
  Await(NodesAreLevel(1), Within(Blocks(20)));
  RunFor(Blocks(15));
}

INSTANTIATE_TEST_SUITE_P(Star, AddedNodeTest, Clusters(Topology::Star().Validators(3).Slot(100ms)),
                         ClusterName);

// A long chain to download: every slot has a block, so that 300 of them take 15 s.
class LongChainTest : public ClusterTest {};

TEST_P(LongChainTest, DownloadsHundredsOfBlocks) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(AgreesOnChain());

  const NodeIndex joiner = cluster().topology().late.front();
  RunFor(Blocks(320));
  EXPECT_THAT(cluster().snapshot(), AnyNode(HasHeight(testing::Ge(300))));
  GTESTNET_ASSERT_OK(cluster().node_control().Start(joiner));
  Await(NodesAreLevel(2), Within(10s));
  RunFor(Blocks(20));
}

INSTANTIATE_TEST_SUITE_P(
    Star, LongChainTest,
    Clusters(Topology::Star().Validators(3).Late(2).Slot(50ms).ActiveSlotCoefficient("1")),
    ClusterName);

}  // namespace
}  // namespace gtestnet

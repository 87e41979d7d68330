// SPDX-License-Identifier: Apache-2.0
// The counterparts of the real node's own tests of consensus, under their names.
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Ge;

class CryptarchiaTest : public ClusterTest {};

// two_nodes_happy: both validators pass 2k, in no more than three times the expected time, and
// agree on what is final. (Theirs compares headers; AgreesOnChain compares every final block.)
TEST_P(CryptarchiaTest, TwoNodesHappy) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(AgreesOnChain());

  const int k = nomos::NomosParametersOf(cluster().topology()).security_parameter;
  Await(AllNodes(HasHeight(Ge(2 * k))), Within(Blocks(6 * k)));
  // A chain may have that height by the time that it is looked at, and fewer blocks are no
  // evidence.
  RunFor(Blocks(2 * k));
}

INSTANTIATE_TEST_SUITE_P(Star, CryptarchiaTest,
                         Clusters(Topology::Star().Validators(2).SecurityParameter(5)),
                         ClusterName);

// test_ibd_behind_nodes: a node that starts behind is Online, near the others, soon after.
class InitialDownloadTest : public ClusterTest {};

TEST_P(InitialDownloadTest, ANodeBehindIsOnlineSoon) {
  ExpectAtTearDown(AgreesOnChain());

  RunFor(Blocks(20));
  const Snapshot before = cluster().snapshot();
  GTESTNET_ASSERT_OK(cluster().node_control().Start(2));
  Await(AllNodes(HasMode("Online")), Within(10s));
  EXPECT_THAT(cluster().snapshot(), AllNodes(HasHeight(Ge(HeightOf(before.nodes[0]) - 1))));
  RunFor(Blocks(10));
}

// test_orphan_handling: a node that dials only one of the others receives blocks whose parents it
// does not have, and fetches them.
TEST_P(InitialDownloadTest, OrphansAreFetched) {
  ExpectAtTearDown(AgreesOnChain());

  RunFor(Blocks(10));
  GTESTNET_ASSERT_OK(cluster().node_control().Start(2));
  Await(NodesAreLevel(1), Within(Blocks(30)));
  GTESTNET_ASSERT_OK(cluster().node_control().Pause(2));
  RunFor(Blocks(4));
  GTESTNET_ASSERT_OK(cluster().node_control().Resume(2));
  Await(NodesAreLevel(1), Within(Blocks(30)));
  RunFor(Blocks(10));
}

INSTANTIATE_TEST_SUITE_P(Chain, InitialDownloadTest,
                         Clusters(Topology::Chain().Validators(3).Late(2)), ClusterName);

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Ge;
using testing::Le;

// validator-0 — validator-1 — validator-2: while the middle one is paused, the outer two go on
// alone (they need no peers), each on a fork of its own. When it resumes, one fork gives way.
class ReorganisationTest : public ClusterTest {};

TEST_P(ReorganisationTest, AShorterForkGivesWay) {
  ExpectAtTearDown(AgreesOnChain());
  ExpectAtTearDown(Reorganises(AllOf(Ge(2), Le(9))));

  RunFor(Blocks(10));
  GTESTNET_ASSERT_OK(cluster().node_control().Pause(1));
  RunFor(Slots(12));
  GTESTNET_ASSERT_OK(cluster().node_control().Resume(1));
  Await(NodesAreLevel(1), Within(Blocks(30)));
  RunFor(Blocks(20));
}

INSTANTIATE_TEST_SUITE_P(
    Chain, ReorganisationTest,
    Clusters(Topology::Chain().Validators(3).MinPeers(0).SecurityParameter(20)), ClusterName);

}  // namespace
}  // namespace gtestnet

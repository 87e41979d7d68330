// SPDX-License-Identifier: Apache-2.0
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;

// One node has six times the stake of each other one; blocks follow stake.
class StakeTest : public ClusterTest {};

TEST_P(StakeTest, LeadersFollowStake) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(LeadsByStake());

  RunFor(Slots(300));
}

INSTANTIATE_TEST_SUITE_P(
    Mesh, StakeTest,
    Clusters(
        Topology::FullMesh().Validators(3).Stake(0, 6000).ActiveSlotCoefficient("0.3").Slot(50ms)),
    ClusterName);

// A node without stake never leads, and follows all the same.
class NoStakeTest : public ClusterTest {};

TEST_P(NoStakeTest, FollowsWithoutLeading) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(AgreesOnChain());
  ExpectAtTearDown(LeadsByStake());

  RunFor(Blocks(80));
}

INSTANTIATE_TEST_SUITE_P(
    Star, NoStakeTest,
    Clusters(Topology::Star().Validators(2).Executors(1).Stake(2, 0).Slot(100ms)), ClusterName);

}  // namespace
}  // namespace gtestnet

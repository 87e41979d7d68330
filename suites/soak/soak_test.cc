// SPDX-License-Identifier: Apache-2.0
// Long runs, which CI leaves out (GTESTNET_LONG_TESTS): what a short one cannot show.
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Ge;

class SoakTest : public ClusterTest {};

TEST_P(SoakTest, NoReorganisationIsDeeperThanTwo) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(AgreesOnChain());
  ExpectAtTearDown(FinalityAdvances());
  ExpectAtTearDown(ForksAtMost(2));
  ExpectAtTearDown(LeadsByStake());

  RunFor(Slots(2000));
}

INSTANTIATE_TEST_SUITE_P(Mesh, SoakTest,
                         Clusters(Topology::FullMesh().Validators(3),
                                  Topology::FullMesh().Validators(4),
                                  Topology::FullMesh().Validators(16)),
                         ClusterName);

class ManyNodesTest : public ClusterTest {};

TEST_P(ManyNodesTest, StayLiveAndAgree) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(AgreesOnChain());
  ExpectAtTearDown(IncludesTransactions(Ge(0.9)));

  TransactionWorkload transactions(cluster(), {.rate_per_block = 5, .users = 20});
  RunFor(Slots(90));
}

INSTANTIATE_TEST_SUITE_P(Star, ManyNodesTest,
                         Clusters(Topology::Star().Validators(32).Slot(1s).Wallets(20)),
                         ClusterName);

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

using testing::Ge;

class ConsensusTest : public ClusterTest {};

TEST_P(ConsensusTest, StaysLiveUnderTransactions) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(AgreesOnChain());
  ExpectAtTearDown(FinalityAdvances());
  ExpectAtTearDown(ForksAtMost(2));
  ExpectAtTearDown(IncludesTransactions(Ge(0.9)));
  ExpectAtTearDown(SpendsEachNoteOnce());
  ExpectAtTearDown(HasNoUnexpectedExits());

  TransactionWorkload transactions(cluster(), {.rate_per_block = 5, .users = 20});

  RunFor(Blocks(40));
}

INSTANTIATE_TEST_SUITE_P(Star, ConsensusTest,
                         Clusters(Topology::Star().Validators(3).Executors(1).Wallets(50)),
                         ClusterName);

INSTANTIATE_TEST_SUITE_P(Alone, ConsensusTest, Clusters(Topology::Star().Validators(1).Wallets(20)),
                         ClusterName);

// While one validator of four is restarted again and again, the chain goes on and loses nothing.
class RestartingConsensusTest : public ClusterTest {};

TEST_P(RestartingConsensusTest, StaysLiveWhileValidatorsRestart) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(AgreesOnChain());
  ExpectAtTearDown(IncludesTransactions(Ge(0.9)));
  ExpectAtTearDown(RecoversWithin(Blocks(30)));

  TransactionWorkload transactions(cluster(), {.rate_per_block = 2, .users = 20});
  RestartWorkload restarts(cluster(), {.min_delay = Blocks(4),
                                       .max_delay = Blocks(8),
                                       .target_cooldown = Blocks(10),
                                       .kill = true});

  RunFor(Blocks(50));
}

INSTANTIATE_TEST_SUITE_P(Mesh, RestartingConsensusTest,
                         Clusters(Topology::FullMesh().Validators(4).Wallets(20)), ClusterName);

}  // namespace
}  // namespace gtestnet

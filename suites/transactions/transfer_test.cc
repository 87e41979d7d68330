// SPDX-License-Identifier: Apache-2.0
// Transfers at a steady rate: every one is in every mempool, in a block and final, no note is spent
// twice and none is made out of nothing.
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Ge;
using testing::Le;

class TransferTest : public ClusterTest {
 protected:
  void OnReady() override {
    ExpectAtTearDown(ConsensusIsLive());
    ExpectAtTearDown(AgreesOnChain());
    ExpectAtTearDown(SpendsEachNoteOnce());
    ExpectAtTearDown(ConservesSupply());
  }
  // Of a run in which no node goes down.
  void ExpectAllOfThem() {
    ExpectAtTearDown(IncludesTransactions(1));
    ExpectAtTearDown(FinalisesTransactions(1));
    ExpectAtTearDown(ReachesEveryMempool());
    ExpectAtTearDown(MempoolDrains());
  }
};

TEST_P(TransferTest, AreAllIncludedAndFinal) {
  ExpectAllOfThem();
  ExpectAtTearDown(InclusionLatency(95, Le(8)));
  TransactionWorkload transactions(cluster(), {.rate_per_block = 5, .users = 20});
  RunFor(Blocks(40));
}

INSTANTIATE_TEST_SUITE_P(Star, TransferTest,
                         Clusters(Topology::Star().Validators(3).Executors(1).Wallets(30)),
                         ClusterName);
INSTANTIATE_TEST_SUITE_P(Chain, TransferTest, Clusters(Topology::Chain().Validators(4).Wallets(30)),
                         ClusterName);
INSTANTIATE_TEST_SUITE_P(Alone, TransferTest, Clusters(Topology::Star().Validators(1).Wallets(30)),
                         ClusterName);

class SpreadTest : public TransferTest {};

// All at one node, the others hear of them by gossip; at any node; so many a second.
TEST_P(SpreadTest, WhereverTheyAreSubmitted) {
  ExpectAllOfThem();
  for (const char* name : {"one node", "any node", "by the second"}) {
    ExpectAtTearDown(IncludesTransactions(1, Of(name)));
    ExpectAtTearDown(InclusionLatency(95, Seconds(Le(2)), Of(name)));
  }
  TransactionWorkload one(cluster(), {.rate_per_block = 2,
                                      .users = 10,
                                      .spread = Spread::kOneNode,
                                      .node = 2,
                                      .name = "one node"});
  TransactionWorkload any(
      cluster(), {.rate_per_block = 2, .users = 10, .spread = Spread::kRandom, .name = "any node"});
  TransactionWorkload seconds(cluster(),
                              {.rate_per_second = 10, .users = 10, .name = "by the second"});
  RunFor(Blocks(40));
}

// What a workload leaves under way is there for the next one: no note is spent twice, none is lost.
TEST_P(SpreadTest, OneWorkloadAfterTheOther) {
  ExpectAllOfThem();
  {
    TransactionWorkload first(cluster(), {.rate_per_block = 2, .users = 30, .name = "first"});
    RunFor(Blocks(15));
  }
  TransactionWorkload second(cluster(), {.rate_per_block = 2, .users = 30, .name = "second"});
  RunFor(Blocks(30));
}

INSTANTIATE_TEST_SUITE_P(Mesh, SpreadTest, Clusters(Topology::FullMesh().Validators(3).Wallets(30)),
                         ClusterName);

// While nodes are killed with what was in their mempools.
class KilledTransferTest : public TransferTest {};

TEST_P(KilledTransferTest, AreIncludedWhileNodesAreKilled) {
  ExpectAtTearDown(FinalisesTransactions(Ge(0.9)));
  ExpectAtTearDown(ReachesEveryMempool(Ge(0.8)));
  TransactionWorkload transactions(cluster(), {.rate_per_block = 3, .users = 30});
  RestartWorkload restarts(cluster(), {.min_delay = Blocks(4),
                                       .max_delay = Blocks(8),
                                       .target_cooldown = Blocks(10),
                                       .kill = true});
  RunFor(Blocks(50));
}

INSTANTIATE_TEST_SUITE_P(Mesh, KilledTransferTest,
                         Clusters(Topology::FullMesh().Validators(4).Wallets(30)), ClusterName);

// validator-0 — validator-1 — validator-2: while the middle one is paused the outer two go on, each
// on a fork of its own with transactions of its own. One fork gives way; what was in its blocks is
// orphaned, and included again.
class ReorganisedTransferTest : public TransferTest {};

TEST_P(ReorganisedTransferTest, AreIncludedAgainAfterAReorganisation) {
  ExpectAtTearDown(Reorganises(Ge(2)));
  for (const char* name : {"left", "right"}) {
    ExpectAtTearDown(FinalisesTransactions(1, Of(name)));
  }
  TransactionWorkload left(
      cluster(),
      {.rate_per_block = 2, .users = 20, .spread = Spread::kOneNode, .node = 0, .name = "left"});
  TransactionWorkload right(
      cluster(),
      {.rate_per_block = 2, .users = 20, .spread = Spread::kOneNode, .node = 2, .name = "right"});
  RunFor(Blocks(10));
  GTESTNET_ASSERT_OK(cluster().node_control().Pause(1));
  RunFor(Slots(10));
  GTESTNET_ASSERT_OK(cluster().node_control().Resume(1));
  Await(NodesAreLevel(1), Within(Blocks(30)));
  RunFor(Blocks(25));
}

INSTANTIATE_TEST_SUITE_P(
    Chain, ReorganisedTransferTest,
    Clusters(Topology::Chain().Validators(3).Wallets(40).MinPeers(0).SecurityParameter(20)),
    ClusterName);

}  // namespace
}  // namespace gtestnet

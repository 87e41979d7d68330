// SPDX-License-Identifier: Apache-2.0
// Proof that the suites can fail. Every test here runs a cluster in which a node misbehaves, and
// must fail; each is run as a subprocess, and its words are compared with those in golden/.
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Ge;

Topology Mesh(int validators) {
  return Topology::FullMesh().Validators(validators).SecurityParameter(5).Slot(100ms).Seed(1);
}

// The checks that every honest run passes.
class MisbehaviourTest : public ClusterTest {
 protected:
  void OnReady() override {
    ExpectAtTearDown(ConsensusIsLive());
    ExpectAtTearDown(AgreesOnChain());
    ExpectAtTearDown(FinalityAdvances());
  }
};

TEST_P(MisbehaviourTest, IsCaught) { RunFor(Blocks(40)); }

INSTANTIATE_TEST_SUITE_P(
    All, MisbehaviourTest,
    Clusters(Mesh(3).Misbehave(2, "stall@8").Named("stall"),
             Mesh(3).Misbehave(2, "fork@8").Named("fork"),
             Mesh(3).Misbehave(2, "revert-finality@12").Named("revert_finality"),
             Mesh(3).Misbehave(1, "crash@8").Named("crash"),
             Mesh(3).Misbehave(1, "exit@8=3").Named("exit"),
             Mesh(3).Misbehave(1, "exit-on-start").Named("exit_on_start"),
             Mesh(3).Misbehave(1, "never-ready").Named("never_ready"),
             Mesh(3).Misbehave(1, "garbage-api").Named("garbage_api"),
             Mesh(3).Misbehave(1, "slow-api=4000").Named("slow_api")),
    ClusterName);

class CensorTest : public ClusterTest {};

TEST_P(CensorTest, IsCaught) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(IncludesTransactions(Ge(0.9)));
  TransactionWorkload transactions(cluster(), {.rate_per_block = 2});
  RunFor(Blocks(25));
}

INSTANTIATE_TEST_SUITE_P(
    All, CensorTest,
    Clusters(Mesh(2).Wallets(10).Misbehave(0, "censor").Misbehave(1, "censor").Named("censor")),
    ClusterName);

// The only node that the late one dials gives no blocks away.
class RefuseSyncTest : public ClusterTest {};

TEST_P(RefuseSyncTest, IsCaught) {
  RunFor(Blocks(15));
  GTESTNET_ASSERT_OK(cluster().node_control().Start(1));
  Await(NodesAreLevel(1), Within(Blocks(30)));
}

INSTANTIATE_TEST_SUITE_P(
    All, RefuseSyncTest,
    Clusters(Mesh(2).MinPeers(0).Late(1).Misbehave(0, "refuse-sync").Named("refuse_sync")),
    ClusterName);

class IgnoreSigtermTest : public ClusterTest {};

TEST_P(IgnoreSigtermTest, IsCaught) { GTESTNET_ASSERT_OK(cluster().node_control().Stop(1)); }

INSTANTIATE_TEST_SUITE_P(All, IgnoreSigtermTest,
                         Clusters(Mesh(3).Misbehave(1, "ignore-sigterm").Named("ignore_sigterm")),
                         ClusterName);

}  // namespace
}  // namespace gtestnet

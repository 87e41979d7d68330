// SPDX-License-Identifier: Apache-2.0
// Proof that the suites can fail. Every test here runs a cluster in which a node misbehaves, and
// must fail; each is run as a subprocess, and its words are compared with those in golden/.
#include <gtestnet/gtestnet.h>

#include <string>
#include <utility>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Ge;

// Two nodes: the first is honest and has nine tenths of the stake; the second misbehaves. So who
// falls behind whom does not depend on luck.
Topology HonestAnd(std::string what, std::string name) {
  return Topology::Star()
      .Validators(2)
      .Stake(0, 9000)
      .Wallets(10)
      .SecurityParameter(5)
      .Slot(50ms)
      .Seed(1)
      .Misbehave(1, std::move(what))
      .Named(std::move(name));
}

// What every honest run passes.
class MisbehaviourTest : public ClusterTest {
 protected:
  void OnReady() override {
    ExpectAtTearDown(ConsensusIsLive());
    ExpectAtTearDown(AgreesOnChain());
    ExpectAtTearDown(FinalityAdvances());
  }
};

TEST_P(MisbehaviourTest, IsCaught) { RunFor(Blocks(120)); }

INSTANTIATE_TEST_SUITE_P(
    All, MisbehaviourTest,
    Clusters(HonestAnd("stall@8", "stall"), HonestAnd("fork@8", "fork"),
             HonestAnd("revert-finality@12", "revert_finality"), HonestAnd("crash@8", "crash"),
             HonestAnd("exit@8=3", "exit"), HonestAnd("log-panic@8", "log_panic"),
             HonestAnd("exit-on-start", "exit_on_start"), HonestAnd("never-ready", "never_ready"),
             HonestAnd("garbage-api", "garbage_api"), HonestAnd("slow-api=4000", "slow_api")),
    ClusterName);

// One that was asked for ends the run at once.
class LogTest : public ClusterTest {};

TEST_P(LogTest, IsCaught) {
  ExpectAtTearDown(LogsNoErrors().Except("no node says that"));
  ExpectAtTearDown(LogsAtMost(100'000));
  RunFor(Blocks(60));
}

INSTANTIATE_TEST_SUITE_P(All, LogTest,
                         Clusters(HonestAnd("log-panic@8", "log_panic_live"),
                                  HonestAnd("log-flood=1000000", "log_flood")),
                         ClusterName);

class CensorTest : public ClusterTest {};

TEST_P(CensorTest, IsCaught) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(IncludesTransactions(Ge(0.9)));
  Await(AllNodes(HasHeight(Ge(1))), Within(Blocks(40)));
  TransactionWorkload transactions(cluster(), {.rate_per_block = 2});
  RunFor(Blocks(25));
}

INSTANTIATE_TEST_SUITE_P(All, CensorTest,
                         Clusters(HonestAnd("censor", "censor").Misbehave(0, "censor")),
                         ClusterName);

// The second node takes every second transaction, and forgets it.
class LoseTransactionsTest : public ClusterTest {};

TEST_P(LoseTransactionsTest, IsCaught) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(AgreesOnChain());
  ExpectAtTearDown(ReachesEveryMempool());
  TransactionWorkload transactions(cluster(), {.rate_per_block = 2});
  RunFor(Blocks(40));
}

INSTANTIATE_TEST_SUITE_P(All, LoseTransactionsTest,
                         Clusters(HonestAnd("lose-transactions", "lose_transactions")),
                         ClusterName);

// The node with nine tenths of the stake puts transactions into blocks again.
class DoubleSpendTest : public ClusterTest {};

TEST_P(DoubleSpendTest, IsCaught) {
  // The honest node takes none of those blocks.
  Allow("AgreesOnChain");
  Allow("ConsensusIsLive");
  Allow("FinalityAdvances");
  Allow("NodesAreTruthful");  // it says of a transaction that it is in the later one
  ExpectAtTearDown(SpendsEachNoteOnce());
  TransactionWorkload transactions(cluster(), {.rate_per_block = 2});
  RunFor(Blocks(40));
}

INSTANTIATE_TEST_SUITE_P(All, DoubleSpendTest,
                         Clusters(Topology::Star()
                                      .Validators(2)
                                      .Stake(0, 9000)
                                      .Wallets(10)
                                      .SecurityParameter(5)
                                      .MinPeers(0)
                                      .Slot(50ms)
                                      .Seed(1)
                                      .Misbehave(0, "double-spend@8")
                                      .Named("double_spend")),
                         ClusterName);

// It does not look at what it is sent.
Topology Alone(std::string what, std::string name) {
  return Topology::Star()
      .Validators(1)
      .Wallets(10)
      .SecurityParameter(5)
      .Slot(50ms)
      .Seed(1)
      .Misbehave(0, std::move(what))
      .Named(std::move(name));
}

class AcceptInvalidTest : public ClusterTest {};

TEST_P(AcceptInvalidTest, IsCaught) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(AgreesOnChain());
  ExpectAtTearDown(RefusesInvalidTransactions());
  InvalidTransactionWorkload invalid(
      cluster(),
      {.rate_per_block = 1, .flaws = {nomos::Flaw::kUnbalanced, nomos::Flaw::kTooLarge}});
  RunFor(Blocks(40));
}

INSTANTIATE_TEST_SUITE_P(All, AcceptInvalidTest,
                         Clusters(Alone("accept-invalid", "accept_invalid")), ClusterName);

// The same with a note that was spent long ago.
class AcceptDoubleSpendTest : public ClusterTest {};

TEST_P(AcceptDoubleSpendTest, IsCaught) {
  ExpectAtTearDown(SpendsEachNoteOnce());
  InvalidTransactionWorkload invalid(cluster(),
                                     {.rate_per_block = 1, .flaws = {nomos::Flaw::kDoubleSpend}});
  RunFor(Blocks(40));
}

INSTANTIATE_TEST_SUITE_P(All, AcceptDoubleSpendTest,
                         Clusters(Alone("accept-invalid", "accept_double_spend")), ClusterName);

// And with outputs that are more than the inputs.
class AcceptOverspendTest : public ClusterTest {};

TEST_P(AcceptOverspendTest, IsCaught) {
  ExpectAtTearDown(ConservesSupply());
  InvalidTransactionWorkload invalid(cluster(),
                                     {.rate_per_block = 1, .flaws = {nomos::Flaw::kUnbalanced}});
  RunFor(Blocks(40));
}

INSTANTIATE_TEST_SUITE_P(All, AcceptOverspendTest,
                         Clusters(Alone("accept-invalid", "accept_overspend")), ClusterName);

// Back from a restart, the second node has its blocks and no notes of them: it refuses the first
// block that spends one.
class WrongStateTest : public ClusterTest {};

TEST_P(WrongStateTest, IsCaught) {
  Allow("ConsensusIsLive");  // it is behind from then on
  Allow("FinalityAdvances");
  ExpectAtTearDown(AtEnd(NodesAreLevel(2)));
  // Few notes, so that those of genesis are spent long before the restart.
  TransactionWorkload transactions(cluster(), {.rate_per_block = 2, .users = 2});
  RunFor(Blocks(40));
  GTESTNET_ASSERT_OK(cluster().node_control().Restart(1));
  RunFor(Blocks(60));
}

INSTANTIATE_TEST_SUITE_P(All, WrongStateTest,
                         Clusters(HonestAnd("wrong-state", "wrong_state").MinPeers(0).Stake(1, 0)),
                         ClusterName);

// The second node goes back to its last final block, and tells all after it again.
class ReplayTest : public ClusterTest {};

TEST_P(ReplayTest, IsCaught) {
  Allow("FinalityAdvances");
  Allow("ConsensusIsLive");
  ExpectAtTearDown(AgreesOnChain());
  ExpectAtTearDown(ForksAtMost(2));
  RunFor(Blocks(60));
}

INSTANTIATE_TEST_SUITE_P(All, ReplayTest, Clusters(HonestAnd("replay@20", "replay")), ClusterName);

// The only node that the late one dials gives no blocks away.
class RefuseSyncTest : public ClusterTest {};

TEST_P(RefuseSyncTest, IsCaught) {
  Await(NodeNamed("validator-0", HasHeight(Ge(10))), Within(Blocks(80)));
  GTESTNET_ASSERT_OK(cluster().node_control().Start(1));
  Await(NodesAreLevel(1), Within(Blocks(30)));
}

INSTANTIATE_TEST_SUITE_P(All, RefuseSyncTest,
                         Clusters(Topology::Star()
                                      .Validators(2)
                                      .MinPeers(0)
                                      .Late(1)
                                      .Slot(100ms)
                                      .Misbehave(0, "refuse-sync")
                                      .Named("refuse_sync")),
                         ClusterName);

class IgnoreSigtermTest : public ClusterTest {};

TEST_P(IgnoreSigtermTest, IsCaught) { GTESTNET_ASSERT_OK(cluster().node_control().Stop(1)); }

INSTANTIATE_TEST_SUITE_P(All, IgnoreSigtermTest,
                         Clusters(HonestAnd("ignore-sigterm", "ignore_sigterm")), ClusterName);

// Without a word of the test.
class StopStatusTest : public ClusterTest {};

TEST_P(StopStatusTest, IsCaught) {
  GTESTNET_ASSERT_OK(cluster().node_control().Restart(1));
  Await(NodesAreLevel(1), Within(Blocks(30)));
}

INSTANTIATE_TEST_SUITE_P(All, StopStatusTest, Clusters(HonestAnd("stop-status=3", "stop_status")),
                         ClusterName);

}  // namespace
}  // namespace gtestnet

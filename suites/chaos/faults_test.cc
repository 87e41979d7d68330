// SPDX-License-Identifier: Apache-2.0
// One sort of fault at a time, under transactions.
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::Each;
using testing::Field;
using testing::Ge;
using testing::Not;
using testing::Optional;

class FaultsTest : public ClusterTest {
 protected:
  void OnReady() override {
    ExpectAtTearDown(ConsensusIsLive());
    ExpectAtTearDown(AgreesOnChain());
    ExpectAtTearDown(FinalityAdvances());
    ExpectAtTearDown(RecoversWithin(Blocks(40)));
    ExpectAtTearDown(IncludesTransactions(Ge(0.9)));
    ExpectAtTearDown(SpendsEachNoteOnce());
    ExpectAtTearDown(HasNoUnexpectedExits());
    // The majority is always there.
    ExpectAtTearDown(Never(AllNodes(Not(IsReachable()))));
  }
  // What a workload did is in the record, with how long each node needed.
  void ExpectFaults(const std::string& fault) {
    ExpectAtTearDown(Field(&RunRecord::faults, Contains(Field(&FaultRecord::fault, fault))));
    ExpectAtTearDown(Field(&RunRecord::faults, Contains(Field(&FaultRecord::recovered_after,
                                                              Optional(testing::Gt(RunTime{0}))))));
  }
};

TEST_P(FaultsTest, RestartsInOrder) {
  ExpectFaults("restart");
  TransactionWorkload transactions(cluster(), {.rate_per_block = 2, .users = 10});
  RestartWorkload restarts(
      cluster(), {.min_delay = Blocks(3), .max_delay = Blocks(6), .target_cooldown = Blocks(10)});
  RunFor(Blocks(50));
}

TEST_P(FaultsTest, RestartsBySigkill) {
  ExpectFaults("restart");
  TransactionWorkload transactions(cluster(), {.rate_per_block = 2, .users = 10});
  RestartWorkload restarts(cluster(), {.min_delay = Blocks(3),
                                       .max_delay = Blocks(6),
                                       .target_cooldown = Blocks(10),
                                       .kill = true});
  RunFor(Blocks(50));
}

TEST_P(FaultsTest, Kills) {
  ExpectFaults("kill");
  ExpectAtTearDown(LeadsTo(AnyNode(Not(IsReachable())), AllNodes(IsReachable()), Within(20s)));
  TransactionWorkload transactions(cluster(), {.rate_per_block = 2, .users = 10});
  KillWorkload kills(cluster(), {.min_delay = Blocks(3),
                                 .max_delay = Blocks(6),
                                 .min_down = Blocks(3),
                                 .max_down = Blocks(12),
                                 .target_cooldown = Blocks(5)});
  RunFor(Blocks(60));
}

TEST_P(FaultsTest, Pauses) {
  ExpectFaults("pause");
  ExpectAtTearDown(StaysTrueFor(NodesAreLevel(2), For(Blocks(3))));
  TransactionWorkload transactions(cluster(), {.rate_per_block = 2, .users = 10});
  PauseWorkload pauses(cluster(), {.min_delay = Blocks(3),
                                   .max_delay = Blocks(6),
                                   .min_pause = Blocks(3),
                                   .max_pause = Blocks(15),
                                   .target_cooldown = Blocks(5)});
  RunFor(Blocks(60));
}

TEST_P(FaultsTest, NodesJoinAndLeave) {
  ExpectFaults("join");
  TransactionWorkload transactions(cluster(), {.rate_per_block = 2, .users = 10});
  ChurnWorkload churn(cluster(), {.min_delay = Blocks(3),
                                  .max_delay = Blocks(6),
                                  .min_stay = Blocks(4),
                                  .max_stay = Blocks(8)});
  // Where a node is a pod, it takes as long as 30 blocks to come.
  RunFor(Blocks(100));
}

INSTANTIATE_TEST_SUITE_P(
    Star, FaultsTest, Clusters(Topology::Star().Validators(3).Executors(2).Wallets(20).Slot(100ms)),
    ClusterName);
INSTANTIATE_TEST_SUITE_P(Ring, FaultsTest,
                         Clusters(Topology::Ring().Validators(5).Wallets(20).Slot(100ms)),
                         ClusterName);

}  // namespace
}  // namespace gtestnet

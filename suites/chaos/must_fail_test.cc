// SPDX-License-Identifier: Apache-2.0
// Proof that chaos can fail. Every test here must fail; each is run as a subprocess, and its words
// are compared with those in golden/.
#include <gtestnet/gtestnet.h>

#include <string>
#include <utility>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Ge;
using testing::Lt;
using testing::Not;

// The first node is honest and has nine tenths of the stake; faults are made to the second, so that
// what is seen does not depend on luck.
Topology Two(std::string name) {
  return Topology::Star()
      .Validators(2)
      .Stake(0, 9000)
      .MinPeers(0)
      .SecurityParameter(5)
      .Slot(50ms)
      .Seed(1)
      .Named(std::move(name));
}

KillOptions OnceInAWhile() {
  return {.min_delay = Blocks(10),
          .max_delay = Blocks(10),
          .min_down = Blocks(30),
          .max_down = Blocks(30),
          .targets = {1}};
}

class MustFailTest : public ClusterTest {
 protected:
  void OnReady() override { Await(AllNodes(HasHeight(Ge(1))), Within(Blocks(60))); }
};

// ----- what is watched, or judged over time -----

class AlwaysTest : public MustFailTest {};
TEST_P(AlwaysTest, EndsTheRun) {
  ExpectAtTearDown(Always(NodeNamed("validator-1", IsReachable())));
  KillWorkload kills(cluster(), OnceInAWhile());
  RunFor(Blocks(2000));
}
INSTANTIATE_TEST_SUITE_P(All, AlwaysTest, Clusters(Two("always")), ClusterName);

class AlwaysForTest : public MustFailTest {};
TEST_P(AlwaysForTest, EndsTheRun) {
  ExpectAtTearDown(Always(NodeNamed("validator-1", IsReachable()), For(Blocks(1000))));
  KillWorkload kills(cluster(), OnceInAWhile());
  RunFor(Blocks(2000));
}
INSTANTIATE_TEST_SUITE_P(All, AlwaysForTest, Clusters(Two("always_for")), ClusterName);

class NeverTest : public MustFailTest {};
TEST_P(NeverTest, EndsTheRun) {
  ExpectAtTearDown(Never(NodeNamed("validator-1", Not(IsReachable()))));
  PauseWorkload pauses(cluster(), {.min_delay = Blocks(10),
                                   .max_delay = Blocks(10),
                                   .min_pause = Blocks(60),
                                   .max_pause = Blocks(60),
                                   .targets = {1}});
  RunFor(Blocks(2000));
}
INSTANTIATE_TEST_SUITE_P(All, NeverTest, Clusters(Two("never")), ClusterName);

class LeadsToTest : public MustFailTest {};
TEST_P(LeadsToTest, ShowsTheFaultOfThatMoment) {
  ExpectAtTearDown(LeadsTo(NodeNamed("validator-1", Not(IsReachable())),
                           NodeNamed("validator-1", IsReachable()), Within(Blocks(10))));
  KillWorkload kills(cluster(), OnceInAWhile());
  RunFor(Blocks(70));
}
INSTANTIATE_TEST_SUITE_P(All, LeadsToTest, Clusters(Two("leads_to")), ClusterName);

class StaysTrueTest : public MustFailTest {};
TEST_P(StaysTrueTest, ShowsWhatEndedIt) {
  ExpectAtTearDown(StaysTrueFor(NodeNamed("validator-1", HasHeight(Lt(5))), For(Blocks(30))));
  RunFor(Blocks(60));
}
INSTANTIATE_TEST_SUITE_P(All, StaysTrueTest, Clusters(Two("stays_true")), ClusterName);

// ----- options -----

class TooManyTest : public MustFailTest {};
TEST_P(TooManyTest, IsRefused) {
  KillWorkload kills(cluster(), {.at_once = 2});
  RunFor(Blocks(20));
}
INSTANTIATE_TEST_SUITE_P(All, TooManyTest,
                         Clusters(Topology::FullMesh().Validators(4).Slot(100ms).Named("too_many")),
                         ClusterName);

class MinAboveMaxTest : public MustFailTest {};
TEST_P(MinAboveMaxTest, IsRefused) {
  RestartWorkload restarts(cluster(), {.min_delay = Blocks(9), .max_delay = Blocks(3)});
  RunFor(Blocks(20));
}
INSTANTIATE_TEST_SUITE_P(All, MinAboveMaxTest, Clusters(Two("min_above_max")), ClusterName);

class UnknownRoleTest : public MustFailTest {};
TEST_P(UnknownRoleTest, IsRefused) {
  PauseWorkload pauses(cluster(), {.roles = {"archivist"}});
  RunFor(Blocks(20));
}
INSTANTIATE_TEST_SUITE_P(All, UnknownRoleTest, Clusters(Two("unknown_role")), ClusterName);

// ----- nodes that misbehave under faults -----

class IgnoresStopTest : public MustFailTest {};
TEST_P(IgnoresStopTest, IsCaught) {
  RestartWorkload restarts(cluster(),
                           {.min_delay = Blocks(2), .max_delay = Blocks(2), .targets = {1}});
  RunFor(Blocks(2000));
}
INSTANTIATE_TEST_SUITE_P(All, IgnoresStopTest,
                         Clusters(Two("ignores_stop").Misbehave(1, "ignore-sigterm")), ClusterName);

// The only node that it can download blocks from gives none away.
class NeverCatchesUpTest : public MustFailTest {};
TEST_P(NeverCatchesUpTest, IsCaught) {
  KillWorkload kills(cluster(), OnceInAWhile());
  RunFor(Blocks(2000));
}
INSTANTIATE_TEST_SUITE_P(All, NeverCatchesUpTest,
                         Clusters(Two("never_catches_up").Misbehave(0, "refuse-sync")),
                         ClusterName);

class SlowToRecoverTest : public MustFailTest {};
TEST_P(SlowToRecoverTest, IsCaught) {
  Allow("ConsensusIsLive");
  Allow("FinalityAdvances");
  ExpectAtTearDown(RecoversWithin(Blocks(20)));
  RunFor(Blocks(10));
  GTESTNET_ASSERT_OK(cluster().node_control().Kill(1));
  RunFor(Blocks(20));
  GTESTNET_ASSERT_OK(cluster().node_control().Start(1));
  RunFor(Blocks(60));
}
INSTANTIATE_TEST_SUITE_P(All, SlowToRecoverTest,
                         Clusters(Two("slow_to_recover").Misbehave(0, "refuse-sync")), ClusterName);

// ----- a fault that does not bite -----

// The workload of a test of one's own, which kills what the test itself has stopped.
class BitelessTest : public MustFailTest {};
TEST_P(BitelessTest, IsCaught) {
  GTESTNET_ASSERT_OK(cluster().node_control().Stop(1));
  Workload kill(cluster(), {.name = "kill_once"}, [](WorkloadRun& run) -> absl::Status {
    run.Acted();
    return run.context().node_control().Kill(1);
  });
  RunFor(Blocks(2000));
}
INSTANTIATE_TEST_SUITE_P(All, BitelessTest, Clusters(Two("fault_without_bite")), ClusterName);

}  // namespace
}  // namespace gtestnet

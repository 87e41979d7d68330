// SPDX-License-Identifier: Apache-2.0
// Several faults at once, on one cluster.
#include <gtestnet/gtestnet.h>

#include <algorithm>
#include <set>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Ge;
using testing::Not;

// The most nodes that were down at one time, by the record's events.
int MostDown(const RunRecord& record) {
  std::set<NodeIndex> down;
  size_t most = 0;
  for (const NodeEvent& event : record.events) {
    if (static_cast<size_t>(event.node) >= 5) continue;  // one that joined
    const bool up = event.kind == NodeEventKind::kStarted || event.kind == NodeEventKind::kAdded ||
                    event.kind == NodeEventKind::kResumed;
    up ? (void)down.erase(event.node) : (void)down.insert(event.node);
    most = std::max(most, down.size());
  }
  return static_cast<int>(most);
}

class TogetherTest : public ClusterTest {
 protected:
  void OnReady() override {
    ExpectAtTearDown(ConsensusIsLive());
    ExpectAtTearDown(AgreesOnChain());
    ExpectAtTearDown(FinalityAdvances());
    ExpectAtTearDown(RecoversWithin(Blocks(60)));
    ExpectAtTearDown(IncludesTransactions(Ge(0.8)));
    ExpectAtTearDown(SpendsEachNoteOnce());
    ExpectAtTearDown(HasNoUnexpectedExits());
    // Never more than the mesh of five tolerates.
    ExpectAtTearDown(testing::ResultOf("the most nodes that were down", MostDown, testing::Le(2)));
  }
};

TEST_P(TogetherTest, RestartsPausesKillsAndChurnUnderTransactions) {
  TransactionWorkload transactions(cluster(), {.rate_per_block = 3, .users = 20});
  RestartWorkload restarts(cluster(), {.min_delay = Blocks(4), .max_delay = Blocks(8)});
  PauseWorkload pauses(cluster(), {.min_delay = Blocks(4), .max_delay = Blocks(8)});
  KillWorkload kills(cluster(), {.min_delay = Blocks(4), .max_delay = Blocks(8)});
  ChurnWorkload churn(cluster(), {.min_delay = Blocks(5), .max_delay = Blocks(15)});
  RunFor(Blocks(80));
}

INSTANTIATE_TEST_SUITE_P(Mesh, TogetherTest,
                         Clusters(Topology::FullMesh().Validators(5).Wallets(20).Slot(100ms)),
                         ClusterName);

// Two of five at once: as many as it bears.
class MinorityTest : public TogetherTest {};

TEST_P(MinorityTest, TwoOfFiveAreKilledAtOnce) {
  TransactionWorkload transactions(cluster(), {.rate_per_block = 3, .users = 20});
  KillWorkload kills(
      cluster(),
      {.min_delay = Blocks(4), .max_delay = Blocks(8), .target_cooldown = Blocks(0), .at_once = 2});
  RunFor(Blocks(60));
}

INSTANTIATE_TEST_SUITE_P(Mesh, MinorityTest,
                         Clusters(Topology::FullMesh().Validators(5).Wallets(20).Slot(100ms)),
                         ClusterName);

// A star whose hub is a target because the test names it: all else is cut off meanwhile.
class HubTest : public ClusterTest {};

TEST_P(HubTest, IsPausedBecauseItIsNamed) {
  ExpectAtTearDown(AgreesOnChain());
  ExpectAtTearDown(FinalityAdvances());
  ExpectAtTearDown(RecoversWithin(Blocks(60)));
  PauseWorkload pauses(cluster(), {.min_delay = Blocks(5),
                                   .max_delay = Blocks(8),
                                   .min_pause = Blocks(3),
                                   .max_pause = Blocks(5),
                                   .targets = {0}});
  RunFor(Blocks(60));
}

INSTANTIATE_TEST_SUITE_P(Star, HubTest, Clusters(Topology::Star().Validators(4).Slot(100ms)),
                         ClusterName);

// More than it bears, because the test asks for it: all stop, and go on from where they were.
class MajorityTest : public ClusterTest {};

TEST_P(MajorityTest, AllAreKilledAtOnceAndGoOn) {
  ExpectAtTearDown(AgreesOnChain());
  ExpectAtTearDown(FinalityAdvances());
  ExpectAtTearDown(LeadsTo(AllNodes(Not(IsReachable())), NodesAreLevel(2), Within(20s)));
  KillWorkload kills(cluster(), {.min_delay = Blocks(12),
                                 .max_delay = Blocks(16),
                                 .min_down = Blocks(3),
                                 .max_down = Blocks(3),
                                 .target_cooldown = Blocks(0),
                                 .at_once = 4,
                                 .beyond_tolerance = true});
  RunFor(Blocks(60));
}

INSTANTIATE_TEST_SUITE_P(Mesh, MajorityTest,
                         Clusters(Topology::FullMesh().Validators(4).Slot(100ms)), ClusterName);

}  // namespace
}  // namespace gtestnet

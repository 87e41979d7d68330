// SPDX-License-Identifier: Apache-2.0
#include "core/src/faults/fault_plan.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/src/run/testing/fake_cluster.h"
#include "core/src/run/tolerance.h"
#include "gtestnet/fault_workloads.h"
#include "gtestnet/nomos/nomos.h"

namespace gtestnet::nomos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing_support::FakeTopology;

TEST(CutNodesTest, FindsThoseThatHoldTheRestTogether) {
  EXPECT_THAT(CutNodes(Layout::Star(), 4), ElementsAre(0));
  EXPECT_THAT(CutNodes(Layout::Star(), 2), ElementsAre(0));
  EXPECT_THAT(CutNodes(Layout::Star(), 1), IsEmpty());
  EXPECT_THAT(CutNodes(Layout::Chain(), 4), ElementsAre(1, 2));
  EXPECT_THAT(CutNodes(Layout::Ring(), 4), IsEmpty());
  EXPECT_THAT(CutNodes(Layout::FullMesh(), 5), IsEmpty());
  EXPECT_THAT(CutNodes(Layout::Custom({{0, 1}, {1, 2}, {2, 0}, {2, 3}}), 4), ElementsAre(2));
}

// By what the words say: those without which more parts are left.
std::vector<NodeIndex> CutNodesByTrial(const std::vector<Edge>& edges, int nodes) {
  const auto parts = [&](NodeIndex without) {
    std::vector<int> part(static_cast<size_t>(nodes));
    for (int i = 0; i < nodes; ++i) part[static_cast<size_t>(i)] = i;
    for (int round = 0; round < nodes; ++round) {
      for (const Edge& edge : edges) {
        if (edge.from == without || edge.to == without) continue;
        int& a = part[static_cast<size_t>(edge.from)];
        int& b = part[static_cast<size_t>(edge.to)];
        a = b = std::min(a, b);
      }
    }
    std::set<int> different;
    for (int i = 0; i < nodes; ++i) {
      if (i != without) different.insert(part[static_cast<size_t>(i)]);
    }
    return different.size();
  };
  std::vector<NodeIndex> cut;
  for (NodeIndex node = 0; node < nodes; ++node) {
    if (parts(node) > parts(-1)) cut.push_back(node);
  }
  return cut;
}

TEST(CutNodesTest, AreThoseThatATrialFinds) {
  Random random(7);
  for (int trial = 0; trial < 300; ++trial) {
    const int nodes = 2 + static_cast<int>(random.Below(9));
    const uint64_t most = 1 + random.Below(14);
    std::vector<Edge> edges;
    std::set<std::pair<int, int>> seen;
    for (uint64_t i = 0; i < most; ++i) {
      const int a = static_cast<int>(random.Below(static_cast<uint64_t>(nodes)));
      const int b = static_cast<int>(random.Below(static_cast<uint64_t>(nodes)));
      if (a != b && seen.insert(std::minmax(a, b)).second) edges.push_back({a, b});
    }
    EXPECT_EQ(CutNodes(Layout::Custom(edges), nodes), CutNodesByTrial(edges, nodes))
        << testing::PrintToString(seen);
  }
}

TEST(ToleranceTest, IsKnownOfTheLargestTopologies) {
  std::vector<Edge> edges;  // as many as there may be
  for (int step = 1; step <= 10; ++step) {
    for (int i = 0; i < 1000; ++i) edges.push_back({i, (i + step) % 1000});
  }
  const KillOptions most{.at_once = 499};
  const KillOptions above{.at_once = 500};
  for (const TopologySpec& topology : {Topology::FullMesh().Validators(1000).spec(),
                                       Topology::Custom(edges).Validators(1000).spec(),
                                       Topology::Star().Validators(1000).spec()}) {
    EXPECT_TRUE(Validate(most, topology).ok()) << Validate(most, topology);
    EXPECT_THAT(std::string(Validate(above, topology).message()), HasSubstr("which is 499"));
  }
  EXPECT_EQ(CutNodes(Layout::Chain(), 1000).size(), 998u);
  EXPECT_EQ(
      Tolerance(Topology::Chain().Validators(1000).spec()).Violation({1}, Keep::kConnectedMajority),
      "what remains falls apart");
}

TEST(FaultTargetsTest, AreAllButCutNodesUnlessTheyAreNamed) {
  const TopologySpec star = FakeTopology::Star().Nodes(3);
  EXPECT_THAT(FaultTargets({}, star), ElementsAre(1, 2));
  EXPECT_THAT(FaultTargets({.targets = {0}}, star), ElementsAre(0));
  EXPECT_THAT(FaultTargets({.roles = {"node"}}, star), ElementsAre(1, 2));
  EXPECT_THAT(FaultTargets({.roles = {"node"}, .beyond_tolerance = true}, star),
              ElementsAre(0, 1, 2));
}

TEST(ToleranceTest, KeepsAMajorityThatHangsTogether) {
  const Tolerance star(FakeTopology::Star().Nodes(5));
  EXPECT_EQ(star.Violation({1, 2}, Keep::kConnectedMajority), "");
  EXPECT_EQ(star.Violation({1, 2, 3}, Keep::kConnectedMajority),
            "what remains has 2 of 5 of the nodes, not the majority");
  EXPECT_EQ(star.Violation({0}, Keep::kConnectedMajority), "what remains falls apart");
  EXPECT_EQ(star.Violation({0}, Keep::kMajority), "");
  EXPECT_EQ(star.Violation({0, 1, 2, 3, 4}, Keep::kNothing), "");
  EXPECT_EQ(star.Most({1, 2, 3, 4}, Keep::kConnectedMajority), 2);
  EXPECT_EQ(star.Most({0}, Keep::kConnectedMajority), 0);
  EXPECT_EQ(star.Most({0, 1, 2, 3, 4}, Keep::kNothing), 5);
  // Half is not more than half.
  EXPECT_EQ(Tolerance(FakeTopology::FullMesh().Nodes(2)).Most({0, 1}, Keep::kMajority), 0);
  // A chain comes apart between two that are down.
  EXPECT_EQ(Tolerance(FakeTopology::Ring().Nodes(5)).Violation({0, 2}, Keep::kConnectedMajority),
            "what remains falls apart");
}

class FaultPlanTest : public testing::Test {
 protected:
  static FaultPlan Make(uint64_t seed, int at_once = 1) {
    FaultOptions options;
    options.min_delay = Blocks(4);
    options.max_delay = Blocks(8);
    options.max_down = Blocks(2);
    options.target_cooldown = seconds(60);
    options.at_once = at_once;
    return FaultPlan(options, {.slot = milliseconds(100)}, {1, 2, 3}, Random(seed));
  }
};

TEST_F(FaultPlanTest, IsTheSameForTheSameSeed) {
  FaultPlan a = Make(7), b = Make(7), c = Make(8);
  std::vector<int64_t> of_a, of_b, of_c;
  for (int i = 0; i < 50; ++i) {
    for (auto [plan, into] : {std::pair{&a, &of_a}, {&b, &of_b}, {&c, &of_c}}) {
      into->push_back(plan->NextDelay().count());
      into->push_back(plan->Choose({0, 1, 2, 3}, milliseconds(0)).at(0));
      into->push_back(plan->NextDown().count());
    }
  }
  EXPECT_EQ(of_a, of_b);
  EXPECT_NE(of_a, of_c);
}

TEST_F(FaultPlanTest, StaysWithinItsBounds) {
  FaultPlan plan = Make(7);
  for (int i = 0; i < 200; ++i) {
    EXPECT_THAT(plan.NextDelay(), AllOf(Ge(milliseconds(400)), Le(milliseconds(800))));
    EXPECT_THAT(plan.NextDown(), AllOf(Ge(milliseconds(0)), Le(milliseconds(200))));
  }
}

TEST_F(FaultPlanTest, LeavesANodeAloneWhileItCoolsDownOrIsDown) {
  FaultPlan plan = Make(7);
  plan.Recovered(1, seconds(0));
  for (int i = 0; i < 20; ++i) EXPECT_THAT(plan.Choose({1, 2}, seconds(59)), ElementsAre(2));
  EXPECT_THAT(plan.Choose({1}, seconds(59)), IsEmpty());
  EXPECT_THAT(plan.Choose({1}, seconds(60)), ElementsAre(1));
  EXPECT_THAT(plan.Choose({0}, seconds(60)), IsEmpty());
}

TEST_F(FaultPlanTest, ChoosesAsManyAsItShallAtOnceOrNone) {
  FaultPlan plan = Make(7, 2);
  for (int i = 0; i < 20; ++i) {
    const std::vector<NodeIndex> chosen = plan.Choose({0, 1, 2, 3}, seconds(0));
    ASSERT_EQ(chosen.size(), 2u);
    EXPECT_LT(chosen[0], chosen[1]);
  }
  EXPECT_THAT(plan.Choose({0, 1}, seconds(0)), IsEmpty());
}

TEST(ValidateFaultsTest, NamesTheField) {
  const TopologySpec mesh = FakeTopology::FullMesh().Nodes(4);
  const auto said = [&](const auto& options) {
    return std::string(Validate(options, mesh).message());
  };
  EXPECT_EQ(said(RestartOptions{}), "");
  EXPECT_EQ(said(RestartOptions{.min_delay = Blocks(-1)}),
            "restarts \"restarts\": min_delay (-1 blocks) must not be negative");
  EXPECT_EQ(said(RestartOptions{.min_delay = Blocks(0), .max_delay = Blocks(0)}),
            "restarts \"restarts\": max_delay (0 blocks) must be above zero");
  EXPECT_EQ(said(RestartOptions{.min_delay = Blocks(9), .max_delay = Blocks(8)}),
            "restarts \"restarts\": min_delay (9 blocks) is above max_delay (8 blocks)");
  EXPECT_EQ(said(RestartOptions{.target_cooldown = seconds(-1)}),
            "restarts \"restarts\": target_cooldown (-1 s) must not be negative");
  EXPECT_EQ(said(KillOptions{.min_down = Blocks(9), .max_down = Blocks(8)}),
            "kills \"kills\": min_down (9 blocks) is above max_down (8 blocks)");
  EXPECT_EQ(said(PauseOptions{.max_pause = Blocks(-3)}),
            "pauses \"pauses\": max_pause (-3 blocks) must be above zero");
  EXPECT_EQ(said(PauseOptions{.roles = {"king"}}),
            "pauses \"pauses\": roles: there is no node of role \"king\"; there are node");
  EXPECT_EQ(said(KillOptions{.targets = {7}}),
            "kills \"kills\": targets: there is no node 7; nodes go from 0 to 3");
  EXPECT_EQ(said(KillOptions{.at_once = 0}), "kills \"kills\": at_once (0) must be at least 1");
  EXPECT_EQ(said(KillOptions{.at_once = 2}),
            "kills \"kills\": at_once (2) is more than the topology tolerates, which is 1: what "
            "remains must hang together and have more than half of the nodes; beyond_tolerance "
            "allows it");
  EXPECT_EQ(said(KillOptions{.at_once = 4, .beyond_tolerance = true}), "");
  EXPECT_EQ(said(ChurnOptions{.min_stay = Blocks(5), .max_stay = Blocks(4)}),
            "churn \"churn\": min_stay (5 blocks) is above max_stay (4 blocks)");
  EXPECT_EQ(said(ChurnOptions{.role = "king"}),
            "churn \"churn\": role: there is no role \"king\"; there are node");
}

}  // namespace
}  // namespace gtestnet::nomos

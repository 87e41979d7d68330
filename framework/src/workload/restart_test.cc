// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "gtestnet/restart_workload.h"
#include "gtestnet/runner.h"
#include "src/runner/testing/fake_cluster.h"
#include "src/runner/testing/manual_clock.h"
#include "src/workload/restart_plan.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing_support::FakeCluster;
using testing_support::FakeTopology;
using testing_support::FakeWorld;
using testing_support::ManualClock;

TEST(CutNodesTest, FindsThoseThatHoldTheRestTogether) {
  EXPECT_THAT(CutNodes(Layout::Star(), 4), ElementsAre(0));
  EXPECT_THAT(CutNodes(Layout::Star(), 2), ElementsAre(0));
  EXPECT_THAT(CutNodes(Layout::Star(), 1), IsEmpty());
  EXPECT_THAT(CutNodes(Layout::Chain(), 4), ElementsAre(1, 2));
  EXPECT_THAT(CutNodes(Layout::Ring(), 4), IsEmpty());
  EXPECT_THAT(CutNodes(Layout::FullMesh(), 5), IsEmpty());
  EXPECT_THAT(CutNodes(Layout::Custom({{0, 1}, {1, 2}, {2, 0}, {2, 3}}), 4), ElementsAre(2));
}

TEST(RestartTargetsTest, AreAllButCutNodesUnlessTheyAreNamed) {
  const TopologySpec star = FakeTopology::Star().Nodes(3);
  EXPECT_THAT(RestartTargets({}, star), ElementsAre(1, 2));
  EXPECT_THAT(RestartTargets({.targets = {0}}, star), ElementsAre(0));
}

class RestartPlanTest : public testing::Test {
 protected:
  static RestartPlan Make(uint64_t seed) {
    return RestartPlan(
        {.min_delay = Blocks(4), .max_delay = Blocks(8), .target_cooldown = seconds(60)},
        {.slot = milliseconds(100)}, {1, 2, 3}, Random(seed));
  }
};

TEST_F(RestartPlanTest, IsTheSameForTheSameSeed) {
  RestartPlan a = Make(7), b = Make(7), c = Make(8);
  std::vector<int64_t> of_a, of_b, of_c;
  for (int i = 0; i < 50; ++i) {
    for (auto [plan, into] : {std::pair{&a, &of_a}, {&b, &of_b}, {&c, &of_c}}) {
      into->push_back(plan->NextDelay().count());
      into->push_back(plan->Choose({0, 1, 2, 3}, milliseconds(0)).value());
    }
  }
  EXPECT_EQ(of_a, of_b);
  EXPECT_NE(of_a, of_c);
}

TEST_F(RestartPlanTest, WaitsBetweenItsBounds) {
  RestartPlan plan = Make(7);
  for (int i = 0; i < 200; ++i) {
    EXPECT_THAT(plan.NextDelay(), AllOf(Ge(milliseconds(400)), Le(milliseconds(800))));
  }
}

TEST_F(RestartPlanTest, LeavesANodeAloneWhileItCoolsDownOrIsDown) {
  RestartPlan plan = Make(7);
  plan.Restarted(1, seconds(0));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(plan.Choose({1, 2}, seconds(59)), 2);
  EXPECT_EQ(plan.Choose({1}, seconds(59)), std::nullopt);
  EXPECT_EQ(plan.Choose({1}, seconds(60)), 1);
  EXPECT_EQ(plan.Choose({0}, seconds(60)), std::nullopt);
}

class RestartWorkloadTest : public testing::Test {
 protected:
  RestartWorkloadTest() {
    static int runs = 0;
    ClusterSpec spec;
    spec.topology = FakeTopology::Star().Nodes(4);
    spec.run_id = "restart-test-" + std::to_string(++runs);
    spec.seed = 5;
    RunnerOptions options;
    options.clock = &clock_;
    runner_ = std::make_unique<Runner>(std::make_unique<FakeCluster>(spec, clock_), options);
    EXPECT_TRUE(runner_->Begin().ok());
  }
  FakeWorld& world() { return testing_support::WorldOf(runner_->cluster().spec()); }

  ManualClock clock_{2};
  std::unique_ptr<Runner> runner_;
};

TEST_F(RestartWorkloadTest, RestartsNodesOneAtATime) {
  RestartWorkload restarts(runner_->context(), {.min_delay = Blocks(4), .max_delay = Blocks(8)});
  ASSERT_TRUE(runner_->RunFor(seconds(30)).ok());
  ASSERT_TRUE(runner_->Finish().ok());
  const RunRecord& record = runner_->record();
  EXPECT_GE(record.workloads.at(0).actions, 10);
  EXPECT_THAT(record.workloads.at(0).plan,
              "restarts one of node-1, node-2, node-3 every 4 blocks to 8 blocks, each at most "
              "once in 15 blocks");
  NodeIndex down = -1;
  for (const NodeEvent& event : record.events) {
    if (event.cause != "restarts") continue;
    EXPECT_NE(event.node, 0);
    if (event.kind == NodeEventKind::kStopped) {
      EXPECT_EQ(down, -1);
      down = event.node;
    } else {
      EXPECT_EQ(event.kind, NodeEventKind::kStarted);
      EXPECT_EQ(down, event.node);
      down = -1;
    }
  }
  EXPECT_EQ(down, -1);
}

TEST_F(RestartWorkloadTest, KillsIfItIsToldTo) {
  RestartWorkload restarts(runner_->context(),
                           {.min_delay = Blocks(1), .max_delay = Blocks(2), .kill = true});
  ASSERT_TRUE(runner_->RunFor(seconds(1)).ok());
  ASSERT_TRUE(runner_->Finish().ok());
  EXPECT_THAT(world().verbs.at(0), HasSubstr("kill"));
}

TEST_F(RestartWorkloadTest, ANodeThatDoesNotCatchUpBreaksTheRun) {
  world().height_behind = {{2, 3}};
  RestartWorkload restarts(runner_->context(),
                           {.min_delay = Blocks(1), .max_delay = Blocks(1), .targets = {2}});
  const absl::Status status = runner_->RunFor(seconds(60));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("workload restarts: node-2 has not caught up"),
                    HasSubstr("after its restart; last seen: NodeSample{"),
                    HasSubstr("the highest node is at "), HasSubstr("log: /logs/node-2")));
}

TEST_F(RestartWorkloadTest, AVerbThatFailsBreaksTheRun) {
  world().next_verb = absl::FailedPreconditionError("it is not running");
  RestartWorkload restarts(runner_->context(),
                           {.min_delay = Blocks(1), .max_delay = Blocks(1), .targets = {2}});
  EXPECT_EQ(std::string(runner_->RunFor(seconds(60)).message()),
            "workload restarts: node-2 cannot be taken down: it is not running");
}

TEST_F(RestartWorkloadTest, BadOptionsBreakTheRun) {
  RestartWorkload restarts(runner_->context(), {.targets = {9}});
  EXPECT_THAT(std::string(runner_->RunFor(seconds(60)).message()),
              HasSubstr("there is no node 9; nodes go from 0 to 3"));
}

}  // namespace
}  // namespace gtestnet

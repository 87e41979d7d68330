// SPDX-License-Identifier: Apache-2.0
// Faults whose targets are chosen at their moment.
#include <gmock/gmock.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/src/run/testing/fake_cluster.h"
#include "core/src/run/testing/manual_clock.h"
#include "gtestnet/fault_workloads.h"
#include "gtestnet/runner.h"

namespace gtestnet {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;
using testing_support::FakeCluster;
using testing_support::FakeObserver;
using testing_support::FakeTopology;
using testing_support::MakeFakeKind;
using testing_support::ManualClock;

constexpr char kLeader[] = "leader";

// One node leads until it does not answer; then the next one that does.
class Election : public FakeObserver {
 public:
  using FakeObserver::FakeObserver;

  Snapshot Latest() const override {
    Snapshot snapshot = FakeObserver::Latest();
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < snapshot.nodes.size() && !snapshot.nodes[leader_].reachable; ++i) {
      leader_ = (leader_ + 1) % snapshot.nodes.size();
    }
    for (NodeSample& node : snapshot.nodes) node.status = "follower";
    snapshot.nodes[leader_].status = kLeader;
    return snapshot;
  }

 private:
  mutable std::mutex mutex_;
  mutable size_t leader_ = 0;
};

std::optional<NodeIndex> WhoLeads(const Snapshot& snapshot) {
  for (const NodeSample& node : snapshot.nodes) {
    if (node.reachable && node.status == kLeader) return node.node;
  }
  return std::nullopt;
}

class ChooseTest : public testing::Test {
 protected:
  ChooseTest() {
    for (const char* name : {"GTESTNET_TIMEOUT_SCALE", "SLOW_TEST_ENV"}) unsetenv(name);
    Make();
  }
  void Make(std::shared_ptr<const RunRecord> replay = nullptr) {
    static int runs = 0;
    static const std::unique_ptr<NodeKind> kind =
        MakeFakeKind("member", [](const auto&...) { return std::string(); });
    runner_.reset();
    ClusterSpec spec;
    spec.topology = FakeTopology::FullMesh().Nodes(5);
    spec.topology.kind = kind.get();
    spec.run_id = "choose-test-" + std::to_string(++runs);
    spec.seed = 5;
    testing_support::WorldOf(spec).observe = [](RunContext& context) {
      return std::make_unique<Election>(context);
    };
    RunnerOptions options;
    options.clock = &clock_;
    options.replay = std::move(replay);
    runner_ = std::make_unique<Runner>(std::make_unique<FakeCluster>(spec, clock_), options);
    EXPECT_TRUE(runner_->Begin().ok());
  }
  KillOptions Kills(NodeChoice choose) const {
    return {.min_delay = Blocks(2),
            .max_delay = Blocks(6),
            .min_down = Blocks(2),
            .max_down = Blocks(4),
            .choose = std::move(choose)};
  }
  std::vector<FaultRecord> Faults(seconds time = seconds(20)) {
    EXPECT_EQ(runner_->RunFor(time), absl::OkStatus());
    EXPECT_EQ(runner_->Finish(), absl::OkStatus());
    return runner_->record().faults;
  }
  static std::vector<NodeIndex> Nodes(const std::vector<FaultRecord>& faults) {
    std::vector<NodeIndex> nodes;
    for (const FaultRecord& fault : faults) nodes.push_back(fault.node);
    return nodes;
  }

  ManualClock clock_{2};
  std::unique_ptr<Runner> runner_;
};

TEST_F(ChooseTest, TheLeaderIsHitEachTime) {
  KillWorkload kills(runner_->context(), Kills(WhoLeads));
  const std::vector<NodeIndex> hit = Nodes(Faults());
  ASSERT_GE(hit.size(), 7u);
  // Each one's successor leads, and is the next; no cool-down keeps the first from its second turn.
  for (size_t i = 0; i < hit.size(); ++i) EXPECT_EQ(hit[i], static_cast<NodeIndex>(i % 5)) << i;
  EXPECT_EQ(runner_->record().workloads.at(0).plan,
            "kills whom choose names, every 2 blocks to 6 blocks, for 2 blocks to 4 blocks");
}

TEST_F(ChooseTest, ARepeatedRunHitsTheSameAndAsksNobody) {
  {
    KillWorkload kills(runner_->context(), Kills(WhoLeads));
    Faults();
  }
  const auto record = std::make_shared<RunRecord>(runner_->record());
  Make(record);
  bool asked = false;
  KillWorkload kills(runner_->context(), Kills([&](const Snapshot&) -> NodeIndex {
                       asked = true;
                       return 4;
                     }));
  EXPECT_EQ(Nodes(Faults(seconds(21))), Nodes(record->faults));
  EXPECT_FALSE(asked);
}

TEST_F(ChooseTest, RandomChoicesComeFromTheRunsSeed) {
  const auto two_of_all = [](const Snapshot& snapshot, Random& random) {
    const auto count = static_cast<NodeIndex>(snapshot.nodes.size());
    const auto first = static_cast<NodeIndex>(random.Below(static_cast<uint64_t>(count)));
    return std::vector<NodeIndex>{(first + 1) % count, first, first};
  };
  std::vector<NodeIndex> first;
  {
    PauseWorkload pauses(runner_->context(), {.choose = two_of_all});
    first = Nodes(Faults());
  }
  ASSERT_GE(first.size(), 6u);
  EXPECT_EQ(first.size() % 2, 0u);
  Make();
  PauseWorkload pauses(runner_->context(), {.choose = two_of_all});
  EXPECT_EQ(Nodes(Faults()), first);
}

TEST_F(ChooseTest, NobodyNowIsAskedAgain) {
  int asked = 0;
  RestartWorkload restarts(runner_->context(),
                           {.min_delay = Blocks(1),
                            .max_delay = Blocks(1),
                            .choose = [&](const Snapshot&) -> std::optional<NodeIndex> {
                              if (++asked == 3) return 2;
                              return std::nullopt;
                            }});
  EXPECT_EQ(Nodes(Faults(seconds(2))), std::vector<NodeIndex>{2});
  EXPECT_GE(asked, 4);
}

TEST_F(ChooseTest, NobodyInTheWholeRunFailsIt) {
  KillWorkload kills(runner_->context(),
                     Kills([](const Snapshot&) { return std::vector<NodeIndex>(); }));
  EXPECT_THAT(Faults(seconds(5)), SizeIs(0));
  const std::vector<VerdictRecord>& verdicts = runner_->Judge();
  ASSERT_THAT(verdicts, SizeIs(1));
  EXPECT_FALSE(verdicts[0].met);
  EXPECT_EQ(verdicts[0].expectation, "workload kills acted");
  EXPECT_THAT(verdicts[0].observed,
              testing::MatchesRegex("none in .* s \\(kills whom choose names, every 2 blocks to 6 "
                                    "blocks, for 2 blocks to 4 blocks; asked [0-9]+ times, in vain "
                                    "[0-9]+, at last because it named nobody\\)"));
}

TEST_F(ChooseTest, WhatWouldLeaveNoMajorityIsLeftOut) {
  KillWorkload kills(runner_->context(), Kills([](const Snapshot&) {
                       return std::vector<NodeIndex>{0, 1, 2};
                     }));
  EXPECT_THAT(Faults(seconds(5)), SizeIs(0));
  EXPECT_THAT(runner_->record().workloads.at(0).plan,
              AllOf(HasSubstr(", at last because "), testing::Not(EndsWith("because "))));
}

TEST_F(ChooseTest, ANodeThatIsNotThereBreaksTheRun) {
  KillWorkload kills(runner_->context(), Kills([](const Snapshot&) { return 7; }));
  EXPECT_EQ(std::string(runner_->RunFor(seconds(5)).message()),
            "workload kills: choose named node 7, which is not there; nodes go from 0 to 4");
}

TEST_F(ChooseTest, IsNotMixedWithOtherTargets) {
  const TopologySpec topology = FakeTopology::FullMesh().Nodes(5);
  KillOptions kills = Kills(WhoLeads);
  EXPECT_EQ(Validate(kills, topology), absl::OkStatus());
  kills.targets = {1};
  EXPECT_EQ(std::string(Validate(kills, topology).message()),
            "kills \"kills\": choose and targets are both set: choose says whom each fault hits");
  kills.targets.clear();
  kills.at_once = 2;
  EXPECT_THAT(std::string(Validate(kills, topology).message()), HasSubstr("choose and at_once"));
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/src/faults/fault_driver.h"
#include "core/src/run/testing/fake_cluster.h"
#include "core/src/run/testing/manual_clock.h"
#include "gtestnet/fault_workloads.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/runner.h"

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
using testing_support::FakeCluster;
using testing_support::FakeTopology;
using testing_support::FakeWorld;
using testing_support::MakeFakeKind;
using testing_support::ManualClock;

class FaultWorkloadTest : public testing::Test {
 protected:
  FaultWorkloadTest() {
    // Times below are said unstretched.
    for (const char* name : {"GTESTNET_TIMEOUT_SCALE", "SLOW_TEST_ENV"}) unsetenv(name);
    Make(FakeTopology::Star().Nodes(4));
  }
  void Make(const TopologySpec& topology, std::shared_ptr<const RunRecord> replay = nullptr) {
    static int runs = 0;
    runner_.reset();
    ClusterSpec spec;
    spec.topology = topology;
    spec.run_id = "fault-test-" + std::to_string(++runs);
    spec.seed = 5;
    RunnerOptions options;
    options.clock = &clock_;
    options.replay = std::move(replay);
    runner_ = std::make_unique<Runner>(std::make_unique<FakeCluster>(spec, clock_), options);
    EXPECT_TRUE(runner_->Begin().ok());
  }
  FakeWorld& world() { return testing_support::WorldOf(runner_->cluster().spec()); }

  ManualClock clock_{2};
  std::unique_ptr<Runner> runner_;
};

TEST_F(FaultWorkloadTest, RestartsNodesOneAtATime) {
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

TEST_F(FaultWorkloadTest, KillsIfItIsToldTo) {
  RestartWorkload restarts(runner_->context(),
                           {.min_delay = Blocks(1), .max_delay = Blocks(2), .kill = true});
  ASSERT_TRUE(runner_->RunFor(seconds(1)).ok());
  ASSERT_TRUE(runner_->Finish().ok());
  EXPECT_THAT(world().verbs.at(0), HasSubstr("kill"));
}

TEST_F(FaultWorkloadTest, ANodeThatDoesNotCatchUpBreaksTheRun) {
  world().height_behind = {{2, 3}};
  RestartWorkload restarts(runner_->context(),
                           {.min_delay = Blocks(1), .max_delay = Blocks(1), .targets = {2}});
  const absl::Status status = runner_->RunFor(seconds(60));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("workload restarts: node-2 has not caught up"),
                    HasSubstr("after it came up; last seen: NodeSample{"),
                    HasSubstr("the highest node is at "), HasSubstr("log: /logs/node-2")));
}

TEST_F(FaultWorkloadTest, ANodeThatIsNotConnectedAgainHasNotRecovered) {
  Make(FakeTopology::Ring().Nodes(5));
  world().links_missing = {{2, 1}};
  KillWorkload kills(runner_->context(), {.min_delay = Blocks(1), .max_delay = Blocks(1)});
  const absl::Status status = runner_->RunFor(seconds(120));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("node-2 has not caught up"),
                    HasSubstr("; it is connected with 1 of the 2 neighbours that are up")));
  // Until then nobody else was taken down.
  ASSERT_TRUE(absl::IsDeadlineExceeded(runner_->Finish()));
  int down = 0;
  for (const NodeEvent& event : runner_->record().events) {
    if (event.kind == NodeEventKind::kKilled) ++down;
    EXPECT_LE(down, 1);
    if (event.kind == NodeEventKind::kStarted && event.cause != "deployer") --down;
  }
  EXPECT_EQ(runner_->record().events.back().node, 2);
}

TEST_F(FaultWorkloadTest, AVerbThatFailsBreaksTheRun) {
  world().next_verb = absl::FailedPreconditionError("it is not running");
  RestartWorkload restarts(runner_->context(),
                           {.min_delay = Blocks(1), .max_delay = Blocks(1), .targets = {2}});
  EXPECT_EQ(std::string(runner_->RunFor(seconds(60)).message()),
            "workload restarts: node-2 was not taken down by this fault, which therefore shows "
            "nothing: it is not running");
}

// Drives kills as its own thread would, until it was told to stop by what a verb does.
class EndingRunTest : public FaultWorkloadTest {
 protected:
  EndingRunTest() {
    clock_.set_threads(1);
    Make(FakeTopology::FullMesh().Nodes(5));
  }
  absl::Status Drive(int at_once = 1) {
    FaultOptions options;
    options.name = "kills";
    options.fault = "kill";
    options.act = FaultOptions::Act::kKill;
    options.min_delay = options.max_delay = Blocks(1);
    options.at_once = at_once;
    WorkloadRun run(runner_->context(), "kills", stop_.get_token());
    return DriveFaults(run, options);
  }
  std::vector<FaultRecord> Faults() {
    runner_->context().Break(absl::AbortedError("over"));
    EXPECT_FALSE(runner_->Finish().ok());
    return runner_->record().faults;
  }

  std::stop_source stop_;
};

TEST_F(EndingRunTest, AVerbThatFailsAsTheWorkloadIsToldToStopIsNoFault) {
  world().on_verb = [&](const std::string&) {
    stop_.request_stop();
    return absl::FailedPreconditionError("it is not running");
  };
  EXPECT_EQ(Drive(), absl::OkStatus());
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(EndingRunTest, AVerbThatFailsAfterTheRunBrokeIsNoFault) {
  world().on_verb = [&](const std::string& verb) {
    // Somebody else ends the run, and the node is gone.
    runner_->context().Break(absl::AbortedError("node-1 exited though nobody asked it to"));
    stop_.request_stop();
    return absl::UnavailableError(verb + ": the backend does not answer");
  };
  EXPECT_EQ(Drive(), absl::OkStatus());
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(EndingRunTest, WhatWasTakenDownBeforeIsAFaultAndComesBack) {
  int verbs = 0;
  world().on_verb = [&](const std::string&) {
    if (++verbs != 2) return absl::OkStatus();
    stop_.request_stop();
    return absl::UnavailableError("the backend does not answer");
  };
  EXPECT_EQ(Drive(/*at_once=*/2), absl::OkStatus());
  for (NodeIndex node = 0; node < 5; ++node) EXPECT_TRUE(runner_->context().IsUp(node)) << node;
  const std::vector<FaultRecord> faults = Faults();
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(verbs, 3);
}

TEST_F(EndingRunTest, ANodeThatDoesNotComeBackIsToldAlsoAtTheEnd) {
  world().on_verb = [&](const std::string& verb) {
    stop_.request_stop();
    return verb.starts_with("start") ? absl::InternalError("exit status 3") : absl::OkStatus();
  };
  const absl::Status status = Drive();
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("did not come back"), HasSubstr("exit status 3")));
  EXPECT_EQ(Faults().size(), 1u);
}

TEST_F(FaultWorkloadTest, BadOptionsBreakTheRun) {
  RestartWorkload restarts(runner_->context(), {.targets = {9}});
  EXPECT_THAT(std::string(runner_->RunFor(seconds(60)).message()),
              HasSubstr("there is no node 9; nodes go from 0 to 3"));
}

TEST_F(FaultWorkloadTest, PausesForAsLongAsItShallAndRecordsTheRecovery) {
  PauseWorkload pauses(runner_->context(), {.min_pause = Blocks(3), .max_pause = Blocks(3)});
  ASSERT_TRUE(runner_->RunFor(seconds(30)).ok());
  ASSERT_TRUE(runner_->Finish().ok());
  const RunRecord& record = runner_->record();
  ASSERT_FALSE(record.faults.empty());
  EXPECT_EQ(record.faults[0].fault, "pause");
  EXPECT_EQ(record.faults[0].workload, "pauses");
  EXPECT_EQ(record.faults[0].down_for, milliseconds(300));
  EXPECT_TRUE(record.faults[0].recovered_after.has_value());
  ASSERT_GE(record.events.size(), 2u);
  std::vector<NodeEvent> mine;
  for (const NodeEvent& event : record.events) {
    if (event.cause == "pauses") mine.push_back(event);
  }
  ASSERT_EQ(mine.size() % 2, 0u);
  for (size_t i = 0; i < mine.size(); i += 2) {
    EXPECT_EQ(mine[i].kind, NodeEventKind::kPaused);
    EXPECT_EQ(mine[i + 1].kind, NodeEventKind::kResumed);
    EXPECT_EQ(mine[i].node, mine[i + 1].node);
  }
}

TEST_F(FaultWorkloadTest, HealsWhatItDidWhenItsScopeEnds) {
  {
    KillWorkload kills(runner_->context(), {.min_delay = Blocks(1),
                                            .max_delay = Blocks(1),
                                            .min_down = seconds(500),
                                            .max_down = seconds(500)});
    ASSERT_TRUE(runner_->RunFor(seconds(5)).ok());
    EXPECT_EQ(runner_->context().IsUp(1) + runner_->context().IsUp(2) + runner_->context().IsUp(3),
              2);
  }
  for (NodeIndex node = 0; node < 4; ++node) EXPECT_TRUE(runner_->context().IsUp(node)) << node;
  ASSERT_TRUE(runner_->Finish().ok());
  ASSERT_EQ(runner_->record().faults.size(), 1u);
  EXPECT_EQ(runner_->record().faults[0].down_for, seconds(500));
}

TEST_F(FaultWorkloadTest, SeveralTogetherKeepAMajority) {
  clock_.set_threads(4);
  Make(FakeTopology::FullMesh().Nodes(5));
  const auto together = [&](std::string name) {
    return KillOptions{.min_delay = Blocks(1),
                       .max_delay = Blocks(2),
                       .min_down = Blocks(5),
                       .max_down = Blocks(9),
                       .target_cooldown = Blocks(0),
                       .name = std::move(name)};
  };
  KillWorkload a(runner_->context(), together("a"));
  KillWorkload b(runner_->context(), together("b"));
  KillWorkload c(runner_->context(), together("c"));
  ASSERT_TRUE(runner_->RunFor(seconds(60)).ok());
  ASSERT_TRUE(runner_->Finish().ok());
  int down = 0;
  int most = 0;
  for (const NodeEvent& event : runner_->record().events) {
    if (event.kind == NodeEventKind::kKilled) most = std::max(most, ++down);
    if (event.kind == NodeEventKind::kStarted && event.cause != "deployer") --down;
  }
  EXPECT_EQ(most, 2);
}

TEST_F(FaultWorkloadTest, NodesJoinAndLeave) {
  ChurnWorkload churn(runner_->context(),
                      {.min_stay = Blocks(5), .max_stay = Blocks(5), .role = "node"});
  ASSERT_TRUE(runner_->RunFor(seconds(10)).ok());
  ASSERT_TRUE(runner_->Finish().ok());
  const RunRecord& record = runner_->record();
  ASSERT_GE(record.faults.size(), 2u);
  EXPECT_EQ(record.faults[0].fault, "join");
  EXPECT_EQ(record.faults[0].node, 4);
  EXPECT_EQ(record.faults[1].node, 5);
  EXPECT_FALSE(runner_->context().IsUp(4));
}

// How nodes of a kind say that they take part, and that they recover.
struct KindCase {
  std::string name;
  const NodeKind* kind = nullptr;
  std::string mode;
  std::string recovering;
};

void PrintTo(const KindCase& one, std::ostream* os) { *os << one.name; }

std::string BehindAMember(const TopologySpec&, const NodeSample& sample, const Snapshot&) {
  return sample.status == "serving" ? "" : "it is " + sample.status;
}

std::vector<KindCase> Kinds() {
  static const std::unique_ptr<NodeKind> member = MakeFakeKind("member", BehindAMember);
  static const std::unique_ptr<NodeKind> by_default =
      MakeFakeKind("default", [](const auto& topology, const auto& sample, const auto& snapshot) {
        return NomosKind().Behind(topology, sample, snapshot);
      });
  return {{"fake", &testing_support::FakeKind(), "Online", "Recovering"},
          {"member", member.get(), "serving", "catching up"},
          {"default", by_default.get(), "Online", "Recovering"}};
}

class RecoveryTest : public FaultWorkloadTest, public testing::WithParamInterface<KindCase> {
 protected:
  RecoveryTest() {
    TopologySpec topology = FakeTopology::FullMesh().Nodes(5);
    topology.kind = GetParam().kind;
    Make(topology);
    world().mode = GetParam().mode;
    world().mode_while_recovering = GetParam().recovering;
  }
  void AllRecoverIn(RunTime time) {
    for (NodeIndex node = 0; node < 5; ++node) world().recovers_in[node] = time;
  }
  // The run's first faults, those of one strike.
  std::vector<FaultRecord> FirstStrike() {
    EXPECT_TRUE(runner_->RunFor(seconds(30)).ok());
    EXPECT_TRUE(runner_->Finish().ok());
    std::vector<FaultRecord> faults;
    for (const FaultRecord& fault : runner_->record().faults) {
      if (fault.at == runner_->record().faults[0].at) faults.push_back(fault);
    }
    return faults;
  }
};

testing::Matcher<const FaultRecord&> RecoveredAfter(RunTime time) {
  // It is looked every 20 ms.
  return testing::Field(&FaultRecord::recovered_after,
                        testing::Optional(AllOf(Ge(time), Le(time + milliseconds(20)))));
}

TEST_P(RecoveryTest, IsWhenANodeTakesPartAgain) {
  AllRecoverIn(milliseconds(8800));
  KillWorkload kills(runner_->context(), {.min_delay = Blocks(1), .max_delay = Blocks(1)});
  EXPECT_THAT(FirstStrike(), ElementsAre(RecoveredAfter(milliseconds(8800))));
}

TEST_P(RecoveryTest, OfSeveralIsTimedFromEachOnesComingUp) {
  AllRecoverIn(milliseconds(5017));
  world().start_takes = seconds(1);
  KillWorkload kills(runner_->context(),
                     {.min_delay = Blocks(1), .max_delay = Blocks(1), .at_once = 2});
  EXPECT_THAT(FirstStrike(),
              ElementsAre(RecoveredAfter(milliseconds(5017)), RecoveredAfter(milliseconds(5017))));
}

TEST_P(RecoveryTest, OfANodeThatJoinsIsTheSame) {
  world().recovers_in[5] = milliseconds(2500);
  ChurnWorkload churn(runner_->context(),
                      {.min_delay = Blocks(1), .max_delay = Blocks(1), .role = "node"});
  EXPECT_THAT(FirstStrike(), ElementsAre(RecoveredAfter(milliseconds(2500))));
}

TEST_P(RecoveryTest, OfAWorkloadOfOnesOwnIsTheSame) {
  world().recovers_in = {{1, milliseconds(1200)}, {3, milliseconds(700)}};
  Recovery recovery;
  Workload naps(runner_->context(), {.name = "naps"}, [&](WorkloadRun& run) {
    NodeControl& control = run.context().node_control();
    for (NodeIndex node : {1, 3}) EXPECT_TRUE(control.Pause(node).ok());
    for (NodeIndex node : {1, 3}) EXPECT_TRUE(control.Resume(node).ok());
    recovery = run.AwaitRecovery({3, 1}, Blocks(30));
    run.Acted();
    while (run.SleepFor(seconds(1))) {
    }
    return recovery.status;
  });
  ASSERT_TRUE(runner_->RunFor(seconds(10)).ok());
  ASSERT_TRUE(runner_->Finish().ok());
  const auto about = [](RunTime time) {
    return testing::Optional(AllOf(Ge(time), Le(time + milliseconds(20))));
  };
  EXPECT_THAT(recovery.took, ElementsAre(about(milliseconds(700)), about(milliseconds(1200))));
}

TEST_P(RecoveryTest, ThatDoesNotComeInTimeIsToldOfEachNode) {
  world().recovers_in = {
      {1, milliseconds(500)}, {2, milliseconds(60000)}, {3, milliseconds(60000)}};
  Recovery recovery;
  Workload naps(runner_->context(), {.name = "naps"}, [&](WorkloadRun& run) {
    NodeControl& control = run.context().node_control();
    for (NodeIndex node : {1, 2, 3}) EXPECT_TRUE(control.Pause(node).ok());
    for (NodeIndex node : {1, 2, 3}) EXPECT_TRUE(control.Resume(node).ok());
    recovery = run.AwaitRecovery({1, 2, 3}, seconds(2));
    return recovery.status;
  });
  EXPECT_TRUE(absl::IsDeadlineExceeded(runner_->RunFor(seconds(10))));
  EXPECT_TRUE(absl::IsDeadlineExceeded(recovery.status));
  EXPECT_THAT(recovery.took, ElementsAre(testing::Ne(std::nullopt), std::nullopt, std::nullopt));
  EXPECT_THAT(
      std::string(recovery.status.message()),
      testing::MatchesRegex("node-2 has not caught up 2(\\.[0-9]+)? s after it came up; last seen: "
                            "NodeSample.*; it is .*; log: /logs/node-2; and node-3 has not caught "
                            "up 2.* s after it came up; last seen: NodeSample.*/logs/node-3"));
}

TEST_P(RecoveryTest, IsNotAwaitedAfterTheWorkloadIsToldToStop) {
  world().recovers_in = {{1, milliseconds(60000)}};
  Recovery recovery;
  {
    Workload naps(runner_->context(), {.name = "naps"}, [&](WorkloadRun& run) {
      EXPECT_TRUE(run.context().node_control().Pause(1).ok());
      EXPECT_TRUE(run.context().node_control().Resume(1).ok());
      recovery = run.AwaitRecovery({1}, seconds(100));
      return recovery.status;
    });
    ASSERT_TRUE(runner_->RunFor(seconds(1)).ok());
  }
  EXPECT_EQ(recovery.status, absl::OkStatus());
  EXPECT_THAT(recovery.took, ElementsAre(std::nullopt));
}

INSTANTIATE_TEST_SUITE_P(Kinds, RecoveryTest, testing::ValuesIn(Kinds()),
                         [](const auto& one) { return one.param.name; });

TEST_F(FaultWorkloadTest, AKindWithoutARuleRecoversWhenItAnswers) {
  const std::unique_ptr<NodeKind> plain = MakeFakeKind("plain", nullptr);
  TopologySpec topology = FakeTopology::Star().Nodes(4);
  topology.kind = plain.get();
  Make(topology);
  world().mode = "follower";
  world().links_missing = {{1, 1}, {2, 1}, {3, 1}};
  world().height_behind = {{1, 3}, {2, 3}, {3, 3}};
  KillWorkload kills(runner_->context(), {.min_delay = Blocks(1), .max_delay = Blocks(1)});
  ASSERT_TRUE(runner_->RunFor(seconds(5)).ok());
  ASSERT_TRUE(runner_->Finish().ok());
  ASSERT_THAT(runner_->record().faults, testing::Not(testing::IsEmpty()));
  EXPECT_THAT(runner_->record().faults[0].recovered_after, testing::Optional(Le(milliseconds(20))));
}

TEST_F(FaultWorkloadTest, ARecordIsRepeated) {
  std::vector<FaultRecord> first;
  auto replay = std::make_shared<RunRecord>();
  {
    KillWorkload kills(runner_->context(), {.min_delay = Blocks(2), .max_delay = Blocks(9)});
    ASSERT_TRUE(runner_->RunFor(seconds(20)).ok());
    ASSERT_TRUE(runner_->Finish().ok());
    *replay = runner_->record();
    ASSERT_GE(replay->faults.size(), 3u);
  }
  Make(FakeTopology::Star().Nodes(4), replay);
  // Other options: what counts is the record.
  KillWorkload kills(runner_->context(), {.min_delay = Blocks(1), .max_delay = Blocks(1)});
  ASSERT_TRUE(runner_->RunFor(seconds(20)).ok());
  ASSERT_TRUE(runner_->Finish().ok());
  const RunRecord& record = runner_->record();
  EXPECT_EQ(record.workloads.at(0).plan, "repeats the " + std::to_string(replay->faults.size()) +
                                             " faults of the record in GTESTNET_REPLAY");
  ASSERT_EQ(record.faults.size(), replay->faults.size());
  for (size_t i = 0; i < record.faults.size(); ++i) {
    EXPECT_EQ(record.faults[i].node, replay->faults[i].node);
    EXPECT_EQ(record.faults[i].down_for, replay->faults[i].down_for);
    const RunTime then = replay->faults[i].at - replay->begun;
    EXPECT_THAT(record.faults[i].at - record.begun, AllOf(Ge(then), Le(then + milliseconds(20))));
  }
}

}  // namespace
}  // namespace gtestnet::nomos

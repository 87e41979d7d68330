// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/runner.h"

#include <gmock/gmock.h>

#include "core/src/base/thread.h"
#include "core/src/run/testing/runner_fixture.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;
using testing_support::FakeCluster;
using testing_support::FakeTopology;

TEST_F(RunnerTest, GoesThroughThePhases) {
  Runner& runner = MakeRunner(On("local"));
  ASSERT_TRUE(runner.Begin().ok());
  runner.Expect(Expecting("fine", true));
  ASSERT_TRUE(runner.RunFor(Blocks(20)).ok());
  ASSERT_TRUE(runner.Finish().ok());
  EXPECT_THAT(runner.Judge(), ElementsAre(Field(&VerdictRecord::met, true)));
  const RunRecord& record = runner.record();
  EXPECT_EQ(record.test, "Suite.Test/local_3n");
  EXPECT_EQ(record.run_id, spec_.run_id);
  EXPECT_EQ(record.deployer, "local");
  EXPECT_EQ(record.topology, "star_3n");
  EXPECT_EQ(record.seed, 42u);
  EXPECT_GE(record.ended - record.begun, milliseconds(2000));
  EXPECT_EQ(record.broken, "");
  ASSERT_THAT(record.nodes, SizeIs(3));
  EXPECT_EQ(record.nodes[0].name, "node-0");
  EXPECT_EQ(record.nodes[0].numbers.Get("weight"), 7);
  EXPECT_THAT(record.nodes[0].neighbours, ElementsAre(1, 2));
  EXPECT_THAT(record.samples, SizeIs(3));
  EXPECT_FALSE(world().torn_down);
  ASSERT_TRUE(runner.TearDown().ok());
  EXPECT_TRUE(world().torn_down);
}

TEST_F(RunnerTest, StepsOutOfOrderAreRefused) {
  Runner& runner = MakeRunner();
  EXPECT_TRUE(absl::IsFailedPrecondition(runner.RunFor(seconds(1))));
  EXPECT_TRUE(absl::IsFailedPrecondition(runner.Run().status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(runner.Finish()));
  EXPECT_EQ(runner.record().broken, "the run never began");
}

TEST_F(RunnerTest, RecordsHowTheNodesWereAtTheBeginning) {
  spec_.topology = FakeTopology::Star().Nodes(2).Late(1);
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  ASSERT_TRUE(runner.Finish().ok());
  ASSERT_THAT(runner.record().events, SizeIs(2));
  EXPECT_EQ(runner.record().events[0].kind, NodeEventKind::kStarted);
  EXPECT_EQ(runner.record().events[1].kind, NodeEventKind::kStopped);
  EXPECT_EQ(runner.record().events[1].cause, "deployer");
  EXPECT_FALSE(runner.record().nodes[1].up_at_end);
}

TEST_F(RunnerTest, AnExitEndsTheRunAtOnce) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  runner.Expect(Expecting("fine", true));
  const Clock::TimePoint begin = clock_.Now();
  Workload actor = After(seconds(3), [this](WorkloadRun&) {
    cluster_->Exit(1, "signal 6 (SIGABRT)", "it went wrong");
  });
  const absl::Status status = runner.RunFor(seconds(60));
  EXPECT_TRUE(absl::IsAborted(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(StartsWith("node-1 exited"), HasSubstr("signal 6 (SIGABRT)"),
                    HasSubstr("/logs/node-1"), HasSubstr("it went wrong")));
  EXPECT_LT(clock_.Now() - begin, seconds(10));
  world().not_settled = "never";
  EXPECT_EQ(runner.Finish(), status);
  const RunRecord& record = runner.record();
  EXPECT_EQ(record.closed, record.ended);  // it is not drained
  EXPECT_EQ(record.events.back().kind, NodeEventKind::kExited);
  EXPECT_EQ(record.events.back().detail, "signal 6 (SIGABRT)\nit went wrong");
  EXPECT_THAT(runner.Judge(), ElementsAre(Field(&VerdictRecord::judged, false)));
}

TEST_F(RunnerTest, TheEndOfABackendIsNotToldAsANodes) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  Workload actor = After(seconds(3), [this](WorkloadRun&) {
    cluster_->SetHealth(absl::UnavailableError("the engine has not answered for 1 s"));
    cluster_->Exit(1, "exit status 0", "", "the engine was stopped");
  });
  const absl::Status status = runner.RunFor(seconds(60));
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(StartsWith("the engine was stopped: node-1 is gone (exit status 0), "),
                    HasSubstr("that is no fault of the node")));
}

TEST_F(RunnerTest, WhatFailsWhileTheBackendIsAwayMayBeNoFaultOfANode) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  cluster_->SetHealth(absl::UnavailableError("the engine has not answered for 1 s"));
  clock_.set_threads(2);
  Workload bad(runner.context(), {.name = "bad"},
               [](WorkloadRun&) { return absl::UnavailableError("node-0 is silent"); });
  EXPECT_EQ(runner.RunFor(seconds(60)).message(),
            "the engine has not answered for 1 s, so this may be no fault of a node: workload bad: "
            "node-0 is silent");
}

TEST_F(RunnerTest, ARunWhoseBackendIsAwayAtItsEndIsNotJudged) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  runner.Expect(Expecting("fine", true));
  ASSERT_TRUE(runner.RunFor(seconds(1)).ok());
  cluster_->SetHealth(absl::UnavailableError("the engine has not answered for 1 s"));
  EXPECT_EQ(runner.Finish(), absl::UnavailableError("the engine has not answered for 1 s"));
  EXPECT_THAT(runner.Judge(), ElementsAre(Field(&VerdictRecord::judged, false)));
}

TEST_F(RunnerTest, AWorkloadsErrorEndsTheRunAtOnce) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  clock_.set_threads(2);
  Workload bad(runner.context(), {.name = "bad"}, [](WorkloadRun& run) {
    run.SleepFor(seconds(1));
    return absl::UnavailableError("nobody is there");
  });
  const absl::Status status = runner.RunFor(seconds(60));
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(status.message(), "workload bad: nobody is there");
}

TEST_F(RunnerTest, TheDeadlineEndsTheRun) {
  RunnerOptions options;
  options.deadline = clock_.Now() + seconds(5);
  Runner& runner = MakeRunner(options);
  ASSERT_TRUE(runner.Begin().ok());
  const absl::Status status = runner.RunFor(seconds(60));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("RunFor(60 s)"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("after 5 s of 60 s"));
}

TEST_F(RunnerTest, AWatchedExpectationEndsTheRunWhenItIsViolated) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  RunExpectation expectation = Expecting("stays low", true);
  expectation.where = {"my_test.cc", 12};
  expectation.watch = [](const RunBegin&) {
    return [](const Snapshot& snapshot) -> std::string {
      return snapshot.nodes[0].numbers.Get("height") >= 5 ? "node-0 is at height 5" : "";
    };
  };
  runner.Expect(expectation);
  EXPECT_TRUE(runner.RunFor(milliseconds(300)).ok());
  const absl::Status status = runner.RunFor(seconds(60));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("stays low (my_test.cc:12): node-0 is at height 5"));
}

TEST_F(RunnerTest, AWatchIsMadeOnceForTheRunWithItsPace) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  RunExpectation expectation = Expecting("is watched", true);
  std::vector<RunBegin> made;
  int looks = 0;
  expectation.watch = [&](const RunBegin& begin) {
    made.push_back(begin);
    return [&](const Snapshot&) {
      ++looks;
      return "";
    };
  };
  runner.Expect(Expecting("is not", true));
  ASSERT_TRUE(runner.RunFor(Blocks(3)).ok());
  runner.Expect(expectation);
  ASSERT_TRUE(runner.RunFor(Blocks(5)).ok());
  ASSERT_TRUE(runner.RunFor(Blocks(5)).ok());
  ASSERT_THAT(made, SizeIs(1));
  EXPECT_EQ(made[0].at, runner.record().begun);
  EXPECT_EQ(made[0].pace, runner.context().pace());
  EXPECT_GT(looks, 2);
}

TEST_F(RunnerTest, AWorkloadWithoutAThreadBreaksTheRun) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  const testing_support::ScopedThreadLimit none(0);
  const Workload workload(runner.context(), {.name = "idle"},
                          [](WorkloadRun&) { return absl::OkStatus(); });
  EXPECT_THAT(std::string(runner.RunFor(seconds(1)).message()),
              HasSubstr("workload idle: a thread could not be made"));
}

TEST_F(RunnerTest, AwaitsACondition) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  const auto height = [](int64_t wanted) {
    return [wanted](const Snapshot& snapshot) -> std::string {
      const auto now = static_cast<int64_t>(snapshot.nodes[0].numbers.Get("height"));
      return now >= wanted ? "" : "node-0 is at height " + std::to_string(now);
    };
  };
  EXPECT_TRUE(runner.Await(height(3), seconds(1)).ok());
  const absl::Status late = runner.Await(height(300), Blocks(10));
  EXPECT_TRUE(absl::IsDeadlineExceeded(late));
  EXPECT_THAT(std::string(late.message()),
              AllOf(StartsWith("not within 10 blocks (1 s)"), HasSubstr("node-0 is at height 1")));
  EXPECT_TRUE(runner.broken().ok());  // the test may go on
}

// The picture of a node from before a verb, or before its end, says nothing of it after.
TEST_F(RunnerTest, WhatWasSeenBeforeAVerbDoesNotCountAfterIt) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  const RunContext& context = runner.context();
  ASSERT_TRUE(runner.RunFor(milliseconds(300)).ok());
  EXPECT_THAT(context.snapshot().unseen, SizeIs(0));
  const RunTime seen = context.now() - milliseconds(1);
  const auto answers = [](const Snapshot& snapshot) -> std::string {
    return snapshot.nodes[1].reachable ? "" : "it does not answer";
  };
  world().last_seen[1] = seen;
  for (const auto verb : {&NodeControl::Pause, &NodeControl::Resume, &NodeControl::Kill}) {
    ASSERT_TRUE((runner.context().node_control().*verb)(1).ok());
    EXPECT_THAT(context.snapshot().unseen, ElementsAre(1));
    EXPECT_FALSE(context.snapshot().nodes[1].reachable);
    EXPECT_EQ(context.snapshot().nodes[1].at, seen);
    EXPECT_EQ(context.ChangedAt(1), context.now());
    EXPECT_THAT(testing::PrintToString(context.snapshot()),
                HasSubstr("node-1: not seen since it was changed"));
    // Neither it answers nor it does not is known.
    for (const bool wanted : {true, false}) {
      const absl::Status late = runner.Await(
          [&](const Snapshot& snapshot) {
            return snapshot.nodes[1].reachable == wanted ? "" : "no";
          },
          milliseconds(50));
      EXPECT_THAT(std::string(late.message()),
                  HasSubstr("node-1 was not seen since something was last done to it"));
    }
  }
  ASSERT_TRUE(runner.context().node_control().Start(1).ok());
  world().last_seen.clear();
  EXPECT_TRUE(runner.Await(answers, milliseconds(50)).ok());
  EXPECT_THAT(context.snapshot().unseen, SizeIs(0));
  cluster_->Exit(1, "exit status 3");
  EXPECT_THAT(context.snapshot().unseen, ElementsAre(1));
}

TEST_F(RunnerTest, DrainsUntilAllIsSettled) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  world().not_settled = "a transaction";
  world().drain_blocks = 15;
  int looks = 0;
  runner.OnProgress([&](const Snapshot&) {
    if (++looks == 3) world().not_settled = "";
  });
  ASSERT_TRUE(runner.Finish().ok());
  EXPECT_GE(runner.record().closed - runner.record().ended, milliseconds(500));
  EXPECT_LT(runner.record().closed - runner.record().ended, milliseconds(700));
}

TEST_F(RunnerTest, DrainsNoLongerThanTheKindAllows) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  world().not_settled = "a transaction";
  world().drain_blocks = 15;
  ASSERT_TRUE(runner.Finish().ok());
  EXPECT_GE(runner.record().closed - runner.record().ended, milliseconds(1500));
  EXPECT_LT(runner.record().closed - runner.record().ended, milliseconds(1700));
}

TEST_F(RunnerTest, NothingPassesForLackOfEvidence) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  world().samples = false;
  clock_.set_threads(2);
  Workload idle(runner.context(), {.name = "idle"}, [](WorkloadRun& run) {
    run.Plan("nothing at all");
    while (run.SleepFor(seconds(1))) {
    }
    return absl::OkStatus();
  });
  ASSERT_TRUE(runner.RunFor(seconds(2)).ok());
  runner.Expect(Expecting("fine", true));
  const std::vector<VerdictRecord>& verdicts = runner.Judge();
  ASSERT_THAT(verdicts, SizeIs(3));
  EXPECT_TRUE(verdicts[0].met);
  EXPECT_FALSE(verdicts[1].met);
  EXPECT_EQ(verdicts[1].expectation, "workload idle acted");
  EXPECT_THAT(verdicts[1].observed, HasSubstr("(nothing at all)"));
  EXPECT_FALSE(verdicts[2].met);
  EXPECT_EQ(verdicts[2].expectation, "the nodes were observed");
}

// What was due and was not done counts, whatever hindered it.
TEST_F(RunnerTest, AWorkloadThatDidTooLittleOfItsPlanFailsTheRun) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  clock_.set_threads(4);
  const auto owes = [&runner](std::string name, int64_t acts, double at_least) {
    return Workload(runner.context(), {.name = std::move(name)},
                    [acts, at_least](WorkloadRun& run) {
                      run.Acted(acts);
                      run.Owed(863,
                               {{"no confirmed note was free", 859.0 - static_cast<double>(acts)},
                                {"no node was healthy", 4}},
                               at_least, "transactions");
                      while (run.SleepFor(seconds(1))) {
                      }
                      return absl::OkStatus();
                    });
  };
  Workload idle = owes("idle", 269, 0.95);
  Workload enough = owes("enough", 820, 0.95);
  Workload allowed = owes("allowed", 1, 0);
  ASSERT_TRUE(runner.RunFor(seconds(2)).ok());
  const std::vector<VerdictRecord>& verdicts = runner.Judge();
  ASSERT_THAT(verdicts, SizeIs(1));
  EXPECT_FALSE(verdicts[0].met);
  EXPECT_EQ(verdicts[0].expectation, "workload idle did what was due");
  EXPECT_EQ(verdicts[0].required, "at least 0.95 of what its plan owed in its time");
  EXPECT_EQ(verdicts[0].observed,
            "269 of 863, 590 left out because no confirmed note was free, 4 left out because no "
            "node was healthy");
  EXPECT_EQ(runner.record().workloads[0].due, 863);
  EXPECT_EQ(runner.record().workloads[0].owes, "transactions");
  EXPECT_EQ(RunRecord::FromJson(runner.record().ToJson()).value(), runner.record());
}

TEST_F(RunnerTest, NodeControlIsRecordedWithItsCause) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  ASSERT_TRUE(runner.context().node_control().Kill(1).ok());
  Workload actor = After(milliseconds(500), [](WorkloadRun& run) {
    EXPECT_TRUE(run.context().node_control().Start(1).ok());
  });
  ASSERT_TRUE(runner.RunFor(seconds(1)).ok());
  EXPECT_EQ(runner.context().node_control().Add({.dials = {0, 2}}).value(), 3);
  world().next_verb = absl::FailedPreconditionError("it is not running");
  EXPECT_FALSE(runner.context().node_control().Pause(2).ok());
  ASSERT_TRUE(runner.Finish().ok());
  const auto& events = runner.record().events;
  ASSERT_THAT(events, SizeIs(6));
  EXPECT_EQ(events[3].kind, NodeEventKind::kKilled);
  EXPECT_EQ(events[3].cause, "test");
  EXPECT_EQ(events[4].kind, NodeEventKind::kStarted);
  EXPECT_EQ(events[4].cause, "actor");
  EXPECT_GE(events[4].at, events[3].at + milliseconds(500));
  EXPECT_EQ(events[5].kind, NodeEventKind::kAdded);
  ASSERT_THAT(runner.record().nodes, SizeIs(4));
  EXPECT_THAT(runner.record().nodes[3].neighbours, ElementsAre(0, 2));
}

Operation Put(std::string key, RunTime begun, RunTime ended) {
  Operation put;
  put.kind = "put";
  put.key = std::move(key);
  put.value = "v";
  put.begun = begun;
  put.ended = ended;
  put.outcome = OperationOutcome::kOk;
  return put;
}

TEST_F(RunnerTest, WhatAWorkloadSawIsRecordedInOrderOfItsBeginning) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  Workload actor = After(milliseconds(500), [](WorkloadRun& run) {
    run.context().Record(Put("second", milliseconds(20), milliseconds(30)));
    run.context().Record(Put("first", milliseconds(10), milliseconds(40)));
    run.context().Record(Put("third", milliseconds(20), milliseconds(20)));
  });
  ASSERT_TRUE(runner.RunFor(seconds(1)).ok());
  Operation of_another = Put("fourth", milliseconds(50), milliseconds(60));
  of_another.workload = "another";
  of_another.node = 2;
  runner.context().Record(of_another);
  ASSERT_TRUE(runner.Finish().ok());
  const std::vector<Operation>& operations = runner.record().operations;
  EXPECT_THAT(operations,
              ElementsAre(Field(&Operation::key, "first"), Field(&Operation::key, "second"),
                          Field(&Operation::key, "third"), of_another));
  EXPECT_EQ(operations.at(0).workload, "actor");
  const absl::StatusOr<RunRecord> read = RunRecord::FromJson(runner.record().ToJson());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->operations, operations);
}

TEST_F(RunnerTest, TakesOperationsOfManyThreads) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  constexpr int kEach = 200;
  {
    std::vector<Thread> threads;
    for (int client = 0; client < 4; ++client) {
      threads.emplace_back([&runner, client](const std::stop_token&) {
        for (int i = 0; i < kEach; ++i) {
          Operation put = Put("k", milliseconds(i), milliseconds(i));
          put.client = client;
          runner.context().Record(std::move(put));
        }
      });
    }
    for (Thread& thread : threads) thread.join();
  }
  ASSERT_TRUE(runner.Finish().ok());
  EXPECT_THAT(runner.record().operations, SizeIs(4 * kEach));
  EXPECT_TRUE(RunRecord::FromJson(runner.record().ToJson()).ok());
}

TEST_F(RunnerTest, AnOperationThatCannotBeBreaksTheRun) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  Workload actor = After(milliseconds(500), [](WorkloadRun& run) {
    Operation put = Put("k", milliseconds(20), milliseconds(30));
    put.node = 3;
    run.context().Record(put);
    run.context().Record(Put("k2", milliseconds(20), milliseconds(30)));
  });
  EXPECT_THAT(std::string(runner.RunFor(seconds(9)).message()),
              AllOf(HasSubstr("workload actor recorded what cannot be: node: 3 is no node"),
                    HasSubstr("put of \"k\"")));
  EXPECT_FALSE(runner.Finish().ok());
  EXPECT_THAT(runner.record().operations, ElementsAre(Field(&Operation::key, "k2")));
  EXPECT_TRUE(RunRecord::FromJson(runner.record().ToJson()).ok());
}

TEST_F(RunnerTest, AWorkloadThatNeedsMoreThanThereIsBreaksTheRun) {
  RunnerOptions options = On("local");
  options.capabilities = {};
  Runner& runner = MakeRunner(options);
  ASSERT_TRUE(runner.Begin().ok());
  WorkloadSpec spec;
  spec.name = "chaos";
  spec.required = Capability::kNodeControl;
  runner.Start(spec);
  EXPECT_EQ(runner.RunFor(seconds(1)).message(),
            "workload chaos needs node control, which local does not have");
  EXPECT_TRUE(absl::IsFailedPrecondition(runner.context().node_control().Kill(0)));
}

TEST_F(RunnerTest, AnswersWhatATestAsks) {
  Runner& runner = MakeRunner();
  RunContext& context = runner.context();
  EXPECT_EQ(context.begun(), std::nullopt);
  EXPECT_FALSE(context.snapshot().nodes[2].reachable);
  ASSERT_TRUE(runner.Begin().ok());
  ASSERT_TRUE(runner.RunFor(seconds(1)).ok());
  EXPECT_GE(context.now() - *context.begun(), seconds(1));
  EXPECT_EQ(context.Find("node-2").value(), 2);
  EXPECT_EQ(context.Find("nemo").status().message(),
            "there is no node \"nemo\"; there are node-0, node-1, node-2");
  EXPECT_EQ(context.logs().Tail(0, 2).value(), "two\nthree");
  EXPECT_EQ(context.logs().Tail(0, 20).value(), "one\ntwo\nthree");
  EXPECT_EQ(context.random("a").Next(), Random(5).Fork("a").Next());
}

TEST_F(RunnerTest, ASharedClusterOutlivesItsRuns) {
  FakeCluster cluster(spec_, clock_);
  for (int run = 0; run < 2; ++run) {
    RunnerOptions options;
    options.clock = &clock_;
    Runner runner(cluster, options);
    ASSERT_TRUE(runner.Begin().ok());
    ASSERT_TRUE(runner.RunFor(seconds(1)).ok());
    ASSERT_TRUE(runner.context().node_control().Restart(1).ok());
    ASSERT_TRUE(runner.Finish().ok());
    EXPECT_THAT(runner.record().events, SizeIs(5));
    EXPECT_GE(runner.record().begun, milliseconds(1000 * run));
    ASSERT_TRUE(runner.TearDown().ok());
  }
  EXPECT_FALSE(cluster.world().torn_down);
  cluster.Exit(0, "exit status 1");  // and nobody is there to hear it
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
// That what a run records of itself is sound.
#include <gmock/gmock.h>

#include <optional>

#include "core/src/run/testing/runner_fixture.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::Gt;
using testing::IsEmpty;
using testing::Optional;

// Answers when it is filled as a test says.
class SaysAnswers final : public testing_support::FakeObserver {
 public:
  SaysAnswers(RunContext& context, std::function<void(RunRecord&)> change)
      : FakeObserver(context), change_(std::move(change)) {}
  void Fill(RunRecord& record) override {
    FakeObserver::Fill(record);
    change_(record);
  }

 private:
  const std::function<void(RunRecord&)> change_;
};

TEST_F(RunnerTest, WhatContradictsItselfInTheRecordFailsTheRun) {
  Runner& runner = MakeRunner();
  world().observe = [](RunContext& context) {
    return std::make_unique<SaysAnswers>(context,
                                         [](RunRecord& record) { record.samples.back().node = 9; });
  };
  runner.Expect(Expecting("fine", true));
  ASSERT_TRUE(runner.Begin().ok());
  ASSERT_TRUE(runner.RunFor(seconds(1)).ok());
  const std::vector<VerdictRecord>& verdicts = runner.Judge();
  ASSERT_EQ(verdicts.size(), 2u);
  EXPECT_TRUE(verdicts[0].met);
  EXPECT_FALSE(verdicts[1].met);
  EXPECT_EQ(verdicts[1].expectation, "the record is sound");
  EXPECT_EQ(verdicts[1].required, "that nothing in it contradicts itself");
  EXPECT_EQ(verdicts[1].observed, "samples[2].node: 9 is no node of this record, which has 3");
}

TEST_F(RunnerTest, ANodeThatAnswersAfterItWasKilledIsNoticed) {
  Runner& runner = MakeRunner();
  world().observe = [](RunContext& context) {
    return std::make_unique<SaysAnswers>(context, [](RunRecord& record) {
      record.samples.push_back({.at = record.closed, .node = 1, .reachable = true});
    });
  };
  runner.Expect(Expecting("fine", true));
  ASSERT_TRUE(runner.Begin().ok());
  ASSERT_TRUE(runner.context().node_control().Kill(1).ok());
  ASSERT_TRUE(runner.RunFor(seconds(5)).ok());
  EXPECT_THAT(runner.Judge(),
              ElementsAre(Field(&VerdictRecord::met, true),
                          AllOf(Field(&VerdictRecord::expectation, "the record is sound"),
                                Field(&VerdictRecord::met, false),
                                Field(&VerdictRecord::observed,
                                      testing::HasSubstr("but node-1 was down by events[3]")))));
}

TEST_F(RunnerTest, SaysHowLongVerbsTook) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  clock_.set_threads(2);
  world().start_takes = milliseconds(300);
  Workload actor(runner.context(), {.name = "actor"}, [](WorkloadRun& run) {
    EXPECT_TRUE(run.context().node_control().Kill(1).ok());
    EXPECT_TRUE(run.context().node_control().Start(1).ok());
    run.Acted();
    run.SleepFor(std::chrono::hours(1));
    return absl::OkStatus();
  });
  ASSERT_TRUE(runner.RunFor(seconds(1)).ok());
  ASSERT_TRUE(runner.Finish().ok());
  const std::vector<NodeEvent>& events = runner.record().events;
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[0].took, std::nullopt) << "nobody asked for it";
  EXPECT_THAT(events[3].took, Optional(milliseconds(0)));
  EXPECT_THAT(events[4].took, Optional(testing::Ge(milliseconds(300))));
  EXPECT_EQ(RunRecord::FromJson(runner.record().ToJson()).value(), runner.record());
}

// The event of an exit comes a little after the exit.
TEST_F(RunnerTest, WaitsForTheEventThatExplainsHowANodeIs) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  clock_.set_threads(2);
  Workload actor(runner.context(), {.name = "actor"}, [this](WorkloadRun& run) {
    run.Acted();
    run.SleepFor(seconds(2));
    {
      std::lock_guard lock(world().mutex);
      world().up[1] = false;
    }
    return absl::OkStatus();
  });
  ASSERT_TRUE(runner.RunFor(seconds(3)).ok());
  const Clock::TimePoint before = clock_.Now();
  clock_.set_threads(1);
  ASSERT_TRUE(runner.Finish().ok());
  EXPECT_THAT(clock_.Now() - before, Gt(seconds(1)));
  EXPECT_THAT(runner.Judge(),
              ElementsAre(AllOf(Field(&VerdictRecord::expectation, "the record is sound"),
                                Field(&VerdictRecord::observed,
                                      "nodes[1].up_at_end: false, but by events[1] it was up"))));
}

TEST_F(RunnerTest, AScenarioThatExpectsNothingIsRefused) {
  auto cluster = std::make_unique<testing_support::FakeCluster>(spec_, clock_);
  testing_support::FakeWorld& world = cluster->world();
  RunnerOptions options;
  options.clock = &clock_;
  Scenario scenario;
  scenario.topology = spec_.topology;
  scenario.duration = seconds(1);
  Runner runner(std::move(cluster), std::move(options), scenario);
  EXPECT_EQ(runner.Run().status(),
            absl::InvalidArgumentError(
                "scenario: it expects nothing, so that it would pass whatever its nodes did; say "
                "what must hold with .Expect(HasNoUnexpectedExits()), in a file with \"expect\": "
                "[\"HasNoUnexpectedExits\"]"));
  EXPECT_TRUE(world.torn_down);
}

TEST_F(RunnerTest, OneThatExpectsSomethingRuns) {
  RunnerOptions options;
  options.clock = &clock_;
  Scenario scenario;
  scenario.topology = spec_.topology;
  scenario.duration = seconds(1);
  scenario.expectations = {Expecting("fine", true)};
  Runner runner(std::make_unique<testing_support::FakeCluster>(spec_, clock_), std::move(options),
                scenario);
  const absl::StatusOr<RunReport> report = runner.Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->passed);
  EXPECT_THAT(report->record.broken, IsEmpty());
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

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

TEST_F(RunnerTest, AClockThatIsSetEndsTheRunAndNothingIsJudged) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  runner.Expect(Expecting("liveness", false));
  const Workload actor = After(seconds(1), [&](WorkloadRun&) { clock_.SetWall(-seconds(8)); });
  const absl::Status status = runner.RunFor(seconds(60));
  EXPECT_TRUE(absl::IsAborted(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(StartsWith("the clock of this machine was set back by 8 s, 1"),
                    HasSubstr("after the start; nodes count slots by that clock")));
  ASSERT_FALSE(runner.Finish().ok());
  EXPECT_THAT(runner.Judge(), ElementsAre(Field(&VerdictRecord::judged, false)));
  const RunRecord& record = runner.record();
  EXPECT_THAT(record.broken, HasSubstr("was set back by 8 s"));
  ASSERT_THAT(record.clock, SizeIs(1));
  EXPECT_EQ(record.clock[0].kind, ClockEventKind::kSet);
  EXPECT_EQ(record.clock[0].by, -seconds(8));
  EXPECT_LE(record.clock[0].at - record.clock[0].since, milliseconds(50));
  EXPECT_GE(record.clock[0].at, milliseconds(1000));
}

TEST_F(RunnerTest, AClockThatIsSetComesBeforeWhatItMayHaveCaused) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  const Workload actor = After(seconds(1), [&](WorkloadRun&) {
    clock_.SetWall(seconds(8));
    cluster_->Exit(1, "exit status 3");
  });
  EXPECT_THAT(std::string(runner.RunFor(seconds(60)).message()),
              StartsWith("the clock of this machine was set ahead by 8 s"));
}

TEST_F(RunnerTest, AClockThatIsSetBetweenTwoStepsIsNoticedAtTheEnd) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  ASSERT_TRUE(runner.RunFor(seconds(1)).ok());
  clock_.SetWall(seconds(8));
  EXPECT_THAT(std::string(runner.Finish().message()), HasSubstr("was set ahead by 8 s"));
}

TEST_F(RunnerTest, ARunDoesNotBeginAfterAClockThatWasSet) {
  Runner& runner = MakeRunner();
  clock_.SetWall(seconds(8));
  EXPECT_THAT(std::string(runner.Begin().message()), HasSubstr("was set ahead by 8 s"));
}

TEST_F(RunnerTest, AStepBelowHalfASlotIsNoneAndOneOfAHalfIs) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  const milliseconds half = runner.context().pace().slot / 2;
  clock_.SetWall(half - milliseconds(10));
  EXPECT_TRUE(runner.RunFor(seconds(1)).ok());
  EXPECT_GE(runner.context().now() - *runner.context().begun(), seconds(1));
  clock_.SetWall(milliseconds(20));
  EXPECT_TRUE(absl::IsAborted(runner.RunFor(seconds(1))));
}

TEST_F(RunnerTest, ASuspendedMachineEndsTheRun) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  const Workload actor = After(seconds(1), [&](WorkloadRun&) { clock_.Suspend(seconds(600)); });
  EXPECT_THAT(std::string(runner.RunFor(seconds(60)).message()),
              StartsWith("this machine was suspended for 600 s, 1"));
  (void)runner.Finish();
  ASSERT_THAT(runner.record().clock, SizeIs(1));
  EXPECT_EQ(runner.record().clock[0].kind, ClockEventKind::kSuspended);
}

TEST_F(RunnerTest, AProgramThatDidNotRunForSecondsSaysSo) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  const Workload actor = After(seconds(1), [&](WorkloadRun&) { clock_.Stop(seconds(2)); });
  EXPECT_TRUE(runner.RunFor(seconds(10)).ok());
  ASSERT_TRUE(runner.Finish().ok());
  ASSERT_THAT(runner.record().clock, SizeIs(1));
  EXPECT_EQ(runner.record().clock[0].kind, ClockEventKind::kStopped);
  EXPECT_GE(runner.record().clock[0].by, milliseconds(1900));
}

// As a debugger, a laptop or a loaded machine does it: who waits, waits longer by that.
TEST_F(RunnerTest, WhoWaitsWaitsLongerByTheTimeInWhichTheProgramDidNotRun) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  const Workload actor = After(seconds(1), [&](WorkloadRun&) { clock_.Stop(seconds(20)); });
  const Clock::TimePoint begun = clock_.Now();
  int looks_after = 0;
  const absl::Status waited = runner.Await(
      [&](const Snapshot&) -> std::string {
        if (clock_.Now() - begun > seconds(20)) ++looks_after;
        return clock_.Now() - begun > seconds(23) ? "" : "not yet";
      },
      seconds(4));
  EXPECT_TRUE(waited.ok()) << waited;
  EXPECT_GT(looks_after, 1);
  EXPECT_TRUE(
      absl::IsDeadlineExceeded(runner.Await([](const Snapshot&) { return "never"; }, seconds(4))));
  ASSERT_TRUE(runner.Finish().ok());
  EXPECT_THAT(runner.record().clock, SizeIs(1));
}

TEST_F(RunnerTest, AProgramThatDidNotRunForLongJudgesNothing) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  const Workload actor = After(seconds(1), [&](WorkloadRun&) { clock_.Stop(seconds(70)); });
  EXPECT_THAT(std::string(runner.RunFor(seconds(90)).message()),
              AllOf(StartsWith("this program did not run for "), HasSubstr("is not judged")));
}

}  // namespace
}  // namespace gtestnet

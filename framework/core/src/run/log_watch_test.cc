// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/log_watch.h"

#include <gmock/gmock.h>

#include "core/src/run/testing/runner_fixture.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_support::FakeCluster;

class LogWatchTest : public RunnerTest {
 protected:
  Runner& MakeLogging(RunnerOptions options = {}) {
    Runner& runner = MakeRunner(std::move(options));
    clock_.set_threads(2);
    more_threads_ = 1;
    world().has_logs = true;
    return runner;
  }
  void Append(NodeIndex node, std::string_view text) {
    std::lock_guard lock(world().mutex);
    world().logs[node] += text;
  }
  static std::vector<std::string> Texts(const RunRecord& record) {
    std::vector<std::string> texts;
    for (const LogLine& line : record.logs) texts.push_back(line.text);
    return texts;
  }
};

TEST_F(LogWatchTest, TheRecordHasLinesOfAllNodesInOrderOfTime) {
  Runner& runner = MakeLogging();
  Append(1, "2027-01-15T08:59:59.500Z info  before the run\n");
  ASSERT_TRUE(runner.Begin().ok());
  Workload actor = After(seconds(2), [this](WorkloadRun&) {
    Append(0, "2027-01-15T09:00:01.900Z warning later\n");
    Append(2, "2027-01-15T09:00:01Z ERROR earlier\nand more\n");
  });
  ASSERT_TRUE(runner.RunFor(seconds(4)).ok());
  Append(1, "INFO at last\n");
  ASSERT_TRUE(runner.Finish().ok());
  const RunRecord& record = runner.record();
  EXPECT_THAT(Texts(record), ElementsAre("2027-01-15T08:59:59.500Z info  before the run",
                                         "2027-01-15T09:00:01Z ERROR earlier\nand more",
                                         "2027-01-15T09:00:01.900Z warning later", "INFO at last"));
  EXPECT_EQ(record.logs[0].at, milliseconds(-500));
  EXPECT_EQ(record.logs[0].node, 1);
  EXPECT_EQ(record.nodes[0].log_lines, (Numbers{{"unknown", 0}, {"warn", 1}}));
  EXPECT_EQ(record.nodes[1].log_lines, (Numbers{{"info", 2}, {"unknown", 0}}));
  EXPECT_EQ(record.nodes[1].log_lines_left_out, Numbers{});
  ASSERT_FALSE(record.resources.empty());
  EXPECT_EQ(record.resources.back().values.Get("log"), 44);
  const absl::StatusOr<RunRecord> again = RunRecord::FromJson(record.ToJson());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->logs, record.logs);
}

TEST_F(LogWatchTest, WithoutLogsInPartsThereIsNothing) {
  Runner& runner = MakeRunner();
  ASSERT_TRUE(runner.Begin().ok());
  ASSERT_TRUE(runner.RunFor(seconds(1)).ok());
  ASSERT_TRUE(runner.Finish().ok());
  EXPECT_THAT(runner.record().logs, IsEmpty());
  EXPECT_EQ(runner.record().nodes[0].log_lines, Numbers{});
  EXPECT_THAT(runner.record().resources, IsEmpty());
}

TEST_F(LogWatchTest, OnASharedClusterOnlyWhatComesCounts) {
  FakeCluster cluster(spec_, clock_);
  cluster.world().has_logs = true;
  cluster.world().logs[0] = "ERROR of the test before\n";
  clock_.set_threads(2);
  RunnerOptions options;
  options.clock = &clock_;
  Runner runner(cluster, options);
  ASSERT_TRUE(runner.Begin().ok());
  {
    std::lock_guard lock(cluster.world().mutex);
    cluster.world().logs[0] += "INFO mine\n";
  }
  ASSERT_TRUE(runner.RunFor(seconds(1)).ok());
  ASSERT_TRUE(runner.Finish().ok());
  EXPECT_THAT(Texts(runner.record()), ElementsAre("INFO mine"));
}

TEST_F(LogWatchTest, WhoeverWatchesSeesEachLineOnce) {
  Runner& runner = MakeLogging();
  std::vector<std::string> seen;
  RunExpectation watching = Expecting("watching", true);
  watching.watch = [&seen](const RunBegin&) {
    return [&seen](const Snapshot& snapshot) {
      for (const LogLine& line : snapshot.lines) seen.push_back(line.text);
      return std::string();
    };
  };
  runner.Expect(watching);
  ASSERT_TRUE(runner.Begin().ok());
  Workload actor = After(seconds(2), [this](WorkloadRun&) { Append(0, "INFO one\nINFO two\n"); });
  ASSERT_TRUE(runner.RunFor(seconds(4)).ok());
  EXPECT_THAT(seen, ElementsAre("INFO one", "INFO two"));
}

TEST_F(LogWatchTest, ALineEndsTheRunAtOnce) {
  Runner& runner = MakeLogging();
  RunExpectation watching = Expecting("no error", true);
  watching.watch = [](const RunBegin&) {
    return [](const Snapshot& snapshot) {
      return snapshot.lines.empty() ? std::string() : snapshot.lines[0].text;
    };
  };
  runner.Expect(watching);
  ASSERT_TRUE(runner.Begin().ok());
  const Clock::TimePoint begun = clock_.Now();
  Workload actor = After(seconds(2), [this](WorkloadRun&) { Append(0, "ERROR it hurts\n"); });
  const absl::Status status = runner.RunFor(seconds(60));
  EXPECT_THAT(std::string(status.message()), HasSubstr("no error: ERROR it hurts"));
  EXPECT_LE(clock_.Now() - begun, seconds(4));
}

TEST_F(LogWatchTest, AwaitSeesLines) {
  Runner& runner = MakeLogging();
  ASSERT_TRUE(runner.Begin().ok());
  Workload actor = After(seconds(2), [this](WorkloadRun&) { Append(0, "INFO there it is\n"); });
  EXPECT_TRUE(runner
                  .Await(
                      [](const Snapshot& snapshot) {
                        return snapshot.lines.empty() ? std::string("no line") : std::string();
                      },
                      seconds(10))
                  .ok());
}

TEST_F(LogWatchTest, SizesAreNotedWhereTheyChange) {
  Runner& runner = MakeLogging();
  ASSERT_TRUE(runner.Begin().ok());
  Workload actor = After(seconds(9), [this](WorkloadRun&) { Append(0, "INFO a\n"); });
  ASSERT_TRUE(runner.RunFor(seconds(12)).ok());
  ASSERT_TRUE(runner.Finish().ok());
  std::vector<std::pair<RunTime, double>> sizes;
  for (const ResourceSample& sample : runner.record().resources) {
    if (sample.node == 0) sizes.emplace_back(sample.at, sample.values.Get("log"));
  }
  // That it was so until then is evidence, too.
  EXPECT_THAT(sizes, ElementsAre(std::pair(RunTime(0), 0.0), std::pair(seconds(8), 0.0),
                                 std::pair(seconds(10), 7.0), std::pair(seconds(12), 7.0)));
}

TEST_F(LogWatchTest, ALogThatCannotBeReadToItsEndIsTold) {
  Runner& runner = MakeLogging();
  Append(0, "INFO one\n");
  ASSERT_TRUE(runner.Begin().ok());
  ASSERT_TRUE(runner.RunFor(seconds(2)).ok());
  {
    std::lock_guard lock(world().mutex);
    world().log_error = absl::UnavailableError("the engine does not answer");
  }
  ASSERT_TRUE(runner.Finish().ok());
  EXPECT_THAT(Texts(runner.record()), ElementsAre("INFO one"));
  EXPECT_EQ(runner.record().nodes[0].log_lines, (Numbers{{"info", 1}, {"unknown", 0}}));
  EXPECT_EQ(runner.record().nodes[0].log_lines_left_out, (Numbers{{"unread", 1}}));
}

TEST_F(LogWatchTest, ABurstIsReadToItsEndAndNotKept) {
  Runner& runner = MakeLogging();
  ASSERT_TRUE(runner.Begin().ok());
  const std::string line = "INFO " + std::string(94, 'x') + "\n";
  std::string burst;
  for (int i = 0; i < 100'000; ++i) burst += line;  // 10 MB
  Append(0, burst);
  Append(1, "WARN one\n");
  ASSERT_TRUE(runner.RunFor(seconds(1)).ok());
  ASSERT_TRUE(runner.Finish().ok());
  const RunRecord& record = runner.record();
  EXPECT_EQ(record.nodes[0].log_lines, (Numbers{{"info", 100'000}, {"unknown", 0}}));
  EXPECT_EQ(record.nodes[0].log_lines_left_out.size(), 1u);
  EXPECT_LT(record.logs.size(), 2000u);
  EXPECT_EQ(record.nodes[1].log_lines, (Numbers{{"unknown", 0}, {"warn", 1}}));
}

TEST_F(LogWatchTest, WhatNobodyAsksForDoesNotPileUp) {
  MakeLogging();
  const absl::StatusOr<std::unique_ptr<LogWatch>> begun =
      LogWatch::Begin({.cluster = cluster_,
                       .clock = &clock_,
                       .now = [] { return RunTime(0); },
                       .give_up = [](const absl::Status&) {}});
  ASSERT_TRUE(begun.ok());
  LogWatch& watch = **begun;
  std::string burst;
  for (int i = 0; i < 40'000; ++i) burst += "INFO " + std::string(94, 'x') + "\n";
  Append(0, burst + "ERROR the one that matters\n");
  watch.Finish();
  const std::vector<LogLine> lines = watch.TakeNew();
  size_t bytes = 0;
  for (const LogLine& line : lines) bytes += line.text.size();
  EXPECT_LT(bytes, 1024u * 1024u);
  EXPECT_EQ(lines.back().text, "ERROR the one that matters");
  EXPECT_THAT(watch.TakeNew(), IsEmpty());
}

}  // namespace
}  // namespace gtestnet

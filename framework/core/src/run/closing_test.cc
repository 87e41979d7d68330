// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/closing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace gtestnet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::system_clock::time_point kStart{std::chrono::seconds(1'700'000'000)};

MetricSample BeganAt(int at, double seconds) {
  return {RunTime(at), 0, "process_start_time_seconds", 1'700'000'000 + seconds};
}

// A run of one node, whose metric was read three times.
RunRecord Record(std::vector<NodeEvent> events, double last = 15.5) {
  RunRecord record;
  record.nodes = {{.name = "member-0"}};
  record.metrics = {BeganAt(1000, -3), BeganAt(11000, -2.5), BeganAt(21000, last)};
  record.events = std::move(events);
  return record;
}

TEST(ClosingTest, AStartTimeThatRoseIsARestart) {
  RunRecord record = Record({{RunTime(0), 0, NodeEventKind::kStarted, "deployer", ""}});
  AddRestartsByMetrics(kStart, record);
  EXPECT_THAT(
      record.events,
      ElementsAre(testing::_, NodeEvent{RunTime(15500), 0, NodeEventKind::kRestarted, "",
                                        "process_start_time_seconds rose from 1699999997.5 to "
                                        "1700000015.5"}));
}

TEST(ClosingTest, AStartTimeThatIsExplainedIsNone) {
  using Kind = NodeEventKind;
  for (const std::vector<NodeEvent>& events : std::vector<std::vector<NodeEvent>>{
           {{RunTime(12000), 0, Kind::kKilled, "test", ""},
            {RunTime(14000), 0, Kind::kStarted, "test", ""}},
           // Answered before the verb that starts it was over.
           {{RunTime(10000), 0, Kind::kStopped, "test", ""},
            {RunTime(22000), 0, Kind::kStarted, "test", ""}},
           {{RunTime(15400), 0, Kind::kRestarted, "", "pid 8 runs instead of pid 7"}}}) {
    RunRecord record = Record(events);
    AddRestartsByMetrics(kStart, record);
    EXPECT_EQ(record.events, events);
  }
  // Of another node, or a pause.
  RunRecord record = Record({{RunTime(12000), 1, Kind::kStarted, "test", ""},
                             {RunTime(13000), 0, Kind::kPaused, "test", ""}});
  AddRestartsByMetrics(kStart, record);
  EXPECT_EQ(record.events.back().kind, Kind::kRestarted);
}

// It is worked out from the machine's start, which is known by the second.
TEST(ClosingTest, AStartTimeThatJittersIsNoRestart) {
  RunRecord record = Record({}, -1);
  AddRestartsByMetrics(kStart, record);
  EXPECT_THAT(record.events, IsEmpty());
}

TEST(ClosingTest, AFirstAnswerIsAmongTheSamples) {
  RunRecord record;
  record.samples = {{.at = RunTime(1)}, {.at = RunTime(5), .node = 1}, {.at = RunTime(9)}};
  AddSamples({{.at = RunTime(5), .node = 2, .reachable = true}, {.at = RunTime(12)}}, record);
  std::vector<int64_t> at;
  for (const NodeSample& sample : record.samples) at.push_back(sample.at.count());
  EXPECT_THAT(at, ElementsAre(1, 5, 5, 9, 12));
  EXPECT_EQ(record.samples[2].node, 2);
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/record/contradiction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>

#include "gtestnet/record.h"

namespace gtestnet {
namespace {

using std::chrono_literals::operator""ms;
using testing::HasSubstr;

constexpr NodeEventKind kStarted = NodeEventKind::kStarted;
constexpr NodeEventKind kStopped = NodeEventKind::kStopped;
constexpr NodeEventKind kKilled = NodeEventKind::kKilled;
constexpr NodeEventKind kPaused = NodeEventKind::kPaused;
constexpr NodeEventKind kResumed = NodeEventKind::kResumed;
constexpr NodeEventKind kAdded = NodeEventKind::kAdded;
constexpr NodeEventKind kExited = NodeEventKind::kExited;
constexpr NodeEventKind kRestarted = NodeEventKind::kRestarted;

// A run of 100 s in which nothing happened to two nodes.
class ContradictionTest : public testing::Test {
 protected:
  ContradictionTest() {
    record_.begun = -1000ms;
    record_.ended = 90'000ms;
    record_.closed = 100'000ms;
    record_.nodes = {{.name = "member-0"}, {.name = "member-1"}};
    record_.events = {{-1000ms, 0, kStarted, "deployer"}, {-1000ms, 1, kStarted, "deployer"}};
  }
  // Adds what happens to member-1 at 10 s, 20 s and so on, and how it is at the end.
  std::string After(const std::vector<NodeEventKind>& kinds, bool up) {
    RunRecord record = record_;
    RunTime at{0};
    for (const NodeEventKind kind : kinds) {
      const bool asked = kind != kExited && kind != kRestarted;
      record.events.push_back({at += 10'000ms, 1, kind, asked ? "faults" : "", "", {}});
      if (asked) record.events.back().took = 100ms;
    }
    record.nodes[1].up_at_end = up;
    return Contradiction(record);
  }
  std::string Changed(const std::function<void(RunRecord&)>& change) {
    RunRecord record = record_;
    change(record);
    return Contradiction(record);
  }
  NodeSample Answer(RunTime at) { return {.at = at, .node = 1, .reachable = true}; }

  RunRecord record_;
};

TEST_F(ContradictionTest, OfASoundRecordThereIsNone) {
  EXPECT_EQ(Contradiction(record_), "");
  EXPECT_EQ(Contradiction(RunRecord()), "");
  EXPECT_EQ(Changed([](RunRecord& r) { r.events.clear(); }), "") << "nothing is known";
}

TEST_F(ContradictionTest, EventsExplainEachChange) {
  EXPECT_EQ(After({kKilled, kStarted, kStopped, kStarted, kPaused, kResumed}, true), "");
  EXPECT_EQ(After({kPaused, kKilled, kStarted, kPaused, kStopped}, false), "");
  EXPECT_EQ(After({kPaused}, false), "");
  // In another pod, whatever was before.
  EXPECT_EQ(After({kPaused, kStarted}, true), "");
  EXPECT_EQ(After({kKilled, kKilled}, false),
            "events[3].kind: killed, but member-1 was down by events[2]");
  EXPECT_EQ(After({kStarted}, true), "events[2].kind: started, but member-1 was up by events[1]");
  EXPECT_EQ(After({kPaused, kPaused}, false),
            "events[3].kind: paused, but member-1 was paused by events[2]");
  EXPECT_EQ(After({kResumed}, true), "events[2].kind: resumed, but member-1 was up by events[1]");
  EXPECT_EQ(After({kStopped, kResumed}, true),
            "events[3].kind: resumed, but member-1 was down by events[2]");
  EXPECT_EQ(After({kAdded}, true), "events[2].kind: added, but member-1 was up by events[1]");
}

TEST_F(ContradictionTest, WhatNobodyAskedForCanHappenAtAnyTime) {
  EXPECT_EQ(After({kExited, kStarted, kRestarted}, true), "");
  // It ended while it started, or as it was killed.
  EXPECT_EQ(After({kStopped, kExited, kKilled, kExited}, false),
            "events[4].kind: killed, but member-1 was down by events[3]");
  EXPECT_EQ(After({kStopped, kExited, kStarted}, true), "");
  EXPECT_EQ(After({kPaused, kExited}, false), "");
  EXPECT_EQ(After({kKilled, kRestarted}, true), "");
  EXPECT_EQ(After({kKilled, kRestarted}, false), "");
  EXPECT_EQ(After({kKilled, kRestarted, kStarted}, true), "") << "its start was seen twice";
}

TEST_F(ContradictionTest, HowANodeWasAtFirstIsKnownByLooking) {
  record_.events[1].kind = kStopped;
  EXPECT_EQ(After({kStarted}, true), "");
  // It was paused, by the test before on the same cluster.
  EXPECT_EQ(After({kResumed}, true), "");
  EXPECT_EQ(After({kKilled}, false), "");
  EXPECT_EQ(Changed([](RunRecord& r) {
              r.events.insert(r.events.begin(), {-1500ms, 1, kKilled, "test"});
              r.nodes[1].up_at_end = false;
            }),
            "");
}

TEST_F(ContradictionTest, HowNodesWereAtFirstWasLookedAtThen) {
  record_.begun = -61'000ms;
  EXPECT_EQ(Contradiction(record_),
            "events[0].at_ms: -1000, but the run, whose beginning it tells of, begun at -61000");
}

TEST_F(ContradictionTest, TheEndIsWhatTheLastEventMadeIt) {
  EXPECT_EQ(After({}, false), "nodes[1].up_at_end: false, but by events[1] it was up");
  EXPECT_EQ(After({kKilled}, true), "nodes[1].up_at_end: true, but by events[2] it was down");
  EXPECT_EQ(After({kPaused}, true), "nodes[1].up_at_end: true, but by events[2] it was paused");
}

TEST_F(ContradictionTest, OfABrokenRunNobodyTellsHowNodesWere) {
  record_.broken = "the Docker engine does not answer";
  EXPECT_EQ(After({}, false), "");
  EXPECT_EQ(After({kKilled, kKilled}, true), "");
}

TEST_F(ContradictionTest, NoNodeAnswersWhileItIsDown) {
  record_.events.push_back({10'000ms, 1, kStopped, "restarts", "", 4'000ms});
  record_.events.push_back({30'000ms, 1, kStarted, "restarts", "", 500ms});
  const auto with_answer = [&](RunTime at) {
    return Changed([&](RunRecord& r) { r.samples = {Answer(at)}; });
  };
  for (const RunTime at : {9'000ms, 10'500ms, 14'000ms, 15'900ms, 29'500ms, 30'000ms, 40'000ms}) {
    EXPECT_EQ(with_answer(at), "") << at.count();
  }
  EXPECT_EQ(with_answer(16'000ms),
            "samples[0].reachable: true at 16000 ms, but member-1 was down by events[2]");
  EXPECT_THAT(with_answer(29'499ms), HasSubstr("was down by events[2]"));
  EXPECT_EQ(Changed([&](RunRecord& r) {
              r.samples = {Answer(20'000ms)};
              r.samples[0].reachable = false;
            }),
            "");
  EXPECT_EQ(Changed([&](RunRecord& r) {
              r.samples = {Answer(20'000ms)};
              r.samples[0].node = 0;
            }),
            "");
}

TEST_F(ContradictionTest, AVerbOfWhichNothingIsKnownMayHaveTakenLong) {
  record_.events.push_back({1'000ms, 1, kKilled, "test"});
  record_.nodes[1].up_at_end = false;
  const auto with_answer = [&](RunTime at) {
    return Changed([&](RunRecord& r) { r.samples = {Answer(at)}; });
  };
  EXPECT_EQ(with_answer(60'000ms), "");
  EXPECT_THAT(with_answer(63'000ms), HasSubstr("was down by events[2]"));
  // Nobody waits for an exit.
  record_.events.back() = {1'000ms, 1, kExited, ""};
  EXPECT_EQ(with_answer(2'999ms), "");
  EXPECT_THAT(with_answer(3'000ms), HasSubstr("was down by events[2]"));
}

TEST_F(ContradictionTest, AFaultHasItsEvent) {
  record_.events.push_back({10'000ms, 1, kKilled, "kills", "", 10ms});
  record_.events.push_back({11'000ms, 1, kStarted, "kills", "", 10ms});
  const FaultRecord fault{"kills", "kill", 1, 9'990ms, 500ms, 80ms};
  record_.faults = {fault};
  EXPECT_EQ(Contradiction(record_), "");
  record_.faults = {fault, fault};
  EXPECT_EQ(Contradiction(record_),
            "faults[1]: kills did that to member-1, but no event of it is there");
  record_.faults = {fault};
  record_.faults[0].node = 0;
  EXPECT_EQ(Contradiction(record_),
            "faults[0]: kills did that to member-0, but no event of it is there");
  record_.faults = {fault};
  record_.faults[0].fault = "join";
  EXPECT_THAT(Contradiction(record_), HasSubstr("faults[0]: kills did that to member-1"));
  record_.faults[0].fault = "partition";
  EXPECT_EQ(Contradiction(record_), "") << "of that there is no event";
  record_.faults = {fault};
  record_.faults[0].recovered_after = -1ms;
  EXPECT_EQ(Contradiction(record_), "faults[0].recovered_after_ms: is negative");
  record_.faults[0].down_for = -1ms;
  EXPECT_EQ(Contradiction(record_), "faults[0].down_for_ms: is negative");
}

TEST_F(ContradictionTest, ANodeThatJoinedWasAdded) {
  record_.nodes.push_back({.name = "member-2"});
  record_.events.push_back({10'000ms, 2, kAdded, "churn", "", 300ms});
  record_.faults = {{"churn", "join", 2, 9'000ms, 500ms, {}}};
  EXPECT_EQ(Contradiction(record_), "");
  record_.events.pop_back();
  EXPECT_EQ(Contradiction(record_),
            "faults[0]: churn did that to member-2, but no event of it is there");
}

TEST_F(ContradictionTest, AllIsInOrderOfTimeAndOfThisRun) {
  const auto both_ways = [&](std::string_view list, auto member, auto item) {
    RunRecord record = record_;
    (record.*member) = {item, item};
    (record.*member)[0].at = 500ms;
    (record.*member)[1].at = 400ms;
    EXPECT_EQ(Contradiction(record),
              std::string(list) + "[1].at_ms: 400 is before the one of the entry before it");
    (record.*member)[1].at = 500ms;
    EXPECT_EQ(Contradiction(record), "");
    (record.*member)[1].node = 2;
    EXPECT_EQ(Contradiction(record),
              std::string(list) + "[1].node: 2 is no node of this record, which has 2");
    (record.*member)[1].node = 1;
    if (list == "logs") return;  // a line's time is what the node says
    (record.*member)[1].at = 160'001ms;
    EXPECT_EQ(Contradiction(record),
              std::string(list) + "[1].at_ms: 160001 is after the run, which was closed at 100000");
    (record.*member) = {item};
    (record.*member)[0].at = -61'001ms;
    EXPECT_EQ(Contradiction(record),
              std::string(list) + "[0].at_ms: -61001 is before the run, which begun at -1000");
  };
  both_ways("samples", &RunRecord::samples, NodeSample{.reachable = true});
  both_ways("metrics", &RunRecord::metrics, MetricSample{.series = "up"});
  both_ways("resources", &RunRecord::resources, ResourceSample{});
  record_.nodes[0].log_lines = record_.nodes[1].log_lines = {{"unknown", 2}};
  both_ways("logs", &RunRecord::logs, LogLine{});
}

TEST_F(ContradictionTest, WorkloadsFitWhatTheyOwed) {
  const WorkloadRecord sound{.name = "transactions",
                             .started = 0ms,
                             .stopped = 90'000ms,
                             .actions = 97,
                             .due = 100,
                             .owes = "transactions",
                             .left_out = {{"no note was free", 3}},
                             .at_least = 0.95};
  const auto changed = [&](auto change) {
    WorkloadRecord workload = sound;
    change(workload);
    return Changed([&](RunRecord& r) { r.workloads = {workload}; });
  };
  EXPECT_EQ(changed([](WorkloadRecord&) {}), "");
  EXPECT_EQ(changed([](WorkloadRecord& w) { w.actions = 98; }),
            "workloads[0].due: 100, but 98 were done and 3 left out");
  EXPECT_EQ(changed([](WorkloadRecord& w) { w.due = -1; }),
            "workloads[0].due: must not be negative");
  EXPECT_EQ(changed([](WorkloadRecord& w) { w.due.reset(); }), "");
  EXPECT_EQ(changed([](WorkloadRecord& w) { w.actions = -1; }),
            "workloads[0].actions: must not be negative");
  EXPECT_EQ(changed([](WorkloadRecord& w) { w.stopped = -1ms; }),
            "workloads[0].stopped_ms: is before started_ms");
  EXPECT_EQ(changed([](WorkloadRecord& w) { w.stopped = 160'001ms; }),
            "workloads[0].stopped_ms: 160001 is after the run, which was closed at 100000");
  EXPECT_EQ(changed([](WorkloadRecord& w) { w.at_least = 1.5; }),
            "workloads[0].at_least: 1.5 is no fraction, from 0 to 1");
  EXPECT_EQ(changed([](WorkloadRecord& w) { w.left_out["no node"] = -1; }),
            "workloads[0].left_out: -1 is no count of what was left out");
}

TEST_F(ContradictionTest, ClocksGoForward) {
  record_.clock = {{500ms, 400ms, ClockEventKind::kSet, 8000ms}};
  EXPECT_EQ(Contradiction(record_), "clock[0].at_ms: is before since_ms");
  record_.clock = {{500ms, 600ms, ClockEventKind::kSet, -8000ms},
                   {400ms, 500ms, ClockEventKind::kStopped, 100ms}};
  EXPECT_EQ(Contradiction(record_), "clock[1].at_ms: 500 is before the one of the entry before it");
}

TEST_F(ContradictionTest, UsageIsSomeNumber) {
  record_.resources = {{.at = 0ms, .values = {{"memory", 100}}},
                       {.at = 1ms, .values = {{"cpu", -5}}}};
  EXPECT_EQ(Contradiction(record_), "resources[1].values: cpu is -5, which nothing can be");
  record_.resources[1].values = {{"cpu", std::numeric_limits<double>::infinity()}};
  EXPECT_THAT(Contradiction(record_), HasSubstr("resources[1].values: cpu is inf"));
}

TEST_F(ContradictionTest, LinesThatAreThereWereCounted) {
  record_.nodes[1].log_lines = {{"error", 3}, {"info", 900}};
  record_.nodes[1].log_lines_left_out = {{"error", 1}};
  const LogLine line{.node = 1, .level = LogLevel::kError, .text = "no peers"};
  record_.logs = {line, line};
  EXPECT_EQ(Contradiction(record_), "");
  record_.logs.push_back(line);
  EXPECT_EQ(Contradiction(record_),
            "nodes[1].log_lines: 3 of level error, but 3 are in logs and 1 left out");
  record_.logs = {{.node = 0, .level = LogLevel::kFatal, .text = "panic"}};
  EXPECT_EQ(Contradiction(record_),
            "nodes[0].log_lines: 0 of level fatal, but 1 are in logs and 0 left out");
}

TEST_F(ContradictionTest, WhatWasNotJudgedIsNotMet) {
  VerdictRecord verdict{.expectation = "is live", .met = true};
  record_.verdicts = {verdict};
  EXPECT_EQ(Contradiction(record_), "");
  record_.verdicts[0].judged = false;
  EXPECT_EQ(Contradiction(record_), "verdicts[0].met: of what was not judged");
  record_.verdicts = {verdict};
  record_.verdicts[0].nothing = true;
  EXPECT_EQ(Contradiction(record_), "verdicts[0].met: though there was nothing to judge");
}

class OddSection final : public RecordSection {
 public:
  std::unique_ptr<RecordSection> Clone() const override { return std::make_unique<OddSection>(); }
  bool Equals(const RecordSection&) const override { return true; }
  std::string ToJson() const override { return "{}"; }
  std::string Contradiction(const RunRecord& record) const override {
    return "votes[0].node: 7, of " + std::to_string(record.nodes.size());
  }
};

TEST_F(ContradictionTest, SectionsLookAtThemselves) {
  EXPECT_EQ(SectionContradiction(record_), "");
  record_.sections.Set("odd", std::make_unique<OddSection>());
  EXPECT_EQ(SectionContradiction(record_), "odd.votes[0].node: 7, of 2");
}

TEST_F(ContradictionTest, WhoIsUpFollowsFromEvents) {
  using testing::ElementsAre;
  using testing::Eq;
  using testing::Optional;
  EXPECT_THAT(UpAfter(record_.events, 3),
              ElementsAre(Optional(true), Optional(true), Eq(std::nullopt)));
  record_.events.push_back({1ms, 1, kPaused, "test"});
  EXPECT_THAT(UpAfter(record_.events, 2), ElementsAre(Optional(true), Optional(false)));
}

}  // namespace
}  // namespace gtestnet

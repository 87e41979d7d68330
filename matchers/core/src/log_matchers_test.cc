// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/log_matchers.h"

#include <gmock/gmock.h>

#include "gtestnet/expectation_from.h"
#include "gtestnet/expectation_table.h"
#include "gtestnet/sample_matchers.h"
#include "gtestnet/three_values.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::ContainsRegex;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// Two validators, which answer each second of ten and log nothing.
class LogMatchersTest : public testing::Test {
 protected:
  LogMatchersTest() {
    record_.closed = record_.ended = milliseconds(10'000);
    record_.nodes.resize(2);
    for (size_t i = 0; i < 2; ++i) {
      record_.nodes[i].name = i == 0 ? "validator-0" : "validator-1";
      record_.nodes[i].log_lines = {{"unknown", 0}};
    }
    for (int s = 0; s <= 10; ++s) {
      for (const NodeIndex node : {0, 1}) {
        NodeSample sample;
        sample.at = milliseconds(1000 * s);
        sample.node = node;
        sample.reachable = true;
        record_.samples.push_back(sample);
      }
    }
  }

  void Log(int64_t at, NodeIndex node, LogLevel level, std::string text) {
    record_.logs.push_back({milliseconds(at), node, level, std::move(text)});
    record_.nodes[static_cast<size_t>(node)].log_lines[ToString(level)] += 1;
  }
  void Do(int64_t at, NodeIndex node, NodeEventKind kind, std::string cause) {
    record_.events.push_back({milliseconds(at), node, kind, std::move(cause), ""});
  }
  template <class M>
  Outcome Judge(const M& matcher) const {
    return JudgeBy(testing::SafeMatcherCast<const RunRecord&>(matcher), record_).outcome;
  }
  template <class M>
  std::string Words(const M& matcher) const {
    return Explain(matcher, record_);
  }

  RunRecord record_;
};

TEST_F(LogMatchersTest, NothingAboveALevel) {
  Log(1000, 0, LogLevel::kInfo, "all is well");
  Log(2000, 1, LogLevel::kUnknown, "what is this");
  EXPECT_EQ(Judge(LogsNoErrors()), Outcome::kMet);
  EXPECT_EQ(Words(LogsNoErrors()), "in which of 2 lines none is above warn");
  EXPECT_EQ(Words(HasNoLogsAbove("debug")), "in which validator-0 logged at 1.000 s: all is well");
  Log(3000, 1, LogLevel::kError, "disk full\nat main");
  Log(4000, 1, LogLevel::kFatal, "thread 'main' panicked at \x01");
  EXPECT_EQ(Judge(LogsNoErrors()), Outcome::kNotMet);
  EXPECT_EQ(
      Words(LogsNoErrors()),
      "in which validator-1 logged at 3.000 s: disk full / at main; validator-1 logged at 4.000 s: "
      "thread 'main' panicked at \\x01");
  EXPECT_EQ(Judge(HasNoLogsAbove("error").Except("panicked")), Outcome::kMet);
  EXPECT_EQ(Words(LogsNoErrors().Except("^disk").Except("panicked")),
            "in which of 4 lines none is above warn but 2 excepted");
  EXPECT_EQ(
      Describe<RunRecord>(LogsNoErrors().Except("disk").ExceptDuringFaults()),
      "has no line above warn in the logs of its nodes, except \"disk\", except while a fault "
      "is active");
  EXPECT_EQ(DescribeNot<RunRecord>(HasNoLogsAbove("info")),
            "has a line above info in the logs of its nodes");
}

TEST_F(LogMatchersTest, NothingToJudgeWhereLogsWereNotRead) {
  EXPECT_EQ(Judge(LogsNoErrors()), Outcome::kMet);
  record_.nodes[1].log_lines_left_out = {{"unread", 1}};
  EXPECT_EQ(Judge(LogsNoErrors()), Outcome::kNothingToJudge);
  EXPECT_EQ(Words(LogsNoErrors()),
            "in which there is nothing to judge: the log of validator-1 was "
            "not read to its end");
  record_.nodes[1].log_lines = {};
  EXPECT_EQ(Judge(LogsNoErrors()), Outcome::kNothingToJudge);
  EXPECT_EQ(Judge(Not(LogsNoErrors())), Outcome::kNothingToJudge);
  EXPECT_EQ(Words(LogsNoErrors()),
            "in which there is nothing to judge: the log of validator-1 was not read");
  Log(1000, 0, LogLevel::kError, "found all the same");
  EXPECT_EQ(Judge(LogsNoErrors()), Outcome::kNotMet);
  EXPECT_EQ(Judge(Not(LogsNoErrors())), Outcome::kMet);
  record_.nodes.clear();
  record_.logs.clear();
  EXPECT_EQ(Judge(LogsNoErrors()), Outcome::kNothingToJudge);
}

TEST_F(LogMatchersTest, LinesThatWereLeftOutCount) {
  Log(1000, 0, LogLevel::kInfo, "a");
  record_.nodes[0].log_lines_left_out = {{"info", 700}};
  EXPECT_EQ(Judge(LogsNoErrors()), Outcome::kMet);  // none of them was above
  record_.nodes[0].log_lines_left_out = {{"error", 1}, {"info", 700}};
  EXPECT_EQ(Judge(LogsNoErrors()), Outcome::kNotMet);
  EXPECT_EQ(Words(LogsNoErrors()),
            "in which 1 line above warn of validator-0 is not in the record");
  EXPECT_EQ(Judge(LogsNoErrors().Except("a")), Outcome::kNothingToJudge);
  EXPECT_EQ(Words(LogsNoErrors().Except("a")),
            "in which there is nothing to judge: 1 line above warn of validator-0 is not in the "
            "record");
}

TEST_F(LogMatchersTest, LevelsAndExpressionsThatAreNoneAreTold) {
  EXPECT_EQ(Words(HasNoLogsAbove("wran")),
            "in which there is nothing to judge: there is no level \"wran\"; did you mean warn?");
  EXPECT_EQ(Judge(HasNoLogsAbove("wran")), Outcome::kNothingToJudge);
  EXPECT_EQ(Judge(HasNoLogsAbove("WARNING")), Outcome::kMet);
  EXPECT_EQ(Words(LogsNoErrors().Except("(")),
            "in which there is nothing to judge: the regular expression \"(\" cannot be read: "
            "missing ): (");
  Log(1000, 0, LogLevel::kInfo, "a");
  EXPECT_EQ(Judge(LogLines(Contains(HasLevel("inof")))), Outcome::kNothingToJudge);
  EXPECT_EQ(Judge(LogLines(Not(Contains(HasLevel("inof"))))), Outcome::kNothingToJudge);
  EXPECT_EQ(Judge(LogLines(Contains(HasTextLike("(")))), Outcome::kNothingToJudge);
  EXPECT_EQ(Words(HasNoLogsAbove("xyzzy")),
            "in which there is nothing to judge: there is no level \"xyzzy\"; there are trace, "
            "debug, info, warn, error and fatal");
}

TEST_F(LogMatchersTest, ExceptDuringFaults) {
  Do(0, 0, NodeEventKind::kStarted, "deployer");
  Do(20'000, 1, NodeEventKind::kKilled, "kills");
  Do(22'000, 1, NodeEventKind::kStarted, "kills");
  record_.closed = record_.ended = milliseconds(60'000);
  FaultRecord fault;
  fault.workload = "kills";
  fault.node = 1;
  fault.at = milliseconds(20'000);
  fault.down_for = milliseconds(2000);
  fault.recovered_after = milliseconds(4000);
  record_.faults = {fault};
  for (const int64_t at : {-1, 20'000, 25'000, 30'999}) Log(at, 0, LogLevel::kError, "lost it");
  EXPECT_EQ(Judge(LogsNoErrors()), Outcome::kNotMet);
  EXPECT_EQ(Judge(LogsNoErrors().ExceptDuringFaults()), Outcome::kMet);
  Log(31'000, 0, LogLevel::kError, "too late");
  EXPECT_EQ(Words(LogsNoErrors().ExceptDuringFaults()),
            "in which validator-0 logged at 31.000 s: too late");
  record_.logs.back().at = milliseconds(19'999);
  EXPECT_EQ(Judge(LogsNoErrors().ExceptDuringFaults()), Outcome::kNotMet);
  // One of a workload that ended before the node had recovered.
  record_.faults[0].recovered_after.reset();
  record_.workloads.resize(1);
  record_.workloads[0].name = "kills";
  record_.workloads[0].stopped = milliseconds(30'000);
  record_.logs.back().at = milliseconds(34'999);
  EXPECT_EQ(Judge(LogsNoErrors().ExceptDuringFaults()), Outcome::kMet);
  // One of the test's own, of a node that stays down.
  Do(50'000, 0, NodeEventKind::kPaused, "test");
  record_.logs.back().at = milliseconds(60'000);
  EXPECT_EQ(Judge(LogsNoErrors().ExceptDuringFaults()), Outcome::kMet);
}

TEST_F(LogMatchersTest, LinesOfANode) {
  Log(1000, 0, LogLevel::kInfo, "took 17 s");
  Log(2000, 1, LogLevel::kWarn, "took long");
  const auto took = Contains(HasText(ContainsRegex("took [0-9]+ s")));
  EXPECT_EQ(Judge(LogLines(took)), Outcome::kMet);
  EXPECT_EQ(Words(LogLines(took)), "in which validator-0 logged at 1.000 s: took 17 s");
  EXPECT_EQ(Judge(LogLines(Of("validator-0"), took)), Outcome::kMet);
  EXPECT_EQ(Judge(LogLines(Of("validator-1"), took)), Outcome::kNotMet);
  EXPECT_EQ(Words(LogLines(Of("validator-1"), took)), "in which validator-1 logged 1 line");
  EXPECT_EQ(Judge(LogLines(Of("validator-1"), SizeIs(1))), Outcome::kMet);
  EXPECT_EQ(Judge(LogLines(Each(HasTextLike("^took")))), Outcome::kMet);
  EXPECT_EQ(Words(LogLines(Each(HasLevel("info")))),
            "in which validator-1 logged at 2.000 s: took long");
  EXPECT_EQ(Words(LogLines(Of("valdator-1"), took)),
            "in which there is nothing to judge: there is no node valdator-1; did you mean "
            "validator-1?");
  EXPECT_EQ(Judge(Not(LogLines(Of("valdator-1"), took))), Outcome::kNothingToJudge);
  EXPECT_EQ(Describe<RunRecord>(LogLines(Of("validator-1"), Contains(HasTextLike("a")))),
            "has a list of log lines of validator-1 that contains at least one element that has a "
            "text that contains regular expression \"a\"");
  EXPECT_EQ(DescribeNot<Snapshot>(LogLines(IsEmpty())),
            "has a list of log lines of its nodes that isn't empty");
}

TEST_F(LogMatchersTest, WhatIsFoundCountsAndWhatIsNotFoundMayHaveBeenLeftOut) {
  Log(1000, 0, LogLevel::kInfo, "here");
  record_.nodes[0].log_lines_left_out = {{"info", 12}};
  EXPECT_EQ(Judge(LogLines(Contains(HasTextLike("here")))), Outcome::kMet);
  EXPECT_EQ(Judge(LogLines(Not(Contains(HasTextLike("here"))))), Outcome::kNotMet);
  EXPECT_EQ(Judge(LogLines(Contains(HasTextLike("there")))), Outcome::kNothingToJudge);
  EXPECT_EQ(Judge(LogLines(Not(Contains(HasTextLike("there"))))), Outcome::kNothingToJudge);
  EXPECT_EQ(Words(LogLines(Contains(HasTextLike("there")))),
            "in which there is nothing to judge: 12 lines of validator-0 are not in the record");
  EXPECT_EQ(Judge(LogLines(Of("validator-1"), Not(Contains(HasTextLike("there"))))), Outcome::kMet);
  // The same of its snapshots.
  EXPECT_EQ(Judge(Never(LogLines(Contains(HasTextLike("here"))))), Outcome::kNotMet);
  EXPECT_EQ(Judge(Never(LogLines(Contains(HasTextLike("there"))))), Outcome::kNothingToJudge);
  EXPECT_EQ(Judge(Never(LogLines(Of("validator-1"), Contains(HasTextLike("there"))))),
            Outcome::kMet);
}

TEST_F(LogMatchersTest, EachLineIsInOneSnapshot) {
  Log(-500, 0, LogLevel::kInfo, "first");
  Log(1500, 1, LogLevel::kInfo, "second");
  Log(10'700, 1, LogLevel::kInfo, "last");
  EXPECT_EQ(Judge(Never(LogLines(SizeIs(testing::Ge(2))))), Outcome::kMet);
  for (const char* text : {"first", "second", "last"}) {
    EXPECT_EQ(Judge(Never(LogLines(Contains(HasTextLike(text))))), Outcome::kNotMet) << text;
  }
  EXPECT_EQ(Words(Never(LogLines(Contains(HasTextLike("second"))))),
            "in which the snapshot at 2.000 s is one in which validator-1 logged at 1.500 s: "
            "second");
  EXPECT_EQ(
      Judge(Eventually(LogLines(Contains(HasTextLike("second"))), Within(milliseconds(2000)))),
      Outcome::kMet);
  EXPECT_EQ(Judge(Never(LogLines(Of("valdator-1"), Contains(HasTextLike("a"))))),
            Outcome::kNothingToJudge);
}

TEST_F(LogMatchersTest, WatchedLiveALineIsToldAtOnce) {
  Snapshot quiet;
  quiet.names = {"validator-0", "validator-1"};
  quiet.nodes.resize(2);
  Snapshot loud = quiet;
  loud.at = milliseconds(3100);
  loud.lines = {{milliseconds(3000), 1, LogLevel::kError, "disk full"}};
  for (const RunExpectation& expectation :
       {ExpectationFromText(LogsNoErrors()), ExpectationFromText(HasNoLogsAbove("warn"))}) {
    ASSERT_TRUE(expectation.watch);
    const SnapshotWatch watch = expectation.watch({});
    EXPECT_EQ(watch(quiet), "");
    EXPECT_EQ(watch(loud), "validator-1 logged at 3.000 s: disk full");
  }
  EXPECT_EQ(LogsNoErrors().Except("disk").Watch({})(loud), "");
  EXPECT_FALSE(LogsNoErrors().ExceptDuringFaults().Watch({}));
  const SnapshotWatch never = Never(LogLines(Contains(HasTextLike("full")))).Watch({});
  EXPECT_EQ(never(quiet), "");
  EXPECT_EQ(never(loud),
            "the snapshot at 3.100 s is one in which validator-1 logged at 3.000 s: disk full");
}

TEST_F(LogMatchersTest, BytesASecond) {
  const auto size = [this](int64_t at, NodeIndex node, double bytes) {
    record_.resources.push_back({milliseconds(at), node, {{"log", bytes}}});
  };
  EXPECT_EQ(Judge(LogsAtMost(1000)), Outcome::kNothingToJudge);
  EXPECT_EQ(Words(LogsAtMost(1000)),
            "in which there is nothing to judge: the size of the log of validator-0 was not noted "
            "for two seconds; the size of the log of validator-1 was not noted for two seconds");
  for (int s = 0; s <= 60; s += 2) {
    size(1000 * s, 0, 100 * s);
    size(1000 * s, 1, s <= 20 ? 0 : s <= 30 ? 1e6 * (s - 20) : 1e7);
  }
  EXPECT_EQ(Judge(LogsAtMost(1e6)), Outcome::kMet);
  EXPECT_EQ(Words(LogsAtMost(1e6)), "in which no node logged more than 1000000 bytes a second");
  EXPECT_EQ(Words(LogsAtMost(999'999)),
            "in which validator-1 logged 1000000 bytes a second from 20.000 s to 30.000 s");
  EXPECT_EQ(Describe<RunRecord>(LogsAtMost(1000)),
            "has only nodes that log at most 1000 bytes a second");
  EXPECT_EQ(DescribeNot<RunRecord>(LogsAtMost(1000)),
            "has a node that logs more than 1000 bytes a second");
  // A run that is shorter than ten seconds is judged as a whole.
  record_.resources.clear();
  for (const NodeIndex node : {0, 1}) {
    size(0, node, 0);
    size(3000, node, 6000);
  }
  EXPECT_EQ(Words(LogsAtMost(1999)),
            "in which validator-0 logged 2000 bytes a second from 0.000 s to 3.000 s; validator-1 "
            "logged 2000 bytes a second from 0.000 s to 3.000 s");
  EXPECT_EQ(Judge(LogsAtMost(2000)), Outcome::kMet);
}

TEST_F(LogMatchersTest, OfOneLine) {
  const LogLine line{milliseconds(0), 0, LogLevel::kWarn, "took 17 s\nand more"};
  EXPECT_TRUE(Matches(HasText(StartsWith("took")), line));
  EXPECT_FALSE(Matches(HasText("took"), line));
  EXPECT_EQ(Explain(HasText("took"), line), "whose text is \"took 17 s / and more\"");
  EXPECT_EQ(Describe<LogLine>(HasText("took")), "has a text that is equal to \"took\"");
  EXPECT_EQ(DescribeNot<LogLine>(HasTextLike("took")),
            "has a text that doesn't contain regular expression \"took\"");
  EXPECT_TRUE(Matches(HasLevel("warning"), line));
  EXPECT_FALSE(Matches(HasLevel("error"), line));
  EXPECT_EQ(Explain(HasLevel("error"), line), "whose level is warn");
  EXPECT_EQ(Describe<LogLine>(HasLevel("error")), "is at level error");
  EXPECT_EQ(DescribeNot<LogLine>(HasLevel("error")), "isn't at level error");
}

TEST_F(LogMatchersTest, AsText) {
  ExpectationTable table;
  AddExpectations(table);
  const auto name = [&](std::string_view text) {
    const absl::StatusOr<RunExpectation> parsed = table.Parse(text);
    return parsed.ok() ? parsed->name : std::string(parsed.status().message());
  };
  EXPECT_EQ(name("LogsNoErrors"), Describe<RunRecord>(LogsNoErrors()));
  EXPECT_EQ(name("LogsNoErrors(Except(\"a\"), Except(\"b\"), ExceptDuringFaults)"),
            Describe<RunRecord>(LogsNoErrors().Except("a").Except("b").ExceptDuringFaults()));
  EXPECT_EQ(name("HasNoLogsAbove(\"info\", ExceptDuringFaults)"),
            Describe<RunRecord>(HasNoLogsAbove("info").ExceptDuringFaults()));
  EXPECT_EQ(name("LogLines(\"a\")"), Describe<RunRecord>(LogLines(Contains(HasTextLike("a")))));
  EXPECT_EQ(name("Never(LogLines(Of(\"validator-1\"), \"a\"))"),
            Describe<RunRecord>(Never(LogLines(Of("validator-1"), Contains(HasTextLike("a"))))));
  EXPECT_EQ(name("LogsAtMost(65536)"), Describe<RunRecord>(LogsAtMost(65536)));
  EXPECT_EQ(name("LogsNoErrors(\"a\")"), "column 14: expected Except(\"…\")");
  EXPECT_EQ(name("LogsNoErrors(Except(1))"), "column 14: expected Except(\"…\")");
}

}  // namespace
}  // namespace gtestnet::matching

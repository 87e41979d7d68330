// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/life_matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "gtestnet/node_matchers.h"
#include "gtestnet/three_values.h"
#include "matchers/core/src/silences.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using Kind = NodeEventKind;

// A run of three members, each of which answers every 500 ms with a number that grows by one.
class LifeTest : public testing::Test {
 protected:
  explicit LifeTest(RunTime length = 40s) {
    for (const char* name : {"member-0", "member-1", "member-2"}) {
      NodeRecord& node = record_.nodes.emplace_back();
      node.name = name;
      node.persists = "height";
    }
    record_.closed = length;
    for (RunTime at{0}; at <= length; at += 500ms) {
      for (NodeIndex node = 0; node < 3; ++node) {
        NodeSample& sample = record_.samples.emplace_back();
        sample.at = at;
        sample.node = node;
        sample.reachable = true;
        sample.numbers["height"] = static_cast<double>(at / 500ms);
      }
    }
    for (NodeIndex node = 0; node < 3; ++node) Happen(0s, node, Kind::kStarted, "deployer");
  }

  void Happen(RunTime at, NodeIndex node, Kind kind, std::string cause = "test",
              std::string detail = {}) {
    record_.events.push_back({at, node, kind, std::move(cause), std::move(detail)});
  }
  // The node does not answer between two times.
  void Silence(NodeIndex node, RunTime from, RunTime to) {
    for (NodeSample& sample : record_.samples) {
      if (sample.node == node && sample.at > from && sample.at < to) {
        sample = NodeSample{.at = sample.at, .node = node};
      }
    }
  }
  void CutOut(NodeIndex node, RunTime from, RunTime to) {
    std::erase_if(record_.samples, [=](const NodeSample& sample) {
      return sample.node == node && sample.at > from && sample.at < to;
    });
  }
  void TakeDown(NodeIndex node, RunTime from, RunTime to, Kind kind = Kind::kKilled) {
    Happen(from, node, kind);
    Happen(to, node, kind == Kind::kPaused ? Kind::kResumed : Kind::kStarted);
    Silence(node, from, to);
  }
  // From then on, the node's number is less.
  void Forget(NodeIndex node, RunTime from, double by) {
    for (NodeSample& sample : record_.samples) {
      if (sample.node == node && sample.at >= from) sample.numbers["height"] -= by;
    }
  }
  void RunnerStops(RunTime from, RunTime to) {
    record_.clock.push_back({from, to, ClockEventKind::kStopped, to - from});
    for (NodeIndex node = 0; node < 3; ++node) CutOut(node, from, to);
  }

  RunRecord record_;
};

// ----- KeepsItsData -----

using KeepsItsDataTest = LifeTest;

TEST_F(KeepsItsDataTest, ANodeThatComesBackHasWhatItHad) {
  TakeDown(1, 10s, 13s);
  TakeDown(2, 20s, 22s, Kind::kStopped);
  EXPECT_TRUE(Matches(KeepsItsData(), record_));
  EXPECT_EQ(Explain(KeepsItsData(), record_),
            "in which each node that came back had what it had told before (2 returns)");
}

TEST_F(KeepsItsDataTest, OneThatAnswersWithLessHasNot) {
  TakeDown(1, 10s, 13s);
  Forget(1, 13s, 26);
  EXPECT_FALSE(Matches(KeepsItsData(), record_));
  EXPECT_EQ(Explain(KeepsItsData(), record_),
            "in which member-1, started at 13.000 s, answered first with height 0 (at 13.000 s), "
            "and had told 20 at 10.000 s, before it was killed at 10.000 s");
  EXPECT_EQ(Describe<RunRecord>(KeepsItsData()),
            "keeps its data: each node that came back answered first with at least what it had "
            "told last of the number that outlives a restart");
  EXPECT_EQ(DescribeNot<RunRecord>(KeepsItsData()),
            "loses data: a node that came back answered first with less than what it had told last "
            "of the number that outlives a restart");
}

// It has the others' blocks again by the second look.
TEST_F(KeepsItsDataTest, TheFirstAnswerCounts) {
  TakeDown(1, 10s, 13s);
  for (NodeSample& sample : record_.samples) {
    if (sample.node == 1 && sample.at == 13s) sample.numbers["height"] = 3;
  }
  EXPECT_THAT(Explain(KeepsItsData(), record_), HasSubstr("answered first with height 3"));
}

TEST_F(KeepsItsDataTest, ARestartThatNobodyAskedForIsOneToo) {
  Happen(15s, 1, Kind::kRestarted, "", "pid 8 runs instead of pid 7");
  EXPECT_TRUE(Matches(KeepsItsData(), record_));
  Forget(1, 15s, 30);
  EXPECT_EQ(Explain(KeepsItsData(), record_),
            "in which member-1, restarted at 15.000 s, answered first with height 0 (at 15.000 s), "
            "and had told 29 at 14.500 s");
}

TEST_F(KeepsItsDataTest, APauseIsNoRestartAndALateNodeHadNothing) {
  TakeDown(1, 10s, 13s, Kind::kPaused);
  record_.events.push_back({0s, 2, Kind::kStopped, "deployer", "not running when the run began"});
  CutOut(2, -1s, 5s);
  Happen(5s, 2, Kind::kStarted);
  EXPECT_THAT(Explain(KeepsItsData(), record_), HasSubstr("nothing to judge: no node that came"));
}

TEST_F(KeepsItsDataTest, StorageThatGoesWithAPodIsNotTheNodes) {
  Happen(10s, 1, Kind::kStopped, "test", "its pod was deleted, and what it had stored with it");
  Happen(13s, 1, Kind::kStarted, "test", "in another pod");
  Forget(1, 13s, 26);
  EXPECT_THAT(Explain(KeepsItsData(), record_), HasSubstr("no node came back"));
  record_.events[record_.events.size() - 2].detail = "its pod was deleted";
  EXPECT_FALSE(Matches(KeepsItsData(), record_));
}

TEST_F(KeepsItsDataTest, WhereNothingIsKnownThereIsNothingToJudge) {
  EXPECT_EQ(Explain(KeepsItsData(), record_),
            "in which there is nothing to judge: no node came back");
  TakeDown(1, 10s, 13s);
  RunRecord other = record_;
  for (NodeRecord& node : other.nodes) node.persists = "";
  EXPECT_EQ(Explain(KeepsItsData(), other),
            "in which there is nothing to judge: of no node is a number known that outlives a "
            "restart");
  for (NodeRecord& node : other.nodes) node.persists = "revision";
  EXPECT_EQ(Explain(KeepsItsData(), other),
            "in which there is nothing to judge: no node that came back told before and after what "
            "it must keep");
  EXPECT_FALSE(Matches(KeepsItsData(), other));
  EXPECT_FALSE(Matches(Judged(Not(KeepsItsData())), other));
}

// ----- StaysReachable -----

using StaysReachableTest = LifeTest;

TEST_F(StaysReachableTest, EightSecondsAreNobodysFault) {
  EXPECT_EQ(Explain(StaysReachable(), record_), "in which no node was silent");
  Silence(1, 10s, 18s);
  EXPECT_TRUE(Matches(StaysReachable(), record_));
  EXPECT_EQ(Explain(StaysReachable(), record_),
            "in which the longest silence was 8.000 s, of member-1 from 10.000 s");
  Silence(1, 10s, 18500ms);
  EXPECT_FALSE(Matches(StaysReachable(), record_));
  EXPECT_EQ(Explain(StaysReachable(), record_),
            "in which member-1, which was up, did not answer for 8.500 s, from 10.000 s to 18.500 "
            "s (at most 8.000 s may pass)");
}

TEST_F(StaysReachableTest, OneThatIsSilentUntilTheEndOrFromTheBeginIsToo) {
  Silence(1, 30s, 41s);
  Silence(2, -1s, 9s);
  EXPECT_EQ(Explain(StaysReachable(), record_),
            "in which member-1, which was up, did not answer for 10.000 s, from 30.000 s to 40.000 "
            "s (at most 8.000 s may pass); member-2, which was up, did not answer for 9.000 s, "
            "from 0.000 s to 9.000 s (at most 8.000 s may pass)");
}

TEST_F(StaysReachableTest, WhatItWasDownForIsNoSilence) {
  TakeDown(1, 5s, 17s);
  TakeDown(2, 10s, 30s, Kind::kPaused);
  EXPECT_TRUE(Matches(StaysReachable(), record_)) << Explain(StaysReachable(), record_);
  Happen(31s, 0, Kind::kStopped);
  Silence(0, 31s, 41s);
  EXPECT_TRUE(Matches(StaysReachable(), record_)) << Explain(StaysReachable(), record_);
}

TEST_F(StaysReachableTest, WhatTheRunnerDidNotRunForIsNoSilence) {
  for (int i = 0; i < 3; ++i) RunnerStops(i * 12s + 2s, i * 12s + 11s);
  EXPECT_TRUE(Matches(StaysReachable(), record_)) << Explain(StaysReachable(), record_);
  // Its first answer after that comes late.
  Silence(1, 1s, 13s);
  EXPECT_TRUE(Matches(StaysReachable(), record_)) << Explain(StaysReachable(), record_);
}

TEST_F(StaysReachableTest, WhatAllWereSilentForTogetherIsHeldAgainstNobody) {
  for (NodeIndex node = 0; node < 3; ++node) Silence(node, 10s, 22s);
  EXPECT_TRUE(Matches(StaysReachable(), record_)) << Explain(StaysReachable(), record_);
  Silence(1, 10s, 31s);
  EXPECT_EQ(Explain(StaysReachable(), record_),
            "in which member-1, which was up, did not answer for 9.000 s, from 10.000 s to 31.000 "
            "s (the rest is nobody's: the run's own program did not run, or all nodes were silent) "
            "(at most 8.000 s may pass)");
}

// A single node has no others that tell the machine's fault from its own.
TEST_F(StaysReachableTest, OfANodeThatIsAloneAllIsItsOwn) {
  for (const NodeIndex other : {0, 2}) {
    Happen(1s, other, Kind::kStopped);
    Silence(other, 1s, 41s);
  }
  Silence(1, 10s, 20s);
  EXPECT_THAT(Explain(StaysReachable(), record_), HasSubstr("did not answer for 10.000 s"));
}

TEST_F(StaysReachableTest, ManySilencesSumUp) {
  for (int i = 0; i < 5; ++i) Silence(1, i * 7s + 1s, i * 7s + 4s);
  EXPECT_FALSE(Matches(StaysReachable(), record_));
  EXPECT_EQ(Explain(StaysReachable(), record_),
            "in which member-1 did not answer for 15.000 s of the 40.000 s that it was up, in 5 "
            "silences of more than a second; the longest was 3.000 s, from 1.000 s");
}

TEST_F(StaysReachableTest, AFewShortSilencesDoNot) {
  for (int i = 0; i < 3; ++i) Silence(1, i * 12s + 1s, i * 12s + 4s);
  EXPECT_TRUE(Matches(StaysReachable(), record_)) << Explain(StaysReachable(), record_);
}

TEST_F(StaysReachableTest, ANodeThatIsStoppedByASignalOfOthersIsNamed) {
  record_.resources = {{3s, 1, {{"frozen", 1}, {"memory", 5}}}, {5s, 1, {{"frozen", 1}}}};
  EXPECT_EQ(Explain(StaysReachable(), record_),
            "in which member-1 was stopped by a signal that the run did not send, first seen at "
            "3.000 s (2 looks found it so)");
  TakeDown(1, 2s, 6s, Kind::kPaused);
  EXPECT_TRUE(Matches(StaysReachable(), record_));
}

TEST_F(StaysReachableTest, ABoundOfOnesOwnIsForTheLongest) {
  Silence(1, 10s, 12s);
  EXPECT_TRUE(Matches(StaysReachable(Le(2000ms)), record_));
  EXPECT_EQ(Explain(StaysReachable(Le(1500ms)), record_),
            "in which member-1, which was up, did not answer for 2.000 s, from 10.000 s to 12.000 "
            "s");
  EXPECT_THAT(Describe<RunRecord>(StaysReachable(Le(1500ms))),
              HasSubstr("has, of each node while it was up, a longest silence that is <= 1500"));
  EXPECT_THAT(DescribeNot<RunRecord>(StaysReachable(Le(1500ms))),
              HasSubstr("a longest silence that isn't <= 1500"));
  Silence(1, 10s, 30s);
  EXPECT_TRUE(Matches(StaysReachable(Le(20s)), record_));
}

TEST_F(StaysReachableTest, WhatNobodyAskedForIsNoEvidence) {
  CutOut(1, 10s, 20s);
  EXPECT_EQ(Explain(StaysReachable(), record_),
            "in which there is nothing to judge: member-1, which was up, was not seen to answer "
            "for 10.000 s, from 10.000 s to 20.000 s (at most 8.000 s may pass)");
  EXPECT_THAT(Explain(StaysReachable(), RunRecord{}),
              HasSubstr("nothing to judge: the record has no nodes"));
  record_.samples.clear();
  EXPECT_THAT(Explain(StaysReachable(), record_), HasSubstr("the record has no samples"));
}

TEST_F(StaysReachableTest, SaysWhatIsRequired) {
  EXPECT_EQ(Describe<RunRecord>(StaysReachable()),
            "stays reachable: no node, while it was up, did not answer for more than 8 s, nor, in "
            "silences of more than a second, for more than a quarter of its time, nor was stopped "
            "by a signal that the run did not send");
  EXPECT_THAT(DescribeNot<RunRecord>(StaysReachable()),
              HasSubstr("doesn't stay reachable: a node"));
}

// ----- StopsCleanly -----

using StopsCleanlyTest = LifeTest;

TEST_F(StopsCleanlyTest, TellsEachEndThatIsNotAsItShouldBe) {
  TakeDown(0, 2s, 3s, Kind::kStopped);
  TakeDown(0, 4s, 5s);
  EXPECT_EQ(Explain(StopsCleanly(), record_),
            "in which each node that was asked to stop did as it should (2 stops)");
  EXPECT_TRUE(Matches(StopsCleanly(), record_));
  Happen(6s, 1, Kind::kStopped, "restarts", "exit status 3");
  Happen(7s, 2, Kind::kKilled, "test", "signal 11 (SIGSEGV), core dumped");
  EXPECT_FALSE(Matches(StopsCleanly(), record_));
  EXPECT_EQ(Explain(StopsCleanly(), record_),
            "in which member-1, stopped by restarts at 6.000 s, did not end as it should: exit "
            "status 3; member-2, killed by test at 7.000 s, did not end as it should: signal 11 "
            "(SIGSEGV), core dumped");
  EXPECT_THAT(Describe<RunRecord>(StopsCleanly()), HasSubstr("stops cleanly: each node"));
  EXPECT_THAT(DescribeNot<RunRecord>(StopsCleanly()), HasSubstr("doesn't stop cleanly: a node"));
}

TEST_F(StopsCleanlyTest, OneThatHadToBeKilledDidNot) {
  Happen(6s, 1, Kind::kKilled, "test",
         "stop member-1: still there 5 s after SIGTERM, so it was killed; log: /x");
  EXPECT_THAT(Explain(StopsCleanly(), record_),
              HasSubstr("did not end as it should: stop member-1: still there 5 s after SIGTERM"));
}

TEST_F(StopsCleanlyTest, WhatIsNotTheNodesIsNotHeldAgainstIt) {
  Happen(0s, 2, Kind::kStopped, "deployer", "not running when the run began");
  EXPECT_EQ(Explain(StopsCleanly(), record_),
            "in which there is nothing to judge: no node was asked to stop");
  Happen(6s, 1, Kind::kStopped, "test", "its pod was deleted");
  EXPECT_TRUE(Matches(StopsCleanly(), record_));
}

// ----- HasNoUnexpectedExits -----

TEST_F(LifeTest, ARestartThatNobodyAskedForIsAnUnexpectedExit) {
  EXPECT_TRUE(Matches(HasNoUnexpectedExits(), record_));
  Happen(15s, 1, Kind::kRestarted, "", "pid 8 of tick 20 runs instead of pid 7 of tick 10");
  EXPECT_FALSE(Matches(HasNoUnexpectedExits(), record_));
  EXPECT_EQ(Explain(HasNoUnexpectedExits(), record_),
            "in which member-1 was restarted, by itself, at 15.000 s: pid 8 of tick 20 runs "
            "instead of pid 7 of tick 10");
}

}  // namespace
}  // namespace gtestnet::matching

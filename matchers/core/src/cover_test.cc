// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/cover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "gtestnet/expectation_from.h"
#include "gtestnet/metric_matchers.h"
#include "gtestnet/node_matchers.h"
#include "gtestnet/sample_matchers.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::_;
using testing::Ge;
using testing::HasSubstr;
using testing::Not;

using Matcher = testing::Matcher<const RunRecord&>;

// Two members, sampled each second of a run; their metric every ten.
RunRecord Seen(RunTime length = 40s) {
  RunRecord record;
  for (const char* name : {"member-0", "member-1"}) record.nodes.emplace_back().name = name;
  for (RunTime at{0}; at <= length; at += 1s) {
    for (NodeIndex node = 0; node < 2; ++node) {
      NodeSample& sample = record.samples.emplace_back();
      sample.at = at;
      sample.node = node;
      sample.reachable = true;
      sample.status = "well";
      if (at % 10s == 0s) record.metrics.push_back({at, node, "height", 3});
    }
  }
  record.closed = length;
  return record;
}

// Of one node, or of all: −1.
void CutOut(RunRecord& record, RunTime from, RunTime to, NodeIndex node = -1) {
  std::erase_if(record.samples, [=](const NodeSample& sample) {
    return (node < 0 || sample.node == node) && from < sample.at && sample.at < to;
  });
}

void Silence(RunRecord& record, RunTime from, NodeIndex node = -1) {
  for (NodeSample& sample : record.samples) {
    if ((node < 0 || sample.node == node) && sample.at >= from) {
      sample = NodeSample{.at = sample.at, .node = sample.node};
    }
  }
}

void Happen(RunRecord& record, RunTime at, NodeIndex node, NodeEventKind kind) {
  record.events.push_back({at, node, kind, "pauses", ""});
}

std::string Lack(const RunRecord& record) { return Cover(record).Lack(); }

TEST(CoverTest, EightSecondsMayPass) {
  EXPECT_EQ(Lack(Seen()), "");
  RunRecord record = Seen();
  CutOut(record, 10s, 18s, 1);
  EXPECT_EQ(Lack(record), "");
  CutOut(record, 10s, 19s, 1);
  EXPECT_EQ(Lack(record),
            "member-1, which was up, was not seen to answer from 10.000 s to 19.000 s (at most "
            "8.000 s may pass)");
  EXPECT_EQ(Cover(record).Lack(0s, 18s), "") << "as long as it was looked at";
  EXPECT_THAT(Cover(record).Lack(0s, 15s), "");
  EXPECT_THAT(Cover(record).Lack(12s, 17s),
              HasSubstr("from 12.000 s to 17.000 s (at most 3.000 s may pass)"));
  EXPECT_EQ(Cover(record).LackAtEnd(), "");
}

TEST(CoverTest, OfAShortTimeHalfMayPass) {
  RunRecord record = Seen(6s);
  CutOut(record, 1s, 4s);
  EXPECT_EQ(Lack(record), "");
  CutOut(record, 1s, 5s);
  EXPECT_THAT(Lack(record), HasSubstr("member-0, which was up, was not seen to answer from 1.000 s "
                                      "to 5.000 s (at most 3.000 s may pass); member-1, which"));
  record = Seen(2s);
  CutOut(record, 0s, 3s);
  EXPECT_EQ(Lack(record), "") << "but never less than 3 s";
}

TEST(CoverTest, OfALongTimeATwoHundredthMayPass) {
  RunRecord record = Seen(4000s);
  CutOut(record, 100s, 120s);
  EXPECT_EQ(Lack(record), "");
  CutOut(record, 100s, 121s);
  EXPECT_THAT(Lack(record), HasSubstr("(at most 20.000 s may pass)"));
}

TEST(CoverTest, ANodeThatIsUpForAShortTimeMayBeSilentInIt) {
  RunRecord record = Seen();
  Happen(record, 10s, 1, NodeEventKind::kAdded);
  Happen(record, 18s, 1, NodeEventKind::kStopped);
  CutOut(record, 10s, 41s, 1);
  EXPECT_EQ(Lack(record), "");
}

TEST(CoverTest, AnAnswerCountsAndNotASample) {
  RunRecord record = Seen();
  Silence(record, 20s, 0);
  EXPECT_THAT(Lack(record),
              HasSubstr("member-0, which was up, was not seen to answer from 19.000 s "
                        "to 40.000 s"));
  EXPECT_THAT(Cover(record).LackAtEnd(), HasSubstr("member-0"));
}

TEST(CoverTest, WhatWasDownOnPurposeIsExplained) {
  RunRecord record = Seen();
  CutOut(record, 10s, 30s, 1);
  Happen(record, 10s, 1, NodeEventKind::kPaused);
  EXPECT_EQ(Lack(record), "") << "to its end";
  Happen(record, 25s, 1, NodeEventKind::kResumed);
  EXPECT_EQ(Lack(record), "");
  CutOut(record, 10s, 41s, 1);
  EXPECT_EQ(Lack(record), "") << "one that came up may take 8 s more";
  Happen(record, 41s, 1, NodeEventKind::kKilled);
  record.closed = 50s;
  record.samples.push_back({.at = 49s, .node = 0, .reachable = true});
  EXPECT_EQ(Lack(record),
            "member-0, which was up, was not seen to answer from 40.000 s to 49.000 s (at most "
            "8.000 s may pass)");
  record.events[1].at = 20s;
  EXPECT_THAT(Lack(record), HasSubstr("member-1, which was up, was not seen to answer from 20.000 "
                                      "s to 41.000 s (at most 16.000 s may pass)"));
}

TEST(CoverTest, WhatTheProgramDidNotRunForIsExplained) {
  RunRecord record = Seen();
  CutOut(record, 10s, 25s);
  record.clock.push_back({.since = 12s, .at = 18s, .kind = ClockEventKind::kStopped, .by = 6s});
  EXPECT_THAT(Lack(record), HasSubstr("(at most 8.000 s may pass)"));
  record.clock.push_back({.since = 18s, .at = 21s, .kind = ClockEventKind::kSuspended, .by = 3s});
  EXPECT_EQ(Lack(record), "");
  record.clock[0].kind = ClockEventKind::kSet;
  EXPECT_NE(Lack(record), "") << "a clock that was set stops nothing";
}

TEST(CoverTest, ANodeThatWasNeverSeenIsNamed) {
  RunRecord record = Seen();
  record.nodes.emplace_back().name = "member-2";
  EXPECT_THAT(Lack(record), HasSubstr("member-2, which was up, was not seen to answer from 0.000 s "
                                      "to 40.000 s"));
  record.nodes.back().up_at_end = false;
  EXPECT_EQ(Lack(record), "");
}

// ----- what needs it -----

// All that hold of a run in which nothing bad was seen.
std::vector<Matcher> Claims() {
  return {Never(AnyNode(HasStatus("ill"))),
          Always(Not(AnyNode(HasStatus("ill")))),
          Always(Not(AllNodes(HasStatus("ill"))), For(30s)),
          Not(Eventually(AnyNode(HasStatus("ill")), Within(30s))),
          StaysTrueFor(Not(AnyNode(HasStatus("ill"))), For(35s)),
          Not(StaysTrueFor(AnyNode(HasStatus("ill")), For(5s))),
          LeadsTo(AnyNode(_), Not(AnyNode(HasStatus("ill"))), Within(5s)),
          HasNoUnexpectedExits()};
}

template <class M>
Verdict JudgeOne(const M& matcher, const RunRecord& record) {
  return ExpectationFrom<Matcher>::Make(testing::SafeMatcherCast<const RunRecord&>(matcher))
      .judge(record);
}

void ExpectUnseen(const RunRecord& record) {
  for (const Matcher& claim : Claims()) {
    EXPECT_TRUE(JudgeOne(claim, Seen()).met) << JudgeOne(claim, Seen());
    for (const Verdict& verdict : {JudgeOne(claim, record), JudgeOne(Not(claim), record)}) {
      EXPECT_FALSE(verdict.met) << verdict;
      EXPECT_THAT(verdict.observed, HasSubstr("was up, was not seen to answer from")) << verdict;
    }
  }
}

TEST(CoverTest, NothingIsClaimedOfTenSecondsThatAreCutOut) {
  RunRecord record = Seen();
  CutOut(record, 12s, 22s);
  ExpectUnseen(record);
}

TEST(CoverTest, NothingIsClaimedOfARunInWhichNoNodeAnswers) {
  RunRecord record = Seen();
  Silence(record, 200ms);
  ExpectUnseen(record);
  for (const Matcher& claim : {Matcher(AtEnd(Not(AnyNode(HasStatus("ill"))))),
                               Matcher(Not(AtEnd(AnyNode(HasStatus("ill")))))}) {
    EXPECT_TRUE(JudgeOne(claim, Seen()).met);
    EXPECT_THAT(JudgeOne(claim, record).observed,
                HasSubstr("was not seen to answer from 0.000 s to 40.000 s"));
    EXPECT_FALSE(JudgeOne(claim, record).met);
  }
}

TEST(CoverTest, WhatWasSeenIsMetOrNotWhateverWasNot) {
  RunRecord record = Seen();
  CutOut(record, 12s, 22s);
  record.samples[10].status = "ill";
  EXPECT_TRUE(JudgeOne(Not(Never(AnyNode(HasStatus("ill")))), record).met);
  EXPECT_TRUE(JudgeOne(Eventually(AnyNode(HasStatus("ill")), Within(30s)), record).met);
  EXPECT_TRUE(JudgeOne(StaysTrueFor(AnyNode(HasStatus("well")), For(10s)), record).met);
  EXPECT_FALSE(JudgeOne(StaysTrueFor(AnyNode(HasStatus("well")), For(20s)), record).met);
  record = Seen();
  Happen(record, 10s, 0, NodeEventKind::kExited);
  EXPECT_TRUE(JudgeOne(Not(HasNoUnexpectedExits()), record).met);
}

TEST(CoverTest, OldMetricsAreNone) {
  RunRecord record = Seen();
  const auto is = [](const RunRecord& r) { return JudgeOne(MetricIs("height", 3), r); };
  EXPECT_TRUE(is(record).met);
  std::erase_if(record.metrics, [](const MetricSample& m) { return m.node == 1 && m.at > 13s; });
  EXPECT_FALSE(is(record).met);
  EXPECT_EQ(is(record).observed,
            "there is nothing to judge: the last sample of height of member-1 is from 10.000 s, "
            "30.000 s before the end (at most 8.000 s may pass)");
  EXPECT_TRUE(JudgeOne(Not(MetricIs("height", Ge(9))), record).met) << "member-0 has less";
  EXPECT_FALSE(JudgeOne(Not(MetricIs("height", 3)), record).met);
  Happen(record, 20s, 1, NodeEventKind::kPaused);
  Happen(record, 35s, 1, NodeEventKind::kResumed);
  EXPECT_TRUE(is(record).met) << "it was not asked for long";
}

}  // namespace
}  // namespace gtestnet::matching

// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/metric_cover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "gtestnet/metric_matchers.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A minute of two members, each with a counter and a number that goes up and down.
RunRecord Seen() {
  RunRecord record;
  for (const char* name : {"member-0", "member-1"}) record.nodes.emplace_back().name = name;
  record.closed = 60s;
  for (int second = 0; second <= 60; second += 2) {
    for (NodeIndex node = 0; node < 2; ++node) {
      record.metrics.push_back({RunTime(1000 * second), node, "txs_total", 10.0 * second});
      record.metrics.push_back(
          {RunTime(1000 * second), node, "peers", static_cast<double>(second % 3)});
    }
  }
  return record;
}

void CutOut(RunRecord& record, RunTime from, RunTime to, NodeIndex node) {
  std::erase_if(record.metrics, [=](const MetricSample& sample) {
    return sample.node == node && from < sample.at && sample.at < to;
  });
}

TEST(MetricsAreSoundTest, MatchesWhatCameUntilTheEnd) {
  EXPECT_THAT(Seen(), MetricsAreSound());
  EXPECT_EQ(Explain(MetricsAreSound(), Seen()),
            "in which 124 values came until the end, and no counter fell");
}

TEST(MetricsAreSoundTest, NamesTheNodeWhoseMetricsStop) {
  RunRecord record = Seen();
  CutOut(record, 20s, 61s, 1);
  EXPECT_THAT(record, Not(MetricsAreSound()));
  EXPECT_EQ(Explain(MetricsAreSound(), record),
            "in which member-1, which was up, has no metrics from 20.000 s to 60.000 s (at most "
            "15.000 s may pass)");
  record = Seen();
  CutOut(record, 46s, 61s, 1);
  EXPECT_THAT(record, MetricsAreSound());
}

TEST(MetricsAreSoundTest, NamesAGapInTheMidst) {
  RunRecord record = Seen();
  CutOut(record, 10s, 44s, 0);
  EXPECT_EQ(Explain(MetricsAreSound(), record),
            "in which member-0, which was up, has no metrics from 10.000 s to 44.000 s (at most "
            "30.000 s may pass)");
  record = Seen();
  CutOut(record, 10s, 40s, 0);
  EXPECT_THAT(record, MetricsAreSound());
}

TEST(MetricsAreSoundTest, HoldsNothingAgainstANodeThatWasDown) {
  RunRecord record = Seen();
  CutOut(record, 20s, 61s, 1);
  record.events = {{0s, 0, NodeEventKind::kStarted, "deployer"},
                   {0s, 1, NodeEventKind::kStarted, "deployer"},
                   {21s, 1, NodeEventKind::kKilled, "test"}};
  record.nodes[1].up_at_end = false;
  EXPECT_THAT(record, MetricsAreSound());
  record.nodes[1].up_at_end = true;
  record.events.push_back({50s, 1, NodeEventKind::kStarted, "test"});
  EXPECT_THAT(record, MetricsAreSound()) << "it has only just come up";
}

TEST(MetricsAreSoundTest, HoldsNothingAgainstANodeForWhichTheProgramDidNotRun) {
  RunRecord record = Seen();
  CutOut(record, 30s, 61s, 1);
  record.clock = {{32s, 55s, ClockEventKind::kStopped, 23s}};
  EXPECT_THAT(record, MetricsAreSound());
}

TEST(MetricsAreSoundTest, NamesTheCounterThatFalls) {
  RunRecord record = Seen();
  record.metrics[12].value = 7;
  EXPECT_EQ(Explain(MetricsAreSound(), record),
            "in which txs_total of member-0 fell from 40 at 4.000 s to 7 at 6.000 s, though the "
            "node did not begin anew");
  record.metrics[12].value = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(record, MetricsAreSound()) << "it is no number";
}

TEST(MetricsAreSoundTest, ACounterBeginsAnewWithItsNode) {
  RunRecord record = Seen();
  for (MetricSample& sample : record.metrics) {
    if (sample.node == 0 && sample.at > 30s && sample.series == "txs_total") sample.value -= 290;
  }
  EXPECT_THAT(CountersThatFell(record), ElementsAre(HasSubstr("fell from 300 at 30.000 s to 30")));
  for (const NodeEventKind kind : {NodeEventKind::kStarted, NodeEventKind::kRestarted}) {
    record.events = {{31s, 0, kind, "test", "", 100ms}};
    EXPECT_THAT(CountersThatFell(record), IsEmpty());
  }
  // It answers before its start has returned.
  record.events = {{33s, 0, NodeEventKind::kStarted, "test", "", 1500ms}};
  EXPECT_THAT(CountersThatFell(record), IsEmpty());
  record.events = {{36s, 0, NodeEventKind::kStarted, "test", "", 1500ms}};
  EXPECT_THAT(CountersThatFell(record), ElementsAre(HasSubstr("did not begin anew")));
  record.events = {{31s, 0, NodeEventKind::kResumed, "test", "", 100ms}};
  EXPECT_THAT(CountersThatFell(record), ElementsAre(HasSubstr("did not begin anew")));
  record.events = {{31s, 1, NodeEventKind::kStarted, "test", "", 100ms}};
  EXPECT_THAT(CountersThatFell(record), ElementsAre(HasSubstr("did not begin anew")));
}

TEST(MetricsAreSoundTest, KnowsCountersByTheirNames) {
  EXPECT_TRUE(IsCounter("txs_total"));
  EXPECT_TRUE(IsCounter("txs_total{kind=\"a\"}"));
  EXPECT_TRUE(IsCounter("latency_bucket{le=\"+Inf\"}"));
  EXPECT_FALSE(IsCounter("peers"));
  EXPECT_FALSE(IsCounter("peers{of=\"_total\"}"));
  EXPECT_FALSE(IsCounter("peers_count"));
}

TEST(MetricsAreSoundTest, NeedsMetrics) {
  EXPECT_EQ(Explain(MetricsAreSound(), RunRecord()),
            "in which there is nothing to judge: no metric of any node was taken");
}

TEST(MetricsAreSoundTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(MetricsAreSound()),
            "has metrics of its nodes until the end, and none that only grows falls while a node "
            "runs");
  EXPECT_EQ(DescribeNot<RunRecord>(MetricsAreSound()),
            "has a node whose metrics stop, or one that only grows and falls while the node runs");
}

}  // namespace
}  // namespace gtestnet::matching

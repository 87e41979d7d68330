// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/resource_matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "gtestnet/three_values.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::HasSubstr;
using testing::Le;
using testing::Not;

// Two members, whose memory is looked at each second.
class ResourceTest : public testing::Test {
 protected:
  explicit ResourceTest(RunTime length = 200s) {
    for (const char* name : {"member-0", "member-1"}) record_.nodes.emplace_back().name = name;
    record_.closed = length;
    for (RunTime at{500}; at <= length; at += 1s) {
      for (NodeIndex node = 0; node < 2; ++node) {
        // It takes a while until it has what it needs, and then goes up and down.
        const double warm = at < 8s ? static_cast<double>(at.count()) : 8000;
        const double wave = at % 2s < 1s ? 50'000 : 0;
        record_.resources.push_back({at, node, {{"memory", 1e6 + warm * 1000 + wave}}});
      }
    }
  }
  // A second after the other.
  void Leak(NodeIndex node, double bytes_per_second, RunTime from, RunTime to) {
    for (ResourceSample& sample : record_.resources) {
      if (sample.node != node || sample.at < from || sample.at > to) continue;
      sample.values["memory"] +=
          bytes_per_second * static_cast<double>((sample.at - from).count()) / 1000;
    }
  }

  RunRecord record_;
};

TEST_F(ResourceTest, TheLargestValueOfEachNodeIsJudged) {
  record_.resources[100].values["memory"] = 3e8;
  EXPECT_TRUE(Matches(ResourceIs("memory", Le(3e8)), record_));
  EXPECT_FALSE(Matches(ResourceIs("memory", Le(Megabytes(200))), record_));
  EXPECT_EQ(Explain(ResourceIs("memory", Le(Megabytes(200))), record_),
            "in which member-0's memory was at most 300000000 bytes, at 50.500 s");
  EXPECT_EQ(Describe<RunRecord>(ResourceIs("open_files", Le(20))),
            "has, of each node, a largest open_files that is <= 20");
  EXPECT_EQ(DescribeNot<RunRecord>(ResourceIs("open_files", Le(20))),
            "has, of a node, a largest open_files that isn't <= 20");
}

TEST_F(ResourceTest, ANameThatThereIsNotIsNoPass) {
  EXPECT_EQ(Explain(ResourceIs("memroy", Le(1)), record_),
            "in which there is nothing to judge: there is no resource \"memroy\"; did you mean "
            "memory?; there are cpu, data, frozen, log, memory, open_files");
  EXPECT_EQ(Explain(GrowsAtMost("data", PerHour(1)), record_),
            "in which there is nothing to judge: of no node was its data looked at");
  for (const std::string name : {"memroy", "data"}) {
    EXPECT_FALSE(Matches(Judged(Not(ResourceIs(name, Le(1)))), record_));
    EXPECT_FALSE(Matches(Judged(Not(GrowsAtMost(name, PerHour(1)))), record_));
  }
}

TEST_F(ResourceTest, ANodeThatWasNotLookedAtIsNoPass) {
  std::erase_if(record_.resources, [](const ResourceSample& sample) { return sample.node == 1; });
  EXPECT_EQ(Explain(ResourceIs("memory", Le(1e9)), record_),
            "in which there is nothing to judge: the memory of member-1 was not looked at");
  EXPECT_EQ(Explain(GrowsAtMost("memory", PerHour(1e9)), record_),
            "in which there is nothing to judge: the memory of member-1 was looked at for 0.000 s "
            "of the 190.000 s that count");
  EXPECT_FALSE(Matches(ResourceIs("memory", Le(5)), record_));
  // One that was there for a moment need not have been.
  record_.events = {{190s, 1, NodeEventKind::kStarted, "test", ""}};
  EXPECT_TRUE(Matches(ResourceIs("memory", Le(1e9)), record_));
}

TEST_F(ResourceTest, WhatGoesUpAndDownDoesNotGrow) {
  EXPECT_TRUE(Matches(GrowsAtMost("memory", PerHour(Megabytes(1))), record_))
      << Explain(GrowsAtMost("memory", PerHour(Megabytes(1))), record_);
}

TEST_F(ResourceTest, ALeakIsSeenAndNamed) {
  Leak(1, 20'000, 0s, 200s);
  EXPECT_TRUE(Matches(GrowsAtMost("memory", PerHour(Megabytes(80))), record_));
  EXPECT_FALSE(Matches(GrowsAtMost("memory", PerHour(Megabytes(50))), record_));
  EXPECT_THAT(Explain(GrowsAtMost("memory", PerHour(Megabytes(50))), record_),
              testing::MatchesRegex(
                  "in which member-1's memory grew by 7[12][0-9]+ bytes per hour \\(± [0-9]+, over "
                  "189.000 s, from 9[0-9]+ bytes at 10.500 s to 1[0-9]+ bytes at 199.500 s\\)"));
  EXPECT_EQ(Describe<RunRecord>(GrowsAtMost("memory", PerHour(Megabytes(50)))),
            "has no node the memory of which grows by more than 50000000 per hour");
  EXPECT_EQ(DescribeNot<RunRecord>(GrowsAtMost("memory", PerHour(50))),
            "has a node the memory of which grows by more than 50 per hour");
}

// What it had is gone after each restart, so that the ends tell nothing.
TEST_F(ResourceTest, ALeakIsSeenOverRestarts) {
  for (const RunTime at : {50s, 100s, 150s}) {
    record_.events.push_back({at, 1, NodeEventKind::kStopped, "test", ""});
    record_.events.push_back({at, 1, NodeEventKind::kStarted, "test", ""});
    Leak(1, 20'000, at - 50s, at - 1ms);
  }
  Leak(1, 20'000, 150s, 200s);
  EXPECT_FALSE(Matches(GrowsAtMost("memory", PerHour(Megabytes(50))), record_));
  EXPECT_TRUE(Matches(GrowsAtMost("memory", PerHour(Megabytes(80))), record_));
}

TEST_F(ResourceTest, AJumpAtARestartIsNoGrowth) {
  record_.events = {{100s, 1, NodeEventKind::kRestarted, "", "pid 8 runs instead of pid 7"}};
  for (ResourceSample& sample : record_.resources) {
    if (sample.node == 1 && sample.at > 100s) sample.values["memory"] += 1e8;
  }
  EXPECT_TRUE(Matches(GrowsAtMost("memory", PerHour(Megabytes(1))), record_))
      << Explain(GrowsAtMost("memory", PerHour(Megabytes(1))), record_);
}

class ShortResourceTest : public ResourceTest {
 protected:
  ShortResourceTest() : ResourceTest(65s) {}
};

TEST_F(ShortResourceTest, InAShortRunThereIsNothingToJudge) {
  Leak(1, 1e6, 0s, 65s);
  EXPECT_EQ(Explain(GrowsAtMost("memory", PerHour(1)), record_),
            "in which there is nothing to judge: of no node was its memory looked at for 60.000 s "
            "after its first 10.000 s");
}

}  // namespace
}  // namespace gtestnet::matching

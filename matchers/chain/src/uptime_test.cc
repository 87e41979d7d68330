// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/uptime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "matchers/chain/src/run_view.h"
#include "matchers/chain/src/testing/record_builder.h"

namespace gtestnet::matching {
namespace {

using std::chrono_literals::operator""ms;

TEST(UptimeTest, FollowsTheEvents) {
  RecordBuilder builder(3);
  builder.Late(2).Grow(5).Kill(1).Grow(5).Start(1).Start(2).Grow(5).Pause(1).Grow(5);
  const RunRecord record = builder.Build();
  const Uptime uptime(record);
  ASSERT_EQ(uptime.Of(0).size(), 1u);
  EXPECT_EQ(uptime.Of(0)[0].to, 4000ms);
  EXPECT_EQ(uptime.TakenDownBy(0), nullptr);
  ASSERT_EQ(uptime.Of(1).size(), 2u);
  EXPECT_EQ(uptime.Of(1)[0].to, 1000ms);
  EXPECT_EQ(uptime.Of(1)[0].begun_by, nullptr);
  EXPECT_EQ(uptime.Of(1)[1].from, 2000ms);
  EXPECT_EQ(uptime.Of(1)[1].to, 3000ms);
  EXPECT_EQ(uptime.Of(1)[1].begun_by->kind, NodeEventKind::kStarted);
  EXPECT_EQ(uptime.TakenDownBy(1)->kind, NodeEventKind::kPaused);
  ASSERT_EQ(uptime.Of(2).size(), 1u);
  EXPECT_EQ(uptime.Of(2)[0].from, 2000ms);
  EXPECT_FALSE(uptime.IsUp(2, 1999ms));
  EXPECT_TRUE(uptime.IsUp(2, 2000ms));
}

TEST(UptimeTest, ANodeWithoutEventsIsWhatItIsAtTheEnd) {
  RecordBuilder builder(2);
  builder.Late(1).Grow(5);
  const RunRecord record = builder.Build();
  EXPECT_TRUE(Uptime(record).Of(1).empty());
  EXPECT_EQ(Uptime(record).TakenDownBy(1), nullptr);
}

TEST(UptimeTest, TheBeginOfARunIsAnEvent) {
  RecordBuilder builder(3);
  builder.Late(1).Late(2).Grow(5).Resume(1).Grow(5);
  RunRecord record = builder.Build();
  // As the runner writes it down.
  record.events.insert(record.events.begin(),
                       {{0ms, 0, NodeEventKind::kStarted, "deployer", ""},
                        {0ms, 1, NodeEventKind::kStopped, "deployer", "not running"},
                        {0ms, 2, NodeEventKind::kStopped, "deployer", "not running"}});
  const Uptime uptime(record);
  EXPECT_EQ(uptime.Of(0)[0].from, 0ms);
  EXPECT_EQ(uptime.Of(0)[0].begun_by, nullptr);
  ASSERT_EQ(uptime.Of(1).size(), 1u);
  EXPECT_EQ(uptime.Of(1)[0].from, 1000ms);
  EXPECT_TRUE(uptime.Of(2).empty());
  EXPECT_THAT(RunView(record).DownOnPurpose(), testing::ElementsAre("validator-2 (never started)"));
}

TEST(UptimeTest, StartsBeforeTheRunAreNoRecovery) {
  RecordBuilder builder(2);
  builder.Grow(5);
  RunRecord record = builder.Build();
  record.events = {{-3000ms, 0, NodeEventKind::kStarted, "deployer", ""}};
  const Uptime uptime(record);
  ASSERT_EQ(uptime.Of(0).size(), 1u);
  EXPECT_EQ(uptime.Of(0)[0].from, 0ms);
  EXPECT_EQ(uptime.Of(0)[0].begun_by, nullptr);
}

}  // namespace
}  // namespace gtestnet::matching

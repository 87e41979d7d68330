// SPDX-License-Identifier: Apache-2.0
#include "src/uptime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/participation.h"
#include "src/run_view.h"
#include "src/testing/record_builder.h"

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

double ExpectedOf(const RunRecord& record, NodeIndex node) {
  const RunView view(record);
  const Participation participation(view);
  double expected = 0;
  for (const Interval& window : participation.Windows(node)) {
    expected += Mean(participation.SlotsOf(node, window.from, window.to));
  }
  return expected;
}

TEST(ParticipationTest, ExpectsFOfTheSlotsWhenAllTakePart) {
  RecordBuilder builder(3);
  builder.Grow(20);
  EXPECT_NEAR(ExpectedOf(builder.Build(), 1), 18, 1e-9);
}

TEST(ParticipationTest, CountsOnlyTheStakeThatIsUp) {
  RecordBuilder builder(3);
  builder.Grow(10).Kill(2).Grow(10);
  // 1 − 0.1^(2/3) of the last ten.
  EXPECT_NEAR(ExpectedOf(builder.Build(), 1), 9 + 10 * 0.78456, 1e-3);
  EXPECT_NEAR(ExpectedOf(builder.Build(), 2), 9, 1e-9);
}

TEST(ParticipationTest, AnAddedNodeIsConnectedWithThoseThatItDials) {
  RecordBuilder builder(3);
  builder.Stake(2, 0).Neighbours(0, {1}).Neighbours(1, {0}).Neighbours(2, {0, 1}).Late(2);
  builder.Grow(10).Happen(2, NodeEventKind::kAdded, "").Grow(10);
  EXPECT_NEAR(ExpectedOf(builder.Build(), 2), 9 * 0.9, 1e-9);
}

TEST(ParticipationTest, NobodyProposesWithoutMinPeers) {
  RecordBuilder builder(3);
  builder.Grow(10).Kill(0).Idle(10);
  EXPECT_NEAR(ExpectedOf(builder.Build(), 1), 9, 1e-9) << "the hub is down";
  builder.MinPeers(0);
  EXPECT_NEAR(ExpectedOf(builder.Build(), 1), 9 + 10 * (1 - std::pow(0.1, 1.0 / 3)), 1e-9)
      << "and each leaf goes on alone";
}

TEST(ParticipationTest, CreditsANodeThatComesBackOnceItIsSynced) {
  RecordBuilder builder(3);
  builder.Grow(10).Kill(2).Grow(10).Start(2).Mode(2, "Bootstrapping").Grow(10).Mode(2, "Online");
  builder.Adopt(2).Grow(10);
  const RunRecord record = builder.Build();
  const RunView view(record);
  const Participation participation(view);
  ASSERT_EQ(participation.Windows(2).size(), 2u);
  EXPECT_EQ(participation.Windows(2)[1].from, 6000ms) << "started at 4 s, level at 6 s";
}

TEST(ParticipationTest, CreditsANodeThatNeverSyncsAfterTheAllowance) {
  RecordBuilder builder(3);
  builder.Grow(10).Kill(2).Grow(10).Start(2).Grow(100, {2});
  const RunRecord record = builder.Build();
  const RunView view(record);
  const Participation participation(view);
  ASSERT_EQ(participation.Windows(2).size(), 2u);
  EXPECT_EQ(participation.Windows(2)[1].from, 4000ms + participation.SyncAllowance());
  EXPECT_EQ(participation.SyncAllowance(), 12222ms);
}

TEST(ParticipationTest, ALeafNeedsTimeAgainWhenItsHubComesBack) {
  RecordBuilder builder(3);
  builder.Grow(10).Kill(0).Peers(1, 0).Idle(10).Start(0).Idle(5).Peers(1, 1).Grow(10);
  const RunRecord record = builder.Build();
  const RunView view(record);
  const Participation participation(view);
  ASSERT_EQ(participation.Windows(1).size(), 2u);
  EXPECT_EQ(participation.Windows(1)[0].to, 2000ms);
  EXPECT_EQ(participation.Windows(1)[1].from, 5200ms) << "connected again";
}

}  // namespace
}  // namespace gtestnet::matching

// SPDX-License-Identifier: Apache-2.0
#include "matchers/nomos/src/participation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "matchers/chain/src/run_view.h"
#include "matchers/chain/src/testing/record_builder.h"

namespace gtestnet::matching {
namespace {

using std::chrono_literals::operator""ms;

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

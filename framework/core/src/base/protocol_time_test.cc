// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/protocol_time.h"

#include <gtest/gtest.h>

#include <sstream>

namespace gtestnet {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr Pace kPace{.slot = 200ms, .active_slot_coefficient = 0.9, .slots_per_epoch = 110};

TEST(TimespanTest, ConvertsProtocolTime) {
  EXPECT_EQ(Timespan(90s).At(kPace), 90s);
  EXPECT_EQ(Timespan(Slots(3)).At(kPace), 600ms);
  EXPECT_EQ(Timespan(Epochs(2)).At(kPace), 44s);
  EXPECT_EQ(Timespan(Blocks(9)).At(kPace), 2s);
  EXPECT_EQ(Timespan(Blocks(40)).At(kPace), 8889ms);  // 8888.9 rounded up
}

TEST(TimespanTest, DefaultPaceIsASecond) {
  EXPECT_EQ(Timespan(Blocks(3)).At(Pace{}), 3s);
  EXPECT_EQ(Timespan(Slots(3)).At(Pace{}), 3s);
  EXPECT_EQ(Timespan(Epochs(3)).At(Pace{}), 3s);
}

TEST(TimespanTest, StaysInBounds) {
  // A clock's nanoseconds go as far as 292 years.
  EXPECT_EQ(Timespan(Blocks(INT64_MAX)).At(kPace), milliseconds(1'000'000'000'000));
  EXPECT_LT(Timespan(Blocks(INT64_MIN)).At(kPace), 0ms);
  Pace never = kPace;
  never.active_slot_coefficient = 0;
  EXPECT_GT(Timespan(Blocks(1)).At(never), 0ms);
}

TEST(TimespanTest, KnowsItsSign) {
  EXPECT_TRUE(Timespan().IsZero());
  EXPECT_TRUE(Timespan(Blocks(-1)).IsNegative());
  EXPECT_FALSE(Timespan(Slots(1)).IsNegative());
}

TEST(TimespanTest, SaysItsUnit) {
  EXPECT_EQ(Timespan(90s).ToString(), "90 s");
  EXPECT_EQ(Timespan(1500ms).ToString(), "1.5 s");
  EXPECT_EQ(Timespan(250ms).ToString(), "250 ms");
  EXPECT_EQ(Timespan().ToString(), "0 s");
  EXPECT_EQ(Timespan(Blocks(40)).ToString(), "40 blocks");
  EXPECT_EQ(Timespan(Epochs(1)).ToString(), "1 epoch");
  std::ostringstream os;
  os << Timespan(Slots(2));
  EXPECT_EQ(os.str(), "2 slots");
}

TEST(PaceTest, HasAMeanBlockInterval) { EXPECT_NEAR(kPace.block_interval().count(), 222.2, 0.1); }

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/clock_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;

// A machine whose clocks go as the test says.
class MachineClock final : public Clock {
 public:
  TimePoint Now() const override {
    // A reader that is interrupted between two readings.
    return TimePoint(steady += between_readings);
  }
  std::chrono::system_clock::time_point WallNow() const override {
    return std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(steady + ahead));
  }
  std::chrono::nanoseconds Suspended() const override { return suspended; }
  bool SleepUntil(TimePoint, std::stop_token) const override { return true; }

  mutable std::chrono::nanoseconds steady{100s};
  std::chrono::nanoseconds ahead{480'000h};
  std::chrono::nanoseconds suspended{0};
  std::chrono::nanoseconds between_readings{0};
};

class ClockWatchTest : public testing::Test {
 protected:
  MachineClock clock_;
  ClockWatch watch_{clock_, 100ms};
};

TEST_F(ClockWatchTest, TimeThatPassesIsNoJump) {
  for (int i = 0; i < 10; ++i) {
    clock_.steady += 10s;
    EXPECT_FALSE(watch_.Look().has_value());
  }
}

TEST_F(ClockWatchTest, TellsWhenAndByHowMuchTheClockWasSet) {
  clock_.steady += 2s;
  EXPECT_FALSE(watch_.Look().has_value());
  clock_.steady += 50ms;
  clock_.ahead -= 8s;
  const auto jump = watch_.Look();
  ASSERT_TRUE(jump.has_value());
  EXPECT_EQ(jump->by, -8s);
  EXPECT_EQ(jump->since.time_since_epoch(), 102s);
  EXPECT_EQ(jump->at.time_since_epoch(), 102s + 50ms);
  EXPECT_EQ(Describe(*jump), "the clock of this machine was set back by 8 s");
  // From then on it is right.
  EXPECT_FALSE(watch_.Look().has_value());
  clock_.ahead += 8500ms;
  EXPECT_EQ(Describe(watch_.Look().value()), "the clock of this machine was set ahead by 8.5 s");
}

TEST_F(ClockWatchTest, SmallStepsCountTogether) {
  clock_.ahead += 60ms;
  EXPECT_FALSE(watch_.Look().has_value());
  clock_.ahead -= 60ms;
  EXPECT_FALSE(watch_.Look().has_value());
  clock_.ahead += 60ms;
  EXPECT_FALSE(watch_.Look().has_value());
  clock_.ahead += 60ms;
  EXPECT_EQ(watch_.Look().value().by, 120ms);
}

TEST_F(ClockWatchTest, KnowsASuspendedMachine) {
  clock_.steady += 1s;
  clock_.ahead += 3600s;
  clock_.suspended += 3600s;
  const auto jump = watch_.Look();
  ASSERT_TRUE(jump.has_value());
  EXPECT_TRUE(jump->was_suspended());
  EXPECT_EQ(Describe(*jump), "this machine was suspended for 3600 s");
}

TEST_F(ClockWatchTest, AClockThatIsSetAfterASleepIsToldAsSet) {
  clock_.ahead += 7200s;
  clock_.suspended += 3600s;
  EXPECT_EQ(Describe(watch_.Look().value()), "the clock of this machine was set ahead by 7200 s");
}

TEST_F(ClockWatchTest, AnInterruptedReadingProvesNothing) {
  clock_.between_readings = 300ms;
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(watch_.Look().has_value());
  clock_.ahead -= 8s;
  EXPECT_TRUE(watch_.Look().has_value());
}

TEST(RealClockTest, SaysHowLongTheMachineSlept) {
  EXPECT_GE(RealClock().Suspended(), 0ns);
  ClockWatch watch(RealClock(), 100ms);
  EXPECT_FALSE(watch.Look().has_value());
}

}  // namespace
}  // namespace gtestnet

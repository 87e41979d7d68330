// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/wait.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;

// Time goes on only by sleeping.
class ManualClock final : public Clock {
 public:
  TimePoint Now() const override { return now_; }
  std::chrono::system_clock::time_point WallNow() const override { return {}; }
  bool SleepUntil(TimePoint until, std::stop_token stop) const override {
    now_ = until;
    return !stop.stop_requested();
  }

 private:
  mutable TimePoint now_{};
};

TEST(WaitForTest, ReturnsAsSoonAsTheProbeIsOk) {
  ManualClock clock;
  int polls = 0;
  EXPECT_TRUE(WaitFor("it",
                      [&] { return ++polls < 3 ? absl::UnknownError("no") : absl::OkStatus(); },
                      {.clock = &clock})
                  .ok());
  EXPECT_EQ(polls, 3);
  EXPECT_EQ(clock.Now().time_since_epoch(), 20ms);
}

TEST(WaitForTest, SaysWhatHowLongAndWhatWasLastSeen) {
  ManualClock clock;
  const absl::Status status =
      WaitFor("node-2's API", [] { return absl::UnavailableError("connection refused"); },
              {.timeout = 1500ms, .poll_interval = 500ms, .clock = &clock});
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(status.message(), "node-2's API: not in 1.5 s (4 polls); last: connection refused");
}

TEST(WaitForTest, AProbeThatHasTooLittleOfSomethingEndsTheWait) {
  const absl::Status none = absl::ResourceExhaustedError("too many open files");
  EXPECT_EQ(WaitFor("it", [&] { return none; }), none);
}

TEST(WaitForTest, AnAbortedProbeEndsTheWait) {
  ManualClock clock;
  const absl::Status status =
      WaitFor("it", [] { return absl::AbortedError("the node exited"); }, {.clock = &clock});
  EXPECT_EQ(status, absl::AbortedError("the node exited"));
}

TEST(WaitForTest, StopsWhenAsked) {
  std::stop_source source;
  source.request_stop();
  const absl::Status status = WaitFor("it", [] { return absl::UnknownError("no"); },
                                      {.timeout = 1h, .stop = source.get_token()});
  EXPECT_TRUE(absl::IsCancelled(status));
}

TEST(RealClockTest, ASleepEndsEarlyWhenStopIsRequested) {
  std::jthread sleeper([](std::stop_token stop) { EXPECT_FALSE(RealClock().SleepFor(1h, stop)); });
  sleeper.request_stop();
}

TEST(RealClockTest, ASleepEndsInTime) {
  const Clock::TimePoint before = RealClock().Now();
  EXPECT_TRUE(RealClock().SleepFor(2ms, std::stop_source().get_token()));
  EXPECT_TRUE(RealClock().SleepFor(2ms));
  EXPECT_GE(RealClock().Now() - before, 4ms);
}

TEST(FormatDurationTest, ReadsWell) {
  EXPECT_EQ(FormatDuration(0ms), "0 ms");
  EXPECT_EQ(FormatDuration(250ms), "250 ms");
  EXPECT_EQ(FormatDuration(10s), "10 s");
  EXPECT_EQ(FormatDuration(1050ms), "1.05 s");
}

}  // namespace
}  // namespace gtestnet

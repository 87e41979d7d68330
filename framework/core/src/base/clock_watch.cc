// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/clock_watch.h"

#include <algorithm>

#include "core/src/base/wait.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// Two readings of the steady clock around one of the wall clock are this close, unless something
// came between them.
constexpr nanoseconds kClose = std::chrono::microseconds(200);
constexpr int kTries = 5;
constexpr milliseconds kLongStop{1000};

}  // namespace

Clock::TimePoint::duration StoodStill(Clock::TimePoint until, Clock::TimePoint now) {
  return now - until < kLongStop ? Clock::TimePoint::duration::zero() : now - until;
}

ClockWatch::ClockWatch(const Clock& clock, milliseconds tolerance)
    : clock_(clock), tolerance_(tolerance), right_(Read()), seen_(right_.at) {}

ClockWatch::Reading ClockWatch::Read() const {
  Reading best;
  for (int i = 0; i < kTries; ++i) {
    const nanoseconds suspended = clock_.Suspended();
    const Clock::TimePoint before = clock_.Now();
    const nanoseconds wall = clock_.WallNow().time_since_epoch();
    const Clock::TimePoint after = clock_.Now();
    const Reading reading = {after, wall - after.time_since_epoch(),
                             wall - before.time_since_epoch(), suspended};
    if (i == 0 || reading.most - reading.least < best.most - best.least) best = reading;
    if (best.most - best.least <= kClose) break;
  }
  return best;
}

std::optional<ClockJump> ClockWatch::Look() {
  const Reading now = Read();
  const Clock::TimePoint since = seen_;
  seen_ = now.at;
  // What is certain.
  const nanoseconds ahead = now.least - right_.most;
  const nanoseconds back = now.most - right_.least;
  if (ahead < tolerance_ && back > -tolerance_) return std::nullopt;
  ClockJump jump;
  jump.since = since;
  jump.at = now.at;
  jump.by = std::chrono::round<milliseconds>((ahead + back) / 2);
  jump.slept =
      std::chrono::round<milliseconds>(std::max(now.suspended - right_.suspended, nanoseconds(0)));
  right_ = now;
  return jump;
}

bool ClockJump::was_suspended() const {
  // The clocks may differ by a little over that.
  return slept > milliseconds(0) && std::chrono::abs(by - slept) < milliseconds(1000);
}

std::string Describe(const ClockJump& jump) {
  if (jump.was_suspended()) {
    return "this machine was suspended for " + FormatDuration(jump.slept);
  }
  return std::string("the clock of this machine was set ") +
         (jump.by < milliseconds(0) ? "back" : "ahead") + " by " +
         FormatDuration(std::chrono::abs(jump.by));
}

}  // namespace gtestnet

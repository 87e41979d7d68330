// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_CLOCK_WATCH_H_
#define GTESTNET_CORE_SRC_BASE_CLOCK_WATCH_H_

#include <chrono>
#include <optional>
#include <string>

#include "gtestnet/clock.h"

namespace gtestnet {

// What the wall clock did that time did not.
struct ClockJump {
  Clock::TimePoint since{};            // when it was last seen to be right
  Clock::TimePoint at{};               // when it was seen not to be
  std::chrono::milliseconds by{0};     // ahead; below 0: back
  std::chrono::milliseconds slept{0};  // how long the machine was suspended
  // Whether that explains it.
  bool was_suspended() const;
};

// Compares the wall clock of this machine, by which nodes count slots, with the time that passes.
// NTP changes the pace of both alike, so that a clock that is slewed shows nothing here.
// Not thread-safe. The clock lives longer.
class ClockWatch {
 public:
  // Less than the tolerance, all together, is no jump.
  ClockWatch(const Clock& clock, std::chrono::milliseconds tolerance);

  // Nothing while the wall clock is right; after a jump it is right again.
  std::optional<ClockJump> Look();

 private:
  // Between two instants that are a little apart, the wall clock was ahead of the steady one by
  // `least` to `most`.
  struct Reading {
    Clock::TimePoint at{};
    std::chrono::nanoseconds least{0};
    std::chrono::nanoseconds most{0};
    std::chrono::nanoseconds suspended{0};
  };
  Reading Read() const;

  const Clock& clock_;
  const std::chrono::milliseconds tolerance_;
  Reading right_;
  Clock::TimePoint seen_{};
};

// For how long this program did not run, where a sleep that was to end at `until` ended at `now`:
// nothing if that was less than a second, for which threads may wait for their turn.
Clock::TimePoint::duration StoodStill(Clock::TimePoint until, Clock::TimePoint now);

// "the clock of this machine was set back by 8 s"; "this machine was suspended for 1 s".
std::string Describe(const ClockJump& jump);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_CLOCK_WATCH_H_

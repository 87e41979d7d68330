// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CLOCK_H_
#define GTESTNET_CLOCK_H_

#include <chrono>
#include <stop_token>

namespace gtestnet {

// Time as the library sees it. No code of the library reads the time or sleeps by another way, so a
// test can hand in a clock of its own. Any thread may call.
class Clock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  // Never goes back.
  virtual TimePoint Now() const = 0;
  // For what is written down or told to nodes.
  virtual std::chrono::system_clock::time_point WallNow() const = 0;
  // How long the machine was suspended so far: then Now stands still, and WallNow goes on.
  virtual std::chrono::nanoseconds Suspended() const { return {}; }
  // Waits until `until`, or until `stop` is requested. True when the time has come.
  virtual bool SleepUntil(TimePoint until, std::stop_token stop) const = 0;
  bool SleepFor(std::chrono::nanoseconds duration, std::stop_token stop = {}) const {
    return SleepUntil(Now() + std::chrono::duration_cast<TimePoint::duration>(duration), stop);
  }
};

// The machine's. Lives for ever.
const Clock& RealClock();

}  // namespace gtestnet

#endif  // GTESTNET_CLOCK_H_

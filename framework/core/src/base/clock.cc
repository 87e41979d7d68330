// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/clock.h"

#include <time.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace gtestnet {
namespace {

class MachineClock final : public Clock {
 public:
  TimePoint Now() const override { return std::chrono::steady_clock::now(); }
  std::chrono::system_clock::time_point WallNow() const override {
    return std::chrono::system_clock::now();
  }
  std::chrono::nanoseconds Suspended() const override {
    timespec boot{};
    timespec monotonic{};
    if (clock_gettime(CLOCK_BOOTTIME, &boot) != 0) return {};
    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    const auto difference = std::chrono::seconds(boot.tv_sec - monotonic.tv_sec) +
                            std::chrono::nanoseconds(boot.tv_nsec - monotonic.tv_nsec);
    // The two are read one after the other.
    return difference < std::chrono::milliseconds(1) ? std::chrono::nanoseconds() : difference;
  }
  bool SleepUntil(TimePoint until, std::stop_token stop) const override {
    if (!stop.stop_possible()) {
      std::this_thread::sleep_until(until);
      return true;
    }
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_until(lock, stop, until, [] { return false; });
    return !stop.stop_requested();
  }
};

}  // namespace

const Clock& RealClock() {
  static const MachineClock* const clock = new MachineClock;
  return *clock;
}

}  // namespace gtestnet

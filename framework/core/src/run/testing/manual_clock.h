// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RUN_TESTING_MANUAL_CLOCK_H_
#define GTESTNET_CORE_SRC_RUN_TESTING_MANUAL_CLOCK_H_

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>

#include "gtestnet/clock.h"

namespace gtestnet::testing_support {

// A clock whose time passes when nobody has anything to do: once so many threads sleep on it, it
// goes to the earliest time that one of them waits for. (When nothing happened for a while in real
// time it does so with fewer: a thread may have ended.)
class ManualClock final : public Clock {
 public:
  explicit ManualClock(size_t threads = 1) : threads_(threads) {}

  void set_threads(size_t threads) {
    std::lock_guard lock(mutex_);
    threads_ = threads;
  }

  TimePoint Now() const override {
    std::lock_guard lock(mutex_);
    return now_;
  }
  std::chrono::system_clock::time_point WallNow() const override {
    std::lock_guard lock(mutex_);
    return std::chrono::system_clock::time_point(std::chrono::hours(500000)) +
           std::chrono::duration_cast<std::chrono::system_clock::duration>(now_.time_since_epoch() +
                                                                           ahead_);
  }
  std::chrono::nanoseconds Suspended() const override {
    std::lock_guard lock(mutex_);
    return suspended_;
  }
  // Somebody sets the wall clock: further ahead, or back.
  void SetWall(std::chrono::nanoseconds by) {
    std::lock_guard lock(mutex_);
    ahead_ += by;
  }
  // The machine sleeps, and nobody notices but by the wall clock.
  void Suspend(std::chrono::nanoseconds duration) {
    std::lock_guard lock(mutex_);
    ahead_ += duration;
    suspended_ += duration;
  }
  // Nobody runs for so long: whoever sleeps awakes too late. Comes back once it was so, of a thread
  // while all others sleep.
  void Stop(std::chrono::nanoseconds duration) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
      const bool all_sleep = std::none_of(sleepers_.begin(), sleepers_.end(),
                                          [this](const Sleeper& s) { return s.until <= now_; });
      return all_sleep && sleepers_.size() + 1 >= threads_;
    });
    now_ += std::chrono::duration_cast<TimePoint::duration>(duration);
    changed_.notify_all();
  }
  bool SleepUntil(TimePoint until, std::stop_token stop) const override {
    std::unique_lock lock(mutex_);
    auto me = sleepers_.insert(sleepers_.end(), {until, stop});
    changed_.notify_all();
    if (sleepers_.size() >= threads_) GoOn();
    while (now_ < until && !stop.stop_requested()) {
      const TimePoint before = now_;
      const bool woken = changed_.wait_for(lock, stop, std::chrono::milliseconds(200),
                                           [&] { return now_ != before || now_ >= until; });
      if (!woken && !stop.stop_requested()) GoOn();
    }
    sleepers_.erase(me);
    return now_ >= until;
  }

 private:
  struct Sleeper {
    TimePoint until;
    std::stop_token stop;
  };

  void GoOn() const {
    TimePoint earliest = TimePoint::max();
    for (const Sleeper& sleeper : sleepers_) {
      // One that is about to wake up has something to do.
      if (sleeper.until <= now_ || sleeper.stop.stop_requested()) return;
      earliest = std::min(earliest, sleeper.until);
    }
    now_ = earliest;
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  size_t threads_;
  mutable std::condition_variable_any changed_;
  mutable TimePoint now_{std::chrono::hours(1)};
  mutable std::list<Sleeper> sleepers_;
  std::chrono::nanoseconds ahead_{0};
  std::chrono::nanoseconds suspended_{0};
};

}  // namespace gtestnet::testing_support

#endif  // GTESTNET_CORE_SRC_RUN_TESTING_MANUAL_CLOCK_H_

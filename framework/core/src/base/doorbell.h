// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_DOORBELL_H_
#define GTESTNET_CORE_SRC_BASE_DOORBELL_H_

#include <mutex>
#include <stop_token>
#include <utility>

#include "gtestnet/clock.h"

namespace gtestnet {

// Wakes one thread that waits on a Clock. A ring while nobody waits ends the next wait at once.
class Doorbell {
 public:
  void Ring() {
    std::stop_source bell;
    {
      std::lock_guard lock(mutex_);
      rung_ = true;
      bell = bell_;
    }
    bell.request_stop();
  }

  // Until a ring, a stop or `until`.
  void Wait(const Clock& clock, Clock::TimePoint until, std::stop_token stop) {
    std::stop_token token;
    {
      std::lock_guard lock(mutex_);
      if (std::exchange(rung_, false)) return;
      bell_ = std::stop_source();
      token = bell_.get_token();
    }
    {
      std::stop_callback on_stop(stop, [this] { Ring(); });
      clock.SleepUntil(until, token);
    }
    std::lock_guard lock(mutex_);
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  bool rung_ = false;
  std::stop_source bell_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_DOORBELL_H_

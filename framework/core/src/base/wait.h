// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_WAIT_H_
#define GTESTNET_CORE_SRC_BASE_WAIT_H_

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gtestnet/clock.h"

namespace gtestnet {

struct WaitOptions {
  std::chrono::milliseconds timeout{10000};
  std::chrono::milliseconds poll_interval{10};
  const Clock* clock = &RealClock();
  std::stop_token stop = {};
};

// Calls `probe` until it returns OK. What it returns otherwise is what was last seen:
//
//   member-0's API: not in 10 s (43 polls); last: connection refused
//
// kDeadlineExceeded then, kCancelled when `stop` was requested. A kAborted or kResourceExhausted
// status of the probe ends the wait at once and is returned as it is. The timeout is not scaled
// here.
[[nodiscard]] absl::Status WaitFor(std::string_view what,
                                   const std::function<absl::Status()>& probe,
                                   const WaitOptions& options = {});

// "10 s", "1.5 s", "250 ms".
std::string FormatDuration(std::chrono::milliseconds duration);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_WAIT_H_

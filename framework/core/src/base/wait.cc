// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/wait.h"

#include <algorithm>
#include <string>

#include "core/src/base/status.h"

namespace gtestnet {

std::string FormatDuration(std::chrono::milliseconds duration) {
  const int64_t ms = duration.count();
  if (ms < 1000) return std::to_string(ms) + " ms";
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 != 0) {
    std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += "." + fraction;
  }
  return text + " s";
}

absl::Status WaitFor(std::string_view what, const std::function<absl::Status()>& probe,
                     const WaitOptions& options) {
  const Clock::TimePoint deadline = options.clock->Now() + options.timeout;
  for (int64_t polls = 1;; ++polls) {
    absl::Status seen = probe();
    if (seen.ok() || absl::IsAborted(seen) || absl::IsResourceExhausted(seen)) return seen;
    const Clock::TimePoint now = options.clock->Now();
    if (now >= deadline) {
      return DeadlineExceeded(std::string(what) + ": not in " + FormatDuration(options.timeout) +
                              " (" + std::to_string(polls) + (polls == 1 ? " poll" : " polls") +
                              "); last: " + MessageOf(seen));
    }
    if (!options.clock->SleepUntil(std::min(deadline, now + options.poll_interval), options.stop)) {
      return absl::CancelledError(ToAbsl(std::string(what) + ": the wait was cancelled"));
    }
  }
}

}  // namespace gtestnet

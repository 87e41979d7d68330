// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_WORKLOAD_RATES_H_
#define GTESTNET_NOMOS_SRC_WORKLOAD_RATES_H_

#include <chrono>

namespace gtestnet::nomos {

// Per block. Of less no run would ever see one, and far less is a pause that no clock can count.
inline constexpr double kLowestRate = 1e-6;

// A year: more than any run has. A chain's blocks may be further apart than a clock can count.
inline constexpr std::chrono::nanoseconds kLongestPause = std::chrono::hours(24 * 365);
inline std::chrono::nanoseconds PauseOf(std::chrono::duration<double, std::nano> wanted) {
  return wanted < kLongestPause ? std::chrono::duration_cast<std::chrono::nanoseconds>(wanted)
                                : kLongestPause;
}

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_WORKLOAD_RATES_H_

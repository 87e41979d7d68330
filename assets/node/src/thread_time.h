// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NODE_THREAD_TIME_H_
#define GTESTNET_NODE_THREAD_TIME_H_

#include <time.h>

#include <chrono>

namespace gtestnet::node {

// For how long the calling thread has been on a core: a difference of two is what something cost,
// whatever else the machine did meanwhile.
[[nodiscard]] inline std::chrono::nanoseconds ThreadTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_THREAD_TIME_H_

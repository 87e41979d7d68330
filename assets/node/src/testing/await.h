// SPDX-License-Identifier: Apache-2.0
// For tests of real processes: waits until a condition holds.
#ifndef GTESTNET_NODE_TESTING_AWAIT_H_
#define GTESTNET_NODE_TESTING_AWAIT_H_

#include <chrono>
#include <thread>

namespace gtestnet::node {

// False after a time that only a failure reaches.
template <class Met>
bool Await(Met met) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!met()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_TESTING_AWAIT_H_

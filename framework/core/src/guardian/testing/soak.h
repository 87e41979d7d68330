// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_GUARDIAN_TESTING_SOAK_H_
#define GTESTNET_CORE_SRC_GUARDIAN_TESTING_SOAK_H_

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace gtestnet {

struct SoakPlan {
  int rounds = 50;
  int longest_delay_us = 60000;
  // Until nothing may be left, and how often that is asked.
  std::chrono::milliseconds patience{20000};
  std::chrono::milliseconds poll_interval{2};
  // The program to kill, with its arguments, for a run of that id.
  std::function<std::vector<std::string>(const std::string& run_id)> command;
  // What of a run is still there beyond processes; "" when there is nothing.
  std::function<std::string(const std::string& run_id)> leftovers;
};

// Starts the command, kills it at a random instant by SIGKILL, SIGTERM, SIGINT or SIGABRT, and
// waits until nothing of its run is left; so many times. Returns "", or what was left of which
// round.
std::string Soak(const std::string& name, const SoakPlan& plan);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_GUARDIAN_TESTING_SOAK_H_

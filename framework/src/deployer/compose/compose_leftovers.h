// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_DEPLOYER_COMPOSE_COMPOSE_LEFTOVERS_H_
#define GTESTNET_SRC_DEPLOYER_COMPOSE_COMPOSE_LEFTOVERS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace gtestnet::compose {

// What the Docker Engine has of a run.
struct Trace {
  std::string run_id;
  std::string test;
  std::string what;        // "containers a, b; 1 network"
  bool lives = false;      // its guardian does, or nobody here can tell
  bool preserved = false;  // and was let go
};

// Of all runs; none where no engine answers.
std::vector<Trace> FindTraces();
// Removes it all; kDeadlineExceeded names what is still there.
absl::Status RemoveTrace(const std::string& run_id);

}  // namespace gtestnet::compose

#endif  // GTESTNET_SRC_DEPLOYER_COMPOSE_COMPOSE_LEFTOVERS_H_

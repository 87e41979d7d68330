// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_SWEEP_H_
#define GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_SWEEP_H_

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/deployer/container/engine.h"

namespace gtestnet::compose {

// What an engine has of one run.
struct Remains {
  std::vector<docker::Container> containers;
  std::vector<docker::Resource> networks;
  std::vector<docker::Resource> volumes;

  bool empty() const { return containers.empty() && networks.empty() && volumes.empty(); }
  // "containers a, b; 1 network"
  std::string ToString() const;
};
absl::StatusOr<Remains> FindRemains(const docker::Engine& engine, const std::string& run_id);
// Of all runs, by their ids, but for those in Kubernetes, which may use the same engine.
absl::StatusOr<std::map<std::string, Remains>> FindAllRemains(const docker::Engine& engine);

// Ends and removes all of it: containers beside each other, then what they used. The first error;
// the rest is removed all the same.
absl::Status Remove(const docker::Engine& engine, const Remains& remains);

struct SweepOptions {
  // Between two listings in a row that must both be empty. A command that was ended in the middle
  // may have asked the engine for something that comes to be a moment later.
  std::chrono::milliseconds settle{0};
  std::chrono::milliseconds timeout{60000};
  // How long the engine may not answer.
  std::chrono::milliseconds patience{10000};
};
// Removes whatever the engine has of a run until nothing of it is left. kDeadlineExceeded says what
// is; kUnavailable why the engine could not be asked.
absl::Status Sweep(const docker::Engine& engine, const std::string& run_id,
                   const SweepOptions& options);

}  // namespace gtestnet::compose

#endif  // GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_SWEEP_H_

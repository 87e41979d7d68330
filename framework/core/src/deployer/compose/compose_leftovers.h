// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_LEFTOVERS_H_
#define GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_LEFTOVERS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/cluster/trace.h"
#include "core/src/deployer/container/engine_host.h"

namespace gtestnet::compose {

// Of all runs, at that engine.
absl::StatusOr<std::vector<BackendTrace>> FindTracesAt(const docker::EngineHost& host);
// Removes it all; kDeadlineExceeded names what is still there.
absl::Status RemoveTraceAt(const docker::EngineHost& host, const std::string& run_id);

// The same at the engine that this process finds; none where no engine answers.
std::vector<BackendTrace> FindTraces();
absl::Status RemoveTrace(const std::string& run_id);

}  // namespace gtestnet::compose

#endif  // GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_LEFTOVERS_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_DEPLOYER_COMPOSE_COMPOSE_LEFTOVERS_H_
#define GTESTNET_SRC_DEPLOYER_COMPOSE_COMPOSE_LEFTOVERS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "src/deployer/cluster/trace.h"

namespace gtestnet::compose {

// Of all runs; none where no engine answers.
std::vector<BackendTrace> FindTraces();
// Removes it all; kDeadlineExceeded names what is still there.
absl::Status RemoveTrace(const std::string& run_id);

}  // namespace gtestnet::compose

#endif  // GTESTNET_SRC_DEPLOYER_COMPOSE_COMPOSE_LEFTOVERS_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_TOOL_H_
#define GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_TOOL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace gtestnet::compose {

// Compose v2, as a plugin of the docker command or as a program of its own.
struct ComposeTool {
  std::vector<std::string> command;  // {"/usr/bin/docker", "compose"}
  std::string version;               // "2.26.1-4"
};

// kNotFound: neither is there; kFailedPrecondition: only the old docker-compose (v1), by its path
// and version. Takes 0.1 s the first time; a tool that was found is remembered.
absl::StatusOr<ComposeTool> FindComposeTool();

// The same without remembering, for tests.
absl::StatusOr<ComposeTool> LookForComposeTool();

}  // namespace gtestnet::compose

#endif  // GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_COMPOSE_TOOL_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_IMAGE_H_
#define GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_IMAGE_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/src/cluster/helper_commands.h"
#include "core/src/deployer/container/engine.h"

namespace spdlog {
class logger;
}

namespace gtestnet::compose {

inline constexpr char kDefaultImage[] = "nomos-testnet:local";

// The tag of the nodes' image, which the engine has then. One that NOMOS_TESTNET_IMAGE names is
// never built; the default one is when it is missing or older than the programs that belong into
// it, once for all runs that ask at the same time.
absl::StatusOr<std::string> EnsureImage(const docker::Engine& engine, HelperCommands& helpers,
                                        spdlog::logger& log);

}  // namespace gtestnet::compose

#endif  // GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_IMAGE_H_

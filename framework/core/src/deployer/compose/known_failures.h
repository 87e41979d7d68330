// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_KNOWN_FAILURES_H_
#define GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_KNOWN_FAILURES_H_

#include "core/src/cluster/helper_commands.h"

namespace gtestnet::compose {

inline constexpr char kNoAddresses[] =
    "the engine has no addresses for one more network: remove some (gtestnet clean, docker network "
    "prune), or give it more (default-address-pools in its daemon.json)";

// Of docker and docker compose.
inline constexpr KnownFailure kKnownFailures[] = {
    {"no space left on device", absl::StatusCode::kResourceExhausted,
     "the disk of the Docker Engine is full: free some of it (docker system df, docker system "
     "prune)"},
    {"port is already allocated", absl::StatusCode::kAlreadyExists,
     "another program has the port: end it, or ask for another port"},
    {"address already in use", absl::StatusCode::kAlreadyExists,
     "another program has the port: end it, or ask for another port"},
    // In the words of Docker up to 26, of those after it, of others, and of Podman.
    {"non-overlapping IPv4 address pool", absl::StatusCode::kResourceExhausted, kNoAddresses},
    {"pools have been fully subnetted", absl::StatusCode::kResourceExhausted, kNoAddresses},
    {"could not find an available predefined network", absl::StatusCode::kResourceExhausted,
     kNoAddresses},
    {"could not find free subnet", absl::StatusCode::kResourceExhausted, kNoAddresses},
    {"no available IPv4 addresses", absl::StatusCode::kResourceExhausted, kNoAddresses},
    {"Cannot connect to the Docker daemon", absl::StatusCode::kUnavailable,
     "the Docker Engine was stopped, or does not answer any more: start it"},
    // Whatever it says then.
    {"failed to create network", absl::StatusCode::kFailedPrecondition,
     "the engine makes no network; where it has no addresses for one more, remove some (gtestnet "
     "clean, docker network prune)"},
    {"No such image", absl::StatusCode::kNotFound, "build or pull the image"},
    {"pull access denied", absl::StatusCode::kNotFound,
     "the image is not there and cannot be pulled: build it"},
};

}  // namespace gtestnet::compose

#endif  // GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_KNOWN_FAILURES_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_DEPLOYER_COMPOSE_CFGSYNC_CLIENT_H_
#define GTESTNET_SRC_DEPLOYER_COMPOSE_CFGSYNC_CLIENT_H_

#include <chrono>
#include <cstdint>

#include "absl/status/statusor.h"

namespace gtestnet::compose {

// Where cfgsync listens in its container.
inline constexpr uint16_t kCfgsyncPort = 4400;

// The chain's start, which cfgsync fixes once the last genesis node has asked for it: waits until
// then. `port` is of 127.0.0.1.
absl::StatusOr<std::chrono::system_clock::time_point> AskStart(uint16_t port,
                                                               std::chrono::milliseconds timeout);

}  // namespace gtestnet::compose

#endif  // GTESTNET_SRC_DEPLOYER_COMPOSE_CFGSYNC_CLIENT_H_

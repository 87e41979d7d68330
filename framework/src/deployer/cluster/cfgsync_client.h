// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_DEPLOYER_CLUSTER_CFGSYNC_CLIENT_H_
#define GTESTNET_SRC_DEPLOYER_CLUSTER_CFGSYNC_CLIENT_H_

#include <chrono>
#include <cstdint>

#include "absl/status/statusor.h"
#include "src/base/socket.h"

namespace gtestnet {

// Where cfgsync listens in its container.
inline constexpr uint16_t kCfgsyncPort = 4400;

// The chain's start, which cfgsync fixes once the last genesis node has asked for it: waits until
// then.
absl::StatusOr<std::chrono::system_clock::time_point> AskStart(const base::Endpoint& cfgsync,
                                                               std::chrono::milliseconds timeout);

// The same where the start is held (Spec::hold_start): fixes it, once each genesis node has asked
// for it.
absl::StatusOr<std::chrono::system_clock::time_point> BeginChain(const base::Endpoint& cfgsync,
                                                                 std::chrono::milliseconds timeout);

}  // namespace gtestnet

#endif  // GTESTNET_SRC_DEPLOYER_CLUSTER_CFGSYNC_CLIENT_H_

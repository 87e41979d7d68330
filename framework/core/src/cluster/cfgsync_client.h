// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_CFGSYNC_CLIENT_H_
#define GTESTNET_CORE_SRC_CLUSTER_CFGSYNC_CLIENT_H_

#include <chrono>

#include "absl/status/statusor.h"
#include "core/src/base/socket.h"

namespace gtestnet {

// Has cfgsync fix the chain's start, once each genesis node that is not late has asked for it:
// the start. kDeadlineExceeded says who has not, or why it does not answer.
absl::StatusOr<std::chrono::system_clock::time_point> BeginChain(const base::Endpoint& cfgsync,
                                                                 std::chrono::milliseconds timeout);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_CFGSYNC_CLIENT_H_

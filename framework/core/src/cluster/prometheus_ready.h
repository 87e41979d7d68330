// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_PROMETHEUS_READY_H_
#define GTESTNET_CORE_SRC_CLUSTER_PROMETHEUS_READY_H_

#include <chrono>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/socket.h"

namespace gtestnet {

// Waits until the Prometheus answers that it is ready. `where` is asked before each try; kAborted
// of it ends the wait. kDeadlineExceeded says what was last seen.
absl::Status AwaitPrometheus(const std::function<absl::StatusOr<base::Endpoint>()>& where,
                             std::chrono::milliseconds timeout);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_PROMETHEUS_READY_H_

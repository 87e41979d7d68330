// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_READINESS_H_
#define GTESTNET_CORE_SRC_CLUSTER_READINESS_H_

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtestnet/clock.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

struct ReadinessOptions {
  std::chrono::milliseconds timeout{20000};  // not scaled here
  // How often nodes are asked at first, and again each time that one answers otherwise than before.
  std::chrono::milliseconds poll_interval{5};
  // One that goes on saying the same is asked less and less, up to this.
  std::chrono::milliseconds longest_interval{100};
  std::chrono::milliseconds probe_timeout{2000};
  // The last lines of a node's log.
  std::function<std::string(const NodeInfo&)> end_of_log = {};
  // Told of each answer of a node; of several threads.
  std::function<void(const NodeInfo&, const NodeSample&)> on_answer = {};
  const Clock* clock = &RealClock();
};

// Waits until each node answers and lacks nothing that its kind wants. Nodes are asked from a few
// threads. `broken` is asked often; an error of it ends the wait. kDeadlineExceeded names the node,
// what was last seen of it, and the end of its log.
absl::Status AwaitReady(const ClusterSpec& spec, const std::vector<NodeInfo>& nodes,
                        const std::function<absl::Status()>& broken,
                        const ReadinessOptions& options);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_READINESS_H_

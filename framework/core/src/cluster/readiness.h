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

// A node that is to become ready, and the number of peers that it must be connected with.
struct AwaitedNode {
  NodeInfo info;
  int degree = 0;
};

struct ReadinessOptions {
  std::chrono::milliseconds timeout{20000};  // not scaled here
  std::chrono::milliseconds poll_interval{5};
  std::chrono::milliseconds probe_timeout{2000};
  // The last lines of a node's log.
  std::function<std::string(const NodeInfo&)> end_of_log = {};
  const Clock* clock = &RealClock();
};

// Waits until each node answers, has just as many peers as it should, lacks nothing else that its
// kind wants, and all have one tip, as nothing was built on the genesis yet. Nodes are asked from a
// few threads. `broken` is asked often; an error of it ends the wait. kDeadlineExceeded names the
// node, what was last seen of it, and the end of its log.
absl::Status AwaitReady(const TopologySpec& topology, const std::vector<AwaitedNode>& nodes,
                        const std::function<absl::Status()>& broken,
                        const ReadinessOptions& options);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_READINESS_H_

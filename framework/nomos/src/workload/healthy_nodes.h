// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_WORKLOAD_HEALTHY_NODES_H_
#define GTESTNET_NOMOS_SRC_WORKLOAD_HEALTHY_NODES_H_

#include <vector>

#include "gtestnet/run_context.h"

namespace gtestnet::nomos {

struct HealthyNode {
  NodeInfo info;
  RunTime seen_at{0};  // when it answered last
};

// The nodes to which a workload may submit: up, and when they were seen last they answered and were
// Online. In the order of their index.
std::vector<HealthyNode> HealthyNodes(const RunContext& context);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_WORKLOAD_HEALTHY_NODES_H_

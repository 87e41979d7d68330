// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/workload/healthy_nodes.h"

#include <utility>

namespace gtestnet::nomos {

std::vector<HealthyNode> HealthyNodes(const RunContext& context) {
  const Snapshot snapshot = context.snapshot();
  std::vector<HealthyNode> healthy;
  for (NodeInfo& node : context.nodes()) {
    const auto i = static_cast<size_t>(node.index);
    if (!context.IsUp(node.index) || i >= snapshot.nodes.size()) continue;
    const NodeSample& sample = snapshot.nodes[i];
    if (!sample.reachable || sample.status != "Online") continue;
    healthy.push_back({std::move(node), sample.at});
  }
  return healthy;
}

}  // namespace gtestnet::nomos

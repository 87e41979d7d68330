// SPDX-License-Identifier: Apache-2.0
#include "src/deployer/cluster/cfgsync_file.h"

#include <chrono>

namespace gtestnet {
namespace {

// From the last node's question to the chain's first slot: all learn the start before it comes.
constexpr std::chrono::milliseconds kStartDelay{300};

}  // namespace

cfgsync::Spec CfgsyncSpec(const ClusterSpec& cluster, const Placement& placement) {
  cfgsync::Spec spec;
  spec.cluster = cluster;
  spec.start_delay = kStartDelay;
  const int count = cluster.topology.node_count();
  for (size_t i = 0; i < placement.added_roles.size(); ++i) {
    cfgsync::AddedNode& added = spec.added.emplace_back();
    added.role = placement.added_roles[i];
    for (const Edge& edge : placement.added_edges) {
      if (edge.from == count + static_cast<NodeIndex>(i)) added.dials.push_back(edge.to);
    }
  }
  return spec;
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "src/deployer/compose/cfgsync_file.h"

namespace gtestnet::compose {

cfgsync::Spec CfgsyncSpec(const ClusterSpec& cluster, const Placement& placement) {
  cfgsync::Spec spec;
  spec.cluster = cluster;
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

}  // namespace gtestnet::compose

// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

std::string Placement::RoleOf(const TopologySpec& topology, NodeIndex node) const {
  const int count = topology.node_count();
  if (node < count) return topology.RoleOf(node);
  const auto added = static_cast<size_t>(node - count);
  return added < added_roles.size() ? added_roles[added] : std::string();
}

std::string Placement::NodeName(const TopologySpec& topology, NodeIndex node) const {
  const int count = topology.node_count();
  if (node < count) return topology.NodeName(node);
  const std::string role = RoleOf(topology, node);
  size_t number = topology.NodesOf(role).size();
  for (NodeIndex before = count; before < node; ++before) {
    if (RoleOf(topology, before) == role) ++number;
  }
  return absl::StrCat(role.empty() ? "node" : role, "-", number);
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/cfgsync_file.h"

#include <chrono>
#include <utility>

#include "core/src/base/status.h"
#include "core/src/cfgsync/plan_nodes.h"
#include "core/src/node/container.h"

namespace gtestnet {
namespace {

// From BeginChain to the chain's first slot: all learn the start before it comes.
constexpr std::chrono::milliseconds kStartDelay{300};

}  // namespace

absl::StatusOr<cfgsync::Plan> PlanOf(const ClusterSpec& cluster, const Placement& placement) {
  cfgsync::Plan plan;
  plan.run_id = cluster.run_id;
  plan.start_delay = kStartDelay;
  // Nodes have to find each other first, which may take longer than a chain bears to be divided.
  plan.hold_start = true;
  Placement inside = placement;
  inside.addresses.clear();
  const int count = cluster.topology.node_count() + static_cast<int>(placement.added_roles.size());
  for (NodeIndex node = 0; node < count; ++node) {
    inside.addresses.push_back(
        {.host = cfgsync::HostToken(placement.NodeName(cluster.topology, node)), .ports = {}});
  }
  inside.listen_host = "0.0.0.0";
  const NodeKind& kind = *cluster.topology.kind;
  GTESTNET_RETURN_IF_ERROR(cfgsync::PlanNodes(
      cluster, std::move(inside),
      [&](std::string_view role, const std::string&) -> absl::StatusOr<cfgsync::NodePlace> {
        GTESTNET_ASSIGN_OR_RETURN(ContainerSpec container, ContainerOf(kind, role));
        return cfgsync::NodePlace{.program = std::move(container.program),
                                  .directory = std::move(container.directory),
                                  .environment = std::move(container.environment)};
      },
      &plan));
  return plan;
}

void CollectNodeFiles(const ClusterSpec& cluster, const Placement& placement,
                      const std::vector<NodeInfo>& nodes, Collection& collection) {
  const absl::StatusOr<cfgsync::Plan> plan = PlanOf(cluster, placement);
  if (!plan.ok()) return;
  for (const NodeInfo& node : nodes) {
    const cfgsync::PlannedNode* const planned = plan->Find(node.name);
    if (planned == nullptr) continue;
    for (const NodeFile& file : planned->setup.files) {
      collection.Write(node.name + "/" + file.path, file.content);
    }
  }
}

absl::StatusOr<std::map<std::string, ContainerSpec>> ContainersOf(const TopologySpec& topology) {
  std::map<std::string, ContainerSpec> containers;
  for (const Role& role : topology.roles) {
    GTESTNET_ASSIGN_OR_RETURN(containers[role.name], ContainerOf(*topology.kind, role.name));
  }
  return containers;
}

}  // namespace gtestnet

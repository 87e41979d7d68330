// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/plan_nodes.h"

#include <optional>
#include <utility>
#include <vector>

#include "core/src/base/status.h"
#include "core/src/node/setup.h"

namespace gtestnet::cfgsync {

absl::Status PlanNodes(
    const ClusterSpec& cluster, Placement placement,
    const std::function<absl::StatusOr<NodePlace>(std::string_view role, const std::string& name)>&
        place_of,
    Plan* plan) {
  const TopologySpec& topology = cluster.topology;
  const std::vector<PortSpec> ports = topology.kind->Ports();
  for (NodeAddress& address : placement.addresses) {
    for (const PortSpec& port : ports) address.ports[port.name] = port.well_known;
  }
  const int count = topology.node_count() + static_cast<int>(placement.added_roles.size());
  for (NodeIndex node = 0; node < count; ++node) {
    PlannedNode planned;
    planned.name = placement.NodeName(topology, node);
    planned.role = placement.RoleOf(topology, node);
    // The start of all waits for none that comes later.
    planned.late = node >= topology.node_count() || topology.IsLate(node);
    GTESTNET_ASSIGN_OR_RETURN(NodePlace place, place_of(planned.role, planned.name));
    planned.directory = place.directory;
    planned.start_file = place.directory + "/start";
    placement.directory = planned.directory;
    placement.start_file = planned.start_file;
    GTESTNET_ASSIGN_OR_RETURN(planned.setup, SetupOf(cluster, placement, node));
    planned.setup.program = std::move(place.program);
    // What Setup says of a variable is about this very node.
    planned.setup.environment.merge(place.environment);
    plan->nodes.push_back(std::move(planned));
  }
  if (const std::optional<MetricsRoute> metrics = topology.kind->Metrics()) {
    for (const PortSpec& port : ports) {
      if (port.name == metrics->port) plan->metrics = {port.well_known, metrics->path};
    }
  }
  return absl::OkStatus();
}

}  // namespace gtestnet::cfgsync

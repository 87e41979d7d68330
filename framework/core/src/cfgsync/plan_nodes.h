// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CFGSYNC_PLAN_NODES_H_
#define GTESTNET_CORE_SRC_CFGSYNC_PLAN_NODES_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/cfgsync/plan.h"
#include "gtestnet/node_kind.h"

namespace gtestnet::cfgsync {

// Where a node of a role runs.
struct NodePlace {
  std::string program = {};                             // as of PlannedNode::setup
  std::string directory = {};                           // the node's own, as it sees it
  std::map<std::string, std::string> environment = {};  // beyond what the kind's Setup says
};

// Adds all nodes of the cluster to the plan, also the placement's added ones, each as its kind sets
// it up, and where they show their metrics. The placement has the hosts of all nodes (tokens, if
// they are not known); ports, directories and start files are filled in: a node's start file is
// "start" in its directory. Errors are those of `place_of` and of SetupOf.
absl::Status PlanNodes(
    const ClusterSpec& cluster, Placement placement,
    const std::function<absl::StatusOr<NodePlace>(std::string_view role, const std::string& name)>&
        place_of,
    Plan* plan);

}  // namespace gtestnet::cfgsync

#endif  // GTESTNET_CORE_SRC_CFGSYNC_PLAN_NODES_H_

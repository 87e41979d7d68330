// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_CFGSYNC_FILE_H_
#define GTESTNET_CORE_SRC_CLUSTER_CFGSYNC_FILE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/src/cfgsync/plan.h"
#include "core/src/cluster/collection.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

// What cfgsync is to serve in a run, with the nodes that were added so far: each node finished, in
// the container that its kind describes. The placement's addresses are of no interest: nodes find
// each other by tokens (cfgsync::HostToken). The chain begins when it is asked to: see BeginChain.
absl::StatusOr<cfgsync::Plan> PlanOf(const ClusterSpec& cluster, const Placement& placement);

// Each node's files, as <name>/<path>.
void CollectNodeFiles(const ClusterSpec& cluster, const Placement& placement,
                      const std::vector<NodeInfo>& nodes, Collection& collection);

// What a container of each role that has nodes is.
absl::StatusOr<std::map<std::string, ContainerSpec>> ContainersOf(const TopologySpec& topology);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_CFGSYNC_FILE_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_CFGSYNC_FILE_H_
#define GTESTNET_CORE_SRC_CLUSTER_CFGSYNC_FILE_H_

#include <vector>

#include "core/src/cfgsync/spec.h"
#include "core/src/cluster/collection.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

// What cfgsync is to know of a run, with the nodes that were added so far. The chain begins when
// it is asked to: see BeginChain.
cfgsync::Spec CfgsyncSpec(const ClusterSpec& cluster, const Placement& placement);

// What each node's config should be, as <name>/<path>. Nodes whose program is not on this machine
// are left out.
void CollectNodeFiles(const ClusterSpec& cluster, const Placement& placement,
                      const std::vector<NodeInfo>& nodes, Collection& collection);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_CFGSYNC_FILE_H_

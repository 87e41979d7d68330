// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_DEPLOYER_CLUSTER_CFGSYNC_FILE_H_
#define GTESTNET_SRC_DEPLOYER_CLUSTER_CFGSYNC_FILE_H_

#include <vector>

#include "gtestnet/node_kind.h"
#include "src/cfgsync/spec.h"
#include "src/deployer/cluster/collection.h"

namespace gtestnet {

// What cfgsync is to know of a run, with the nodes that were added so far. The chain begins when
// it is asked to: see BeginChain.
cfgsync::Spec CfgsyncSpec(const ClusterSpec& cluster, const Placement& placement);

// What each node's config should be, as <name>/<path>. Nodes whose program is not on this machine
// are left out.
void CollectNodeFiles(const ClusterSpec& cluster, const Placement& placement,
                      const std::vector<NodeInfo>& nodes, Collection& collection);

}  // namespace gtestnet

#endif  // GTESTNET_SRC_DEPLOYER_CLUSTER_CFGSYNC_FILE_H_

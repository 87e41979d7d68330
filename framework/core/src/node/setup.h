// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_NODE_SETUP_H_
#define GTESTNET_CORE_SRC_NODE_SETUP_H_

#include <string>

#include "absl/status/statusor.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

// Of a file's path: it leads nowhere but below the directory that it is relative to.
bool IsBelowDirectory(const std::string& path);

// What a node is launched with: what its kind says, and after that what the topology adds
// (Topology::Argument), unless the kind has done so. kInvalidArgument, naming kind and node, for a
// file that is not below the node's directory or is there twice.
absl::StatusOr<NodeSetup> SetupOf(const ClusterSpec& spec, const Placement& placement,
                                  NodeIndex node);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_NODE_SETUP_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_NODE_CONTAINER_H_
#define GTESTNET_CORE_SRC_NODE_CONTAINER_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

// What the kind says of a container of the role, with its health port filled in. kInvalidArgument,
// naming kind and role, for one without an image or a program, with a path that is not absolute, or
// with a port that the kind does not declare.
absl::StatusOr<ContainerSpec> ContainerOf(const NodeKind& kind, std::string_view role);

// kInvalidArgument, naming the kind, for two ports of one name or number, a port without a name or
// a number, and metrics at a port that the kind does not declare.
absl::Status CheckPorts(const NodeKind& kind);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_NODE_CONTAINER_H_

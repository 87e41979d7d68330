// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_SCENARIO_TOPOLOGY_READER_H_
#define GTESTNET_NOMOS_SRC_SCENARIO_TOPOLOGY_READER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/json_reader.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/topology.h"

namespace gtestnet::nomos {

// The section "topology", of the default kind.
absl::StatusOr<TopologySpec> ReadTopology(const JsonTree& value);
// The kind that it names; without a word of that the default one.
absl::StatusOr<const NodeKind*> KindOf(const JsonTree& value);
// The section, of any other kind.
absl::StatusOr<TopologySpec> ReadTopologyOf(const NodeKind& kind, const JsonTree& value);

// Nodes by their names, "validator-0"; of a list, each once.
absl::StatusOr<NodeIndex> FindNode(const TopologySpec& topology, const std::string& name,
                                   TextPosition position);
// "there is no node "x"; there are validator-0, …".
std::string NoSuchNode(const TopologySpec& topology, std::string_view name);
absl::Status ReadNodes(const std::string& name, const JsonTree& value, const TopologySpec& topology,
                       std::vector<NodeIndex>* into);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_SCENARIO_TOPOLOGY_READER_H_

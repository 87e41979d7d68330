// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_SCENARIO_TOPOLOGY_WRITER_H_
#define GTESTNET_CORE_SRC_SCENARIO_TOPOLOGY_WRITER_H_

#include <string>

#include "absl/status/statusor.h"
#include "gtestnet/topology.h"

namespace gtestnet {

// The section "topology" as JSON on one line: what ReadTopology reads it from. The slot is always
// there, as its default depends on the environment. kInvalidArgument, naming the field, for a
// topology that the section cannot express.
absl::StatusOr<std::string> WriteTopology(const TopologySpec& topology);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_SCENARIO_TOPOLOGY_WRITER_H_

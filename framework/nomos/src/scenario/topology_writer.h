// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_SCENARIO_TOPOLOGY_WRITER_H_
#define GTESTNET_NOMOS_SRC_SCENARIO_TOPOLOGY_WRITER_H_

#include <string>

#include "absl/status/statusor.h"
#include "gtestnet/topology.h"

namespace gtestnet::nomos {

// The section "topology" as JSON on one line: what ReadTopology reads it from. The slot is always
// there, as its default depends on the environment. kInvalidArgument, naming the field, for a
// topology that the section cannot express.
absl::StatusOr<std::string> WriteTopology(const TopologySpec& topology);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_SCENARIO_TOPOLOGY_WRITER_H_

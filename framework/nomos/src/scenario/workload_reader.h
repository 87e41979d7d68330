// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_SCENARIO_WORKLOAD_READER_H_
#define GTESTNET_NOMOS_SRC_SCENARIO_WORKLOAD_READER_H_

#include <optional>

#include "core/src/base/json_reader.h"
#include "gtestnet/nomos/scenario_builder.h"

namespace gtestnet::nomos {

// Has `reader` read the sections of the default kind's workloads into the builder, one object or an
// array of them each. What it is given must be there, and filled, when it reads.
void AddWorkloadFields(ObjectReader& reader, const TopologySpec& topology,
                       std::optional<ScenarioBuilder>& builder);
// The same of faults, which nodes of all kinds have.
void AddFaultFields(ObjectReader& reader, const TopologySpec& topology,
                    std::optional<ScenarioBuilder>& builder);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_SCENARIO_WORKLOAD_READER_H_

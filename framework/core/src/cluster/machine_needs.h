// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_MACHINE_NEEDS_H_
#define GTESTNET_CORE_SRC_CLUSTER_MACHINE_NEEDS_H_

#include <vector>

#include "absl/status/status.h"
#include "core/src/base/machine_limits.h"
#include "gtestnet/topology.h"

namespace gtestnet {

// The least with which a run of that topology gets through its start and its first minute, with a
// workload of each sort: what is measured, with a margin. `nodes_run_here`: beside this program, as
// processes of this machine.
std::vector<Need> NeedsOf(const TopologySpec& topology, bool nodes_run_here);

// Raises soft limits as far as that helps, then OK if this machine has what NeedsOf says.
// kResourceExhausted names the limit, its value and what is needed; kFailedPrecondition: there is
// no temporary directory, or nothing can be written there.
absl::Status CheckMachine(const TopologySpec& topology, bool nodes_run_here);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_MACHINE_NEEDS_H_

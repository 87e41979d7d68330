// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_IDLE_WORKLOADS_H_
#define GTESTNET_IDLE_WORKLOADS_H_

#include <vector>

#include "gtestnet/record.h"

namespace gtestnet {

// A failing verdict for each workload of a record that never acted, or did less than it owed
// (WorkloadRecord::at_least): what a run judges unasked, and `gtestnet judge` again.
std::vector<VerdictRecord> IdleWorkloads(const RunRecord& record);

}  // namespace gtestnet

#endif  // GTESTNET_IDLE_WORKLOADS_H_

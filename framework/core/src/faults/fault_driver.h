// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_FAULTS_FAULT_DRIVER_H_
#define GTESTNET_CORE_SRC_FAULTS_FAULT_DRIVER_H_

#include "absl/status/status.h"
#include "core/src/faults/fault_plan.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/workload.h"

namespace gtestnet {

// The drive function of the workloads that take nodes down.
absl::Status DriveFaults(WorkloadRun& run, const FaultOptions& options);

// How long a node that was taken down or that joined may need until it has recovered: 30 blocks, at
// least 10 s.
Timespan RecoveryLimit(const Pace& pace);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_FAULTS_FAULT_DRIVER_H_

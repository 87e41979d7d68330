// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_FAULTS_FAULT_DRIVER_H_
#define GTESTNET_CORE_SRC_FAULTS_FAULT_DRIVER_H_

#include <optional>

#include "absl/status/status.h"
#include "core/src/faults/fault_plan.h"
#include "gtestnet/workload.h"

namespace gtestnet {

// The drive function of the workloads that take nodes down.
absl::Status DriveFaults(WorkloadRun& run, const FaultOptions& options);

// Waits until the node is level with the others: Online, at most two blocks below the highest, and
// connected with those of its neighbours in the layout that are up: before that, the end of another
// node could part the network. Returns how long that took; nothing when the workload was told to
// stop meanwhile; kDeadlineExceeded after 30 blocks (at least 10 s), with what was last seen and
// where its log is.
absl::StatusOr<std::optional<RunTime>> WaitUntilLevel(WorkloadRun& run, NodeIndex node);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_FAULTS_FAULT_DRIVER_H_

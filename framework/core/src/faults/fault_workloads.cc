// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/fault_workloads.h"

#include <algorithm>

#include "core/src/faults/fault_driver.h"
#include "core/src/faults/fault_plan.h"

namespace gtestnet {

std::vector<NodeIndex> NodeChoice::operator()(const Snapshot& snapshot, Random& random) const {
  std::vector<NodeIndex> nodes = choose_(snapshot, random);
  std::ranges::sort(nodes);
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

namespace {

template <class Options>
FaultOptions Common(const Options& options) {
  FaultOptions fault;
  fault.name = options.name;
  fault.min_delay = options.min_delay;
  fault.max_delay = options.max_delay;
  fault.target_cooldown = options.target_cooldown;
  fault.roles = options.roles;
  fault.targets = options.targets;
  fault.choose = options.choose;
  fault.at_once = options.at_once;
  fault.beyond_tolerance = options.beyond_tolerance;
  return fault;
}

FaultOptions FaultOf(const RestartOptions& options) {
  FaultOptions fault = Common(options);
  fault.fault = "restart";
  fault.act = options.kill ? FaultOptions::Act::kKill : FaultOptions::Act::kStop;
  return fault;
}

FaultOptions FaultOf(const KillOptions& options) {
  FaultOptions fault = Common(options);
  fault.fault = "kill";
  fault.act = FaultOptions::Act::kKill;
  fault.min_down = options.min_down;
  fault.max_down = options.max_down;
  return fault;
}

FaultOptions FaultOf(const PauseOptions& options) {
  FaultOptions fault = Common(options);
  fault.fault = "pause";
  fault.act = FaultOptions::Act::kPause;
  fault.min_down = options.min_pause;
  fault.max_down = options.max_pause;
  return fault;
}

WorkloadOptions Named(const std::string& name) {
  WorkloadOptions workload;
  workload.name = name;
  workload.required = Capability::kNodeControl;
  return workload;
}

Workload::Drive Driving(FaultOptions fault) {
  return [fault = std::move(fault)](WorkloadRun& run) { return DriveFaults(run, fault); };
}

}  // namespace

RestartWorkload::RestartWorkload(RunContext& context, RestartOptions options)
    : Workload(context, Named(options.name), Driving(FaultOf(options))) {}

KillWorkload::KillWorkload(RunContext& context, KillOptions options)
    : Workload(context, Named(options.name), Driving(FaultOf(options))) {}

PauseWorkload::PauseWorkload(RunContext& context, PauseOptions options)
    : Workload(context, Named(options.name), Driving(FaultOf(options))) {}

absl::Status Validate(const RestartOptions& options, const TopologySpec& topology) {
  return Validate(FaultOf(options), topology);
}
absl::Status Validate(const KillOptions& options, const TopologySpec& topology) {
  return Validate(FaultOf(options), topology);
}
absl::Status Validate(const PauseOptions& options, const TopologySpec& topology) {
  return Validate(FaultOf(options), topology);
}

}  // namespace gtestnet

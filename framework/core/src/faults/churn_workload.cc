// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/status.h"
#include "core/src/faults/fault_driver.h"
#include "gtestnet/fault_workloads.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/run_context.h"

namespace gtestnet {
namespace {

class Churn {
 public:
  Churn(WorkloadRun& run, const ChurnOptions& options)
      : run_(run), context_(run.context()), options_(options), random_(run.random().Fork("plan")) {}

  absl::Status Run() {
    if (const std::optional<std::vector<FaultRecord>> replay = context_.ReplayOf(run_.name())) {
      return Repeat(*replay);
    }
    run_.Plan(absl::StrCat("one ", role(), " joins every ", options_.min_delay.ToString(), " to ",
                           options_.max_delay.ToString(), ", and leaves ",
                           options_.min_stay.ToString(), " to ", options_.max_stay.ToString(),
                           " after it has caught up"));
    while (run_.SleepFor(Between(options_.min_delay, options_.max_delay))) {
      GTESTNET_RETURN_IF_ERROR(Join(Between(options_.min_stay, options_.max_stay)));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Repeat(const std::vector<FaultRecord>& faults) {
    run_.Plan(
        absl::StrCat("repeats the ", faults.size(), " joins of the record in ", "GTESTNET_REPLAY"));
    for (const FaultRecord& fault : faults) {
      if (!run_.SleepFor(std::max<RunTime>(fault.at - context_.now(), RunTime{0}))) break;
      GTESTNET_RETURN_IF_ERROR(Join(fault.down_for));
    }
    while (run_.SleepFor(std::chrono::seconds(1))) {
    }
    return absl::OkStatus();
  }

  const std::string& role() const {
    return options_.role.empty() ? context_.topology().DefaultRole() : options_.role;
  }
  RunTime Between(Timespan min, Timespan max) {
    const RunTime from = min.At(context_.pace());
    const RunTime to = max.At(context_.pace());
    return from + RunTime(random_.Below(static_cast<uint64_t>((to - from).count()) + 1));
  }

  // Whatever happens, what joined leaves.
  absl::Status Join(RunTime stay) {
    FaultRecord record;
    record.workload = run_.name();
    record.fault = "join";
    record.at = context_.now();
    record.down_for = stay;
    AddOptions add;
    add.role = role();
    const absl::StatusOr<NodeIndex> added = context_.node_control().Add(add);
    if (!added.ok()) {
      // What fails as the run ends is no fault.
      return run_.stop_requested() || run_.run_broke() ? absl::OkStatus() : added.status();
    }
    const NodeIndex node = *added;
    record.node = node;
    const Recovery recovery = run_.AwaitRecovery({node}, RecoveryLimit(context_.pace()));
    absl::Status status = recovery.status;
    record.recovered_after = recovery.took[0];
    context_.Record(std::move(record));
    run_.Acted();
    if (status.ok()) (void)run_.SleepFor(stay);
    const absl::Status left = context_.node_control().Stop(node);
    if (!left.ok() && !run_.run_broke()) {
      status.Update(absl::Status(
          left.code(), absl::StrCat(context_.node(node).name, " did not leave: ", left.message())));
    }
    return status;
  }

  WorkloadRun& run_;
  RunContext& context_;
  const ChurnOptions& options_;
  Random random_;
};

WorkloadOptions OptionsOf(const ChurnOptions& options) {
  WorkloadOptions workload;
  workload.name = options.name;
  workload.required = Capability::kNodeControl;
  return workload;
}

}  // namespace

ChurnWorkload::ChurnWorkload(RunContext& context, ChurnOptions options)
    : Workload(context, OptionsOf(options), [options](WorkloadRun& run) -> absl::Status {
        GTESTNET_RETURN_IF_ERROR(Validate(options, run.context().topology()));
        return Churn(run, options).Run();
      }) {}

absl::Status Validate(const ChurnOptions& options, const TopologySpec& topology) {
  const std::string who = absl::StrCat("churn \"", options.name, "\": ");
  if (topology.kind == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(who, "the topology has no kind of node"));
  }
  const Pace pace = topology.kind->PaceOf(topology);
  GTESTNET_RETURN_IF_ERROR(
      ValidateRange(who, "min_delay", options.min_delay, "max_delay", options.max_delay, pace));
  GTESTNET_RETURN_IF_ERROR(
      ValidateRange(who, "min_stay", options.min_stay, "max_stay", options.max_stay, pace));
  if (options.role.empty()) return absl::OkStatus();
  return Annotate(topology.CheckRole(options.role), who + "role");
}

}  // namespace gtestnet

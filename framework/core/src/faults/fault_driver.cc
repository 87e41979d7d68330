// SPDX-License-Identifier: Apache-2.0
#include "core/src/faults/fault_driver.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/status.h"
#include "gtestnet/run_context.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

// One time that nodes are taken down together.
struct Strike {
  RunTime at{0};
  std::vector<NodeIndex> nodes;
  RunTime down_for{0};
};

class FaultDriver {
 public:
  FaultDriver(WorkloadRun& run, const FaultOptions& options)
      : run_(run),
        context_(run.context()),
        options_(options),
        plan_(options, context_.pace(), FaultTargets(options, context_.topology()),
              run.random().Fork("plan")),
        choices_(run.random().Fork("choose")) {}

  absl::Status Run() {
    if (const std::optional<std::vector<FaultRecord>> replay = context_.ReplayOf(run_.name())) {
      return Repeat(*replay);
    }
    run_.Plan(Words());
    while (run_.SleepFor(plan_.NextDelay())) {
      Strike strike{context_.now(), {}, plan_.NextDown()};
      GTESTNET_ASSIGN_OR_RETURN(strike.nodes, Choose());
      if (strike.nodes.empty()) continue;
      if (const absl::Status held = context_.Hold(strike.nodes, options_.keep()); !held.ok()) {
        if (options_.choose) LeaveOut(MessageOf(held));
        continue;
      }
      GTESTNET_RETURN_IF_ERROR(Do(strike));
    }
    return absl::OkStatus();
  }

 private:
  // Whom to hit now, or nobody.
  absl::StatusOr<std::vector<NodeIndex>> Choose() {
    if (!options_.choose) return plan_.Choose(Up(), context_.now());
    ++asked_;
    std::vector<NodeIndex> chosen = options_.choose(context_.snapshot(), choices_);
    const auto count = static_cast<NodeIndex>(context_.nodes().size());
    for (NodeIndex node : chosen) {
      if (node >= 0 && node < count) continue;
      return InvalidArgument(absl::StrCat("choose named node ", node,
                                          ", which is not there; nodes go from 0 to ", count - 1));
    }
    if (chosen.empty()) LeaveOut("it named nobody");
    return chosen;
  }

  // Says in the plan why a choice came to nothing: the record of one that never acted has it.
  void LeaveOut(const std::string& why) {
    ++left_out_;
    run_.Plan(absl::StrCat(Words(), "; asked ", asked_, asked_ == 1 ? " time" : " times",
                           ", in vain ", left_out_, ", at last because ", why));
  }

  absl::Status Repeat(const std::vector<FaultRecord>& faults) {
    run_.Plan(absl::StrCat("repeats the ", faults.size(), " faults of the record in ",
                           "GTESTNET_REPLAY"));
    for (size_t i = 0; i < faults.size();) {
      Strike strike{faults[i].at, {}, faults[i].down_for};
      for (; i < faults.size() && faults[i].at == strike.at; ++i) {
        strike.nodes.push_back(faults[i].node);
      }
      if (!run_.SleepFor(std::max<RunTime>(strike.at - context_.now(), RunTime{0}))) break;
      GTESTNET_RETURN_IF_ERROR(context_.Hold(strike.nodes, Keep::kNothing));
      strike.at = context_.now();
      GTESTNET_RETURN_IF_ERROR(Do(strike));
    }
    // What comes after the last one is the same as in the record: nothing.
    while (run_.SleepFor(std::chrono::seconds(1))) {
    }
    return absl::OkStatus();
  }

  std::string Words() const {
    std::string down;
    if (!options_.max_down.IsZero()) {
      down = absl::StrCat(", for ", options_.min_down.ToString(), " to ",
                          options_.max_down.ToString());
    }
    const bool hard_restart =
        options_.act == FaultOptions::Act::kKill && options_.max_down.IsZero();
    if (options_.choose) {
      return absl::StrCat(hard_restart ? "kills and starts" : absl::StrCat(options_.fault, "s"),
                          " whom choose names, every ", options_.min_delay.ToString(), " to ",
                          options_.max_delay.ToString(), down);
    }
    return absl::StrCat(hard_restart ? "kills and starts" : absl::StrCat(options_.fault, "s"), " ",
                        options_.at_once == 1 ? "one" : absl::StrCat(options_.at_once), " of ",
                        Targets(), " every ", options_.min_delay.ToString(), " to ",
                        options_.max_delay.ToString(), down, ", each at most once in ",
                        options_.target_cooldown.ToString());
  }

  std::string Targets() const {
    constexpr size_t kMostNames = 8;
    const std::vector<NodeIndex>& nodes = plan_.targets();
    if (nodes.size() > kMostNames) return absl::StrCat(nodes.size(), " nodes");
    std::vector<std::string> names;
    for (NodeIndex node : nodes) names.push_back(context_.node(node).name);
    return absl::StrJoin(names, ", ");
  }

  std::vector<NodeIndex> Up() const {
    std::vector<NodeIndex> up;
    for (const NodeInfo& node : context_.nodes()) {
      if (context_.IsUp(node.index)) up.push_back(node.index);
    }
    return up;
  }

  // The nodes are held. Whatever happens, those that were taken down are brought back up.
  absl::Status Do(const Strike& strike) {
    std::vector<FaultRecord> records;
    std::vector<NodeIndex> down;
    absl::Status status;
    for (NodeIndex node : strike.nodes) {
      const absl::Status taken = Down(node);
      const bool is_down = !context_.IsUp(node);
      // What fails as the run ends is no fault; a node that is down all the same comes back.
      const bool counts = taken.ok() || !(run_.stop_requested() || run_.run_broke());
      if (counts) status.Update(taken);
      if (is_down && (counts || !absl::IsFailedPrecondition(taken))) down.push_back(node);
      if (!is_down || !counts) break;
      FaultRecord record;
      record.workload = run_.name();
      record.fault = options_.fault;
      record.node = node;
      record.at = strike.at;
      record.down_for = strike.down_for;
      records.push_back(std::move(record));
    }
    if (status.ok() && !records.empty() && strike.down_for > RunTime{0}) {
      (void)run_.SleepFor(strike.down_for);
    }
    for (NodeIndex node : down) {
      const absl::Status up = Up(node);
      if (!run_.run_broke()) status.Update(up);
    }
    Finish(std::move(records), status);
    context_.Release(strike.nodes);
    return status;
  }

  // Waits for their recovery, unless something was wrong, and records them.
  void Finish(std::vector<FaultRecord> records, absl::Status& status) {
    Recovery recovery;
    recovery.took.resize(records.size());
    if (status.ok()) {
      std::vector<NodeIndex> nodes;
      for (const FaultRecord& record : records) nodes.push_back(record.node);
      recovery = run_.AwaitRecovery(nodes, RecoveryLimit(context_.pace()));
      status.Update(recovery.status);
    }
    for (size_t i = 0; i < records.size(); ++i) {
      records[i].recovered_after = recovery.took[i];
      plan_.Recovered(records[i].node, context_.now());
      context_.Record(std::move(records[i]));
    }
    run_.Acted(static_cast<int64_t>(records.size()));
  }

  absl::Status Down(NodeIndex node) {
    NodeControl& control = context_.node_control();
    absl::Status down = options_.act == FaultOptions::Act::kStop   ? control.Stop(node)
                        : options_.act == FaultOptions::Act::kKill ? control.Kill(node)
                                                                   : control.Pause(node);
    if (down.ok()) return down;
    if (absl::IsFailedPrecondition(down)) {
      return Named(node, "was not taken down by this fault, which therefore shows nothing", down);
    }
    return Named(node, context_.IsUp(node) ? "cannot be taken down" : "was not taken down properly",
                 down);
  }

  absl::Status Up(NodeIndex node) {
    NodeControl& control = context_.node_control();
    return Named(
        node, "did not come back",
        options_.act == FaultOptions::Act::kPause ? control.Resume(node) : control.Start(node));
  }

  absl::Status Named(NodeIndex node, const char* what, const absl::Status& status) const {
    // What this machine has too little of is no matter of the node.
    if (status.ok() || absl::IsResourceExhausted(status)) return status;
    return absl::Status(status.code(), absl::StrCat(context_.node(node).name, " ", what, ": ",
                                                    std::string(status.message())));
  }

  WorkloadRun& run_;
  RunContext& context_;
  const FaultOptions& options_;
  FaultPlan plan_;
  Random choices_;
  int asked_ = 0;
  int left_out_ = 0;
};

}  // namespace

Timespan RecoveryLimit(const Pace& pace) {
  return std::max<milliseconds>(std::chrono::seconds(10), Timespan(Blocks(30)).At(pace));
}

absl::Status DriveFaults(WorkloadRun& run, const FaultOptions& options) {
  const absl::Status valid = Validate(options, run.context().topology());
  if (!valid.ok()) {
    // The run names the workload itself.
    const std::string message(valid.message());
    return absl::Status(valid.code(), message.substr(message.find("\": ") + 3));
  }
  return FaultDriver(run, options).Run();
}

}  // namespace gtestnet

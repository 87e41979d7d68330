// SPDX-License-Identifier: Apache-2.0
#include "core/src/faults/fault_driver.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/status.h"
#include "gtestnet/run_context.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{20};
// How far behind the highest node one may be that has caught up.
constexpr int64_t kLevel = 2;

// With how many nodes it should be connected: those that are up, as the layout says.
int Links(const RunContext& context, NodeIndex node) {
  const TopologySpec& topology = context.topology();
  int links = 0;
  for (const NodeIndex other : topology.layout.Neighbours(node, topology.node_count())) {
    if (context.IsUp(other)) ++links;
  }
  return links;
}

// What it lacks to be level with the others, and connected with `links` of them, or "".
std::string Lacking(const Snapshot& snapshot, NodeIndex node, RunTime back_at, int links) {
  const NodeSample* sample = nullptr;
  int64_t highest = 0;
  for (const NodeSample& one : snapshot.nodes) {
    if (one.node == node) sample = &one;
    if (one.reachable) highest = std::max(highest, one.height);
  }
  if (sample == nullptr || sample->at < back_at) return "not seen since";
  if (!sample->reachable) return "it does not answer";
  const bool level = sample->mode != "Bootstrapping" && sample->height + kLevel >= highest;
  if (level && sample->peers >= links) return "";
  std::ostringstream words;
  words << *sample << "; the highest node is at " << highest;
  if (sample->peers < links) {
    words << "; it is connected with " << sample->peers << " of the " << links
          << " neighbours that are up";
  }
  return words.str();
}

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
              run.random().Fork("plan")) {}

  absl::Status Run() {
    if (const std::optional<std::vector<FaultRecord>> replay = context_.ReplayOf(run_.name())) {
      return Repeat(*replay);
    }
    run_.Plan(Words());
    while (run_.SleepFor(plan_.NextDelay())) {
      Strike strike{context_.now(), plan_.Choose(Up(), context_.now()), plan_.NextDown()};
      if (strike.nodes.empty() || !context_.Hold(strike.nodes, options_.keep()).ok()) continue;
      GTESTNET_RETURN_IF_ERROR(Do(strike));
    }
    return absl::OkStatus();
  }

 private:
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
    absl::Status status;
    for (NodeIndex node : strike.nodes) {
      FaultRecord record;
      record.workload = run_.name();
      record.fault = options_.fault;
      record.node = node;
      record.at = strike.at;
      record.down_for = strike.down_for;
      status.Update(Down(node));
      if (context_.IsUp(node)) break;
      records.push_back(std::move(record));
    }
    if (status.ok() && strike.down_for > RunTime{0}) (void)run_.SleepFor(strike.down_for);
    for (const FaultRecord& record : records) status.Update(Up(record.node));
    for (FaultRecord& record : records) {
      if (status.ok()) {
        absl::StatusOr<std::optional<RunTime>> took = WaitUntilLevel(run_, record.node);
        if (took.ok()) record.recovered_after = *took;
        status.Update(took.status());
      }
      plan_.Recovered(record.node, context_.now());
      context_.Record(std::move(record));
    }
    run_.Acted(static_cast<int64_t>(records.size()));
    context_.Release(strike.nodes);
    return status;
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
};

}  // namespace

absl::StatusOr<std::optional<RunTime>> WaitUntilLevel(WorkloadRun& run, NodeIndex node) {
  RunContext& context = run.context();
  const milliseconds limit = Scaled(
      std::max<milliseconds>(std::chrono::seconds(10), Timespan(Blocks(30)).At(context.pace())));
  const RunTime back_at = context.now();
  const Clock::TimePoint end = context.clock().Now() + limit;
  do {
    const std::string lacking =
        Lacking(context.snapshot(), node, back_at,
                node < context.topology().node_count() ? Links(context, node) : 0);
    if (lacking.empty()) return context.now() - back_at;
    if (context.clock().Now() >= end) {
      const std::string log = context.node(node).log;
      return absl::DeadlineExceededError(absl::StrCat(
          context.node(node).name, " has not caught up ", static_cast<double>(limit.count()) / 1000,
          " s after it came up; last seen: ", lacking, log.empty() ? "" : "; log: ", log));
    }
  } while (run.SleepFor(kLook));
  return std::optional<RunTime>();
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

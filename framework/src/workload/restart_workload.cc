// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/restart_workload.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/run_context.h"
#include "gtestnet/variables.h"
#include "src/workload/restart_plan.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{20};
// How far behind the highest node one may be that has caught up.
constexpr int64_t kLevel = 2;

class Restarter {
 public:
  Restarter(WorkloadRun& run, const RestartOptions& options)
      : run_(run),
        context_(run.context()),
        options_(options),
        plan_(options, context_.pace(), RestartTargets(options, context_.topology()),
              run.random().Fork("plan")),
        limit_(Scaled(std::max<milliseconds>(std::chrono::seconds(10),
                                             Timespan(Blocks(30)).At(context_.pace())))) {}

  absl::Status Run() {
    run_.Plan(absl::StrCat(options_.kill ? "kills and starts" : "restarts", " one of ", Targets(),
                           " every ", options_.min_delay.ToString(), " to ",
                           options_.max_delay.ToString(), ", each at most once in ",
                           options_.target_cooldown.ToString()));
    while (run_.SleepFor(plan_.NextDelay())) {
      const std::optional<NodeIndex> node = plan_.Choose(Up(), context_.now());
      if (!node.has_value()) continue;
      if (absl::Status s = Restart(*node); !s.ok()) return s;
      run_.Acted();
      if (absl::Status s = WaitUntilLevel(*node); !s.ok()) return s;
      plan_.Restarted(*node, context_.now());
    }
    return absl::OkStatus();
  }

 private:
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

  // Also when the run ends meanwhile, the node is started again.
  absl::Status Restart(NodeIndex node) {
    NodeControl& control = context_.node_control();
    absl::Status down = options_.kill ? control.Kill(node) : control.Stop(node);
    if (!down.ok() && context_.IsUp(node)) return Named(node, "cannot be taken down", down);
    absl::Status up = control.Start(node);
    if (!up.ok()) return Named(node, "did not come back", up);
    return down.ok() ? down : Named(node, "was not taken down properly", down);
  }

  absl::Status Named(NodeIndex node, const char* what, const absl::Status& status) const {
    return absl::Status(status.code(), absl::StrCat(context_.node(node).name, " ", what, ": ",
                                                    std::string(status.message())));
  }

  absl::Status WaitUntilLevel(NodeIndex node) {
    const RunTime back_at = context_.now();
    const Clock::TimePoint end = context_.clock().Now() + limit_;
    std::string lacking;
    do {
      const Snapshot snapshot = context_.snapshot();
      lacking = Lacking(snapshot, node, back_at);
      if (lacking.empty()) return absl::OkStatus();
      if (context_.clock().Now() >= end) {
        return absl::DeadlineExceededError(
            absl::StrCat(context_.node(node).name, " has not caught up ", limit_.count() / 1000.0,
                         " s after its restart; last seen: ", lacking, Log(node)));
      }
    } while (run_.SleepFor(kLook));
    return absl::OkStatus();
  }

  std::string Log(NodeIndex node) const {
    const std::string log = context_.node(node).log;
    return log.empty() ? "" : absl::StrCat("; log: ", log);
  }

  // What it lacks to be level with the others, or "".
  static std::string Lacking(const Snapshot& snapshot, NodeIndex node, RunTime back_at) {
    const NodeSample* sample = nullptr;
    int64_t highest = 0;
    for (const NodeSample& one : snapshot.nodes) {
      if (one.node == node) sample = &one;
      if (one.reachable) highest = std::max(highest, one.height);
    }
    if (sample == nullptr || sample->at < back_at) return "not seen since";
    if (!sample->reachable) return "it does not answer";
    if (sample->mode != "Bootstrapping" && sample->height + kLevel >= highest) return "";
    std::ostringstream words;
    words << *sample << "; the highest node is at " << highest;
    return words.str();
  }

  WorkloadRun& run_;
  RunContext& context_;
  const RestartOptions& options_;
  RestartPlan plan_;
  const milliseconds limit_;
};

absl::Status DriveRestarts(WorkloadRun& run, const RestartOptions& options) {
  if (absl::Status valid = Validate(options, run.context().topology()); !valid.ok()) return valid;
  return Restarter(run, options).Run();
}

WorkloadOptions OptionsOf(const RestartOptions& options) {
  WorkloadOptions workload;
  workload.name = options.name;
  workload.required = Capability::kNodeControl;
  return workload;
}

}  // namespace

RestartWorkload::RestartWorkload(RunContext& context, RestartOptions options)
    : Workload(context, OptionsOf(options),
               [options](WorkloadRun& run) { return DriveRestarts(run, options); }) {}

absl::Status Validate(const RestartOptions& options, const TopologySpec& topology) {
  const std::string who = absl::StrCat("restarts \"", options.name, "\": ");
  const auto refuse = [&](const auto&... words) {
    return absl::InvalidArgumentError(absl::StrCat(who, words...));
  };
  if (topology.kind == nullptr) return refuse("the topology has no kind of node");
  const Pace pace = topology.kind->PaceOf(topology);
  if (options.min_delay.IsNegative() || options.target_cooldown.IsNegative()) {
    return refuse("delays must not be negative");
  }
  if (options.max_delay.IsNegative() || options.max_delay.IsZero()) {
    return refuse("max_delay must be above zero");
  }
  if (options.min_delay.At(pace) > options.max_delay.At(pace)) {
    return refuse("min_delay (", options.min_delay.ToString(), ") is above max_delay (",
                  options.max_delay.ToString(), ")");
  }
  for (NodeIndex node : options.targets) {
    if (node < 0 || node >= topology.node_count()) {
      return refuse("there is no node ", node, "; nodes go from 0 to ", topology.node_count() - 1);
    }
  }
  if (RestartTargets(options, topology).empty()) {
    return refuse("there is no node without which the rest would hold together; name targets");
  }
  return absl::OkStatus();
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_FAULT_WORKLOADS_H_
#define GTESTNET_FAULT_WORKLOADS_H_

// Faults as workloads: they take nodes down (or add some) for as long as they live, and put right
// what they did when they end, however they end. All of them need node control.
//
// Common to all:
// - When what is done to whom is drawn from the run's seed and the workload's name. The record has
//   each fault (RunRecord::faults) with the time that the node needed to catch up. A run with
//   GTESTNET_REPLAY=record.json repeats the faults of that record instead of drawing.
// - After each fault the workload waits until the nodes have recovered, all of them at once
//   (WorkloadRun::AwaitRecovery): by the kind's word they lack nothing (NodeKind::Behind; nodes of
//   the default kind are Online, within two blocks of the highest, and connected). One that has not
//   after 30 blocks (at least 10 s) breaks the run.
// - What remains up hangs together and is more than half (of the nodes, or of what the kind weighs
//   them by: NodeKind::WeightOf), counting the nodes that other workloads hold down; a fault that
//   would go beyond that is left out. A star's hub and every other node that holds the rest
//   together are targets only if they are named; named targets keep the majority only.
// - A fault that did not bite, because the node was down already, breaks the run.
// - The first wrong option is the run's error, in one sentence that names the field.
// - Targets may be chosen at the moment of the fault instead (NodeChoice): then the cool-down does
//   not hold, and a choice that is down, or that would leave no majority, is left out like one of
//   nobody. The record has who was chosen, and a run that repeats it asks nobody.

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/random.h"
#include "gtestnet/record.h"
#include "gtestnet/topology.h"
#include "gtestnet/workload.h"

namespace gtestnet {

// Whom a fault hits, by what is known of all nodes when it begins: a function of the snapshot, and
// of a stream of the run's randomness if it takes one, to a node's index or to several. Nothing:
// nobody now; it is asked again at the next fault. A node that is not there breaks the run.
//
//   KillWorkload kills(cluster(), {.choose = [](const Snapshot& nodes) -> std::optional<NodeIndex>
//   {
//     for (const NodeSample& node : nodes.nodes) {
//       if (node.reachable && Leads(node)) return node.node;
//     }
//     return std::nullopt;
//   }});
class NodeChoice {
 public:
  NodeChoice() = default;
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, NodeChoice> &&
           (std::invocable<F&, const Snapshot&> || std::invocable<F&, const Snapshot&, Random&>))
      NodeChoice(F choose)  // NOLINT(google-explicit-constructor): an option is set to a function
      : choose_([choose = std::move(choose)](const Snapshot& snapshot, Random& random) mutable {
          if constexpr (std::invocable<F&, const Snapshot&, Random&>) {
            return AsList(choose(snapshot, random));
          } else {
            return AsList(choose(snapshot));
          }
        }) {}

  explicit operator bool() const { return static_cast<bool>(choose_); }
  // Each once, ascending.
  std::vector<NodeIndex> operator()(const Snapshot& snapshot, Random& random) const;

 private:
  static std::vector<NodeIndex> AsList(NodeIndex node) { return {node}; }
  static std::vector<NodeIndex> AsList(const std::optional<NodeIndex>& node) {
    return node.has_value() ? std::vector<NodeIndex>{*node} : std::vector<NodeIndex>{};
  }
  static std::vector<NodeIndex> AsList(std::vector<NodeIndex> nodes) { return nodes; }

  std::function<std::vector<NodeIndex>(const Snapshot&, Random&)> choose_;
};

// Restarts nodes at random instants.
struct RestartOptions {
  // From the recovery of the last ones to the next fault: uniform in [min_delay, max_delay].
  Timespan min_delay = Blocks(5);
  Timespan max_delay = Blocks(10);
  // How long after its recovery a node is left alone.
  Timespan target_cooldown = Blocks(15);
  // Whom, by role or by index. Both empty: every node but those that hold the rest together.
  std::vector<std::string> roles = {};
  std::vector<NodeIndex> targets = {};
  // Whom, at the moment of each fault; instead of the two above and the one below.
  NodeChoice choose = {};
  // How many nodes at once.
  int at_once = 1;
  // Take down more than the topology tolerates, too.
  bool beyond_tolerance = false;
  // SIGKILL instead of SIGTERM.
  bool kill = false;
  std::string name = "restarts";
};

//   RestartWorkload restarts(cluster(), {.min_delay = Blocks(4), .max_delay = Blocks(8)});
class RestartWorkload : public Workload {
 public:
  explicit RestartWorkload(RunContext& context, RestartOptions options = {});
};

// Kills nodes (SIGKILL), leaves them down for a while, and starts them again.
struct KillOptions {
  Timespan min_delay = Blocks(5);
  Timespan max_delay = Blocks(10);
  // How long they stay down: uniform in [min_down, max_down].
  Timespan min_down = Blocks(2);
  Timespan max_down = Blocks(6);
  Timespan target_cooldown = Blocks(15);
  std::vector<std::string> roles = {};
  std::vector<NodeIndex> targets = {};
  NodeChoice choose = {};
  int at_once = 1;
  bool beyond_tolerance = false;
  std::string name = "kills";
};

//   KillWorkload kills(cluster(), {.min_down = Blocks(5), .max_down = Blocks(20)});
class KillWorkload : public Workload {
 public:
  explicit KillWorkload(RunContext& context, KillOptions options = {});
};

// Pauses nodes (SIGSTOP) for a while and resumes them: they keep their sockets and do nothing.
struct PauseOptions {
  Timespan min_delay = Blocks(5);
  Timespan max_delay = Blocks(10);
  // How long they are paused: uniform in [min_pause, max_pause].
  Timespan min_pause = Blocks(2);
  Timespan max_pause = Blocks(6);
  Timespan target_cooldown = Blocks(15);
  std::vector<std::string> roles = {};
  std::vector<NodeIndex> targets = {};
  NodeChoice choose = {};
  int at_once = 1;
  bool beyond_tolerance = false;
  std::string name = "pauses";
};

//   PauseWorkload pauses(cluster(), {.roles = {"scout"}});
class PauseWorkload : public Workload {
 public:
  explicit PauseWorkload(RunContext& context, PauseOptions options = {});
};

// Has new nodes, which weigh nothing, join the cluster, catch up, stay for a while and leave
// (SIGTERM). One at a time.
struct ChurnOptions {
  Timespan min_delay = Blocks(5);
  Timespan max_delay = Blocks(10);
  // From their having caught up to their leaving: uniform in [min_stay, max_stay].
  Timespan min_stay = Blocks(5);
  Timespan max_stay = Blocks(10);
  // Default: as AddOptions::role.
  std::string role = {};
  std::string name = "churn";
};

//   ChurnWorkload churn(cluster(), {.min_stay = Blocks(10), .max_stay = Blocks(20)});
class ChurnWorkload : public Workload {
 public:
  explicit ChurnWorkload(RunContext& context, ChurnOptions options = {});
};

// What can be said of the options before a cluster is there: kInvalidArgument, naming the workload
// and the field, for a delay that is negative or ends before it begins, a target or role that the
// topology does not have, and more nodes at once than it tolerates.
absl::Status Validate(const RestartOptions& options, const TopologySpec& topology);
absl::Status Validate(const KillOptions& options, const TopologySpec& topology);
absl::Status Validate(const PauseOptions& options, const TopologySpec& topology);
absl::Status Validate(const ChurnOptions& options, const TopologySpec& topology);

}  // namespace gtestnet

#endif  // GTESTNET_FAULT_WORKLOADS_H_

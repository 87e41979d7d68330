// SPDX-License-Identifier: Apache-2.0
// LocalCluster: what can be done to nodes.
#include <algorithm>
#include <csignal>
#include <utility>

#include "gtestnet/variables.h"
#include "src/base/status.h"
#include "src/base/wait.h"
#include "src/deployer/local/local_cluster.h"
#include "src/guardian/run_processes.h"
#include "src/node/exit_status.h"
#include "src/node/log_tail.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

// SIGKILL, SIGSTOP and SIGCONT take effect at once, unless the machine is very busy.
constexpr milliseconds kSignalTimeout{10000};
constexpr milliseconds kProbeTimeout{2000};

}  // namespace

absl::StatusOr<LocalNode*> LocalCluster::Find(NodeIndex node) const {
  const std::lock_guard lock(mutex_);
  if (node < 0 || node >= static_cast<int>(nodes_.size())) {
    return InvalidArgument("there is no node " + std::to_string(node) + "; the cluster has " +
                           std::to_string(nodes_.size()));
  }
  return nodes_[static_cast<size_t>(node)].get();
}

NodeState LocalCluster::StateOf(const LocalNode& node) const {
  const std::lock_guard lock(mutex_);
  return node.state;
}

bool LocalCluster::Change(LocalNode& node, NodeState from, NodeState to) {
  const std::lock_guard lock(mutex_);
  if (node.state != from) return false;
  node.state = to;
  changed_.notify_all();
  return true;
}

absl::Status LocalCluster::Expect(const LocalNode& node, std::initializer_list<NodeState> states,
                                  std::string_view verb) const {
  const std::lock_guard lock(mutex_);
  if (closing_) return FailedPrecondition(node.info.name + ": the cluster is torn down");
  if (std::find(states.begin(), states.end(), node.state) != states.end()) {
    return absl::OkStatus();
  }
  return FailedPrecondition(std::string(verb) + " " + node.info.name + ": it is " +
                            std::string(ToString(node.state)));
}

absl::Status LocalCluster::ExitedInstead(const LocalNode& node, std::string_view verb) const {
  int status = 0;
  {
    const std::lock_guard lock(mutex_);
    status = node.exit_status;
  }
  return Aborted(node.info.name + " exited instead " + std::string(verb) + ": " +
                 DescribeExit(status) + "; the end of its log:\n" + LastLines(node.info.log));
}

absl::Status LocalCluster::SignalNode(LocalNode& node, int signal) {
  int process = 0;
  {
    const std::lock_guard lock(mutex_);
    process = node.process;
  }
  return guardian_->Signal(process, signal);
}

bool LocalCluster::AwaitEnd(LocalNode& node, milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, clock_.Now() + timeout, [&] {
    return node.state == NodeState::kStopped || node.state == NodeState::kExited;
  });
}

absl::Status LocalCluster::AwaitAnswer(LocalNode& node, std::string_view after) {
  const milliseconds timeout = Scaled(options_.ready_timeout);
  absl::Status status =
      WaitFor(node.info.name + ": no answer after its " + std::string(after),
              [&]() -> absl::Status {
                {
                  const std::lock_guard lock(mutex_);
                  if (closing_) return Aborted(node.info.name + ": the cluster is torn down");
                }
                const absl::StatusOr<NodeSample> sample =
                    spec_.topology.kind->Probe(node.info, Scaled(kProbeTimeout));
                const NodeState state = StateOf(node);
                if (state == NodeState::kExited || state == NodeState::kStopped) {
                  return ExitedInstead(node, "of answering after its " + std::string(after));
                }
                return sample.status();
              },
              {.timeout = timeout, .clock = &clock_});
  if (!absl::IsDeadlineExceeded(status)) return status;
  return DeadlineExceeded(MessageOf(status) + "; log: " + node.info.log + ", its end:\n" +
                          LastLines(node.info.log));
}

absl::Status LocalCluster::StartLocked(LocalNode& node) {
  GTESTNET_RETURN_IF_ERROR(Spawn(node));
  absl::Status status = AwaitAnswer(node, "start");
  if (status.ok() && !Change(node, NodeState::kStarting, NodeState::kRunning)) {
    status = ExitedInstead(node, "of running");
  }
  // One that never answered is not left half alive.
  if (!status.ok() && Change(node, NodeState::kStarting, NodeState::kStopping)) {
    static_cast<void>(SignalNode(node, SIGKILL));
    AwaitEnd(node, Scaled(kSignalTimeout));
  }
  return status;
}

absl::Status LocalCluster::Start(NodeIndex index) {
  GTESTNET_ASSIGN_OR_RETURN(LocalNode* const node, Find(index));
  const std::lock_guard verb(node->verb);
  GTESTNET_RETURN_IF_ERROR(
      Expect(*node, {NodeState::kAbsent, NodeState::kStopped, NodeState::kExited}, "start"));
  return StartLocked(*node);
}

absl::Status LocalCluster::Stop(NodeIndex index) {
  GTESTNET_ASSIGN_OR_RETURN(LocalNode* const node, Find(index));
  const std::lock_guard verb(node->verb);
  GTESTNET_RETURN_IF_ERROR(Expect(*node, {NodeState::kRunning, NodeState::kPaused}, "stop"));
  const bool paused = Change(*node, NodeState::kPaused, NodeState::kStopping);
  if (!paused && !Change(*node, NodeState::kRunning, NodeState::kStopping)) {
    return ExitedInstead(*node, "of being stopped");
  }
  static_cast<void>(SignalNode(*node, SIGTERM));
  if (paused) static_cast<void>(SignalNode(*node, SIGCONT));
  const milliseconds grace = Scaled(options_.stop_grace);
  if (AwaitEnd(*node, grace)) return absl::OkStatus();
  static_cast<void>(SignalNode(*node, SIGKILL));
  AwaitEnd(*node, Scaled(kSignalTimeout));
  return DeadlineExceeded("stop " + node->info.name + ": still there " + FormatDuration(grace) +
                          " after SIGTERM, so it was killed; log: " + node->info.log);
}

absl::Status LocalCluster::Kill(NodeIndex index) {
  GTESTNET_ASSIGN_OR_RETURN(LocalNode* const node, Find(index));
  const std::lock_guard verb(node->verb);
  GTESTNET_RETURN_IF_ERROR(Expect(*node, {NodeState::kRunning, NodeState::kPaused}, "kill"));
  if (!Change(*node, NodeState::kPaused, NodeState::kStopping) &&
      !Change(*node, NodeState::kRunning, NodeState::kStopping)) {
    return ExitedInstead(*node, "of being killed");
  }
  const absl::Status sent = SignalNode(*node, SIGKILL);
  if (AwaitEnd(*node, Scaled(kSignalTimeout))) return absl::OkStatus();
  return DeadlineExceeded("kill " + node->info.name + ": still there " +
                          FormatDuration(Scaled(kSignalTimeout)) + " after SIGKILL (" +
                          sent.ToString() + ")");
}

absl::Status LocalCluster::AwaitProcessState(LocalNode& node, bool stopped) {
  const pid_t pid = PidOf(node.info.index);
  const std::string_view verb = stopped ? "of being paused" : "of being resumed";
  return WaitFor(
      (stopped ? "pause " : "resume ") + node.info.name,
      [&]() -> absl::Status {
        if (StateOf(node) == NodeState::kExited) return ExitedInstead(node, verb);
        const std::optional<ProcessStat> stat = StatOf(pid);
        if (!stat) return Unavailable("the process is gone");
        if ((stat->state == 'T') == stopped) return absl::OkStatus();
        return Unavailable(std::string("its process is in state ") + stat->state);
      },
      {.timeout = Scaled(kSignalTimeout), .poll_interval = milliseconds(1), .clock = &clock_});
}

absl::Status LocalCluster::Pause(NodeIndex index) {
  GTESTNET_ASSIGN_OR_RETURN(LocalNode* const node, Find(index));
  const std::lock_guard verb(node->verb);
  GTESTNET_RETURN_IF_ERROR(Expect(*node, {NodeState::kRunning}, "pause"));
  static_cast<void>(SignalNode(*node, SIGSTOP));
  GTESTNET_RETURN_IF_ERROR(AwaitProcessState(*node, true));
  if (Change(*node, NodeState::kRunning, NodeState::kPaused)) return absl::OkStatus();
  return ExitedInstead(*node, "of being paused");
}

absl::Status LocalCluster::Resume(NodeIndex index) {
  GTESTNET_ASSIGN_OR_RETURN(LocalNode* const node, Find(index));
  const std::lock_guard verb(node->verb);
  GTESTNET_RETURN_IF_ERROR(Expect(*node, {NodeState::kPaused}, "resume"));
  static_cast<void>(SignalNode(*node, SIGCONT));
  GTESTNET_RETURN_IF_ERROR(AwaitProcessState(*node, false));
  GTESTNET_RETURN_IF_ERROR(AwaitAnswer(*node, "pause"));
  if (Change(*node, NodeState::kPaused, NodeState::kRunning)) return absl::OkStatus();
  return ExitedInstead(*node, "of being resumed");
}

absl::StatusOr<NodeIndex> LocalCluster::Add(const AddOptions& options) {
  const std::lock_guard one(adding_);
  GTESTNET_RETURN_IF_ERROR(
      Annotate(spec_.topology.kind->Program(options.role).status(), "add a node"));
  std::vector<NodeIndex> dials = options.dials;
  NodeIndex index = 0;
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return FailedPrecondition("add a node: the cluster is torn down");
    index = static_cast<NodeIndex>(nodes_.size());
    if (index >= AddressBlock::kMostNodes) {
      return FailedPrecondition("add a node: all " + std::to_string(AddressBlock::kMostNodes) +
                                " addresses of the run are in use");
    }
    for (const NodeIndex other : dials) {
      if (other < 0 || other >= index) {
        return InvalidArgument("add a node: there is no node " + std::to_string(other) +
                               " for it to dial");
      }
    }
    if (dials.empty()) {
      for (const std::unique_ptr<LocalNode>& node : nodes_) {
        if (node->state == NodeState::kRunning) dials.push_back(node->info.index);
      }
    }
    placement_.addresses.push_back(block_.AddressOf(index));
    placement_.added_roles.push_back(options.role);
    for (const NodeIndex other : dials) placement_.added_edges.push_back({index, other});
  }
  absl::StatusOr<std::unique_ptr<LocalNode>> made = SetUpNode(index);
  if (!made.ok()) {
    const std::lock_guard lock(mutex_);
    placement_.addresses.pop_back();
    placement_.added_roles.pop_back();
    std::erase_if(placement_.added_edges, [&](const Edge& edge) { return edge.from == index; });
    return made.status();
  }
  LocalNode& node = **made;
  const std::lock_guard verb(node.verb);
  {
    const std::lock_guard lock(mutex_);
    nodes_.push_back(*std::move(made));
  }
  if (prometheus_) GTESTNET_RETURN_IF_ERROR(prometheus_->Target(nodes()));
  GTESTNET_RETURN_IF_ERROR(StartLocked(node));
  return index;
}

}  // namespace gtestnet

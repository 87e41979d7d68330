// SPDX-License-Identifier: Apache-2.0
// ManagedCluster: what can be done to nodes.
#include <algorithm>
#include <utility>

#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/managed_cluster.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

// SIGKILL takes effect at once, unless the machine is very busy.
constexpr milliseconds kKillTimeout{10000};
constexpr milliseconds kProbeTimeout{2000};

}  // namespace

bool ManagedCluster::Change(ManagedNode& node, NodeState from, NodeState to) {
  const std::lock_guard lock(mutex_);
  if (node.state != from) return false;
  node.state = to;
  changed_.notify_all();
  return true;
}

absl::Status ManagedCluster::Expect(const ManagedNode& node,
                                    std::initializer_list<NodeState> states,
                                    std::string_view verb) const {
  const std::lock_guard lock(mutex_);
  if (closing_) return FailedPrecondition(node.info.name + ": the cluster is torn down");
  if (std::find(states.begin(), states.end(), node.state) != states.end()) {
    return absl::OkStatus();
  }
  return FailedPrecondition(std::string(verb) + " " + node.info.name + ": it is " +
                            std::string(ToString(node.state)));
}

absl::Status ManagedCluster::ExitedInstead(const ManagedNode& node, std::string_view verb) const {
  std::string how;
  std::string ended_by;
  {
    const std::lock_guard lock(mutex_);
    how = node.how_ended;
    ended_by = node.ended_by;
  }
  if (!ended_by.empty()) {
    return Aborted(ended_by + ": " + node.info.name + " is gone instead " + std::string(verb) +
                   " (" + how + "); that is no fault of the node");
  }
  return Aborted(node.info.name + " exited instead " + std::string(verb) + ": " + how +
                 "; the end of its log:\n" + EndOfLog(node));
}

bool ManagedCluster::AwaitEnd(ManagedNode& node, milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, clock_.Now() + timeout, [&] {
    return node.state == NodeState::kStopped || node.state == NodeState::kExited;
  });
}

absl::Status ManagedCluster::AwaitAnswer(ManagedNode& node, std::string_view after) {
  const milliseconds timeout = Scaled(options_.ready_timeout);
  absl::Status status =
      WaitFor(node.info.name + ": no answer after its " + std::string(after),
              [&]() -> absl::Status {
                if (closing()) return Aborted(node.info.name + ": the cluster is torn down");
                const absl::StatusOr<NodeSample> sample =
                    spec_.topology.kind->Probe(InfoOf(node), Scaled(kProbeTimeout));
                const NodeState state = StateOf(node);
                if (state == NodeState::kExited || state == NodeState::kStopped) {
                  return ExitedInstead(node, "of answering after its " + std::string(after));
                }
                if (sample.ok()) NoteAnswer(node, *sample);
                return sample.status();
              },
              {.timeout = timeout, .clock = &clock_});
  if (!absl::IsDeadlineExceeded(status)) return status;
  return DeadlineExceeded(MessageOf(status) + "; log: " + NameOfLog(node) + ", its end:\n" +
                          EndOfLog(node));
}

absl::Status ManagedCluster::StartLocked(ManagedNode& node) {
  GTESTNET_RETURN_IF_ERROR(LaunchOne(node));
  absl::Status status = AwaitAnswer(node, "start");
  if (status.ok() && !Change(node, NodeState::kStarting, NodeState::kRunning)) {
    status = ExitedInstead(node, "of running");
  }
  // One that never answered is not left half alive.
  if (!status.ok() && Change(node, NodeState::kStarting, NodeState::kStopping)) {
    static_cast<void>(Destroy(node));
    AwaitEnd(node, Scaled(kKillTimeout));
  }
  return status;
}

absl::Status ManagedCluster::Start(NodeIndex index) {
  GTESTNET_ASSIGN_OR_RETURN(ManagedNode* const node, Find(index));
  const std::lock_guard verb(node->verb);
  GTESTNET_RETURN_IF_ERROR(
      Expect(*node, {NodeState::kAbsent, NodeState::kStopped, NodeState::kExited}, "start"));
  return StartLocked(*node);
}

absl::Status ManagedCluster::Stop(NodeIndex index) {
  GTESTNET_ASSIGN_OR_RETURN(ManagedNode* const node, Find(index));
  const std::lock_guard verb(node->verb);
  GTESTNET_RETURN_IF_ERROR(Expect(*node, {NodeState::kRunning, NodeState::kPaused}, "stop"));
  const bool paused = Change(*node, NodeState::kPaused, NodeState::kStopping);
  if (!paused && !Change(*node, NodeState::kRunning, NodeState::kStopping)) {
    return ExitedInstead(*node, "of being stopped");
  }
  const absl::Status asked = Terminate(*node, paused);
  const milliseconds grace = Scaled(options_.stop_grace);
  // A backend may have waited itself.
  if (!absl::IsDeadlineExceeded(asked) && AwaitEnd(*node, grace)) return absl::OkStatus();
  static_cast<void>(Destroy(*node));
  AwaitEnd(*node, Scaled(kKillTimeout));
  return DeadlineExceeded("stop " + node->info.name + ": still there " + FormatDuration(grace) +
                          " after SIGTERM" + (asked.ok() ? "" : " (" + asked.ToString() + ")") +
                          ", so it was killed; log: " + NameOfLog(*node));
}

absl::Status ManagedCluster::Kill(NodeIndex index) {
  GTESTNET_ASSIGN_OR_RETURN(ManagedNode* const node, Find(index));
  const std::lock_guard verb(node->verb);
  GTESTNET_RETURN_IF_ERROR(Expect(*node, {NodeState::kRunning, NodeState::kPaused}, "kill"));
  if (!Change(*node, NodeState::kPaused, NodeState::kStopping) &&
      !Change(*node, NodeState::kRunning, NodeState::kStopping)) {
    return ExitedInstead(*node, "of being killed");
  }
  const absl::Status sent = Destroy(*node);
  if (AwaitEnd(*node, Scaled(kKillTimeout))) return absl::OkStatus();
  return DeadlineExceeded("kill " + node->info.name + ": still there " +
                          FormatDuration(Scaled(kKillTimeout)) + " after SIGKILL (" +
                          sent.ToString() + ")");
}

absl::Status ManagedCluster::Pause(NodeIndex index) {
  GTESTNET_ASSIGN_OR_RETURN(ManagedNode* const node, Find(index));
  const std::lock_guard verb(node->verb);
  GTESTNET_RETURN_IF_ERROR(Expect(*node, {NodeState::kRunning}, "pause"));
  absl::Status frozen = Freeze(*node);
  if (frozen.ok() && Change(*node, NodeState::kRunning, NodeState::kPaused)) return frozen;
  if (StateOf(*node) == NodeState::kExited) return ExitedInstead(*node, "of being paused");
  return frozen;
}

absl::Status ManagedCluster::Resume(NodeIndex index) {
  GTESTNET_ASSIGN_OR_RETURN(ManagedNode* const node, Find(index));
  const std::lock_guard verb(node->verb);
  GTESTNET_RETURN_IF_ERROR(Expect(*node, {NodeState::kPaused}, "resume"));
  {
    const std::lock_guard lock(mutex_);
    node->first_answer.reset();
  }
  absl::Status thawed = Thaw(*node);
  if (thawed.ok()) {
    GTESTNET_RETURN_IF_ERROR(AwaitAnswer(*node, "pause"));
    if (Change(*node, NodeState::kPaused, NodeState::kRunning)) return thawed;
  }
  if (StateOf(*node) == NodeState::kExited) return ExitedInstead(*node, "of being resumed");
  return thawed;
}

absl::Status ManagedCluster::Replace(ManagedNode& node) {
  return NodeControl::DeletePod(node.info.index);
}

absl::Status ManagedCluster::DeletePod(NodeIndex index) {
  GTESTNET_ASSIGN_OR_RETURN(ManagedNode* const node, Find(index));
  const std::lock_guard verb(node->verb);
  GTESTNET_RETURN_IF_ERROR(
      Expect(*node, {NodeState::kRunning, NodeState::kPaused}, "delete the pod of"));
  const bool paused = Change(*node, NodeState::kPaused, NodeState::kStopping);
  if (!paused && !Change(*node, NodeState::kRunning, NodeState::kStopping)) {
    return ExitedInstead(*node, "of its pod being deleted");
  }
  const absl::Status replaced = Replace(*node);
  if (!replaced.ok()) {
    // Where there is no such verb, nothing has happened.
    const bool untouched = absl::IsUnimplemented(replaced) || absl::IsFailedPrecondition(replaced);
    const NodeState before = paused ? NodeState::kPaused : NodeState::kRunning;
    Change(*node, NodeState::kStopping, untouched ? before : NodeState::kStopped);
    return replaced;
  }
  Change(*node, NodeState::kStopping, NodeState::kStarting);
  const bool outlives = OutlivesReplace(*node);
  {
    const std::lock_guard lock(mutex_);
    node->first_answer.reset();
    node->how_ended =
        std::string("its pod was deleted") + (outlives ? "" : ", and what it had stored with it");
  }
  GTESTNET_RETURN_IF_ERROR(AwaitAnswer(*node, "move to another pod"));
  if (Change(*node, NodeState::kStarting, NodeState::kRunning)) return absl::OkStatus();
  return ExitedInstead(*node, "of running in another pod");
}

absl::StatusOr<NodeIndex> ManagedCluster::PlaceAdded(const AddOptions& options) {
  const std::lock_guard lock(mutex_);
  if (closing_) return FailedPrecondition("add a node: the cluster is torn down");
  const auto index = static_cast<NodeIndex>(nodes_.size());
  if (index >= options_.most_nodes) {
    return FailedPrecondition("add a node: all " + std::to_string(options_.most_nodes) +
                              " addresses of the run are in use");
  }
  std::vector<NodeIndex> dials = options.dials;
  for (const NodeIndex other : dials) {
    if (other < 0 || other >= index) {
      return InvalidArgument("add a node: there is no node " + std::to_string(other) +
                             " for it to dial");
    }
  }
  if (dials.empty()) {
    for (const std::unique_ptr<ManagedNode>& node : nodes_) {
      if (node->state == NodeState::kRunning) dials.push_back(node->info.index);
    }
  }
  placement_.added_roles.push_back(options.role);
  placement_.addresses.push_back(PeerAddress(index, placement_.NodeName(spec_.topology, index)));
  for (const NodeIndex other : dials) placement_.added_edges.push_back({index, other});
  return index;
}

void ManagedCluster::UnplaceAdded(NodeIndex node) {
  const std::lock_guard lock(mutex_);
  placement_.addresses.pop_back();
  placement_.added_roles.pop_back();
  std::erase_if(placement_.added_edges, [&](const Edge& edge) { return edge.from == node; });
}

absl::StatusOr<NodeIndex> ManagedCluster::Add(const AddOptions& wanted) {
  const std::lock_guard one(adding_);
  AddOptions options = wanted;
  if (options.role.empty()) options.role = spec_.topology.DefaultRole();
  GTESTNET_RETURN_IF_ERROR(Annotate(spec_.topology.CheckRole(options.role), "add a node"));
  GTESTNET_RETURN_IF_ERROR(Annotate(CheckRole(options.role), "add a node"));
  GTESTNET_ASSIGN_OR_RETURN(const NodeIndex index, PlaceAdded(options));
  absl::StatusOr<std::unique_ptr<ManagedNode>> made = PlaceNode(index);
  if (!made.ok()) {
    UnplaceAdded(index);
    return made.status();
  }
  ManagedNode& node = **made;
  const std::lock_guard verb(node.verb);
  {
    const std::lock_guard lock(mutex_);
    nodes_.push_back(*std::move(made));
  }
  GTESTNET_RETURN_IF_ERROR(NodeWasAdded());
  if (options.before_start) {
    GTESTNET_RETURN_IF_ERROR(
        Annotate(options.before_start(InfoOf(node)), "before the start of " + node.info.name));
  }
  GTESTNET_RETURN_IF_ERROR(StartLocked(node));
  return index;
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/managed_cluster.h"

#include <algorithm>
#include <utility>

#include "core/src/base/log.h"
#include "core/src/base/status.h"
#include "core/src/base/temporary_directory.h"
#include "core/src/cluster/machine_needs.h"
#include "core/src/cluster/readiness.h"
#include "core/src/cluster/surroundings.h"
#include "gtestnet/standard_descriptors.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

// How far the chain's start may be ahead of a cluster that is ready.
constexpr std::chrono::milliseconds kStartAhead{100};
// A step of the wall clock that comes before the first slot harms nobody if it is small.
constexpr std::chrono::milliseconds kClockTolerance{500};

}  // namespace

std::string_view ToString(NodeState state) {
  switch (state) {
    case NodeState::kAbsent:
      return "not started yet";
    case NodeState::kStarting:
      return "starting";
    case NodeState::kRunning:
      return "running";
    case NodeState::kPaused:
      return "paused";
    case NodeState::kStopping:
      return "stopping";
    case NodeState::kStopped:
      return "stopped";
    case NodeState::kExited:
      break;
  }
  return "gone: it exited by itself";
}

ManagedCluster::ManagedCluster(const ClusterSpec& spec, ManagedOptions options)
    : spec_(spec),
      options_(std::move(options)),
      watch_(clock_, kClockTolerance),
      log_(MakeLogger(options_.backend)) {
  OpenStandardDescriptors();
}

absl::Status ManagedCluster::CheckMachine() const {
  return gtestnet::CheckMachine(spec_.topology, options_.nodes_run_here);
}

absl::Status ManagedCluster::Explained(const absl::Status& status) const {
  return gtestnet::Explained(status, {.directory = TemporaryDirectory().value_or("/tmp")});
}

absl::Status ManagedCluster::CheckRoles() const {
  for (const Role& role : spec_.topology.roles) {
    if (role.count > 0) GTESTNET_RETURN_IF_ERROR(CheckRole(role.name));
  }
  return absl::OkStatus();
}

absl::Status ManagedCluster::MakeNodes() {
  GTESTNET_RETURN_IF_ERROR(exits_.Start());
  const TopologySpec& topology = spec_.topology;
  {
    const std::lock_guard lock(mutex_);
    for (NodeIndex node = 0; node < topology.node_count(); ++node) {
      placement_.addresses.push_back(PeerAddress(node, topology.NodeName(node)));
    }
  }
  for (NodeIndex node = 0; node < topology.node_count(); ++node) {
    GTESTNET_ASSIGN_OR_RETURN(std::unique_ptr<ManagedNode> made, PlaceNode(node));
    const std::lock_guard lock(mutex_);
    nodes_.push_back(std::move(made));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ManagedNode>> ManagedCluster::PlaceNode(NodeIndex node) {
  const Placement known = placement();
  NodeInfo info;
  info.index = node;
  info.name = known.NodeName(spec_.topology, node);
  info.role = known.RoleOf(spec_.topology, node);
  info.peer_address = known.addresses[static_cast<size_t>(node)];
  for (const PortSpec& port : spec_.topology.kind->Ports()) {
    info.peer_address.ports.emplace(port.name, port.well_known);
  }
  absl::StatusOr<std::unique_ptr<ManagedNode>> made = MakeNode(info, known);
  if (!made.ok()) return Annotate(made.status(), info.name);
  return made;
}

absl::Status ManagedCluster::LaunchOne(ManagedNode& node) {
  NodeState before;
  {
    const std::lock_guard lock(mutex_);
    before = std::exchange(node.state, NodeState::kStarting);
    node.first_answer.reset();
  }
  absl::Status launched = Launch(node);
  if (launched.ok()) return launched;
  Change(node, NodeState::kStarting, before);
  return Annotate(launched, node.info.name);
}

absl::Status ManagedCluster::LaunchNodes() {
  for (ManagedNode* node : AllNodes()) {
    if (!spec_.topology.IsLate(node->info.index)) GTESTNET_RETURN_IF_ERROR(LaunchOne(*node));
  }
  return absl::OkStatus();
}

std::vector<ManagedNode*> ManagedCluster::BeginLaunch() {
  std::vector<ManagedNode*> launched;
  const std::lock_guard lock(mutex_);
  for (const std::unique_ptr<ManagedNode>& node : nodes_) {
    if (spec_.topology.IsLate(node->info.index)) continue;
    node->state = NodeState::kStarting;
    launched.push_back(node.get());
  }
  return launched;
}

absl::Status ManagedCluster::FirstExit() const {
  GTESTNET_RETURN_IF_ERROR(OtherFailure());
  for (const ManagedNode* node : AllNodes()) {
    if (StateOf(*node) == NodeState::kExited) return ExitedInstead(*node, "of becoming ready");
  }
  return absl::OkStatus();
}

absl::Status ManagedCluster::BecomeReady() {
  const absl::Status ready = AwaitAllReady();
  const std::optional<ClockJump> jump = watch_.Look();
  if (!jump.has_value()) return ready;
  // The chain has no start yet.
  if (ready.ok()) log().warn("run {}: {} before the chain's start", spec_.run_id, Describe(*jump));
  return ready.ok() ? ready
                    : MakeStatus(ready.code(), Describe(*jump) + ", and " + MessageOf(ready));
}

absl::Status ManagedCluster::AwaitAllReady() {
  const TopologySpec& topology = spec_.topology;
  std::vector<NodeInfo> awaited;
  for (const ManagedNode* node : AllNodes()) {
    if (!topology.IsLate(node->info.index)) awaited.push_back(InfoOf(*node));
  }
  // Many nodes need the cores themselves to become ready.
  const auto interval =
      std::max(std::chrono::milliseconds(2), std::chrono::milliseconds(awaited.size() / 2));
  const auto end_of_log = [this](const NodeInfo& info) {
    return EndOfLog(*AllNodes()[static_cast<size_t>(info.index)]);
  };
  GTESTNET_RETURN_IF_ERROR(AwaitReady(spec_, awaited, [this] { return FirstExit(); },
                                      {.timeout = Scaled(options_.ready_timeout),
                                       .poll_interval = interval,
                                       .probe_timeout = Scaled(std::chrono::milliseconds(2000)),
                                       .end_of_log = end_of_log,
                                       .on_answer =
                                           [this](const NodeInfo& info, const NodeSample& sample) {
                                             const auto node = Find(info.index);
                                             if (node.ok()) NoteAnswer(**node, sample);
                                           },
                                       .clock = &clock_}));
  for (ManagedNode* node : AllNodes()) {
    if (!topology.IsLate(node->info.index)) {
      Change(*node, NodeState::kStarting, NodeState::kRunning);
    }
  }
  return FirstExit();
}

absl::Status ManagedCluster::CheckClock() {
  const std::optional<ClockJump> jump = watch_.Look();
  if (!jump.has_value()) return absl::OkStatus();
  return Aborted(
      Describe(*jump) +
      " while the cluster was being made: run it again, with nothing that sets the clock");
}

absl::Status ManagedCluster::AwaitChainStart(std::chrono::system_clock::time_point start) {
  GTESTNET_RETURN_IF_ERROR(CheckClock());
  chain_start_ = start;
  const auto ahead = std::chrono::ceil<std::chrono::milliseconds>(start - clock_.WallNow());
  if (ahead > kStartAhead) clock_.SleepFor(ahead - kStartAhead);
  return CheckClock();
}

void ManagedCluster::NoteAnswer(ManagedNode& node, const NodeSample& sample) {
  const std::lock_guard lock(mutex_);
  if (node.first_answer) return;
  node.first_answer = sample;
  node.first_answer->node = node.info.index;
  node.first_answer->reachable = true;
  node.answered_at = clock_.WallNow();
}

std::optional<NodeSample> ManagedCluster::FirstAnswer(NodeIndex index) const {
  const absl::StatusOr<ManagedNode*> node = Find(index);
  if (!node.ok()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  std::optional<NodeSample> answer = (*node)->first_answer;
  if (answer) answer->at = std::chrono::floor<RunTime>((*node)->answered_at - chain_start_);
  return answer;
}

std::string ManagedCluster::HowEnded(NodeIndex index) const {
  const absl::StatusOr<ManagedNode*> node = Find(index);
  if (!node.ok()) return {};
  const std::lock_guard lock(mutex_);
  return (*node)->how_ended;
}

void ManagedCluster::NoteEnd(ManagedNode& node, std::string how, const std::string& backend) {
  NodeExit exit = {.node = node.info.index,
                   .name = node.info.name,
                   .how = std::move(how),
                   .last_lines = {},
                   .backend = backend};
  {
    const std::lock_guard lock(mutex_);
    // It is told twice where a backend has missed something and looks at all.
    if (node.state == NodeState::kAbsent || node.state == NodeState::kStopped ||
        node.state == NodeState::kExited) {
      return;
    }
    node.how_ended = exit.how;
    node.ended_by = backend;
    const NodeState before = std::exchange(
        node.state, node.state == NodeState::kStopping ? NodeState::kStopped : NodeState::kExited);
    changed_.notify_all();
    // An exit during a start is the start's error.
    if (closing_ || before == NodeState::kStopping || before == NodeState::kStarting) return;
  }
  if (backend.empty()) exit.last_lines = EndOfLog(node);
  exits_.Push(std::move(exit));
}

absl::StatusOr<ManagedNode*> ManagedCluster::Find(NodeIndex node) const {
  const std::lock_guard lock(mutex_);
  if (node < 0 || node >= static_cast<int>(nodes_.size())) {
    return InvalidArgument("there is no node " + std::to_string(node) + "; the cluster has " +
                           std::to_string(nodes_.size()));
  }
  return nodes_[static_cast<size_t>(node)].get();
}

std::vector<ManagedNode*> ManagedCluster::AllNodes() const {
  const std::lock_guard lock(mutex_);
  std::vector<ManagedNode*> all;
  for (const std::unique_ptr<ManagedNode>& node : nodes_) all.push_back(node.get());
  return all;
}

NodeState ManagedCluster::StateOf(const ManagedNode& node) const {
  const std::lock_guard lock(mutex_);
  return node.state;
}

NodeInfo ManagedCluster::InfoOf(const ManagedNode& node) const {
  const std::lock_guard lock(mutex_);
  return node.info;
}

Placement ManagedCluster::placement() const {
  const std::lock_guard lock(mutex_);
  return placement_;
}

bool ManagedCluster::closing() const {
  const std::lock_guard lock(mutex_);
  return closing_;
}

std::vector<NodeInfo> ManagedCluster::nodes() const {
  const std::lock_guard lock(mutex_);
  std::vector<NodeInfo> infos;
  for (const std::unique_ptr<ManagedNode>& node : nodes_) {
    infos.push_back(node->info);
    if (!log_names_.empty()) infos.back().log = log_names_ + "/" + node->info.name + "/log";
  }
  return infos;
}

void ManagedCluster::NameLogs(std::string directory) {
  const std::lock_guard lock(mutex_);
  log_names_ = std::move(directory);
}

std::string ManagedCluster::NameOfLog(const ManagedNode& node) const {
  {
    const std::lock_guard lock(mutex_);
    if (!log_names_.empty()) return log_names_ + "/" + node.info.name + "/log";
  }
  return PlaceOfLog(node);
}

bool ManagedCluster::IsUp(NodeIndex node) const {
  const absl::StatusOr<ManagedNode*> found = Find(node);
  return found.ok() && StateOf(**found) == NodeState::kRunning;
}

void ManagedCluster::OnExit(std::function<void(const NodeExit&)> handler) {
  exits_.SetHandler(std::move(handler));
}

std::string ManagedCluster::Endpoints() const {
  std::string text;
  std::unique_lock lock(mutex_);
  for (const std::unique_ptr<ManagedNode>& node : nodes_) {
    text += node->info.name + "  " + std::string(ToString(node->state));
    for (const auto& [name, port] : node->info.address.ports) {
      text += "  " + name + " " + node->info.address.host + ":" + std::to_string(port);
    }
    text += MoreOf(*node) + "  log " + PlaceOfLog(*node) + "\n";
  }
  lock.unlock();
  return text + OtherEndpoints();
}

std::string ManagedCluster::HowToRemove() const { return CleanCommand(spec_.run_id); }

absl::Status ManagedCluster::TearDown(bool keep) {
  const std::lock_guard once(tearing_down_);
  if (torn_down_) return end_status_;
  torn_down_ = true;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    changed_.notify_all();
  }
  end_status_ = keep ? Keep() : Remove();
  return end_status_;
}

}  // namespace gtestnet

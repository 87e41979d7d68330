// SPDX-License-Identifier: Apache-2.0
#include "src/deployer/local/local_cluster.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_join.h"
#include "gtestnet/variables.h"
#include "src/base/log.h"
#include "src/base/status.h"
#include "src/deployer/local/readiness.h"
#include "src/guardian/run_processes.h"
#include "src/node/exit_status.h"
#include "src/node/log_tail.h"
#include "src/observe/prometheus_files.h"

namespace gtestnet {
namespace {

// Between the last node's readiness and the chain's first slot: all learn the start before it
// comes.
constexpr std::chrono::milliseconds kStartDelay{100};

// What nodes inherit: this process's environment, without what is meant for the test program.
std::map<std::string, std::string> InheritedEnvironment() {
  std::map<std::string, std::string> environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const size_t equals = text.find('=');
    if (equals == std::string::npos || text.rfind("GTESTNET_", 0) == 0) continue;
    environment[text.substr(0, equals)] = text.substr(equals + 1);
  }
  environment["POL_PROOF_DEV_MODE"] = "true";
  return environment;
}

absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return ErrnoStatus(error.value(), "directory " + path);
  return absl::OkStatus();
}

// A path inside of the node's directory.
bool IsInside(const std::string& path) {
  return !path.empty() && path[0] != '/' && ("/" + path + "/").find("/../") == std::string::npos;
}

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

LocalCluster::LocalCluster(const ClusterSpec& spec, const LocalOptions& options)
    : spec_(spec),
      options_(options),
      log_(MakeLogger("local")),
      directory_(RunDirectory(spec.run_id)) {}

LocalCluster::~LocalCluster() {
  exits_.SetHandler({});
  static_cast<void>(TearDown(false));
}

absl::StatusOr<std::unique_ptr<LocalCluster>> LocalCluster::Provision(
    const ClusterSpec& spec, const LocalOptions& options, guardian::Confinement confinement) {
  GTESTNET_RETURN_IF_ERROR(spec.topology.Validate());
  if (spec.topology.node_count() > AddressBlock::kMostNodes) {
    return InvalidArgument("local: " + std::to_string(spec.topology.node_count()) +
                           " nodes are too many; a run has " +
                           std::to_string(AddressBlock::kMostNodes) + " addresses");
  }
  std::unique_ptr<LocalCluster> cluster(new LocalCluster(spec, options));
  GTESTNET_RETURN_IF_ERROR(cluster->CheckPrograms());
  GTESTNET_RETURN_IF_ERROR(cluster->StartGuardian(confinement));
  GTESTNET_RETURN_IF_ERROR(cluster->MakeDirectory());
  GTESTNET_RETURN_IF_ERROR(cluster->SetUpNodes());
  GTESTNET_RETURN_IF_ERROR(cluster->StartPrometheus());
  GTESTNET_RETURN_IF_ERROR(cluster->StartNodes());
  if (cluster->prometheus_) {
    GTESTNET_RETURN_IF_ERROR(cluster->prometheus_->AwaitReady(Scaled(options.ready_timeout)));
  }
  GTESTNET_RETURN_IF_ERROR(cluster->BecomeReady());
  return cluster;
}

absl::Status LocalCluster::CheckPrograms() const {
  for (const Role& role : spec_.topology.roles) {
    if (role.count == 0) continue;
    GTESTNET_RETURN_IF_ERROR(spec_.topology.kind->Program(role.name).status());
  }
  return absl::OkStatus();
}

absl::Status LocalCluster::StartGuardian(guardian::Confinement confinement) {
  absl::StatusOr<std::unique_ptr<Guardian>> guardian = Guardian::Start(
      {.run_id = spec_.run_id,
       .confinement = confinement,
       .on_exit = [this](int process, int status) { OnProcessExit(process, status); }});
  if (!guardian.ok()) return Annotate(guardian.status(), "local");
  guardian_ = *std::move(guardian);
  absl::StatusOr<AddressBlock> block = LeaseBlock(
      *guardian_, spec_.run_id, spec_.topology.kind->Ports(), spec_.topology.node_count());
  if (!block.ok()) return Annotate(block.status(), "local");
  block_ = *std::move(block);
  log_->debug(
      "run {}: guardian {} ({}), nodes from {}, files in {}", spec_.run_id, guardian_->pid(),
      guardian_->confinement() == guardian::Confinement::kNamespace ? "PID namespace" : "subreaper",
      block_.AddressOf(0).host, directory_);
  return absl::OkStatus();
}

absl::Status LocalCluster::MakeDirectory() {
  GTESTNET_RETURN_IF_ERROR(guardian_->AddDirectory(directory_));
  if (mkdir(directory_.c_str(), 0700) != 0) return ErrnoStatus(errno, directory_);
  return WriteOwnLedger(false);
}

absl::Status LocalCluster::WriteOwnLedger(bool preserved) const {
  const std::optional<ProcessStat> stat = StatOf(guardian_->pid());
  return WriteLedger(directory_, {.run_id = spec_.run_id,
                                  .test = spec_.test,
                                  .topology = spec_.topology.Name(),
                                  .guardian = guardian_->pid(),
                                  .guardian_start = stat ? stat->start_time : 0,
                                  .preserved = preserved});
}

absl::Status LocalCluster::SetUpNodes() {
  placement_.start_file = directory_ + "/start";
  for (NodeIndex node = 0; node < spec_.topology.node_count(); ++node) {
    placement_.addresses.push_back(block_.AddressOf(node));
  }
  for (NodeIndex node = 0; node < spec_.topology.node_count(); ++node) {
    GTESTNET_ASSIGN_OR_RETURN(std::unique_ptr<LocalNode> made, SetUpNode(node));
    nodes_.push_back(std::move(made));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<LocalNode>> LocalCluster::SetUpNode(NodeIndex node) {
  auto made = std::make_unique<LocalNode>();
  Placement placement;
  {
    const std::lock_guard lock(mutex_);
    placement = placement_;
  }
  made->info.index = node;
  made->info.name = placement.NodeName(spec_.topology, node);
  made->info.role = placement.RoleOf(spec_.topology, node);
  made->info.address = placement.addresses[static_cast<size_t>(node)];
  made->directory = directory_ + "/" + made->info.name;
  made->info.log = made->directory + "/log";
  placement.directory = made->directory;
  absl::StatusOr<NodeSetup> setup = spec_.topology.kind->Setup(spec_, placement, node);
  if (!setup.ok()) return Annotate(setup.status(), made->info.name);
  made->setup = *std::move(setup);
  GTESTNET_RETURN_IF_ERROR(MakeDirectories(made->directory));
  for (const NodeFile& file : made->setup.files) {
    if (!IsInside(file.path)) {
      return Internal(made->info.name + ": file \"" + file.path + "\" is not in its directory");
    }
    const std::filesystem::path path = std::filesystem::path(made->directory) / file.path;
    GTESTNET_RETURN_IF_ERROR(MakeDirectories(path.parent_path()));
    GTESTNET_RETURN_IF_ERROR(WriteFileAtomically(path, file.content));
  }
  return made;
}

absl::Status LocalCluster::Spawn(LocalNode& node) {
  SpawnRequest request;
  request.arguments = {node.setup.program};
  request.arguments.insert(request.arguments.end(), node.setup.arguments.begin(),
                           node.setup.arguments.end());
  request.environment = InheritedEnvironment();
  for (const auto& [name, value] : node.setup.environment) request.environment[name] = value;
  request.directory = node.directory;
  request.log = node.info.log;
  NodeState before;
  {
    // The notice of its exit may come before Spawn returns.
    const std::lock_guard lock(mutex_);
    request.id = next_process_++;
    before = std::exchange(node.state, NodeState::kStarting);
    node.process = request.id;
    processes_[request.id] = &node;
  }
  absl::StatusOr<pid_t> pid = guardian_->Spawn(request);
  const std::lock_guard lock(mutex_);
  if (!pid.ok()) {
    node.state = before;
    processes_.erase(request.id);
    return Annotate(pid.status(), node.info.name);
  }
  node.pid = *pid;
  log_->debug("{}: started, pid {}", node.info.name, node.pid);
  return absl::OkStatus();
}

absl::Status LocalCluster::StartPrometheus() {
  if (!spec_.required.Contains(Capability::kTelemetry)) return absl::OkStatus();
  GTESTNET_ASSIGN_OR_RETURN(MetricsRoute route, MetricsRouteOf(*spec_.topology.kind));
  GTESTNET_ASSIGN_OR_RETURN(prometheus_,
                            LocalPrometheus::Prepare({.run_id = spec_.run_id,
                                                      .directory = directory_ + "/prometheus",
                                                      .host = block_.LastAddress(),
                                                      .process = next_process_++,
                                                      .route = std::move(route)}));
  GTESTNET_RETURN_IF_ERROR(prometheus_->Target(nodes()));
  return prometheus_->Start(*guardian_, InheritedEnvironment());
}

absl::StatusOr<std::string> LocalCluster::Prometheus() const {
  return prometheus_ ? prometheus_->endpoint() : BackendCluster::Prometheus();
}

absl::Status LocalCluster::StartNodes() {
  for (const std::unique_ptr<LocalNode>& node : nodes_) {
    if (!spec_.topology.IsLate(node->info.index)) GTESTNET_RETURN_IF_ERROR(Spawn(*node));
  }
  return absl::OkStatus();
}

absl::Status LocalCluster::BecomeReady() {
  std::vector<AwaitedNode> awaited;
  for (const std::unique_ptr<LocalNode>& node : nodes_) {
    const TopologySpec& topology = spec_.topology;
    if (topology.IsLate(node->info.index)) continue;
    int degree = 0;
    for (const NodeIndex other :
         topology.layout.Neighbours(node->info.index, topology.node_count())) {
      if (!topology.IsLate(other)) ++degree;
    }
    awaited.push_back({node->info, degree});
  }
  const auto first_exit = [this] {
    std::unique_lock lock(mutex_);
    for (const std::unique_ptr<LocalNode>& node : nodes_) {
      if (node->state != NodeState::kExited) continue;
      lock.unlock();
      return ExitedInstead(*node, "of becoming ready");
    }
    return absl::OkStatus();
  };
  // Many nodes need the cores themselves to become ready.
  const auto interval =
      std::max(std::chrono::milliseconds(5), std::chrono::milliseconds(awaited.size() / 2));
  GTESTNET_RETURN_IF_ERROR(AwaitReady(*spec_.topology.kind, awaited, first_exit,
                                      {.timeout = Scaled(options_.ready_timeout),
                                       .poll_interval = interval,
                                       .probe_timeout = Scaled(std::chrono::milliseconds(2000)),
                                       .clock = &clock_}));
  for (const std::unique_ptr<LocalNode>& node : nodes_) {
    if (!spec_.topology.IsLate(node->info.index)) {
      Change(*node, NodeState::kStarting, NodeState::kRunning);
    }
  }
  GTESTNET_RETURN_IF_ERROR(first_exit());
  log_->debug("run {}: {} nodes are ready", spec_.run_id, awaited.size());
  return WriteStart();
}

absl::Status LocalCluster::WriteStart() {
  const auto start = std::chrono::duration_cast<std::chrono::milliseconds>(
      clock_.WallNow().time_since_epoch() + kStartDelay);
  chain_start_ = std::chrono::system_clock::time_point(start);
  return WriteFileAtomically(placement_.start_file, std::to_string(start.count()));
}

void LocalCluster::OnProcessExit(int process, int status) {
  NodeExit exit;
  std::string log;
  {
    const std::lock_guard lock(mutex_);
    if (prometheus_ && prometheus_->NoteExit(process, status)) {
      if (!closing_) log_->warn("Prometheus ended: {}", DescribeExit(status));
      return;
    }
    const auto found = processes_.find(process);
    if (found == processes_.end()) return;
    LocalNode& node = *found->second;
    processes_.erase(found);
    node.exit_status = status;
    const NodeState before = std::exchange(
        node.state, node.state == NodeState::kStopping ? NodeState::kStopped : NodeState::kExited);
    changed_.notify_all();
    log_->debug("{}: ended, {}", node.info.name, DescribeExit(status));
    // An exit during a start is the start's error.
    if (closing_ || before == NodeState::kStopping || before == NodeState::kStarting) return;
    exit = {.node = node.info.index,
            .name = node.info.name,
            .how = DescribeExit(status),
            .last_lines = {}};
    log = node.info.log;
  }
  exit.last_lines = LastLines(log);
  exits_.Push(std::move(exit));
}

std::vector<NodeInfo> LocalCluster::nodes() const {
  const std::lock_guard lock(mutex_);
  std::vector<NodeInfo> infos;
  for (const std::unique_ptr<LocalNode>& node : nodes_) infos.push_back(node->info);
  return infos;
}

bool LocalCluster::IsUp(NodeIndex node) const {
  const absl::StatusOr<LocalNode*> found = Find(node);
  return found.ok() && StateOf(**found) == NodeState::kRunning;
}

pid_t LocalCluster::PidOf(NodeIndex node) const {
  const std::lock_guard lock(mutex_);
  return nodes_.at(static_cast<size_t>(node))->pid;
}

void LocalCluster::OnExit(std::function<void(const NodeExit&)> handler) {
  exits_.SetHandler(std::move(handler));
}

absl::StatusOr<std::string> LocalCluster::Log(NodeIndex node, size_t bytes) const {
  GTESTNET_ASSIGN_OR_RETURN(const LocalNode* found, Find(node));
  absl::StatusOr<std::string> text = TailBytes(found->info.log, bytes);
  if (absl::IsNotFound(text.status())) return std::string();  // it was never started
  return text;
}

absl::Status LocalCluster::Collect(const std::string& directory) const {
  std::vector<const LocalNode*> all;
  {
    const std::lock_guard lock(mutex_);
    for (const std::unique_ptr<LocalNode>& node : nodes_) all.push_back(node.get());
  }
  for (const LocalNode* node : all) {
    const std::filesystem::path into = std::filesystem::path(directory) / node->info.name;
    GTESTNET_RETURN_IF_ERROR(MakeDirectories(into));
    std::vector<std::string> files = {"log"};
    for (const NodeFile& file : node->setup.files) files.push_back(file.path);
    for (const std::string& file : files) {
      const std::filesystem::path from = std::filesystem::path(node->directory) / file;
      std::error_code error;
      if (!std::filesystem::exists(from, error)) continue;
      GTESTNET_RETURN_IF_ERROR(MakeDirectories((into / file).parent_path()));
      std::filesystem::copy_file(from, into / file,
                                 std::filesystem::copy_options::overwrite_existing, error);
      if (error) return ErrnoStatus(error.value(), "copy of " + from.string());
    }
  }
  if (!prometheus_) return absl::OkStatus();
  const std::filesystem::path into = std::filesystem::path(directory) / "prometheus";
  GTESTNET_RETURN_IF_ERROR(MakeDirectories(into));
  std::error_code error;
  std::filesystem::copy_file(prometheus_->log(), into / "log",
                             std::filesystem::copy_options::overwrite_existing, error);
  return error ? ErrnoStatus(error.value(), "copy of " + prometheus_->log()) : absl::OkStatus();
}

std::string LocalCluster::Endpoints() const {
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const std::unique_ptr<LocalNode>& node : nodes_) {
    text += node->info.name + "  " + std::string(ToString(node->state));
    for (const auto& [name, port] : node->info.address.ports) {
      text += "  " + name + " " + node->info.address.host + ":" + std::to_string(port);
    }
    if (node->pid != 0) text += "  pid " + std::to_string(node->pid);
    text += "  log " + node->info.log + "\n";
  }
  if (prometheus_) {
    text += "prometheus  " + prometheus_->endpoint().value_or("ended") + "  log " +
            prometheus_->log() + "\n";
  }
  return text;
}

absl::Status LocalCluster::TearDown(bool keep) {
  const std::lock_guard once(tearing_down_);
  if (torn_down_ || !guardian_) return end_status_;
  torn_down_ = true;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    changed_.notify_all();
  }
  if (keep) {
    end_status_ = WriteOwnLedger(true);
    if (end_status_.ok()) end_status_ = guardian_->LetGo();
    return end_status_;
  }
  end_status_ = guardian_->End();
  if (end_status_.ok()) end_status_ = CheckNothingIsLeft();
  return end_status_;
}

absl::Status LocalCluster::CheckNothingIsLeft() const {
  std::vector<std::string> left;
  for (const RunProcess& process : FindRunProcesses(spec_.run_id)) {
    left.push_back("process " + std::to_string(process.pid) + " (" + process.name + ")");
  }
  std::error_code error;
  if (std::filesystem::exists(directory_, error)) left.push_back("directory " + directory_);
  if (IsLeased(block_.LeaseName())) left.push_back("lease " + block_.LeaseName());
  for (const NodeInfo& node : nodes()) {
    for (const auto& [name, port] : node.address.ports) {
      const absl::Status status = TryListening(node.address.host, port);
      if (absl::IsAlreadyExists(status)) left.push_back("port " + MessageOf(status));
    }
  }
  if (left.empty()) return absl::OkStatus();
  return Internal("left behind by run " + spec_.run_id + ": " + absl::StrJoin(left, "; "));
}

}  // namespace gtestnet

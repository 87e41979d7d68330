// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/local/local_cluster.h"

#include <spdlog/logger.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_join.h"
#include "core/src/base/environment.h"
#include "core/src/base/machine_limits.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/collection.h"
#include "core/src/cluster/ledger.h"
#include "core/src/cluster/log_file.h"
#include "core/src/cluster/notes.h"
#include "core/src/cluster/prometheus_files.h"
#include "core/src/cluster/surroundings.h"
#include "core/src/cluster/usage.h"
#include "core/src/guardian/run_processes.h"
#include "core/src/node/exit_status.h"
#include "core/src/node/log_tail.h"
#include "core/src/node/setup.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

// Between the last node's readiness and the chain's first slot: all learn the start before it
// comes.
constexpr std::chrono::milliseconds kStartDelay{100};
// SIGSTOP and SIGCONT take effect at once, unless the machine is very busy.
constexpr std::chrono::milliseconds kSignalTimeout{10000};

// How often a node's directory is measured, unless it has more files than this.
constexpr std::chrono::milliseconds kDataAge{10000};
constexpr int kMostFiles = 2000;

LocalNode& Local(ManagedNode& node) { return static_cast<LocalNode&>(node); }
const LocalNode& Local(const ManagedNode& node) { return static_cast<const LocalNode&>(node); }

}  // namespace

LocalCluster::LocalCluster(const ClusterSpec& spec, const LocalOptions& options)
    : ManagedCluster(spec, {.backend = "local",
                            .ready_timeout = options.ready_timeout,
                            .nodes_run_here = true,
                            .stop_grace = options.stop_grace,
                            .most_nodes = AddressBlock::kMostNodes}),
      directory_(RunDirectory(spec.run_id)) {}

LocalCluster::~LocalCluster() {
  OnExit({});
  static_cast<void>(TearDown(false));
  // Its last notices need the rest.
  guardian_.reset();
}

absl::StatusOr<std::unique_ptr<LocalCluster>> LocalCluster::Provision(
    const ClusterSpec& spec, const LocalOptions& options, guardian::Confinement confinement) {
  GTESTNET_RETURN_IF_ERROR(spec.topology.Validate());
  TakeUpNotes();
  if (spec.topology.node_count() > AddressBlock::kMostNodes) {
    return InvalidArgument("local: " + std::to_string(spec.topology.node_count()) +
                           " nodes are too many; a run has " +
                           std::to_string(AddressBlock::kMostNodes) + " addresses");
  }
  std::unique_ptr<LocalCluster> cluster(new LocalCluster(spec, options));
  GTESTNET_RETURN_IF_ERROR(cluster->Explained(cluster->ProvisionAll(confinement)));
  return cluster;
}

absl::Status LocalCluster::ProvisionAll(guardian::Confinement confinement) {
  GTESTNET_RETURN_IF_ERROR(CheckRoles());
  GTESTNET_RETURN_IF_ERROR(Annotate(CheckMachine(), "local"));
  killed_before_ = KilledForMemory();
  GTESTNET_RETURN_IF_ERROR(StartGuardian(confinement));
  GTESTNET_RETURN_IF_ERROR(MakeDirectory());
  GTESTNET_RETURN_IF_ERROR(MakeNodes());
  GTESTNET_RETURN_IF_ERROR(StartPrometheus());
  GTESTNET_RETURN_IF_ERROR(LaunchNodes());
  if (prometheus_) {
    GTESTNET_RETURN_IF_ERROR(prometheus_->AwaitReady(Scaled(options().ready_timeout)));
  }
  GTESTNET_RETURN_IF_ERROR(BecomeReady());
  GTESTNET_RETURN_IF_ERROR(WriteStart());
  log().debug("run {}: {} nodes are there", cluster_spec().run_id,
              cluster_spec().topology.node_count());
  return absl::OkStatus();
}

absl::Status LocalCluster::StartGuardian(guardian::Confinement confinement) {
  const ClusterSpec& spec = cluster_spec();
  absl::StatusOr<std::unique_ptr<Guardian>> guardian = Guardian::Start(
      {.run_id = spec.run_id,
       .confinement = confinement,
       .on_exit = [this](int process, int status) { OnProcessExit(process, status); }});
  if (!guardian.ok()) return Annotate(guardian.status(), "local");
  guardian_ = *std::move(guardian);
  absl::StatusOr<AddressBlock> block =
      LeaseBlock(*guardian_, spec.run_id, spec.topology.kind->Ports(), spec.topology.node_count());
  if (!block.ok()) return Annotate(block.status(), "local");
  block_ = *std::move(block);
  log().debug(
      "run {}: guardian {} ({}), nodes from {}, files in {}", spec.run_id, guardian_->pid(),
      guardian_->confinement() == guardian::Confinement::kNamespace ? "PID namespace" : "subreaper",
      block_.AddressOf(0).host, directory_);
  return absl::OkStatus();
}

absl::Status LocalCluster::MakeDirectory() {
  GTESTNET_RETURN_IF_ERROR(guardian_->AddDirectory(directory_));
  if (mkdir(directory_.c_str(), 0700) != 0) return ErrnoStatus(errno, directory_);
  GTESTNET_ASSIGN_OR_RETURN(log_directory_, MakeLogDirectory(cluster_spec()));
  return WriteOwnLedger(false);
}

absl::Status LocalCluster::WriteOwnLedger(bool preserved) const {
  return WriteLedger(directory_, LedgerOf(cluster_spec(), guardian_->pid(), preserved));
}

absl::Status LocalCluster::StartPrometheus() {
  if (!cluster_spec().required.Contains(Capability::kTelemetry)) return absl::OkStatus();
  GTESTNET_ASSIGN_OR_RETURN(MetricsRoute route, MetricsRouteOf(*cluster_spec().topology.kind));
  GTESTNET_ASSIGN_OR_RETURN(prometheus_,
                            LocalPrometheus::Prepare({.run_id = cluster_spec().run_id,
                                                      .directory = directory_ + "/prometheus",
                                                      .host = block_.LastAddress(),
                                                      .process = next_process_++,
                                                      .route = std::move(route)}));
  GTESTNET_RETURN_IF_ERROR(prometheus_->Target(nodes()));
  return prometheus_->Start(*guardian_, NodeEnvironment({}));
}

absl::StatusOr<std::string> LocalCluster::Prometheus() const {
  return prometheus_ ? prometheus_->endpoint() : BackendCluster::Prometheus();
}

absl::Status LocalCluster::NodeWasAdded() {
  return prometheus_ ? prometheus_->Target(nodes()) : absl::OkStatus();
}

absl::Status LocalCluster::WriteStart() {
  const auto start = std::chrono::duration_cast<std::chrono::milliseconds>(
      clock().WallNow().time_since_epoch() + kStartDelay);
  GTESTNET_RETURN_IF_ERROR(WriteFileAtomically(StartFile(), std::to_string(start.count())));
  return AwaitChainStart(std::chrono::system_clock::time_point(start));
}

// ----- primitives -----

absl::Status LocalCluster::CheckRole(const std::string& role) const {
  return cluster_spec().topology.kind->Program(role).status();
}

NodeAddress LocalCluster::PeerAddress(NodeIndex node, const std::string&) const {
  return block_.AddressOf(node);
}

absl::StatusOr<std::unique_ptr<ManagedNode>> LocalCluster::MakeNode(const NodeInfo& info,
                                                                    const Placement& all) {
  auto made = std::make_unique<LocalNode>();
  made->info = info;
  made->info.address = block_.AddressOf(info.index);
  made->directory = directory_ + "/" + info.name;
  Placement placement = all;
  placement.directory = made->directory;
  placement.start_file = StartFile();
  GTESTNET_ASSIGN_OR_RETURN(made->setup, SetupOf(cluster_spec(), placement, info.index));
  if (made->setup.program.empty()) {
    GTESTNET_ASSIGN_OR_RETURN(made->setup.program,
                              cluster_spec().topology.kind->Program(info.role));
  }
  made->info.log = log_directory_.empty()
                       ? made->directory + "/log"
                       : log_directory_ + "/" + LogFileName(made->setup.program, info.index);
  made->log_begin = SizeOfFile(made->info.log);
  GTESTNET_RETURN_IF_ERROR(MakeDirectories(made->directory));
  for (const NodeFile& file : made->setup.files) {
    const std::filesystem::path path = std::filesystem::path(made->directory) / file.path;
    GTESTNET_RETURN_IF_ERROR(MakeDirectories(path.parent_path()));
    GTESTNET_RETURN_IF_ERROR(WriteFileAtomically(path, file.content));
  }
  return made;
}

absl::Status LocalCluster::Launch(ManagedNode& managed) {
  LocalNode& node = Local(managed);
  SpawnRequest request;
  request.arguments = {node.setup.program};
  request.arguments.insert(request.arguments.end(), node.setup.arguments.begin(),
                           node.setup.arguments.end());
  request.environment = NodeEnvironment(cluster_spec().topology.kind->PassedOn(deployer()));
  for (const auto& [name, value] : node.setup.environment) request.environment[name] = value;
  // Its log is what it prints, wherever that goes.
  request.environment.erase(cluster_spec().topology.kind->LogDirectoryVariable());
  request.directory = node.directory;
  request.log = node.info.log;
  {
    // The notice of its exit may come before Spawn returns.
    const std::lock_guard lock(mutex());
    request.id = next_process_++;
    node.process = request.id;
    processes_[request.id] = &node;
  }
  absl::StatusOr<pid_t> pid = guardian_->Spawn(request);
  const std::lock_guard lock(mutex());
  if (!pid.ok()) {
    processes_.erase(request.id);
    return pid.status();
  }
  node.pid = *pid;
  log().debug("{}: started, pid {}", node.info.name, node.pid);
  return absl::OkStatus();
}

void LocalCluster::OnProcessExit(int process, int status) {
  if (prometheus_ && prometheus_->NoteExit(process, status)) {
    if (!closing()) log().warn("Prometheus ended: {}", DescribeExit(status));
    return;
  }
  LocalNode* node = nullptr;
  {
    const std::lock_guard lock(mutex());
    const auto found = processes_.find(process);
    if (found == processes_.end()) return;
    node = found->second;
    processes_.erase(found);
  }
  std::string how = DescribeExit(status);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && KilledForMemory() > killed_before_) {
    how += ", while the kernel ended a process for want of memory (oom_kill)";
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) {
    how += ", as it took more of the processor than it may (ulimit -t)";
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ) {
    how += ", as it wrote a file above the limit of a file's size (ulimit -f)";
  }
  log().debug("{}: ended, {}", node->info.name, how);
  NoteEnd(*node, std::move(how));
}

absl::Status LocalCluster::SignalNode(ManagedNode& node, int signal) {
  int process = 0;
  {
    const std::lock_guard lock(mutex());
    process = Local(node).process;
  }
  return guardian_->Signal(process, signal);
}

absl::Status LocalCluster::Terminate(ManagedNode& node, bool frozen) {
  absl::Status status = SignalNode(node, SIGTERM);
  if (frozen) status.Update(SignalNode(node, SIGCONT));
  return status;
}

absl::Status LocalCluster::Destroy(ManagedNode& node) { return SignalNode(node, SIGKILL); }

absl::Status LocalCluster::Freeze(ManagedNode& node) {
  static_cast<void>(SignalNode(node, SIGSTOP));
  return AwaitProcessState(node, true);
}

absl::Status LocalCluster::Thaw(ManagedNode& node) {
  static_cast<void>(SignalNode(node, SIGCONT));
  return AwaitProcessState(node, false);
}

absl::Status LocalCluster::AwaitProcessState(ManagedNode& node, bool stopped) {
  const pid_t pid = PidOf(node.info.index);
  return WaitFor((stopped ? "pause " : "resume ") + node.info.name,
                 [&]() -> absl::Status {
                   if (StateOf(node) == NodeState::kExited)
                     return Aborted(node.info.name + " exited");
                   const std::optional<ProcessStat> stat = StatOf(pid);
                   if (!stat) return Unavailable("the process is gone");
                   if ((stat->state == 'T') == stopped) return absl::OkStatus();
                   return Unavailable(std::string("its process is in state ") + stat->state);
                 },
                 {.timeout = Scaled(kSignalTimeout),
                  .poll_interval = std::chrono::milliseconds(1),
                  .clock = &clock()});
}

std::string LocalCluster::EndOfLog(const ManagedNode& node) const {
  return LastLines(node.info.log);
}

std::string LocalCluster::MoreOf(const ManagedNode& node) const {
  const pid_t pid = Local(node).pid;
  return pid == 0 ? std::string() : "  pid " + std::to_string(pid);
}

std::string LocalCluster::OtherEndpoints() const {
  if (!prometheus_) return {};
  return "prometheus  " + prometheus_->endpoint().value_or("ended") + "  log " +
         prometheus_->log() + "\n";
}

pid_t LocalCluster::PidOf(NodeIndex node) const {
  const absl::StatusOr<ManagedNode*> found = Find(node);
  if (!found.ok()) return 0;
  const std::lock_guard lock(mutex());
  return Local(**found).pid;
}

// ----- what is asked of it -----

absl::StatusOr<std::string> LocalCluster::Log(NodeIndex node, size_t bytes) const {
  GTESTNET_ASSIGN_OR_RETURN(const ManagedNode* found, Find(node));
  absl::StatusOr<std::string> text = TailBytes(found->info.log, bytes);
  if (absl::IsNotFound(text.status())) return std::string();  // it was never started
  return text;
}

absl::StatusOr<NodeUsage> LocalCluster::Usage(NodeIndex index) const {
  GTESTNET_ASSIGN_OR_RETURN(ManagedNode* const managed, Find(index));
  LocalNode& node = Local(*managed);
  const pid_t pid = PidOf(index);
  const std::lock_guard looking(node.looking);
  if (!node.look) {
    std::vector<uint16_t> ports;
    for (const auto& [name, port] : InfoOf(node).address.ports) ports.push_back(port);
    node.look = std::make_unique<ProcessLook>(std::move(ports));
  }
  const std::optional<ProcessUsage> usage = pid == 0 ? std::nullopt : node.look->Look(pid, table_);
  if (!usage) return Unavailable(node.info.name + " does not run");
  NodeUsage told = UsageOf(*usage);
  struct stat log {};
  if (stat(node.info.log.c_str(), &log) == 0) {
    told.values["log"] = static_cast<double>(log.st_size);
  }
  const Clock::TimePoint now = clock().Now();
  if (!node.measured || now - *node.measured >= kDataAge) {
    node.measured = now;
    const int64_t bytes = BytesIn(node.directory, kMostFiles);
    const bool has_log = node.info.log.rfind(node.directory + "/", 0) == 0;
    if (bytes >= 0) {
      told.values["data"] = static_cast<double>(bytes - (has_log ? log.st_size : 0));
    }
  }
  return told;
}

absl::StatusOr<LogPart> LocalCluster::ReadLog(NodeIndex node, const std::string& cursor) const {
  GTESTNET_ASSIGN_OR_RETURN(const ManagedNode* found, Find(node));
  const NodeState state = StateOf(*found);
  const bool ended =
      state == NodeState::kAbsent || state == NodeState::kStopped || state == NodeState::kExited;
  return ReadLogFile(found->info.log, cursor, Local(*found).log_begin, ended);
}

absl::Status LocalCluster::Collect(const std::string& directory) const {
  const std::vector<ManagedNode*> nodes = AllNodes();
  Collection collection(directory, static_cast<int>(nodes.size()));
  for (const ManagedNode* managed : nodes) {
    const LocalNode& node = Local(*managed);
    const std::string& name = node.info.name;
    std::error_code error;
    // One that was never started has none.
    if (std::filesystem::exists(node.info.log, error)) {
      collection.CopyLog(node.info.log, name + "/log");
    }
    for (const NodeFile& file : node.setup.files) {
      collection.Copy(node.directory + "/" + file.path, name + "/" + file.path);
    }
    collection.CopyCores(node.directory, node.setup.program, name);
  }
  if (prometheus_) collection.CopyLog(prometheus_->log(), "prometheus/log");
  return collection.status();
}

absl::Status LocalCluster::Keep() {
  if (!guardian_) return absl::OkStatus();
  GTESTNET_RETURN_IF_ERROR(WriteOwnLedger(true));
  return guardian_->LetGo();
}

absl::Status LocalCluster::Remove() {
  if (!guardian_) return absl::OkStatus();
  GTESTNET_RETURN_IF_ERROR(guardian_->End());
  return CheckNothingIsLeft();
}

absl::Status LocalCluster::CheckNothingIsLeft() const {
  std::vector<std::string> left = LeftOnThisMachine(cluster_spec().run_id);
  if (IsLeased(block_.LeaseName())) left.push_back("lease " + block_.LeaseName());
  for (const NodeInfo& node : nodes()) {
    for (const auto& [name, port] : node.address.ports) {
      const absl::Status status = TryListening(node.address.host, port);
      if (absl::IsAlreadyExists(status)) left.push_back("port " + MessageOf(status));
    }
  }
  return NothingIsLeft(cluster_spec().run_id, left);
}

}  // namespace gtestnet

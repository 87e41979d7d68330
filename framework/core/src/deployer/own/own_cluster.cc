// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/own/own_cluster.h"

#include <spdlog/logger.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <utility>

#include "absl/strings/str_join.h"
#include "core/src/base/command.h"
#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/cluster/collection.h"
#include "core/src/cluster/label_sweeper.h"
#include "core/src/cluster/ledger.h"
#include "core/src/cluster/notes.h"
#include "core/src/cluster/surroundings.h"
#include "core/src/node/exit_status.h"
#include "core/src/node/log_tail.h"
#include "core/src/node/setup.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

// As on local: between the last node's readiness and the chain's first slot.
constexpr std::chrono::milliseconds kStartDelay{100};
constexpr std::chrono::milliseconds kQuestion{10000};
constexpr size_t kLogInBundle = 16 << 20;

OwnNode& Own(ManagedNode& node) { return static_cast<OwnNode&>(node); }
const OwnNode& Own(const ManagedNode& node) { return static_cast<const OwnNode&>(node); }

std::string InWords(const std::vector<std::string>& command) { return absl::StrJoin(command, " "); }

// With the program's path, as the guardian wants it.
absl::StatusOr<std::vector<std::string>> Located(std::vector<std::string> command) {
  if (command.empty()) return InvalidArgument("a command without a program");
  if (command[0].find('/') != std::string::npos) return command;
  std::string path = FindInPath(command[0]);
  if (path.empty()) return NotFound("there is no " + command[0] + " in PATH");
  command[0] = std::move(path);
  return command;
}

void Chomp(std::string& text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
}

class OneRun final : public BackendRun {
 public:
  OneRun(const ClusterSpec& spec, HelperCommands& helpers) : spec_(spec), helpers_(helpers) {}

  const ClusterSpec& spec() const override { return spec_; }

  absl::StatusOr<std::string> Run(const std::vector<std::string>& arguments,
                                  std::chrono::milliseconds timeout) override {
    GTESTNET_ASSIGN_OR_RETURN(const std::vector<std::string> command, Located(arguments));
    GTESTNET_ASSIGN_OR_RETURN(std::string output,
                              helpers_.OutputOf(InWords(arguments), command, timeout));
    Chomp(output);
    return output;
  }

  absl::StatusOr<std::string> Ask(const std::vector<std::string>& arguments) const override {
    GTESTNET_ASSIGN_OR_RETURN(CommandResult result,
                              RunCommand(arguments, CommandOptions{.timeout = Scaled(kQuestion),
                                                                   .most_output = 256 * 1024}));
    if (result.status != 0) {
      return Internal(InWords(arguments) + ": " + DescribeExit(result.status) +
                      "; its last lines:\n" + LastLinesOf(result.output));
    }
    Chomp(result.output);
    return std::move(result.output);
  }

 private:
  const ClusterSpec& spec_;
  HelperCommands& helpers_;
};

// The status that the last line of what awaited a node says; below 0 if it says none.
int StatusIn(std::string_view output) {
  while (!output.empty() && (output.back() == '\n' || output.back() == '\r')) {
    output.remove_suffix(1);
  }
  output.remove_prefix(output.rfind('\n') + 1);  // npos + 1 is 0
  int status = -1;
  const auto [end, error] = std::from_chars(output.begin(), output.end(), status);
  return error == std::errc() && end == output.end() ? status : -1;
}

std::string HowItEnded(int status) {
  constexpr int kSignals = 128;
  if (status > kSignals && status < kSignals + NSIG) return DescribeExit(status - kSignals);
  return "exit status " + std::to_string(status);
}

}  // namespace

absl::StatusOr<std::unique_ptr<BackendCluster>> ProvisionOn(std::unique_ptr<Backend> backend,
                                                            const ClusterSpec& spec,
                                                            const BackendOptions& options) {
  GTESTNET_RETURN_IF_ERROR(spec.topology.Validate());
  TakeUpNotes();
  if (spec.topology.node_count() > options.most_nodes) {
    return InvalidArgument(options.deployer + ": " + std::to_string(spec.topology.node_count()) +
                           " nodes are too many; a run has at most " +
                           std::to_string(options.most_nodes));
  }
  auto cluster = std::make_unique<OwnCluster>(std::move(backend), spec, options);
  GTESTNET_RETURN_IF_ERROR(Annotate(cluster->Provision(), options.deployer));
  return cluster;
}

OwnCluster::OwnCluster(std::unique_ptr<Backend> backend, const ClusterSpec& spec,
                       const BackendOptions& options)
    : ManagedCluster(spec, {.backend = options.deployer,
                            .ready_timeout = options.ready_timeout,
                            .stop_grace = options.stop_grace,
                            .most_nodes = options.most_nodes}),
      backend_(std::move(backend)),
      directory_(RunDirectory(spec.run_id)) {}

OwnCluster::~OwnCluster() {
  OnExit({});
  static_cast<void>(TearDown(false));
  // Its last notices need the rest.
  guardian_.reset();
}

absl::Status OwnCluster::Provision() {
  GTESTNET_RETURN_IF_ERROR(CheckRoles());
  GTESTNET_RETURN_IF_ERROR(CheckMachine());
  sweeps_ = backend_->Sweeps(cluster_spec().run_id);
  GTESTNET_RETURN_IF_ERROR(CheckSweeps(sweeps_));
  GTESTNET_RETURN_IF_ERROR(Explained(StartGuardian()));
  GTESTNET_RETURN_IF_ERROR(MakeDirectory());
  GTESTNET_RETURN_IF_ERROR(backend_->Begin(*run_));
  GTESTNET_RETURN_IF_ERROR(Explained(MakeNodes()));
  GTESTNET_RETURN_IF_ERROR(Explained(LaunchNodes()));
  GTESTNET_RETURN_IF_ERROR(Explained(BecomeReady()));
  return BeginChain();
}

absl::Status OwnCluster::StartGuardian() {
  GTESTNET_ASSIGN_OR_RETURN(const std::string sweep, FindHelperProgram("gtestnet-sweep"));
  GTESTNET_ASSIGN_OR_RETURN(guardian_, Guardian::Start({.run_id = cluster_spec().run_id,
                                                        .on_exit = [this](int command, int status) {
                                                          if (helpers_)
                                                            helpers_->NoteEnd(command, status);
                                                        }}));
  helpers_ =
      std::make_unique<HelperCommands>(*guardian_, directory_, std::span<const KnownFailure>());
  run_ = std::make_unique<OneRun>(cluster_spec(), *helpers_);
  return guardian_->AddRemoval({sweep, "own", options().backend, cluster_spec().run_id,
                                WriteSweeps(sweeps_), HelperCommands::MarkIn(directory_)});
}

absl::Status OwnCluster::MakeDirectory() {
  GTESTNET_RETURN_IF_ERROR(guardian_->AddDirectory(directory_));
  if (mkdir(directory_.c_str(), 0700) != 0) return ErrnoStatus(errno, directory_);
  return WriteOwnLedger(false);
}

absl::Status OwnCluster::WriteOwnLedger(bool preserved) const {
  Ledger ledger = LedgerOf(cluster_spec(), guardian_->pid(), preserved);
  ledger.deployer = options().backend;
  ledger.sweeps = sweeps_;
  return WriteLedger(directory_, ledger);
}

absl::Status OwnCluster::BeginChain() {
  const auto start = std::chrono::duration_cast<std::chrono::milliseconds>(
      clock().WallNow().time_since_epoch() + kStartDelay);
  {
    const std::lock_guard lock(mutex());
    start_ = std::to_string(start.count());
  }
  for (const ManagedNode* node : AllNodes()) {
    GTESTNET_RETURN_IF_ERROR(WriteStart(Own(*node).node.directory));
  }
  return AwaitChainStart(std::chrono::system_clock::time_point(start));
}

absl::Status OwnCluster::WriteStart(const std::string& directory) const {
  std::string start;
  {
    const std::lock_guard lock(mutex());
    start = start_;
  }
  return start.empty() ? absl::OkStatus() : WriteFileAtomically(directory + "/start", start);
}

// ----- primitives -----

absl::Status OwnCluster::CheckRole(const std::string& role) const {
  return backend_->CheckRole(role);
}

NodeAddress OwnCluster::PeerAddress(NodeIndex node, const std::string& name) const {
  return backend_->PeerAddress(node, name);
}

absl::StatusOr<std::unique_ptr<ManagedNode>> OwnCluster::MakeNode(const NodeInfo& info,
                                                                  const Placement& all) {
  auto made = std::make_unique<OwnNode>();
  made->info = info;
  made->info.whereabouts = made->whereabouts;
  BackendNode& node = made->node;
  node.info = info;
  node.directory = directory_ + "/" + info.name;
  Placement placement = all;
  placement.directory = node.directory;
  placement.start_file = node.directory + "/start";
  GTESTNET_ASSIGN_OR_RETURN(node.setup, SetupOf(cluster_spec(), placement, info.index));
  GTESTNET_RETURN_IF_ERROR(MakeDirectories(node.directory));
  for (const NodeFile& file : node.setup.files) {
    const std::filesystem::path path = std::filesystem::path(node.directory) / file.path;
    GTESTNET_RETURN_IF_ERROR(MakeDirectories(path.parent_path()));
    GTESTNET_RETURN_IF_ERROR(WriteFileAtomically(path, file.content));
  }
  GTESTNET_RETURN_IF_ERROR(WriteStart(node.directory));
  GTESTNET_RETURN_IF_ERROR(backend_->Make(*run_, node));
  return made;
}

BackendNode OwnCluster::Told(const ManagedNode& node) const {
  BackendNode told = Own(node).node;
  told.info = InfoOf(node);
  return told;
}

absl::Status OwnCluster::Launch(ManagedNode& managed) {
  OwnNode& node = Own(managed);
  GTESTNET_ASSIGN_OR_RETURN(LaunchedNode launched, backend_->Launch(*run_, Told(node)));
  node.whereabouts->Set(launched.address);
  {
    const std::lock_guard lock(mutex());
    node.info.address = std::move(launched.address);
  }
  return Await(node, launched.await);
}

absl::Status OwnCluster::Await(OwnNode& node, const std::vector<std::string>& await) {
  GTESTNET_ASSIGN_OR_RETURN(const std::vector<std::string> command, Located(await));
  int launch = 0;
  {
    const std::lock_guard lock(mutex());
    launch = ++node.launch;
  }
  return helpers_
      ->BeginAndRead(InWords(await), command,
                     [this, &node, launch](int status, const std::string& output) {
                       TakeEnd(node, launch, status, output);
                     })
      .status();
}

void OwnCluster::TakeEnd(OwnNode& node, int launch, int status, const std::string& output) {
  {
    const std::lock_guard lock(mutex());
    if (launch != node.launch) return;
  }
  if (closing()) return;
  const int ended = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? StatusIn(output) : -1;
  if (ended >= 0) return NoteEnd(node, HowItEnded(ended));
  NoteEnd(node, "how is not known",
          options().backend + ": what awaits the end of a node has ended (" + DescribeExit(status) +
              ")" + (output.empty() ? "" : ", saying: " + output));
}

absl::Status OwnCluster::Terminate(ManagedNode& node, bool frozen) {
  const absl::Status status = backend_->Signal(*run_, Told(node), SIGTERM);
  // Some backends have woken it already.
  if (frozen) static_cast<void>(backend_->Signal(*run_, Told(node), SIGCONT));
  return status;
}

absl::Status OwnCluster::Destroy(ManagedNode& node) {
  return backend_->Signal(*run_, Told(node), SIGKILL);
}
absl::Status OwnCluster::Freeze(ManagedNode& node) {
  return backend_->Signal(*run_, Told(node), SIGSTOP);
}
absl::Status OwnCluster::Thaw(ManagedNode& node) {
  return backend_->Signal(*run_, Told(node), SIGCONT);
}

std::string OwnCluster::EndOfLog(const ManagedNode& node) const {
  if (!run_) return "  (it was not made yet)";
  const absl::StatusOr<std::string> text = backend_->Log(*run_, Told(node), 16 * 1024);
  return text.ok() ? LastLinesOf(*text) : "  (" + MessageOf(text.status()) + ")";
}

std::string OwnCluster::PlaceOfLog(const ManagedNode& node) const {
  return backend_->PlaceOfLog(Own(node).node);
}

// ----- what is asked of it -----

absl::StatusOr<std::string> OwnCluster::Log(NodeIndex node, size_t bytes) const {
  GTESTNET_ASSIGN_OR_RETURN(const ManagedNode* found, Find(node));
  if (StateOf(*found) == NodeState::kAbsent) return std::string();
  return backend_->Log(*run_, Told(*found), bytes);
}

absl::Status OwnCluster::Collect(const std::string& directory) const {
  const std::vector<ManagedNode*> nodes = AllNodes();
  Collection collection(directory, static_cast<int>(nodes.size()));
  for (const ManagedNode* managed : nodes) {
    const BackendNode& node = Own(*managed).node;
    const std::string& name = managed->info.name;
    const absl::StatusOr<std::string> text = Log(managed->info.index, kLogInBundle);
    if (text.ok()) {
      collection.WriteLog(name + "/log", *text);
    } else {
      collection.Lack(Annotate(text.status(), name));
    }
    for (const NodeFile& file : node.setup.files) {
      collection.Copy(node.directory + "/" + file.path, name + "/" + file.path);
    }
  }
  return collection.status();
}

absl::Status OwnCluster::Keep() {
  if (!guardian_) return absl::OkStatus();
  GTESTNET_RETURN_IF_ERROR(WriteOwnLedger(true));
  return guardian_->LetGo();
}

absl::Status OwnCluster::Remove() {
  if (!guardian_) return absl::OkStatus();
  GTESTNET_RETURN_IF_ERROR(guardian_->End());
  std::vector<std::string> left = LeftOnThisMachine(cluster_spec().run_id);
  GTESTNET_ASSIGN_OR_RETURN(const std::vector<std::string> listed, ListBySweeps(sweeps_));
  for (const std::string& one : listed) left.push_back(options().backend + " " + one);
  return NothingIsLeft(cluster_spec().run_id, left);
}

}  // namespace gtestnet

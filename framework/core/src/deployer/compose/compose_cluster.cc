// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/compose/compose_cluster.h"

#include <spdlog/logger.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/cfgsync_client.h"
#include "core/src/cluster/cfgsync_file.h"
#include "core/src/cluster/in_parallel.h"
#include "core/src/cluster/ledger.h"
#include "core/src/cluster/notes.h"
#include "core/src/cluster/process_mark.h"
#include "core/src/cluster/surroundings.h"
#include "core/src/cluster/usage.h"
#include "core/src/deployer/compose/known_failures.h"
#include "core/src/deployer/compose/labels.h"
#include "core/src/deployer/container/collectors.h"
#include "core/src/deployer/container/image.h"
#include "core/src/guardian/run_processes.h"
#include "core/src/node/container.h"
#include "core/src/node/log_tail.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswer{10000};
constexpr milliseconds kCreate{180000};
constexpr milliseconds kFreeze{10000};
constexpr char kPrometheusPortVariable[] = "TEST_FRAMEWORK_PROMETHEUS_PORT";
constexpr char kCfgsync[] = "cfgsync";
constexpr char kPrometheus[] = "prometheus";
// More than that no bridge network is asked to hold.
constexpr int kMostNodes = 200;

ComposeNode& Compose(ManagedNode& node) { return static_cast<ComposeNode&>(node); }
const ComposeNode& Compose(const ManagedNode& node) {
  return static_cast<const ComposeNode&>(node);
}

// The container of a service.
absl::StatusOr<std::string> ServiceIn(const std::vector<docker::Container>& all,
                                      const std::string& name) {
  for (const docker::Container& container : all) {
    const auto service = container.labels.find(compose::kServiceLabel);
    if (service != container.labels.end() && service->second == name) return container.id;
  }
  return Internal("docker compose made no container of " + name);
}

}  // namespace

ComposeCluster::ComposeCluster(const ClusterSpec& spec, const ComposeOptions& options,
                               const ComposeBackend& backend)
    : ManagedCluster(spec, {.backend = "compose",
                            .ready_timeout = options.ready_timeout,
                            .stop_grace = options.stop_grace,
                            .most_nodes = kMostNodes}),
      tool_(backend.tool),
      directory_(RunDirectory(spec.run_id)),
      project_(compose::ProjectOf(spec.run_id)),
      engine_(backend.host) {}

ComposeCluster::~ComposeCluster() {
  OnExit({});
  static_cast<void>(TearDown(false));
  watch_.reset();
  judge_.reset();
  // Its last notices need the rest.
  guardian_.reset();
}

absl::StatusOr<std::unique_ptr<ComposeCluster>> ComposeCluster::Provision(
    const ClusterSpec& spec, const ComposeOptions& options, const ComposeBackend& backend) {
  GTESTNET_RETURN_IF_ERROR(spec.topology.Validate());
  TakeUpNotes();
  if (spec.topology.node_count() > kMostNodes) {
    return InvalidArgument("compose: " + std::to_string(spec.topology.node_count()) +
                           " nodes are too many; a run has at most " + std::to_string(kMostNodes));
  }
  std::unique_ptr<ComposeCluster> cluster(new ComposeCluster(spec, options, backend));
  GTESTNET_RETURN_IF_ERROR(Annotate(cluster->Explained(cluster->ProvisionAll()), "compose"));
  return cluster;
}

absl::Status ComposeCluster::ProvisionAll() {
  GTESTNET_RETURN_IF_ERROR(CheckRoles());
  GTESTNET_ASSIGN_OR_RETURN(containers_, ContainersOf(cluster_spec().topology));
  GTESTNET_RETURN_IF_ERROR(CheckMachine());
  GTESTNET_ASSIGN_OR_RETURN(const docker::EngineVersion version, engine_.Negotiate(kAnswer));
  product_ = version.product;
  GTESTNET_RETURN_IF_ERROR(FindCollectors(version.api));
  GTESTNET_RETURN_IF_ERROR(StartGuardian());
  GTESTNET_RETURN_IF_ERROR(MakeDirectory());
  GTESTNET_ASSIGN_OR_RETURN(base_file_, FindAsset("compose/base.yaml"));
  GTESTNET_RETURN_IF_ERROR(EnsureImages());
  GTESTNET_RETURN_IF_ERROR(MakeNodes());
  GTESTNET_RETURN_IF_ERROR(WriteStack(placement(), nodes()));
  GTESTNET_RETURN_IF_ERROR(FollowEvents());
  GTESTNET_RETURN_IF_ERROR(CreateContainers({}));
  GTESTNET_RETURN_IF_ERROR(LaunchAll());
  GTESTNET_RETURN_IF_ERROR(BecomeReady());
  GTESTNET_RETURN_IF_ERROR(BeginChain());
  provisioned_ = true;
  log().debug("run {}: {} nodes are there, project {}", cluster_spec().run_id,
              cluster_spec().topology.node_count(), project_);
  return absl::OkStatus();
}

absl::Status ComposeCluster::FindCollectors(const std::string& api) {
  const std::vector<std::string> passed_on = cluster_spec().topology.kind->PassedOn(deployer());
  for (const std::string& name : passed_on) {
    if (const auto value = VariableValue(name)) environment_[name] = *value;
  }
  GTESTNET_ASSIGN_OR_RETURN(const auto collectors,
                            compose::CollectorsForContainers(passed_on, api));
  for (const auto& [name, value] : collectors) environment_[name] = value;
  names_this_machine_ = !collectors.empty();
  if (collectors.empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> bridge = engine_.BridgeAddress();
  if (!bridge.ok()) return absl::OkStatus();
  for (const std::string& sentence : compose::CollectorsOutOfReach(passed_on, *bridge)) {
    log().warn("{}", sentence);
  }
  return absl::OkStatus();
}

absl::Status ComposeCluster::StartGuardian() {
  GTESTNET_ASSIGN_OR_RETURN(const std::string sweep, FindHelperProgram("gtestnet-sweep"));
  GTESTNET_ASSIGN_OR_RETURN(guardian_, Guardian::Start({.run_id = cluster_spec().run_id,
                                                        .on_exit = [this](int command, int status) {
                                                          if (helpers_)
                                                            helpers_->NoteEnd(command, status);
                                                        }}));
  helpers_ = std::make_unique<HelperCommands>(*guardian_, directory_, compose::kKnownFailures);
  labels_ = {{compose::kRunLabel, cluster_spec().run_id},
             {compose::kTestLabel, cluster_spec().test},
             {compose::kGuardianLabel, MarkOf(guardian_->pid())}};
  return guardian_->AddRemoval({sweep, "compose", engine_.host().text, cluster_spec().run_id,
                                HelperCommands::MarkIn(directory_)});
}

absl::Status ComposeCluster::MakeDirectory() {
  GTESTNET_RETURN_IF_ERROR(guardian_->AddDirectory(directory_));
  if (mkdir(directory_.c_str(), 0700) != 0) return ErrnoStatus(errno, directory_);
  // The containers read it as whoever they run as.
  if (mkdir(StackDirectory().c_str(), 0755) != 0) return ErrnoStatus(errno, StackDirectory());
  GTESTNET_ASSIGN_OR_RETURN(log_directory_, MakeLogDirectory(cluster_spec()));
  return WriteOwnLedger(false);
}

absl::Status ComposeCluster::EnsureImages() {
  tools_ = compose::ToolsFor(containers_);
  GTESTNET_RETURN_IF_ERROR(compose::EnsureImage(tools_.image, engine_, *helpers_, log()));
  for (const auto& [role, container] : containers_) {
    GTESTNET_RETURN_IF_ERROR(compose::EnsureImage(container.image, engine_, *helpers_, log()));
  }
  if (!cluster_spec().required.Contains(Capability::kTelemetry)) return absl::OkStatus();
  GTESTNET_ASSIGN_OR_RETURN(prometheus_image_,
                            compose::EnsurePrometheusImage(engine_, *helpers_, log()));
  prometheus_ = std::make_unique<compose::StackPrometheus>(engine_);
  return absl::OkStatus();
}

absl::Status ComposeCluster::WriteOwnLedger(bool preserved) const {
  return WriteLedger(directory_, LedgerOf(cluster_spec(), guardian_->pid(), preserved));
}

absl::Status ComposeCluster::WriteStack(const Placement& placement,
                                        const std::vector<NodeInfo>& nodes) const {
  GTESTNET_ASSIGN_OR_RETURN(const cfgsync::Plan plan, PlanOf(cluster_spec(), placement));
  GTESTNET_RETURN_IF_ERROR(
      WriteFileAtomically(StackDirectory() + "/plan.json", cfgsync::WritePlan(plan)));
  if (prometheus_) {
    GTESTNET_RETURN_IF_ERROR(
        compose::StackPrometheus::WriteFiles(StackDirectory(), cluster_spec(), nodes));
  }
  compose::StackSpec stack;
  stack.project = project_;
  stack.base_file = base_file_;
  stack.tools_image = tools_.image.tag;
  stack.mount_tools = tools_.mounted;
  stack.stack_directory = StackDirectory();
  stack.labels = labels_;
  stack.nodes = nodes;
  stack.containers = containers_;
  stack.ports = cluster_spec().topology.kind->Ports();
  stack.environment = environment_;
  stack.prometheus_image = prometheus_image_;
  stack.names_this_machine = names_this_machine_;
  stack.log_directory = log_directory_;
  stack.log_variable = cluster_spec().topology.kind->LogDirectoryVariable();
  if (!log_directory_.empty()) {
    stack.user = std::to_string(geteuid()) + ":" + std::to_string(getegid());
  }
  return WriteFileAtomically(ComposeFile(), compose::WriteComposeFile(stack));
}

absl::Status ComposeCluster::FollowEvents() {
  compose::WatchHandlers handlers;
  handlers.on_event = [this](const docker::ContainerEvent& event) { OnEvent(event); };
  handlers.on_away = [this](const absl::Status& why) {
    const std::lock_guard lock(mutex());
    away_since_ = clock().Now();
    why_away_ = MessageOf(why);
  };
  handlers.on_gap = [this] {
    CompareStates();
    const std::lock_guard lock(mutex());
    away_since_.reset();
  };
  handlers.on_lost = [this](const absl::Status& why) { LoseAll(why); };
  judge_ = std::make_unique<compose::EndJudge>(
      engine_, [this] { return IsEngineAway(); },
      [this](const compose::EndJudge::End& end, const std::string& engine) {
        TakeEnd(end, engine);
      });
  watch_ =
      std::make_unique<compose::EventWatch>(engine_, cluster_spec().run_id, std::move(handlers));
  return watch_->AwaitOpen(Scaled(kAnswer));
}

// With no services: all of them.
absl::Status ComposeCluster::CreateContainers(const std::vector<std::string>& services) {
  std::vector<std::string> command = tool_.command;
  command.insert(command.end(), {"-p", project_, "-f", ComposeFile(), "up", "--no-start",
                                 "--no-build", "--no-recreate", "--quiet-pull"});
  command.insert(command.end(), services.begin(), services.end());
  Environment environment = {{"DOCKER_HOST", engine_.host().text}};
  if (const auto port = VariableValue(kPrometheusPortVariable)) {
    environment[kPrometheusPortVariable] = *port;
  }
  return helpers_->Run("docker compose up --no-start", command, kCreate, environment);
}

absl::Status ComposeCluster::LaunchAll() {
  GTESTNET_ASSIGN_OR_RETURN(const std::vector<docker::Container> all,
                            engine_.List({{compose::kRunLabel, cluster_spec().run_id}}));
  GTESTNET_ASSIGN_OR_RETURN(cfgsync_, ServiceIn(all, kCfgsync));
  std::string prometheus;
  if (prometheus_) {
    GTESTNET_ASSIGN_OR_RETURN(prometheus, ServiceIn(all, kPrometheus));
  }
  for (ManagedNode* node : AllNodes()) {
    GTESTNET_RETURN_IF_ERROR(FindContainer(Compose(*node), all));
  }
  const std::vector<ManagedNode*> launched = BeginLaunch();
  GTESTNET_RETURN_IF_ERROR(InParallel(launched.size() + 2, [&](size_t i) {
    if (i == 0) return engine_.Start(cfgsync_);
    if (i == 1) return prometheus_ ? prometheus_->Start(prometheus) : absl::OkStatus();
    return StartContainer(Compose(*launched[i - 2]));
  }));
  return prometheus_ ? prometheus_->AwaitReady(Scaled(options().ready_timeout)) : absl::OkStatus();
}

absl::Status ComposeCluster::FindContainer(ComposeNode& node,
                                           const std::vector<docker::Container>& all) {
  const std::string index = std::to_string(node.info.index);
  for (const docker::Container& container : all) {
    const auto label = container.labels.find(compose::kNodeLabel);
    if (label == container.labels.end() || label->second != index) continue;
    const std::lock_guard lock(mutex());
    node.container = container.id;
    return absl::OkStatus();
  }
  return Internal("docker compose made no container of " + node.info.name);
}

absl::Status ComposeCluster::StartContainer(ComposeNode& node) {
  const std::string container = ContainerOf(node.info.index);
  GTESTNET_RETURN_IF_ERROR(engine_.Start(container));
  GTESTNET_ASSIGN_OR_RETURN(const docker::ContainerState state, engine_.Inspect(container));
  NodeAddress address;
  address.host = "127.0.0.1";
  for (const PortSpec& port : cluster_spec().topology.kind->Ports()) {
    const auto published = state.ports.find(port.well_known);
    if (port.for_peers || published == state.ports.end()) continue;
    address.ports[port.name] = published->second;
  }
  node.whereabouts->Set(address);
  const std::lock_guard lock(mutex());
  node.info.address = std::move(address);
  return absl::OkStatus();
}

absl::Status ComposeCluster::BeginChain() {
  GTESTNET_ASSIGN_OR_RETURN(const docker::ContainerState state, engine_.Inspect(cfgsync_));
  const auto port = state.ports.find(cfgsync::kPort);
  if (port == state.ports.end() || port->second == 0) {
    return Internal("the port of cfgsync is not published");
  }
  GTESTNET_ASSIGN_OR_RETURN(
      const std::chrono::system_clock::time_point start,
      gtestnet::BeginChain(base::Endpoint::Tcp("127.0.0.1", port->second), Scaled(kAnswer)));
  return AwaitChainStart(start);
}

// ----- primitives -----

absl::Status ComposeCluster::CheckRole(const std::string& role) const {
  return gtestnet::ContainerOf(*cluster_spec().topology.kind, role).status();
}

NodeAddress ComposeCluster::PeerAddress(NodeIndex, const std::string& name) const {
  return {.host = name, .ports = {}};
}

absl::StatusOr<std::unique_ptr<ManagedNode>> ComposeCluster::MakeNode(const NodeInfo& info,
                                                                      const Placement& placement) {
  auto made = std::make_unique<ComposeNode>();
  made->info = info;
  made->info.whereabouts = made->whereabouts;
  if (!provisioned_) return made;
  // One that is added: the others are there already, and are not touched.
  std::vector<NodeInfo> all = nodes();
  all.push_back(info);
  GTESTNET_RETURN_IF_ERROR(WriteStack(placement, all));
  GTESTNET_RETURN_IF_ERROR(CreateContainers({info.name}));
  GTESTNET_ASSIGN_OR_RETURN(const std::vector<docker::Container> containers,
                            engine_.List({{compose::kRunLabel, cluster_spec().run_id}}));
  GTESTNET_RETURN_IF_ERROR(FindContainer(*made, containers));
  return made;
}

absl::Status ComposeCluster::Launch(ManagedNode& node) { return StartContainer(Compose(node)); }

absl::Status ComposeCluster::Terminate(ManagedNode& node, bool frozen) {
  const std::string container = ContainerOf(node.info.index);
  const absl::Status status = engine_.Kill(container, "SIGTERM");
  // Some engines have woken it already.
  if (frozen) static_cast<void>(engine_.Unpause(container));
  return status;
}

absl::Status ComposeCluster::Destroy(ManagedNode& node) {
  return engine_.Kill(ContainerOf(node.info.index), "SIGKILL");
}

absl::Status ComposeCluster::Freeze(ManagedNode& node) {
  return engine_.Pause(ContainerOf(node.info.index), Scaled(kFreeze));
}

absl::Status ComposeCluster::Thaw(ManagedNode& node) {
  return engine_.Unpause(ContainerOf(node.info.index));
}

// Where the engine is on this machine, its processes are looked at.
absl::StatusOr<NodeUsage> ComposeCluster::Usage(NodeIndex index) const {
  GTESTNET_ASSIGN_OR_RETURN(ManagedNode* const managed, Find(index));
  ComposeNode& node = Compose(*managed);
  const std::string container = ContainerOf(index);
  if (container.empty()) return Unavailable(node.info.name + " has no container yet");
  GTESTNET_ASSIGN_OR_RETURN(const docker::ContainerState state, engine_.Inspect(container));
  if (state.state != "running" || state.pid == 0) {
    return Unavailable("the container of " + node.info.name + " is " + state.state);
  }
  NodeUsage told;
  if (IsInContainer(state.pid, state.id)) {
    const std::lock_guard looking(node.looking);
    if (!node.look) {
      std::vector<uint16_t> ports;
      for (const PortSpec& port : cluster_spec().topology.kind->Ports()) {
        ports.push_back(port.well_known);
      }
      node.look = std::make_unique<ProcessLook>(std::move(ports));
    }
    const std::optional<ProcessUsage> usage = node.look->Look(state.pid, table_);
    if (!usage) return Unavailable(node.info.name + " does not run");
    told = UsageOf(*usage);
  } else {
    told.process = "the container of " + state.started;
    const absl::StatusOr<docker::ContainerUsage> usage = engine_.Usage(container);
    if (usage.ok()) {
      told.values = {{"memory", static_cast<double>(usage->memory)},
                     {"cpu", static_cast<double>(usage->cpu_ms)}};
    }
  }
  told.restarts = state.restarts;
  return told;
}

std::string ComposeCluster::LogFileOf(NodeIndex node) const {
  return log_directory_.empty() ? std::string() : FindLogFile(log_directory_, node);
}

std::string ComposeCluster::EndOfLog(const ManagedNode& node) const {
  if (const std::string file = LogFileOf(node.info.index); !file.empty()) return LastLines(file);
  const std::string container = ContainerOf(node.info.index);
  if (container.empty()) return "  (it has no container)";
  const absl::StatusOr<std::string> text = engine_.Logs(container, 10);
  return text.ok() ? LastLinesOf(*text) : "  (" + MessageOf(text.status()) + ")";
}

std::string ComposeCluster::PlaceOfLog(const ManagedNode& node) const {
  if (const std::string file = LogFileOf(node.info.index); !file.empty()) return file;
  return "docker logs " + project_ + "-" + node.info.name + "-1";
}

std::string ComposeCluster::MoreOf(const ManagedNode& node) const {
  const std::string& container = Compose(node).container;
  return container.empty() ? std::string() : "  container " + container.substr(0, 12);
}

std::string ComposeCluster::OtherEndpoints() const {
  if (!prometheus_) return {};
  return "prometheus  " + prometheus_->endpoint().value_or("ended") + "  log docker logs " +
         project_ + "-prometheus-1\n";
}

absl::StatusOr<std::string> ComposeCluster::Prometheus() const {
  return prometheus_ ? prometheus_->endpoint() : BackendCluster::Prometheus();
}

std::string ComposeCluster::ContainerOf(NodeIndex node) const {
  const absl::StatusOr<ManagedNode*> found = Find(node);
  if (!found.ok()) return {};
  const std::lock_guard lock(mutex());
  return Compose(**found).container;
}

}  // namespace gtestnet

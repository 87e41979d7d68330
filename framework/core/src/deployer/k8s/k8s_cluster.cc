// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/k8s_cluster.h"

#include <spdlog/logger.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/cfgsync_file.h"
#include "core/src/cluster/in_parallel.h"
#include "core/src/cluster/ledger.h"
#include "core/src/cluster/notes.h"
#include "core/src/cluster/process_mark.h"
#include "core/src/deployer/container/collectors.h"
#include "core/src/deployer/container/stack_prometheus.h"
#include "core/src/deployer/k8s/chart_values.h"
#include "core/src/deployer/k8s/claim.h"
#include "core/src/deployer/k8s/known_failures.h"
#include "core/src/deployer/k8s/kubeconfig.h"
#include "core/src/deployer/k8s/labels.h"
#include "core/src/node/container.h"
#include "core/src/node/log_tail.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswer{10000};
constexpr milliseconds kInstall{120000};
// It is asked again and again.
constexpr milliseconds kUsage{2000};
constexpr int kMostNodes = 200;
// What an object of Kubernetes may hold, and Helm's own of a release.
constexpr size_t kMostPlanBytes = 1'000'000;
// Of a Service's name 63 are possible; "-999-outside" is added.
constexpr size_t kLongestRole = 40;

K8sNode& Of(ManagedNode& node) { return static_cast<K8sNode&>(node); }

}  // namespace

K8sCluster::K8sCluster(const ClusterSpec& spec, const K8sOptions& access, const Tools& tools)
    : ManagedCluster(spec, {.backend = "k8s",
                            .ready_timeout = access.ready_timeout,
                            .stop_grace = access.stop_grace,
                            .most_nodes = kMostNodes}),
      access_(access),
      directory_(RunDirectory(spec.run_id)),
      target_{tools, spec.run_id,
              VariableValue("K8S_RUNNER_NAMESPACE").value_or(NamespaceOf(spec.run_id))} {}

K8sCluster::~K8sCluster() {
  OnExit({});
  static_cast<void>(TearDown(false));
  // What tells of ends needs the rest.
  StopFollowing();
  guardian_.reset();
}

absl::StatusOr<std::unique_ptr<K8sCluster>> K8sCluster::Provision(const ClusterSpec& spec,
                                                                  const K8sOptions& options,
                                                                  const Tools& tools) {
  GTESTNET_RETURN_IF_ERROR(spec.topology.Validate());
  TakeUpNotes();
  if (spec.topology.node_count() > kMostNodes) {
    return InvalidArgument("k8s: " + std::to_string(spec.topology.node_count()) +
                           " nodes are too many; a run has at most " + std::to_string(kMostNodes));
  }
  std::unique_ptr<K8sCluster> cluster(new K8sCluster(spec, options, tools));
  GTESTNET_RETURN_IF_ERROR(Annotate(cluster->Explained(cluster->ProvisionAll()), "k8s"));
  return cluster;
}

absl::Status K8sCluster::ProvisionAll() {
  GTESTNET_RETURN_IF_ERROR(CheckRoles());
  GTESTNET_ASSIGN_OR_RETURN(containers_, ContainersOf(cluster_spec().topology));
  GTESTNET_RETURN_IF_ERROR(CheckMachine());
  for (const std::string& sentence :
       compose::CollectorsAtLoopback(cluster_spec().topology.kind->PassedOn(deployer()))) {
    log().warn("{}", sentence);
  }
  GTESTNET_RETURN_IF_ERROR(StartGuardian());
  GTESTNET_RETURN_IF_ERROR(MakeDirectory());
  // Each of them is some tenths of a second of other programs' work.
  GTESTNET_RETURN_IF_ERROR(InParallel(3, [this](size_t i) {
    return i == 0 ? OpenApi() : i == 1 ? FindImages() : TakeNamespace();
  }));
  log().debug("the namespace {} is taken", name_space());
  GTESTNET_RETURN_IF_ERROR(MakeNodes());
  GTESTNET_RETURN_IF_ERROR(WriteRelease(placement(), nodes()));
  GTESTNET_RETURN_IF_ERROR(FollowPods());
  BeginLaunch();
  GTESTNET_RETURN_IF_ERROR(Install("install"));
  log().debug("the API has all objects");
  GTESTNET_RETURN_IF_ERROR(FindWay());
  log().debug("all pods run");
  GTESTNET_RETURN_IF_ERROR(AwaitNodes());
  log().debug("all nodes are ready");
  GTESTNET_RETURN_IF_ERROR(OpenPrometheus());
  GTESTNET_RETURN_IF_ERROR(BeginChain());
  provisioned_ = true;
  log().debug("run {}: {} nodes are there, namespace {}", cluster_spec().run_id,
              cluster_spec().topology.node_count(), name_space());
  return absl::OkStatus();
}

absl::Status K8sCluster::StartGuardian() {
  GTESTNET_ASSIGN_OR_RETURN(const std::string sweep, FindHelperProgram("gtestnet-sweep"));
  GTESTNET_ASSIGN_OR_RETURN(guardian_, Guardian::Start({.run_id = cluster_spec().run_id,
                                                        .environment = KubeEnvironment(),
                                                        .on_exit = [this](int command, int status) {
                                                          if (helpers_)
                                                            helpers_->NoteEnd(command, status);
                                                        }}));
  helpers_ =
      std::make_unique<HelperCommands>(*guardian_, directory_, kKnownFailures, KubeEnvironment());
  return guardian_->AddRemoval({sweep, "k8s", target_.tools.kubectl, target_.tools.context,
                                target_.run_id, target_.name_space,
                                HelperCommands::MarkIn(directory_)});
}

absl::Status K8sCluster::MakeDirectory() {
  GTESTNET_RETURN_IF_ERROR(guardian_->AddDirectory(directory_));
  if (mkdir(directory_.c_str(), 0700) != 0) return ErrnoStatus(errno, directory_);
  GTESTNET_ASSIGN_OR_RETURN(const std::string chart, FindAsset("helm/Chart.yaml"));
  chart_ = std::filesystem::path(chart).parent_path();
  return WriteOwnLedger(false);
}

absl::Status K8sCluster::OpenApi() {
  GTESTNET_ASSIGN_OR_RETURN(api_,
                            KubeApi::Open(target_.tools, *helpers_, directory_, Scaled(kAnswer)));
  return absl::OkStatus();
}

absl::Status K8sCluster::TakeNamespace() {
  return ClaimNamespace(
      target_,
      {{kTestAnnotation, cluster_spec().test}, {kGuardianAnnotation, MarkOf(guardian_->pid())}},
      *helpers_);
}

absl::Status K8sCluster::WriteOwnLedger(bool preserved) const {
  return WriteLedger(directory_, LedgerOf(cluster_spec(), guardian_->pid(), preserved));
}

// Where this machine has an engine, the cluster may run on it (or its images be brought from
// there), so that images which are built here should be as they are made today. Others are the
// cluster's matter.
absl::Status K8sCluster::FindImages() {
  const bool telemetry = cluster_spec().required.Contains(Capability::kTelemetry);
  tools_ = compose::ToolsFor(containers_);
  prometheus_image_ =
      telemetry
          ? VariableValue("GTESTNET_PROMETHEUS_IMAGE").value_or(compose::kDefaultPrometheusImage)
          : std::string();
  const absl::StatusOr<docker::EngineHost> host = docker::FindEngineHost();
  if (!host.ok()) return absl::OkStatus();
  docker::Engine engine(*host);
  if (!engine.Negotiate(milliseconds(2000)).ok()) return absl::OkStatus();
  std::vector<const ImageSpec*> images = {&tools_.image};
  for (const auto& [role, container] : containers_) images.push_back(&container.image);
  for (const ImageSpec* image : images) {
    if (image->build.empty()) continue;
    GTESTNET_RETURN_IF_ERROR(compose::EnsureImage(*image, engine, *helpers_, log()));
  }
  if (telemetry && !VariableValue("GTESTNET_PROMETHEUS_IMAGE")) {
    GTESTNET_ASSIGN_OR_RETURN(prometheus_image_,
                              compose::EnsurePrometheusImage(engine, *helpers_, log()));
  }
  return absl::OkStatus();
}

absl::Status K8sCluster::WriteRelease(const Placement& placement,
                                      const std::vector<NodeInfo>& nodes) const {
  GTESTNET_ASSIGN_OR_RETURN(const cfgsync::Plan plan, PlanOf(cluster_spec(), placement));
  const std::string text = cfgsync::WritePlan(plan);
  if (text.size() > kMostPlanBytes) {
    return InvalidArgument("the files of " + std::to_string(plan.nodes.size()) + " nodes are " +
                           std::to_string(text.size()) +
                           " bytes, and Kubernetes takes a megabyte: let what nodes have in common "
                           "be a file of its own, which is kept once, or have fewer nodes");
  }
  GTESTNET_RETURN_IF_ERROR(WriteFileAtomically(PlanFile(), text));
  ChartValues values;
  values.run_id = cluster_spec().run_id;
  values.test = cluster_spec().test;
  values.tools = tools_.image;
  values.nodes = nodes;
  values.containers = containers_;
  values.ports = cluster_spec().topology.kind->Ports();
  for (const NodeInfo& node : nodes) {
    // One that is added starts once it has been made known to the others.
    const bool added = node.index >= cluster_spec().topology.node_count();
    if (added || cluster_spec().topology.IsLate(node.index)) values.late.insert(node.index);
  }
  for (const std::string& name : cluster_spec().topology.kind->PassedOn(deployer())) {
    if (const auto value = VariableValue(name)) values.environment[name] = *value;
  }
  values.grace = options().stop_grace;
  values.node_ports = access_.access != K8sAccess::kPortForward;
  values.claims = cluster_spec().required.Contains(Capability::kPodControl);
  values.prometheus_image = prometheus_image_;
  return WriteFileAtomically(ValuesFile(), WriteChartValues(values));
}

// Returns when the API has all objects; what they become is watched.
absl::Status K8sCluster::Install(const std::string& verb) {
  return helpers_->Run(
      "helm " + verb,
      HelmCommand(target_.tools, {verb, kRelease, chart_, "--namespace", name_space(), "--values",
                                  ValuesFile(), "--set-file", "cfgsync.plan=" + PlanFile()}),
      kInstall);
}

// ----- primitives -----

absl::Status K8sCluster::CheckRole(const std::string& role) const {
  const bool is_name = !role.empty() && role.size() <= kLongestRole && role[0] >= 'a' &&
                       role[0] <= 'z' && std::ranges::all_of(role, [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                       });
  if (!is_name) {
    return InvalidArgument(
        "no Service can be named after the role \"" + role +
        "\": use at most 40 lower case letters, digits and dashes, a letter first");
  }
  return gtestnet::ContainerOf(*cluster_spec().topology.kind, role).status();
}

NodeAddress K8sCluster::PeerAddress(NodeIndex, const std::string& name) const {
  return {.host = name, .ports = {}};
}

absl::StatusOr<std::unique_ptr<ManagedNode>> K8sCluster::MakeNode(const NodeInfo& info,
                                                                  const Placement& placement) {
  auto made = std::make_unique<K8sNode>();
  made->info = info;
  made->info.whereabouts = made->outlet.whereabouts;
  made->life = std::make_unique<NodeLife>([this, node = made.get()](const std::string& how) {
    if (!node->replacing) TellEnd(*node, how);
  });
  if (!provisioned_) return made;
  // One that is added: the upgrade touches no other.
  std::vector<NodeInfo> all = nodes();
  all.push_back(info);
  GTESTNET_RETURN_IF_ERROR(WriteRelease(placement, all));
  GTESTNET_RETURN_IF_ERROR(Install("upgrade"));
  GTESTNET_RETURN_IF_ERROR(OpenNode(*made));
  return made;
}

// A pod's node starts with it, but for one that is late, or was stopped.
absl::Status K8sCluster::Launch(ManagedNode& node) {
  GTESTNET_RETURN_IF_ERROR(
      AwaitPod(kNodePart, node.info.name, [](const Pod& pod) { return pod.running; }).status());
  const AgentClient& agent = *Of(node).agent;
  GTESTNET_ASSIGN_OR_RETURN(const AgentReport report, agent.State());
  return report.state == "running" ? absl::OkStatus() : agent.Start().status();
}

absl::Status K8sCluster::Terminate(ManagedNode& node, bool) {
  const absl::StatusOr<AgentReport> report = Of(node).agent->Stop(Scaled(options().stop_grace));
  if (report.ok()) NoteEnd(node, report->exit ? report->exit->how : "");
  return report.status();
}

absl::Status K8sCluster::Destroy(ManagedNode& node) {
  const absl::StatusOr<AgentReport> report = Of(node).agent->Kill();
  // One that does not run any more is as it should be.
  if (report.ok() || absl::IsFailedPrecondition(report.status())) {
    NoteEnd(node, report.ok() && report->exit ? report->exit->how : "");
  }
  return report.status();
}

absl::Status K8sCluster::Freeze(ManagedNode& node) { return Of(node).agent->Pause().status(); }

absl::Status K8sCluster::Thaw(ManagedNode& node) { return Of(node).agent->Resume().status(); }

absl::Status K8sCluster::Replace(ManagedNode& node) {
  if (!cluster_spec().required.Contains(Capability::kPodControl)) {
    return FailedPrecondition("delete the pod of " + node.info.name +
                              ": ask for Capability::kPodControl, by Required() of the fixture or "
                              "\"require\" of the scenario");
  }
  K8sNode& own = Of(node);
  const std::string name = PodOf(node.info);
  const std::optional<Pod> before = pods_->Find(name);
  own.replacing = true;
  // Nobody is to ask at a node port behind which there is nothing: see FindHostThatAnswers.
  if (!host_.empty()) own.outlet.whereabouts->Set({.host = host_, .ports = {}});
  absl::Status status = api_->Delete("deletion of a pod", PathOf("pods/" + name));
  if (status.ok()) {
    // Pods are told of in order, so nothing comes of the one before any more.
    status = AwaitPod(kNodePart, node.info.name, [&](const Pod& now) {
               return now.running && (!before || now.uid != before->uid);
             }).status();
  }
  if (status.ok() && !host_.empty()) status = OpenNodePort(own.outlet, node.info.name + "-outside");
  own.replacing = false;
  GTESTNET_RETURN_IF_ERROR(status);
  // A late one waits to be told to, where its directory has gone with the pod.
  GTESTNET_ASSIGN_OR_RETURN(const AgentReport report, own.agent->State());
  return report.state == "running" ? absl::OkStatus() : own.agent->Start().status();
}

bool K8sCluster::OutlivesReplace(const ManagedNode& node) const {
  const std::optional<Pod> pod = pods_->Find(PodOf(node.info));
  return !pod || pod->claims;
}

absl::StatusOr<NodeUsage> K8sCluster::Usage(NodeIndex index) const {
  GTESTNET_ASSIGN_OR_RETURN(ManagedNode* const managed, Find(index));
  const K8sNode& node = Of(*managed);
  if (!node.agent) return Unavailable(node.info.name + " is not there yet");
  GTESTNET_ASSIGN_OR_RETURN(const AgentUsage usage, node.agent->Usage(kUsage));
  NodeUsage told;
  // A pid is one of its container.
  if (!usage.process.empty()) {
    told.process =
        usage.process + " (agent " + usage.change.substr(0, usage.change.find('.')) + ")";
  }
  told.since = usage.since;
  told.frozen = usage.frozen;
  told.values = {{"memory", static_cast<double>(usage.memory)},
                 {"cpu", static_cast<double>(usage.cpu_ms)}};
  if (usage.open_files) told.values["open_files"] = static_cast<double>(*usage.open_files);
  if (const std::optional<Pod> pod = pods_->Find(PodOf(node.info))) told.restarts = pod->restarts;
  return told;
}

std::string K8sCluster::EndOfLog(const ManagedNode& node) const {
  const absl::StatusOr<std::string> text = EndOf(PodOf(node.info), 10);
  return text.ok() ? LastLinesOf(*text) : "  (" + MessageOf(text.status()) + ")";
}

std::string K8sCluster::PlaceOfLog(const ManagedNode& node) const {
  return "kubectl --namespace " + name_space() + " logs " + PodOf(node.info);
}

std::string K8sCluster::MoreOf(const ManagedNode& node) const {
  return "  pod " + PodOf(node.info);
}

std::string K8sCluster::OtherEndpoints() const {
  if (prometheus_image_.empty()) return {};
  return "prometheus  " + Prometheus().value_or("out of reach") + "  log kubectl --namespace " +
         name_space() + " logs deployment/prometheus\n";
}

absl::StatusOr<std::string> K8sCluster::Prometheus() const {
  if (prometheus_image_.empty()) return BackendCluster::Prometheus();
  const absl::StatusOr<base::Endpoint> at = prometheus_.At("http");
  if (!at.ok()) return Annotate(at.status(), "the run's Prometheus");
  return "http://" + at->ToString();
}

}  // namespace gtestnet::k8s

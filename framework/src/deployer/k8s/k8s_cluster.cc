// SPDX-License-Identifier: Apache-2.0
#include "src/deployer/k8s/k8s_cluster.h"

#include <spdlog/logger.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "gtestnet/variables.h"
#include "src/base/program.h"
#include "src/base/status.h"
#include "src/base/wait.h"
#include "src/deployer/cluster/cfgsync_client.h"
#include "src/deployer/cluster/cfgsync_file.h"
#include "src/deployer/cluster/in_parallel.h"
#include "src/deployer/cluster/ledger.h"
#include "src/deployer/cluster/process_mark.h"
#include "src/deployer/compose/image.h"
#include "src/deployer/compose/stack_prometheus.h"
#include "src/deployer/k8s/chart_values.h"
#include "src/deployer/k8s/claim.h"
#include "src/deployer/k8s/known_failures.h"
#include "src/deployer/k8s/kubeconfig.h"
#include "src/deployer/k8s/labels.h"
#include "src/deployer/k8s/reach.h"
#include "src/node/log_tail.h"

namespace gtestnet::k8s {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswer{10000};
constexpr milliseconds kInstall{120000};
// The rules of a Service come a moment after its pod is ready.
constexpr milliseconds kNodePort{5000};
// How far the chain's start may be ahead of a cluster that is ready; about as on local.
constexpr milliseconds kStartAhead{100};
constexpr char kCfgsync[] = "cfgsync";
constexpr char kPrometheus[] = "prometheus";
constexpr uint16_t kPrometheusPort = 9090;
constexpr char kAgent[] = "agent";
constexpr uint16_t kAgentPort = 4500;
constexpr const char* kRoles[] = {"validator", "executor"};
constexpr int kMostNodes = 200;
// What a node's container gets of this environment.
constexpr const char* kPassedOn[] = {"NOMOS_LOG_LEVEL", "NOMOS_LOG_FILTER", "NOMOS_OTLP_ENDPOINT",
                                     "NOMOS_OTLP_METRICS_ENDPOINT"};

K8sNode& Of(ManagedNode& node) { return static_cast<K8sNode&>(node); }

// The only one of its StatefulSet.
std::string PodOf(const NodeInfo& node) { return node.name + "-0"; }

}  // namespace

K8sCluster::K8sCluster(const ClusterSpec& spec, const K8sOptions& access, const Tools& tools)
    : ManagedCluster(spec, {.backend = "k8s",
                            .ready_timeout = access.ready_timeout,
                            .stop_grace = access.stop_grace,
                            .most_nodes = kMostNodes,
                            .starts_by_itself = true}),
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
  if (spec.topology.node_count() > kMostNodes) {
    return InvalidArgument("k8s: " + std::to_string(spec.topology.node_count()) +
                           " nodes are too many; a run has at most " + std::to_string(kMostNodes));
  }
  std::unique_ptr<K8sCluster> cluster(new K8sCluster(spec, options, tools));
  GTESTNET_RETURN_IF_ERROR(Annotate(cluster->ProvisionAll(), "k8s"));
  return cluster;
}

absl::Status K8sCluster::ProvisionAll() {
  GTESTNET_RETURN_IF_ERROR(CheckRoles());
  GTESTNET_RETURN_IF_ERROR(StartGuardian());
  GTESTNET_RETURN_IF_ERROR(MakeDirectory());
  GTESTNET_ASSIGN_OR_RETURN(api_,
                            KubeApi::Open(target_.tools, *helpers_, directory_, Scaled(kAnswer)));
  GTESTNET_RETURN_IF_ERROR(FindImages());
  GTESTNET_RETURN_IF_ERROR(MakeNodes());
  GTESTNET_RETURN_IF_ERROR(WriteRelease(placement(), nodes()));
  GTESTNET_RETURN_IF_ERROR(ClaimNamespace(
      target_,
      {{kTestAnnotation, cluster_spec().test}, {kGuardianAnnotation, MarkOf(guardian_->pid())}},
      *helpers_));
  GTESTNET_RETURN_IF_ERROR(FollowPods());
  BeginLaunch();
  GTESTNET_RETURN_IF_ERROR(Install("install"));
  GTESTNET_RETURN_IF_ERROR(FindWay());
  GTESTNET_RETURN_IF_ERROR(AwaitNodes());
  GTESTNET_RETURN_IF_ERROR(OpenPrometheus());
  GTESTNET_RETURN_IF_ERROR(LearnStart());
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

absl::Status K8sCluster::WriteOwnLedger(bool preserved) const {
  return WriteLedger(directory_, LedgerOf(cluster_spec(), guardian_->pid(), preserved));
}

// Where this machine has an engine, the cluster may run on it (or its images be brought from
// there), so that the default image should be one of the programs of today.
absl::Status K8sCluster::FindImages() {
  const bool telemetry = cluster_spec().required.Contains(Capability::kTelemetry);
  image_ = VariableValue("NOMOS_TESTNET_IMAGE").value_or("nomos-testnet:local");
  prometheus_image_ =
      telemetry
          ? VariableValue("GTESTNET_PROMETHEUS_IMAGE").value_or("nomos-testnet-prometheus:local")
          : std::string();
  const absl::StatusOr<docker::EngineHost> host = docker::FindEngineHost();
  if (!host.ok()) return absl::OkStatus();
  docker::Engine engine(*host);
  if (!engine.Negotiate(milliseconds(2000)).ok()) return absl::OkStatus();
  // Those that are named are the cluster's matter.
  if (!VariableValue("NOMOS_TESTNET_IMAGE")) {
    GTESTNET_ASSIGN_OR_RETURN(image_, compose::EnsureImage(engine, *helpers_, log()));
  }
  if (telemetry && !VariableValue("GTESTNET_PROMETHEUS_IMAGE")) {
    GTESTNET_ASSIGN_OR_RETURN(prometheus_image_,
                              compose::EnsurePrometheusImage(engine, *helpers_, log()));
  }
  return absl::OkStatus();
}

absl::Status K8sCluster::WriteRelease(const Placement& placement,
                                      const std::vector<NodeInfo>& nodes) const {
  GTESTNET_ASSIGN_OR_RETURN(const std::string spec,
                            cfgsync::WriteSpec(CfgsyncSpec(cluster_spec(), placement)));
  GTESTNET_RETURN_IF_ERROR(WriteFileAtomically(SpecFile(), spec));
  ChartValues values;
  values.run_id = cluster_spec().run_id;
  values.test = cluster_spec().test;
  values.image = image_;
  values.pull_policy = VariableValue("NOMOS_TESTNET_IMAGE_PULL_POLICY").value_or("IfNotPresent");
  values.nodes = nodes;
  for (const NodeInfo& node : nodes) {
    if (cluster_spec().topology.IsLate(node.index)) values.late.insert(node.index);
  }
  for (const char* name : kPassedOn) {
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
                                  ValuesFile(), "--set-file", "cfgsync.spec=" + SpecFile()}),
      kInstall);
}

absl::Status K8sCluster::FindWay() {
  GTESTNET_RETURN_IF_ERROR(FindToken());
  GTESTNET_RETURN_IF_ERROR(AwaitCfgsync());
  GTESTNET_RETURN_IF_ERROR(FindHost());
  GTESTNET_RETURN_IF_ERROR(Open(cfgsync_, kCfgsync, "pod/cfgsync", {{"http", kCfgsyncPort}}));
  const std::vector<ManagedNode*> all = AllNodes();
  return InParallel(all.size(), [&](size_t i) { return OpenNode(Of(*all[i])); });
}

// One of the cluster's machines at which cfgsync answers, as it is ready.
absl::Status K8sCluster::FindHost() {
  if (access_.access == K8sAccess::kPortForward) return absl::OkStatus();
  GTESTNET_ASSIGN_OR_RETURN(const NodePorts ports, FindNodePorts(*api_, name_space()));
  const auto cfgsync = ports.find(kCfgsync);
  if (cfgsync == ports.end()) return Internal("the Service cfgsync has no node port");
  absl::StatusOr<std::string> host = FindHostThatAnswers(
      FindMachines(*api_), cfgsync->second.begin()->second, "/health", Scaled(kNodePort));
  if (host.ok()) {
    host_ = *std::move(host);
    return absl::OkStatus();
  }
  if (access_.access == K8sAccess::kNodePort) return host.status();
  log().info("by port-forward, as no node port answers: {}", MessageOf(host.status()));
  return absl::OkStatus();
}

absl::Status K8sCluster::AwaitCfgsync() {
  const absl::Status ready =
      WaitFor("cfgsync, which gives the nodes their config",
              [this]() -> absl::Status {
                GTESTNET_RETURN_IF_ERROR(OtherFailure());
                const std::optional<Pod> pod = pods_->Find(kCfgsync);
                if (!pod) return Unavailable("there is no pod of it");
                return pod->ready ? absl::OkStatus()
                                  : Unavailable("it " + WhatItWaitsFor(*pod, pods_->events()));
              },
              {.timeout = Scaled(options().ready_timeout)});
  return ready;
}

absl::Status K8sCluster::AwaitNodes() {
  const absl::Status ready = BecomeReady();
  const std::string progress = ready.ok() ? std::string() : pods_->Progress();
  if (!absl::IsDeadlineExceeded(ready) || progress.empty()) return ready;
  return DeadlineExceeded(MessageOf(ready) + "\n" + progress);
}

absl::Status K8sCluster::OpenPrometheus() {
  if (prometheus_image_.empty()) return absl::OkStatus();
  GTESTNET_RETURN_IF_ERROR(
      Open(prometheus_, kPrometheus, "service/prometheus", {{"http", kPrometheusPort}}));
  return WaitFor("prometheus: not ready",
                 [this]() -> absl::Status {
                   GTESTNET_RETURN_IF_ERROR(OtherFailure());
                   GTESTNET_ASSIGN_OR_RETURN(const base::Endpoint at, prometheus_.At("http"));
                   const auto answer =
                       base::HttpClient(at).Request({.target = "/-/ready"}, milliseconds(2000));
                   if (!answer.ok()) return answer.status();
                   if (answer->status == 200) return absl::OkStatus();
                   return Unavailable("HTTP " + std::to_string(answer->status));
                 },
                 {.timeout = Scaled(options().ready_timeout), .poll_interval = milliseconds(50)});
}

absl::Status K8sCluster::FindToken() {
  GTESTNET_ASSIGN_OR_RETURN(const boost::json::value secret,
                            api_->Get("the agents' token", PathOf("secrets/pod-agent")));
  boost::json::error_code error;
  const boost::json::value* const encoded = secret.find_pointer("/data/token", error);
  if (encoded != nullptr && encoded->is_string() &&
      absl::Base64Unescape(std::string(encoded->get_string()), &token_)) {
    return absl::OkStatus();
  }
  return Internal("the Secret pod-agent has no token");
}

absl::Status K8sCluster::Open(Outlet& outlet, const std::string& service, const std::string& pods,
                              const std::map<std::string, uint16_t>& ports) {
  if (host_.empty()) {
    const std::optional<Pod> pod = pods_->Find(pods.substr(pods.find('/') + 1));
    auto forward =
        std::make_unique<PortForward>(*helpers_, outlet.whereabouts,
                                      PortForwardOptions{.tools = target_.tools,
                                                         .name_space = name_space(),
                                                         .target = pods,
                                                         .pod = pod ? pod->uid : std::string(),
                                                         .ports = ports});
    PortForward* const begun = forward.get();
    {
      const std::lock_guard lock(mutex());
      outlet.forward = std::move(forward);
    }
    return begun->AwaitOpen(Scaled(options().ready_timeout));
  }
  GTESTNET_ASSIGN_OR_RETURN(const NodePorts all, FindNodePorts(*api_, name_space()));
  const auto found = all.find(service);
  if (found == all.end()) return Internal("the Service " + service + " has no node port");
  outlet.whereabouts->Set({.host = host_, .ports = found->second});
  return absl::OkStatus();
}

absl::Status K8sCluster::OpenNode(K8sNode& node) {
  std::map<std::string, uint16_t> ports = {{kAgent, kAgentPort}};
  for (const PortSpec& port : cluster_spec().topology.kind->Ports()) {
    if (!port.for_peers) ports[port.name] = port.well_known;
  }
  GTESTNET_RETURN_IF_ERROR(
      Open(node.outlet, node.info.name + "-outside", "pod/" + PodOf(node.info), ports));
  {
    const std::lock_guard lock(mutex());
    node.info.address = node.outlet.whereabouts->Get();
  }
  node.agent = std::make_unique<AgentClient>(
      AgentClientOptions{.node = node.info.name, .token = token_, .endpoint = [&node] {
                           return node.outlet.At(kAgent);
                         }});
  AgentWatchHandlers handlers;
  handlers.on_report = [&node](const AgentReport& report) { node.life->OnReport(report); };
  handlers.on_silence = [this, &node](const absl::Status& why) {
    log().warn("{}: its agent does not answer: {}", node.info.name, MessageOf(why));
  };
  node.agent_watch = std::make_unique<AgentWatch>(*node.agent, std::move(handlers));
  return absl::OkStatus();
}

absl::StatusOr<base::Endpoint> Outlet::At(const std::string& port) const {
  const NodeAddress address = whereabouts->Get();
  const auto found = address.ports.find(port);
  if (found == address.ports.end()) return Unavailable("it is not known at which port it is");
  return base::Endpoint::Tcp(address.host, found->second);
}

absl::Status K8sCluster::LearnStart() {
  GTESTNET_ASSIGN_OR_RETURN(const base::Endpoint cfgsync, cfgsync_.At("http"));
  GTESTNET_ASSIGN_OR_RETURN(const std::chrono::system_clock::time_point start,
                            AskStart(cfgsync, Scaled(kAnswer)));
  SetChainStart(start);
  // A run that began long before it would have fewer blocks than its time says.
  const auto ahead = std::chrono::ceil<milliseconds>(start - clock().WallNow());
  if (ahead > kStartAhead) clock().SleepFor(ahead - kStartAhead);
  return absl::OkStatus();
}

// ----- primitives -----

absl::Status K8sCluster::CheckRole(const std::string& role) const {
  for (const char* known : kRoles) {
    if (role == known) return absl::OkStatus();
  }
  return NotFound("the chart has no workload for the role \"" + role + "\": there are " +
                  absl::StrJoin(kRoles, ", "));
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
    if (!node->replacing) NoteEnd(*node, how);
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
  const AgentClient& agent = *Of(node).agent;
  GTESTNET_ASSIGN_OR_RETURN(const AgentReport report, agent.State());
  return report.state == "running" ? absl::OkStatus() : agent.Start().status();
}

absl::Status K8sCluster::Terminate(ManagedNode& node, bool) {
  const absl::Status status = Of(node).agent->Stop(Scaled(options().stop_grace)).status();
  if (status.ok()) NoteEnd(node, "as it was told to");
  return status;
}

absl::Status K8sCluster::Destroy(ManagedNode& node) {
  const absl::Status status = Of(node).agent->Kill().status();
  // One that does not run any more is as it should be.
  if (status.ok() || absl::IsFailedPrecondition(status)) NoteEnd(node, "as it was told to");
  return status;
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
  absl::Status status = api_->Delete("deletion of a pod", PathOf("pods/" + name));
  if (status.ok()) {
    // Pods are told of in order, so nothing comes of the one before any more.
    status = WaitFor(node.info.name + ": its next pod",
                     [&]() -> absl::Status {
                       const std::optional<Pod> now = pods_->Find(name);
                       if (!now) return Unavailable("there is none yet");
                       if (before && now->uid == before->uid)
                         return Unavailable("the pod is still there");
                       GTESTNET_RETURN_IF_ERROR(OtherFailure());
                       return now->running
                                  ? absl::OkStatus()
                                  : Unavailable("it " + WhatItWaitsFor(*now, pods_->events()));
                     },
                     {.timeout = Scaled(options().ready_timeout)});
  }
  own.replacing = false;
  GTESTNET_RETURN_IF_ERROR(status);
  return own.agent->State().status();
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

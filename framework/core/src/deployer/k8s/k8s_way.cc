// SPDX-License-Identifier: Apache-2.0
// K8sCluster: how its pods are reached from here, once they are there.
#include <spdlog/logger.h>

#include <boost/json.hpp>
#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "core/src/base/http.h"
#include "core/src/base/json_at.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cfgsync/plan.h"
#include "core/src/cluster/cfgsync_client.h"
#include "core/src/cluster/in_parallel.h"
#include "core/src/cluster/prometheus_ready.h"
#include "core/src/deployer/container/stack_prometheus.h"
#include "core/src/deployer/k8s/chart_values.h"
#include "core/src/deployer/k8s/k8s_cluster.h"
#include "core/src/deployer/k8s/labels.h"
#include "core/src/deployer/k8s/reach.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswer{10000};
// The rules of a Service come a moment after its pod runs.
constexpr milliseconds kNodePort{10000};
// A pod that is routed to answers or refuses at once, but it may still be beginning to listen.
constexpr milliseconds kPodAddress{2000};
constexpr milliseconds kPodAnswer{250};
constexpr int kSilences = 2;
constexpr char kHttp[] = "http";
// Among a node's ports, whose names are the kind's; and in the chart.
constexpr char kAgent[] = "(agent)";
constexpr char kAgentInChart[] = "agent";
constexpr uint16_t kAgentPort = 4500;
// A container begins again, or the rules of its Service come late.
constexpr milliseconds kAgentPatience{30000};

bool IsReachable(const Pod& pod) { return pod.running && !pod.deleted && !pod.ip.empty(); }

}  // namespace

absl::Status K8sCluster::FindWay() {
  GTESTNET_RETURN_IF_ERROR(FindToken());
  GTESTNET_ASSIGN_OR_RETURN(const Pod pod, AwaitPod(kCfgsyncPart, "", IsReachable));
  log().debug("cfgsync runs at {}", pod.ip);
  by_pods_ = PodsAreRoutedTo(pod);
  if (access_.access == K8sAccess::kPodAddress && !by_pods_) {
    return Unavailable("cfgsync does not answer at the address of its pod, " + pod.ip +
                       ": pods are not routed to from here");
  }
  if (!by_pods_) GTESTNET_RETURN_IF_ERROR(FindHost());
  GTESTNET_RETURN_IF_ERROR(Open(cfgsync_, kCfgsyncPart, "", {{kHttp, cfgsync::kPort}}));
  const std::vector<ManagedNode*> all = AllNodes();
  return InParallel(all.size(), [&](size_t i) { return OpenNode(static_cast<K8sNode&>(*all[i])); });
}

// Whether this run's cfgsync, and nobody else, answers at its pod's address.
bool K8sCluster::PodsAreRoutedTo(const Pod& pod) const {
  const bool wanted =
      access_.access == K8sAccess::kPodAddress ||
      (access_.access == K8sAccess::kAuto && !VariableValue("K8S_RUNNER_NODE_HOST"));
  if (!wanted) return false;
  int silences = 0;
  const absl::Status answers = WaitFor(
      "cfgsync's pod",
      [&]() -> absl::Status {
        const base::HttpClient client(base::Endpoint::Tcp(pod.ip, cfgsync::kPort));
        const auto response = client.Request({.target = "/health"}, Scaled(kPodAnswer));
        if (absl::IsDeadlineExceeded(response.status()) && ++silences == kSilences) {
          return Aborted("it is silent");
        }
        if (!response.ok()) return Unavailable(MessageOf(response.status()));
        boost::json::error_code error;
        const boost::json::value health = boost::json::parse(response->body, error);
        const bool is_ours = !error && base::TextAt(health, "/run") == cluster_spec().run_id;
        return is_ours ? absl::OkStatus() : Aborted("somebody else answers there");
      },
      {.timeout = Scaled(kPodAddress), .poll_interval = milliseconds(20)});
  if (!answers.ok()) log().debug("not by the addresses of pods: {}", MessageOf(answers));
  return answers.ok();
}

// One of the cluster's machines at which cfgsync answers, which runs.
absl::Status K8sCluster::FindHost() {
  if (access_.access == K8sAccess::kPortForward) return absl::OkStatus();
  GTESTNET_ASSIGN_OR_RETURN(const NodePorts ports, FindNodePorts(*api_, name_space()));
  const auto cfgsync = ports.find(kCfgsyncPart);
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

// The newest of these that is not being deleted, if there is one; at most one is at a time.
std::optional<Pod> K8sCluster::FindPod(const std::string& part, const std::string& node) const {
  std::optional<Pod> found;
  for (Pod& pod : pods_->pods()) {
    if (pod.part == part && pod.node == node && (!found || found->deleted)) found = std::move(pod);
  }
  return found;
}

absl::StatusOr<Pod> K8sCluster::AwaitPod(
    const std::string& part, const std::string& node,
    const std::function<bool(const Pod&)>& is_as_wanted) const {
  std::optional<Pod> pod;
  const absl::Status status =
      WaitFor("pod of " + (node.empty() ? part : node),
              [&]() -> absl::Status {
                GTESTNET_RETURN_IF_ERROR(OtherFailure());
                pod = FindPod(part, node);
                if (!pod) return Unavailable("there is none");
                if (is_as_wanted(*pod)) return absl::OkStatus();
                return Unavailable("it " + WhatItWaitsFor(*pod, pods_->events()));
              },
              {.timeout = Scaled(options().ready_timeout), .poll_interval = milliseconds(5)});
  if (!status.ok()) return status;
  return *std::move(pod);
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
      Open(prometheus_, kPrometheusPart, "", {{kHttp, compose::kPrometheusPort}}));
  return AwaitPrometheus(
      [this]() -> absl::StatusOr<base::Endpoint> {
        GTESTNET_RETURN_IF_ERROR(OtherFailure());
        return prometheus_.At(kHttp);
      },
      Scaled(options().ready_timeout));
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

absl::Status K8sCluster::Open(Outlet& outlet, const std::string& part, const std::string& node,
                              const std::map<std::string, uint16_t>& ports) {
  GTESTNET_ASSIGN_OR_RETURN(const Pod pod, AwaitPod(part, node, IsReachable));
  if (by_pods_) {
    const std::lock_guard lock(mutex());
    outlet.pod_ports = ports;
    // Another one may have come meanwhile, of which OnPod tells after this.
    outlet.Follow(FindPod(part, node).value_or(pod));
    return absl::OkStatus();
  }
  if (!host_.empty()) return OpenNodePort(outlet, node.empty() ? part : node + "-outside");
  auto forward = std::make_unique<PortForward>(
      *helpers_, outlet.whereabouts,
      PortForwardOptions{
          .tools = target_.tools,
          .name_space = name_space(),
          // Prometheus' pod has no name that is known before.
          .target = part == kPrometheusPart ? "service/prometheus" : "pod/" + pod.name,
          .pod = part == kPrometheusPart ? "" : pod.uid,
          .ports = ports});
  PortForward* const begun = forward.get();
  {
    const std::lock_guard lock(mutex());
    outlet.forward = std::move(forward);
  }
  return begun->AwaitOpen(Scaled(options().ready_timeout));
}

// Nobody is told of a node port before something answers there: see FindHostThatAnswers.
absl::Status K8sCluster::OpenNodePort(Outlet& outlet, const std::string& service) {
  GTESTNET_ASSIGN_OR_RETURN(const NodePorts all, FindNodePorts(*api_, name_space()));
  const auto found = all.find(service);
  if (found == all.end()) return Internal("the Service " + service + " has no node port");
  const auto agent = found->second.find(kAgentInChart);
  const uint16_t port =
      agent == found->second.end() ? found->second.begin()->second : agent->second;
  GTESTNET_RETURN_IF_ERROR(
      FindHostThatAnswers({host_}, port, "/", Scaled(options().ready_timeout)).status());
  NodeAddress address{.host = host_, .ports = found->second};
  if (auto ours = address.ports.extract(kAgentInChart); !ours.empty()) {
    address.ports[kAgent] = ours.mapped();
  }
  for (const PortSpec& one : cluster_spec().topology.kind->Ports()) {
    const auto named = address.ports.extract(ServicePortName(one));
    if (!named.empty()) address.ports[one.name] = named.mapped();
  }
  outlet.whereabouts->Set(std::move(address));
  return absl::OkStatus();
}

void Outlet::Follow(const Pod& pod) {
  if (pod_ports.empty() || pod.ip.empty()) return;
  whereabouts->Set({.host = pod.ip, .ports = pod_ports});
}

// Its address may soon be somebody else's.
void Outlet::Lose(const Pod& pod) {
  if (pod_ports.empty() || whereabouts->Get().host != pod.ip) return;
  whereabouts->Set({.host = pod.ip, .ports = {}});
}

absl::Status K8sCluster::OpenNode(K8sNode& node) {
  std::map<std::string, uint16_t> ports = {{kAgent, kAgentPort}};
  for (const PortSpec& port : cluster_spec().topology.kind->Ports()) {
    if (!port.for_peers) ports[port.name] = port.well_known;
  }
  GTESTNET_RETURN_IF_ERROR(Open(node.outlet, kNodePart, node.info.name, ports));
  GTESTNET_ASSIGN_OR_RETURN(
      const boost::json::value service,
      api_->Get("the Service of a node", PathOf("services/" + node.info.name)));
  {
    const std::lock_guard lock(mutex());
    node.info.address = node.outlet.whereabouts->Get();
    // As cfgsync-client puts it in, where names may not resolve.
    node.info.peer_address.host = base::TextAt(service, "/spec/clusterIP");
  }
  node.agent = std::make_unique<AgentClient>(
      AgentClientOptions{.node = node.info.name,
                         .token = token_,
                         .endpoint = [&node] { return node.outlet.At(kAgent); },
                         .patience = Scaled(kAgentPatience)});
  AgentWatchHandlers handlers;
  handlers.on_report = [this, &node](const AgentReport& report) { OnReport(node, report); };
  handlers.on_silence = [this, &node](const absl::Status& why) { OnSilence(node, why); };
  node.agent_watch = std::make_unique<AgentWatch>(*node.agent, std::move(handlers));
  return Annotate(node.agent_watch->status(), node.info.name);
}

absl::StatusOr<base::Endpoint> Outlet::At(const std::string& port) const {
  const NodeAddress address = whereabouts->Get();
  const auto found = address.ports.find(port);
  if (found == address.ports.end()) return Unavailable("it is not known at which port it is");
  return base::Endpoint::Tcp(address.host, found->second);
}

absl::Status K8sCluster::BeginChain() {
  GTESTNET_ASSIGN_OR_RETURN(const base::Endpoint cfgsync, cfgsync_.At(kHttp));
  GTESTNET_ASSIGN_OR_RETURN(const std::chrono::system_clock::time_point start,
                            gtestnet::BeginChain(cfgsync, Scaled(kAnswer)));
  return AwaitChainStart(start);
}

}  // namespace gtestnet::k8s

// SPDX-License-Identifier: Apache-2.0
// K8sCluster: how its pods are reached from here, once they are there.
#include <spdlog/logger.h>

#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "gtestnet/variables.h"
#include "src/base/http.h"
#include "src/base/status.h"
#include "src/base/wait.h"
#include "src/cfgsync/spec.h"
#include "src/deployer/cluster/cfgsync_client.h"
#include "src/deployer/cluster/in_parallel.h"
#include "src/deployer/cluster/prometheus_ready.h"
#include "src/deployer/compose/stack_prometheus.h"
#include "src/deployer/k8s/k8s_cluster.h"
#include "src/deployer/k8s/reach.h"

namespace gtestnet::k8s {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswer{10000};
// The rules of a Service come a moment after its pod runs.
constexpr milliseconds kNodePort{10000};
constexpr char kCfgsync[] = "cfgsync";
constexpr char kPrometheus[] = "prometheus";
constexpr char kAgent[] = "agent";
constexpr uint16_t kAgentPort = 4500;
// A container begins again, or the rules of its Service come late.
constexpr milliseconds kAgentPatience{30000};

}  // namespace

absl::Status K8sCluster::FindWay() {
  GTESTNET_RETURN_IF_ERROR(FindToken());
  GTESTNET_RETURN_IF_ERROR(AwaitPod(kCfgsync, [](const Pod& pod) { return pod.running; }));
  GTESTNET_RETURN_IF_ERROR(FindHost());
  GTESTNET_RETURN_IF_ERROR(Open(cfgsync_, kCfgsync, "pod/cfgsync", {{"http", cfgsync::kPort}}));
  const std::vector<ManagedNode*> all = AllNodes();
  return InParallel(all.size(), [&](size_t i) { return OpenNode(static_cast<K8sNode&>(*all[i])); });
}

// One of the cluster's machines at which cfgsync answers, which runs.
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

absl::Status K8sCluster::AwaitPod(const std::string& name,
                                  const std::function<bool(const Pod&)>& is_as_wanted) const {
  return WaitFor("pod " + name,
                 [&]() -> absl::Status {
                   GTESTNET_RETURN_IF_ERROR(OtherFailure());
                   const std::optional<Pod> pod = pods_->Find(name);
                   if (!pod) return Unavailable("there is none");
                   if (is_as_wanted(*pod)) return absl::OkStatus();
                   return Unavailable("it " + WhatItWaitsFor(*pod, pods_->events()));
                 },
                 {.timeout = Scaled(options().ready_timeout)});
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
      Open(prometheus_, kPrometheus, "service/prometheus", {{"http", compose::kPrometheusPort}}));
  return AwaitPrometheus(
      [this]() -> absl::StatusOr<base::Endpoint> {
        GTESTNET_RETURN_IF_ERROR(OtherFailure());
        return prometheus_.At("http");
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
      AgentClientOptions{.node = node.info.name,
                         .token = token_,
                         .endpoint = [&node] { return node.outlet.At(kAgent); },
                         .patience = Scaled(kAgentPatience)});
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

absl::Status K8sCluster::BeginChain() {
  GTESTNET_ASSIGN_OR_RETURN(const base::Endpoint cfgsync, cfgsync_.At("http"));
  GTESTNET_ASSIGN_OR_RETURN(const std::chrono::system_clock::time_point start,
                            gtestnet::BeginChain(cfgsync, Scaled(kAnswer)));
  AwaitChainStart(start);
  return absl::OkStatus();
}

}  // namespace gtestnet::k8s

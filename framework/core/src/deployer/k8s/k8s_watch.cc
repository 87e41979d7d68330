// SPDX-License-Identifier: Apache-2.0
// K8sCluster: what happens to its pods by itself.
#include <spdlog/logger.h>

#include <utility>

#include "core/src/base/status.h"
#include "core/src/deployer/k8s/k8s_cluster.h"
#include "core/src/deployer/k8s/labels.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswer{10000};
constexpr milliseconds kProgress{5000};

std::string ToldToEnd(const std::string& node) {
  return "the container of " + node +
         " was told to end (SIGTERM), not by this run: by the kubelet or the container runtime of "
         "its machine";
}

}  // namespace

absl::Status K8sCluster::FollowPods() {
  PodWatchOptions options;
  options.endpoint = [this] { return api_->Reach(); };
  options.name_space = name_space();
  options.selector = std::string(kRunLabel) + "=" + cluster_spec().run_id;
  PodWatchHandlers handlers;
  handlers.on_pod = [this](const Pod& pod) { OnPod(pod); };
  handlers.on_gone = [this](const Pod& pod) { OnGone(pod); };
  handlers.on_event = [this](const Event& event) { OnEvent(event); };
  handlers.on_lost = [this](const absl::Status& why) { LoseAll(why); };
  said_ = clock().Now();
  pods_ = std::make_unique<PodWatch>(std::move(options), std::move(handlers));
  return pods_->AwaitOpen(Scaled(kAnswer));
}

void K8sCluster::StopFollowing() {
  pods_.reset();
  cfgsync_.forward.reset();
  prometheus_.forward.reset();
  for (ManagedNode* node : AllNodes()) {
    K8sNode* const own = static_cast<K8sNode*>(node);
    own->agent_watch.reset();
    own->outlet.forward.reset();
  }
  api_.reset();
}

K8sNode* K8sCluster::NodeOf(const Pod& pod) const {
  for (ManagedNode* node : AllNodes()) {
    if (node->info.name == pod.node) return static_cast<K8sNode*>(node);
  }
  return nullptr;
}

Outlet* K8sCluster::OutletOf(const Pod& pod) {
  if (K8sNode* const node = NodeOf(pod)) return &node->outlet;
  return pod.part == kCfgsyncPart      ? &cfgsync_
         : pod.part == kPrometheusPart ? &prometheus_
                                       : nullptr;
}

// An agent stops its node without a verb of ours when its container is told to end: by the kubelet,
// for a deletion or an eviction, of which the API tells then; or by a container runtime that is
// being stopped, of which it cannot tell.
void K8sCluster::OnReport(K8sNode& node, const AgentReport& report) {
  const bool stopped = report.state == "stopped" && report.exit && report.exit->asked;
  if (stopped && StateOf(node) == NodeState::kRunning && !node.replacing) node.told_to_end = true;
  node.life->OnReport(report);
}

void K8sCluster::OnSilence(K8sNode& node, const absl::Status& why) {
  if (node.told_to_end) {
    return TellEnd(node, "its agent has not answered since: " + MessageOf(why));
  }
  log().warn("{}: its agent does not answer: {}", node.info.name, MessageOf(why));
}

void K8sCluster::TellEnd(K8sNode& node, const std::string& how) {
  NoteEnd(node, how, node.told_to_end.exchange(false) ? ToldToEnd(node.info.name) : "");
}

absl::Status K8sCluster::Health() const {
  for (const ManagedNode* node : AllNodes()) {
    if (static_cast<const K8sNode*>(node)->told_to_end) {
      return Unavailable(ToldToEnd(node->info.name));
    }
  }
  return pods_ ? pods_->Health() : absl::OkStatus();
}

void K8sCluster::OnPod(const Pod& pod) {
  K8sNode* const node = NodeOf(pod);
  PortForward* forward = nullptr;
  if (Outlet* const outlet = OutletOf(pod)) {
    const std::lock_guard lock(mutex());
    if (!pod.deleted) outlet->Follow(pod);
    if (node != nullptr) forward = outlet->forward.get();
  }
  if (forward != nullptr) forward->SetPod(pod.uid);
  if (node != nullptr) {
    node->life->OnPod(pod);
  } else if (std::exchange(others_ends_[pod.uid], pod.ends()) < pod.ends() && !closing()) {
    // Nodes that run need cfgsync no more, and one that starts finds it again.
    log().warn("{}: {}, and it is begun again", pod.name, HowItEnded(pod));
  }
}

void K8sCluster::OnGone(const Pod& pod) {
  if (Outlet* const outlet = OutletOf(pod)) {
    const std::lock_guard lock(mutex());
    outlet->Lose(pod);
  }
  if (K8sNode* const node = NodeOf(pod)) {
    node->life->OnGone(pod);
  } else if (!closing()) {
    log().warn("{}: {}", pod.name, HowItEnded(pod));
  }
}

void K8sCluster::OnEvent(const Event& event) {
  for (ManagedNode* node : AllNodes()) static_cast<K8sNode*>(node)->life->OnEvent(event);
}

void K8sCluster::LoseAll(const absl::Status& why) {
  for (ManagedNode* node : AllNodes()) {
    NoteEnd(*node, "lost: " + MessageOf(why), "the Kubernetes API does not answer any more");
  }
}

absl::Status K8sCluster::OtherFailure() const {
  SayProgress();
  return pods_->Failure();
}

void K8sCluster::SayProgress() const {
  if (provisioned_) return;
  {
    const std::lock_guard lock(mutex());
    if (clock().Now() - said_ < kProgress) return;
    said_ = clock().Now();
  }
  if (const std::string progress = pods_->Progress(); !progress.empty()) log().info("{}", progress);
}

}  // namespace gtestnet::k8s

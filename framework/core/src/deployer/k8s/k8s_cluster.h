// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_K8S_CLUSTER_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_K8S_CLUSTER_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/src/cluster/collection.h"
#include "core/src/cluster/helper_commands.h"
#include "core/src/cluster/managed_cluster.h"
#include "core/src/deployer/container/image.h"
#include "core/src/deployer/k8s/agent_client.h"
#include "core/src/deployer/k8s/agent_watch.h"
#include "core/src/deployer/k8s/kube_api.h"
#include "core/src/deployer/k8s/kubectl.h"
#include "core/src/deployer/k8s/node_life.h"
#include "core/src/deployer/k8s/pod_watch.h"
#include "core/src/deployer/k8s/port_forward.h"
#include "core/src/deployer/k8s/sweep.h"
#include "core/src/guardian/guardian.h"
#include "gtestnet/k8s_deployer.h"

namespace gtestnet::k8s {

// Where a pod is reached from here.
struct Outlet {
  std::shared_ptr<Whereabouts> whereabouts = std::make_shared<Whereabouts>();
  // Of these at most one; guarded by the mutex.
  std::unique_ptr<PortForward> forward;
  std::map<std::string, uint16_t> pod_ports;  // at the pod's own address, which is followed

  // With the mutex held: where the pod is now, or that it is there no more.
  void Follow(const Pod& pod);
  void Lose(const Pod& pod);

  // kUnavailable while that is not known.
  absl::StatusOr<base::Endpoint> At(const std::string& port) const;
};

// One node of a K8sCluster.
struct K8sNode : ManagedNode {
  Outlet outlet;
  std::unique_ptr<NodeLife> life;
  // Set before anyone may use them, and never again.
  std::unique_ptr<AgentClient> agent;
  std::unique_ptr<AgentWatch> agent_watch;
  std::atomic<bool> replacing = false;  // the end of its pod was asked for
  // Its agent was told to end, and not by this run; until that end is told.
  std::atomic<bool> told_to_end = false;
};

// The name of its pod, the only one of its StatefulSet.
inline std::string PodOf(const NodeInfo& node) { return node.name + "-0"; }

// The nodes of one run as pods of a namespace.
class K8sCluster final : public ManagedCluster {
 public:
  // What Deployer::Provision says.
  static absl::StatusOr<std::unique_ptr<K8sCluster>> Provision(const ClusterSpec& spec,
                                                               const K8sOptions& options,
                                                               const Tools& tools);
  ~K8sCluster() override;

  absl::Status Health() const override;
  absl::StatusOr<std::string> Log(NodeIndex node, size_t bytes) const override;
  absl::StatusOr<NodeUsage> Usage(NodeIndex node) const override;
  absl::StatusOr<LogPart> ReadLog(NodeIndex node, const std::string& cursor) const override;
  absl::Status Collect(const std::string& directory) const override;
  absl::StatusOr<std::string> Prometheus() const override;

  // For tests.
  const std::string& name_space() const { return target_.name_space; }

 protected:
  absl::Status CheckRole(const std::string& role) const override;
  NodeAddress PeerAddress(NodeIndex node, const std::string& name) const override;
  absl::StatusOr<std::unique_ptr<ManagedNode>> MakeNode(const NodeInfo& info,
                                                        const Placement& placement) override;
  absl::Status Launch(ManagedNode& node) override;
  absl::Status Terminate(ManagedNode& node, bool frozen) override;
  absl::Status Destroy(ManagedNode& node) override;
  absl::Status Freeze(ManagedNode& node) override;
  absl::Status Thaw(ManagedNode& node) override;
  absl::Status Replace(ManagedNode& node) override;
  bool OutlivesReplace(const ManagedNode& node) const override;
  std::string EndOfLog(const ManagedNode& node) const override;
  std::string PlaceOfLog(const ManagedNode& node) const override;
  std::string MoreOf(const ManagedNode& node) const override;
  std::string OtherEndpoints() const override;
  absl::Status OtherFailure() const override;
  absl::Status Keep() override;
  absl::Status Remove() override;

 private:
  K8sCluster(const ClusterSpec& spec, const K8sOptions& access, const Tools& tools);

  // Provisioning, in this order.
  absl::Status ProvisionAll();
  absl::Status StartGuardian();
  absl::Status MakeDirectory();
  absl::Status OpenApi();
  absl::Status FindImages();
  absl::Status TakeNamespace();
  absl::Status FollowPods();
  absl::Status WriteRelease(const Placement& placement, const std::vector<NodeInfo>& nodes) const;
  absl::Status Install(const std::string& verb);
  absl::Status FindWay();
  bool PodsAreRoutedTo(const Pod& pod) const;
  // Waits until the pod is so, unless it never will be. Of a part of the release that is no node,
  // `node` is empty.
  absl::StatusOr<Pod> AwaitPod(const std::string& part, const std::string& node,
                               const std::function<bool(const Pod&)>& is_as_wanted) const;
  absl::Status FindHost();
  absl::Status OpenPrometheus();
  absl::Status AwaitNodes();
  absl::Status BeginChain();

  std::string ValuesFile() const { return directory_ + "/values.json"; }
  std::string PlanFile() const { return directory_ + "/plan.json"; }
  // A path of the API, in the run's namespace.
  std::string PathOf(const std::string& rest) const {
    return "/api/v1/namespaces/" + target_.name_space + "/" + rest;
  }
  absl::Status WriteOwnLedger(bool preserved) const;
  // Fills in where it is, once it runs.
  absl::Status Open(Outlet& outlet, const std::string& part, const std::string& node,
                    const std::map<std::string, uint16_t>& ports);
  absl::Status OpenNodePort(Outlet& outlet, const std::string& service);
  absl::Status OpenNode(K8sNode& node);
  void OnReport(K8sNode& node, const AgentReport& report);
  void OnSilence(K8sNode& node, const absl::Status& why);
  // The node's end, which this run did not ask for.
  void TellEnd(K8sNode& node, const std::string& how);
  void OnPod(const Pod& pod);
  void OnGone(const Pod& pod);
  void OnEvent(const Event& event);
  K8sNode* NodeOf(const Pod& pod) const;
  Outlet* OutletOf(const Pod& pod);
  std::optional<Pod> FindPod(const std::string& part, const std::string& node) const;
  void LoseAll(const absl::Status& why);
  // Every few seconds, what the pods wait for.
  void SayProgress() const;
  void StopFollowing();
  absl::Status FindToken();
  absl::StatusOr<std::string> EndOf(const std::string& pod, int lines, bool previous = false) const;
  void CollectPods(Collection& collection) const;
  void CollectRelease(Collection& collection) const;
  absl::Status CheckNothingIsLeft() const;

  const K8sOptions access_;
  const std::string directory_;
  const SweepTarget target_;
  std::string chart_;
  std::map<std::string, ContainerSpec> containers_;  // by role
  compose::Tools tools_;
  std::string prometheus_image_;  // empty: telemetry was not asked for
  std::string token_;             // of the agents
  bool by_pods_ = false;          // pods are reached at their addresses; else
  std::string host_;              // at which node ports answer; empty: port-forwards it is
  Outlet cfgsync_;
  Outlet prometheus_;

  std::atomic<bool> provisioned_ = false;
  std::unique_ptr<Guardian> guardian_;
  std::unique_ptr<HelperCommands> helpers_;
  std::unique_ptr<KubeApi> api_;
  std::unique_ptr<PodWatch> pods_;
  // Of pods that are no nodes, by uid: Pod::ends. For the watch's handlers alone.
  std::map<std::string, int> others_ends_;
  mutable Clock::TimePoint said_;  // when progress was; guarded by the mutex
};

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_K8S_CLUSTER_H_

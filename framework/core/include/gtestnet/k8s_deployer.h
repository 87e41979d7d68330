// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_K8S_DEPLOYER_H_
#define GTESTNET_K8S_DEPLOYER_H_

#include <chrono>
#include <memory>
#include <string_view>

#include "gtestnet/deployer.h"

namespace gtestnet {

// How nodes are reached from where the test runs.
enum class K8sAccess {
  kAuto,         // pods' addresses where they are routed to from here, else node ports, else
                 // port-forwards; with K8S_RUNNER_NODE_HOST pods' addresses are not tried
  kPodAddress,   // that of each node's pod, followed when it moves: as inside of the cluster
  kNodePort,     // ports of the cluster's machines
  kPortForward,  // kubectl port-forward, one for each node, made anew when its pod moves
};

struct K8sOptions {
  // From the installation to "every node is ready"; stretched by GTESTNET_TIMEOUT_SCALE. What will
  // never come (an image that is not there, a quota) ends the wait at once.
  std::chrono::milliseconds ready_timeout{120000};
  // How long Stop waits between SIGTERM and SIGKILL.
  std::chrono::milliseconds stop_grace{5000};
  K8sAccess access = K8sAccess::kAuto;
};

// Nodes are pods in a namespace of their own, installed with the chart assets/helm by kubectl and
// helm, so in whatever cluster and with whatever credentials the current context of the kubeconfig
// has. The images are those of the kind (NodeKind::Container), and must be in the cluster, or where
// it can pull them from; those that can be built are where this machine has a Docker Engine, as the
// cluster may run on it.
//
//   K8sDeployer deployer;
//   absl::StatusOr<std::unique_ptr<Runner>> runner = deployer.Deploy(*scenario);
//
// A node is stopped, killed and paused inside its pod, by the agent that is the pod's first
// process; deletion of the pod is a verb of its own (NodeControl::DeletePod), for tests that ask
// for Capability::kPodControl: their nodes have a volume claim where the cluster has a default
// storage class, so that a node keeps its database in its next pod. Without that capability nodes
// have emptyDirs, which are there sooner.
//
// Everything of a run carries its id as a label (gtestnet.run); a guardian process removes it
// however this process ends. K8S_RUNNER_NAMESPACE names a namespace; one that was there before is
// not removed itself.
class K8sDeployer final : public Deployer {
 public:
  explicit K8sDeployer(K8sOptions options = {}) : options_(options) {}

  std::string_view name() const override { return "k8s"; }
  Capabilities capabilities() const override {
    return {Capability::kNodeControl, Capability::kTelemetry, Capability::kPodControl};
  }
  Availability Probe() const override;
  absl::StatusOr<std::unique_ptr<BackendCluster>> Provision(const ClusterSpec& spec) override;

 private:
  K8sOptions options_;
};

}  // namespace gtestnet

#endif  // GTESTNET_K8S_DEPLOYER_H_

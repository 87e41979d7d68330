// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_KUBECONFIG_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_KUBECONFIG_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace gtestnet::k8s {

// Where kubectl and helm will take the cluster's address and credentials from, for people:
// "KUBECONFIG=/home/me/kind.yaml", "/home/me/.kube/config", "the pod's service account". Looks only
// whether it is there. kNotFound names each place that was looked at.
absl::StatusOr<std::string> FindKubeconfig();

// For programs that run in another directory than this one: KUBECONFIG, if it is set,
// with absolute paths.
std::map<std::string, std::string> KubeEnvironment();

// Whether this process is in a pod that has a service account: no kubeconfig is needed then.
bool IsInCluster();

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_KUBECONFIG_H_

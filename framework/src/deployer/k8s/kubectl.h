// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_DEPLOYER_K8S_KUBECTL_H_
#define GTESTNET_SRC_DEPLOYER_K8S_KUBECTL_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gtestnet::k8s {

// The programs by which a cluster is talked to, and which one it is. The context is fixed when a
// run begins, so that whoever changes the current one meanwhile does not lead the run, or its
// removal, elsewhere.
struct Tools {
  std::string kubectl;  // paths
  std::string helm;
  std::string context;  // of the kubeconfig; empty inside a cluster, where there is none
};

// kNotFound: a program is not in PATH; kFailedPrecondition: it is too old, or there is no
// kubeconfig. Asks no cluster.
absl::StatusOr<Tools> FindTools();

// "kubectl --context=kind-kind get pods"
std::vector<std::string> KubectlCommand(const Tools& tools, std::vector<std::string> arguments);
std::vector<std::string> HelmCommand(const Tools& tools, std::vector<std::string> arguments);

// Runs kubectl to its end: what it wrote. `what` begins an error: "list of the namespaces".
// kUnavailable: no cluster answers; kUnauthenticated, kPermissionDenied, kNotFound, kAlreadyExists,
// kDeadlineExceeded, kInternal; each with what to do where that is known.
absl::StatusOr<std::string> Kubectl(const Tools& tools, std::string_view what,
                                    std::vector<std::string> arguments,
                                    std::chrono::milliseconds timeout);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_SRC_DEPLOYER_K8S_KUBECTL_H_

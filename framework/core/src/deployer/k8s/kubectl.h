// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_KUBECTL_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_KUBECTL_H_

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

// kNotFound: a program is not in PATH, or there is no kubeconfig; kFailedPrecondition: one is too
// old, or the kubeconfig has no current context; each with what to do. Asks no cluster.
absl::StatusOr<Tools> FindTools();
// For people: "kubectl 1.20.2, helm 3.10.1".
std::string DescribeTools(const Tools& tools);

// "kubectl --context=kind-kind get pods"
std::vector<std::string> KubectlCommand(const Tools& tools, std::vector<std::string> arguments);
std::vector<std::string> HelmCommand(const Tools& tools, std::vector<std::string> arguments);

// Runs kubectl to its end: what it wrote to standard output; its warnings are lost. `what` begins
// an error: "list of the namespaces". kUnavailable: no cluster answers; kUnauthenticated,
// kPermissionDenied, kResourceExhausted (a quota), kFailedPrecondition, kNotFound, kAlreadyExists,
// kDeadlineExceeded, kInternal; each with what to do where that is known. The timeout is not
// stretched.
//
// Commands that look for resource types first (get, delete, auth) try a cluster that does not
// answer several times, so that --request-timeout alone does not bound them: `timeout` does.
absl::StatusOr<std::string> Kubectl(const Tools& tools, std::string_view what,
                                    std::vector<std::string> arguments,
                                    std::chrono::milliseconds timeout);

// What kubectl or helm wrote when it failed as an error: the code, and what to do if that is known.
absl::Status ExplainFailure(std::string_view what, std::string_view said);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_KUBECTL_H_

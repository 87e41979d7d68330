// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_K8S_PROBE_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_K8S_PROBE_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/src/deployer/k8s/kubectl.h"
#include "core/src/deployer/k8s/version.h"
#include "gtestnet/deployer.h"

namespace gtestnet::k8s {

// Deployer::Probe of k8s: the programs, the kubeconfig, the API and its version, whether it knows
// this user, and whether the user may make the run's namespace (or what goes into the one that
// K8S_RUNNER_NAMESPACE names). Changes nothing. Takes about a third of a second, and two seconds
// where the API does not answer, or ten where GTESTNET_REQUIRE names k8s, as nothing is gained by
// haste then.
Availability ProbeCluster();

// Its parts, for the doctor. Timeouts are not stretched.
absl::StatusOr<Version> AskClusterVersion(const Tools& tools, std::chrono::milliseconds timeout);
// kubectl auth can-i: "create", "namespaces".
absl::StatusOr<bool> MayI(const Tools& tools, std::vector<std::string> question,
                          std::chrono::milliseconds timeout);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_K8S_PROBE_H_

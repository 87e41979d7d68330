// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_K8S_LEFTOVERS_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_K8S_LEFTOVERS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/cluster/trace.h"
#include "core/src/deployer/k8s/kubectl.h"

namespace gtestnet::k8s {

// Of all runs in that cluster. Who may not list the namespaces sees `name_space`, if that is not
// empty.
absl::StatusOr<std::vector<BackendTrace>> FindTracesAt(const Tools& tools,
                                                       const std::string& name_space);
// Removes it all; kDeadlineExceeded names what is still there.
absl::Status RemoveTraceAt(const Tools& tools, const std::string& name_space,
                           const std::string& run_id);

// The same in the cluster of the current context; none where there is no kubectl, or no cluster
// answers, which takes 2.5 s at most to find out. Who may not list the namespaces sees that which
// K8S_RUNNER_NAMESPACE names.
std::vector<BackendTrace> FindTraces();
absl::Status RemoveTrace(const std::string& run_id);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_K8S_LEFTOVERS_H_

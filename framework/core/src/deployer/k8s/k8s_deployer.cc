// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/k8s_deployer.h"

#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/deployer/k8s/k8s_cluster.h"
#include "core/src/deployer/k8s/k8s_probe.h"

namespace gtestnet {

Availability K8sDeployer::Probe() const { return k8s::ProbeCluster(); }

absl::StatusOr<std::unique_ptr<BackendCluster>> K8sDeployer::Provision(const ClusterSpec& spec) {
  const Availability here = Probe();
  if (!here.available) return FailedPrecondition(here.reason + "; " + here.remedy);
  GTESTNET_ASSIGN_OR_RETURN(const k8s::Tools tools, k8s::FindTools());
  return k8s::K8sCluster::Provision(spec, options_, tools);
}

}  // namespace gtestnet

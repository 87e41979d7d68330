// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/local_deployer.h"

namespace gtestnet {
Availability LocalDeployer::Probe() const { return {}; }
absl::StatusOr<std::unique_ptr<BackendCluster>> LocalDeployer::Provision(const ClusterSpec&) {
  return absl::UnimplementedError("");
}
}  // namespace gtestnet

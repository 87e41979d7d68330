// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/preparation.h"

namespace gtestnet {

bool LeavesBundle(Preserve when, bool failed) {
  return Keeps(when, failed) || BundleWanted().value_or(Preserve::kOnFailure) == Preserve::kAlways;
}

ClusterEnd EndCluster(BackendCluster& cluster, bool failed) {
  const absl::StatusOr<Preserve> when = PreserveWanted(cluster.deployer());
  ClusterEnd end;
  end.kept = when.ok() && Keeps(*when, failed);  // PrepareRun refuses a bad one
  end.status = cluster.TearDown(end.kept);
  return end;
}

}  // namespace gtestnet

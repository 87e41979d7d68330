// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "core/src/base/status.h"
#include "gtestnet/deployer.h"
#include "gtestnet/preparation.h"
#include "gtestnet/runner.h"
#include "gtestnet/scenario.h"
#include "gtestnet/standard_descriptors.h"

namespace gtestnet {

absl::StatusOr<std::unique_ptr<Runner>> Deployer::Deploy(const Scenario& scenario) {
  OpenStandardDescriptors();
  RunRequest request;
  request.name = scenario.name;
  request.topology = scenario.topology;
  request.required = scenario.required;
  request.rerun = scenario.rerun;
  GTESTNET_ASSIGN_OR_RETURN(PreparedRun run, PrepareRun(*this, request));
  GTESTNET_ASSIGN_OR_RETURN(std::unique_ptr<BackendCluster> cluster, Provision(run.cluster));
  return std::make_unique<Runner>(std::move(cluster), std::move(run.options), scenario);
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SUITES_RUNNER_CLUSTER_FROM_FLAGS_H_
#define GTESTNET_SUITES_RUNNER_CLUSTER_FROM_FLAGS_H_

#include "absl/status/statusor.h"
#include "gtestnet/topology.h"
#include "runner/commands.h"

namespace gtestnet::command {

// A valid topology whose seed is set: the flag's, else GTESTNET_SEED's, else a random one.
absl::StatusOr<TopologySpec> TopologyFromFlags(const ClusterArguments& arguments);

}  // namespace gtestnet::command

#endif  // GTESTNET_SUITES_RUNNER_CLUSTER_FROM_FLAGS_H_

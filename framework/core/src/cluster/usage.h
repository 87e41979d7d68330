// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_USAGE_H_
#define GTESTNET_CORE_SRC_CLUSTER_USAGE_H_

#include "core/src/base/processes.h"
#include "gtestnet/deployer.h"

namespace gtestnet {

// Of processes that this machine can look at.
NodeUsage UsageOf(const ProcessUsage& usage);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_USAGE_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_DEPLOYER_CLUSTER_SURROUNDINGS_H_
#define GTESTNET_SRC_DEPLOYER_CLUSTER_SURROUNDINGS_H_

#include <map>
#include <string>

#include "absl/status/status.h"

namespace gtestnet {

// What nodes and helper commands inherit: this process's environment, without what is meant for the
// test program.
std::map<std::string, std::string> InheritedEnvironment();

// Those above it, too.
absl::Status MakeDirectories(const std::string& path);

}  // namespace gtestnet

#endif  // GTESTNET_SRC_DEPLOYER_CLUSTER_SURROUNDINGS_H_

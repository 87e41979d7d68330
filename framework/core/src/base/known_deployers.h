// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_KNOWN_DEPLOYERS_H_
#define GTESTNET_CORE_SRC_BASE_KNOWN_DEPLOYERS_H_

#include <string>

namespace gtestnet::base {

// Makes KnownDeployers have it. Any thread.
void AddKnownDeployer(std::string name);

}  // namespace gtestnet::base

#endif  // GTESTNET_CORE_SRC_BASE_KNOWN_DEPLOYERS_H_

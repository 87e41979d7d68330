// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_ENVIRONMENT_H_
#define GTESTNET_CORE_SRC_BASE_ENVIRONMENT_H_

#include <map>
#include <string>
#include <vector>

namespace gtestnet {

using Environment = std::map<std::string, std::string>;

// What other programs get of this process's environment. Of all that a shell may have set, only
// what is on a list goes on to them, and what GTESTNET_PASS_ENV names: the rest would lead them
// elsewhere (COMPOSE_FILE, HELM_NAMESPACE), or is their own business. framework/DEPLOYERS.md has
// the list.

// Of the commands that a run uses (docker, helm, kubectl, their plugins, and our own helpers): the
// system's, proxies, the place of an engine or a cluster, and credentials for it.
Environment HelperEnvironment();
// Of a node, or a Prometheus, that is a child process: the system's, and `more`, names that may end
// in "*".
Environment NodeEnvironment(const std::vector<std::string>& more);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_ENVIRONMENT_H_

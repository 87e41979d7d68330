// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_REACH_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_REACH_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/src/deployer/k8s/kube_api.h"

namespace gtestnet::k8s {

// The ports by which Services are reached on each of the cluster's machines: of each Service, by
// the name of its port. Services without any are left out.
using NodePorts = std::map<std::string, std::map<std::string, uint16_t>>;
absl::StatusOr<NodePorts> FindNodePorts(const KubeApi& api, const std::string& name_space);

// The addresses of the cluster's machines, K8S_RUNNER_NODE_HOST alone if it is set; empty where one
// may not ask for them.
std::vector<std::string> FindMachines(const KubeApi& api);

// The first of the hosts at which an HTTP server answers GET `target` at that port. Each is tried
// until `timeout`, with a connection of its own each time, as the rules of a Service come a moment
// after it. kUnavailable says what was last seen of each.
//
// A connection that is tried before the rules are there leaves an entry in the machine's table of
// connections, which for two minutes leads each later one of the same source port to the same
// nowhere. So these come from ports that nobody else comes from, and nobody else should try a node
// port at which nothing was seen to answer.
absl::StatusOr<std::string> FindHostThatAnswers(const std::vector<std::string>& hosts,
                                                uint16_t port, const std::string& target,
                                                std::chrono::milliseconds timeout);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_REACH_H_

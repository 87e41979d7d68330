// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_COLLECTORS_H_
#define GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_COLLECTORS_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// Where nodes in containers send traces and metrics, of which they are told by variables that are
// URLs: a collector at the loopback of this machine would be one inside of each container.
namespace gtestnet::compose {

// This machine, as a container is told of it; and what an Engine of 20.10 or newer makes of it.
inline constexpr char kThisMachine[] = "host.docker.internal";
inline constexpr char kThisMachinesAddress[] = "host-gateway";

// "http://127.0.0.1:4318/x" as containers reach it: "http://host.docker.internal:4318/x". Nothing
// for any other host, and for what is no such URL, which a node refuses in its own words.
std::optional<std::string> AsContainersReach(std::string_view url);

// Those of the variables that containers are to be told otherwise than as they are, with what they
// are told. kFailedPrecondition where there are some, but an Engine of this API cannot tell where
// this machine is.
absl::StatusOr<std::map<std::string, std::string>> CollectorsForContainers(
    const std::vector<std::string>& variables, const std::string& api);

// A sentence for each of those whose collector answers at the loopback, but not at `gateway`, the
// address of this machine on Docker's bridge. None where `gateway` is no address of this machine,
// as under Docker Desktop. Takes no longer than a refused connection.
std::vector<std::string> CollectorsOutOfReach(const std::vector<std::string>& variables,
                                              const std::string& gateway);

// A sentence for each that is at a loopback, which in a pod is the pod's own.
std::vector<std::string> CollectorsAtLoopback(const std::vector<std::string>& variables);

}  // namespace gtestnet::compose

#endif  // GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_COLLECTORS_H_

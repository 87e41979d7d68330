// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_ENGINE_JSON_H_
#define GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_ENGINE_JSON_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/src/deployer/container/engine.h"

// What an Engine answers, read. kInternal for an answer that makes no sense, which is quoted.
namespace gtestnet::docker {

absl::StatusOr<EngineVersion> ParseVersion(std::string_view text);
absl::StatusOr<EngineInfo> ParseInfo(std::string_view text);
absl::StatusOr<std::vector<Container>> ParseContainers(std::string_view text);
absl::StatusOr<ContainerState> ParseContainerState(std::string_view text);
absl::StatusOr<ContainerUsage> ParseContainerUsage(std::string_view text);
absl::StatusOr<std::vector<Resource>> ParseNetworks(std::string_view text);
// The first IPv4 gateway of a network; kNotFound if it has none.
absl::StatusOr<std::string> ParseGateway(std::string_view text);
absl::StatusOr<std::vector<Resource>> ParseVolumes(std::string_view text);
absl::StatusOr<Image> ParseImage(std::string_view text);
absl::StatusOr<int> ParseExitCode(std::string_view text);
absl::StatusOr<ContainerEvent> ParseEvent(std::string_view text);
// The "message" of an error's body, else its beginning; on one line.
std::string ParseError(std::string_view text);

}  // namespace gtestnet::docker

#endif  // GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_ENGINE_JSON_H_

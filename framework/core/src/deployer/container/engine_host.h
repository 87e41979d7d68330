// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_ENGINE_HOST_H_
#define GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_ENGINE_HOST_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/src/base/socket.h"

namespace gtestnet::docker {

// Where a Docker Engine listens.
struct EngineHost {
  base::Endpoint endpoint;
  std::string text;    // "unix:///var/run/docker.sock"
  std::string origin;  // who says so: "DOCKER_HOST", "the Docker context desktop", "by default"
};

// "unix:///path", "tcp://host:2375". kInvalidArgument for what is neither, and for ssh and TLS,
// which only the docker command speaks.
absl::StatusOr<EngineHost> ParseEngineHost(std::string_view text, std::string_view origin);

// As the docker command finds it: DOCKER_HOST, else the context that DOCKER_CONTEXT or the
// configuration (DOCKER_CONFIG, else ~/.docker) names, else the usual socket.
absl::StatusOr<EngineHost> FindEngineHost();

}  // namespace gtestnet::docker

#endif  // GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_ENGINE_HOST_H_

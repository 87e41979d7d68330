// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_IMAGE_H_
#define GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_IMAGE_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/cluster/helper_commands.h"
#include "core/src/deployer/container/engine.h"
#include "gtestnet/node_kind.h"

namespace spdlog {
class logger;
}

namespace gtestnet::compose {

// In images that have gtestnet's programs, and mounted into those that have not.
inline constexpr char kToolsDirectory[] = "/opt/gtestnet";

// The image that has gtestnet's own programs and nothing else (GTESTNET_TOOLS_IMAGE): cfgsync runs
// in it, and the containers of other images get their tools from it.
ImageSpec ToolsImage();

// The image in which cfgsync runs, and whether some containers need tools from it: that of a role
// that has them, so that one image is enough for many, else ToolsImage.
struct Tools {
  ImageSpec image = {};
  bool mounted = false;
};
Tools ToolsFor(const std::map<std::string, ContainerSpec>& containers);

// The engine has the image then: it is built if it is missing or old, once for all runs that ask at
// the same time. kNotFound, with the image's remedy, where nothing builds it.
absl::Status EnsureImage(const ImageSpec& image, const docker::Engine& engine,
                         HelperCommands& helpers, spdlog::logger& log);

}  // namespace gtestnet::compose

#endif  // GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_IMAGE_H_

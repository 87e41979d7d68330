// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/compose/compose_tool.h"

#include <sys/wait.h>

#include <chrono>
#include <mutex>
#include <optional>

#include "core/src/base/command.h"
#include "core/src/base/status.h"
#include "gtestnet/variables.h"

namespace gtestnet::compose {
namespace {

constexpr std::chrono::milliseconds kTimeout{10000};

// What `command version --short` says, on one line; "" if it fails.
std::string VersionOf(std::vector<std::string> command) {
  command.insert(command.end(), {"version", "--short"});
  const absl::StatusOr<CommandResult> result =
      RunCommand(command, {.timeout = Scaled(kTimeout), .apart = true});
  if (!result.ok() || !WIFEXITED(result->status) || WEXITSTATUS(result->status) != 0) return {};
  std::string version = result->output.substr(0, result->output.find('\n'));
  if (!version.empty() && version[0] == 'v') version.erase(0, 1);
  return version;
}

bool IsV1(const std::string& version) { return version.rfind("1.", 0) == 0; }

}  // namespace

absl::StatusOr<ComposeTool> LookForComposeTool() {
  const std::string docker = FindInPath("docker");
  if (!docker.empty()) {
    ComposeTool tool = {{docker, "compose"}, VersionOf({docker, "compose"})};
    if (!tool.version.empty() && !IsV1(tool.version)) return tool;
  }
  const std::string alone = FindInPath("docker-compose");
  if (alone.empty()) {
    return NotFound(docker.empty() ? "the docker command is not in PATH, nor is docker-compose"
                                   : "the docker command has no \"compose\" (Compose v2)");
  }
  ComposeTool tool = {{alone}, VersionOf({alone})};
  if (tool.version.empty()) return NotFound(alone + " does not tell its version");
  if (!IsV1(tool.version)) return tool;
  return FailedPrecondition(alone + " is docker-compose " + tool.version +
                            ", which is Compose v1; Compose v2 is needed");
}

absl::StatusOr<ComposeTool> FindComposeTool() {
  static std::mutex mutex;
  static std::optional<ComposeTool> known;
  const std::lock_guard lock(mutex);
  if (!known) {
    GTESTNET_ASSIGN_OR_RETURN(known, LookForComposeTool());
  }
  return *known;
}

}  // namespace gtestnet::compose

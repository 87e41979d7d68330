// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/image.h"

#include <fcntl.h>
#include <spdlog/logger.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "core/src/base/command.h"
#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "gtestnet/variables.h"

namespace gtestnet::compose {
namespace {

using std::chrono::milliseconds;

constexpr char kDefaultTools[] = "gtestnet-tools:local";
constexpr milliseconds kCheck{60000};
constexpr milliseconds kBuild{600000};

// Only one program at a time builds; another user's file is no reason to wait.
class BuildLock {
 public:
  BuildLock() {
    std::error_code error;
    std::filesystem::path directory = std::filesystem::temp_directory_path(error);
    if (error) directory = "/tmp";
    const std::string path = directory / ("gtestnet-image." + std::to_string(getuid()) + ".lock");
    file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    while (file_ >= 0 && flock(file_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~BuildLock() {
    if (file_ >= 0) close(file_);
  }
  BuildLock(const BuildLock&) = delete;
  BuildLock& operator=(const BuildLock&) = delete;

 private:
  int file_ = -1;
};

// "" when the image is as it should be, else what is wrong with it.
absl::StatusOr<std::string> Staleness(const ImageSpec& image, const docker::Engine& engine,
                                      const Environment& where) {
  const absl::Status found = engine.FindImage(image.tag).status();
  if (absl::IsNotFound(found)) return image.tag + " is not there";
  GTESTNET_RETURN_IF_ERROR(found);
  if (image.check.empty()) return std::string();
  GTESTNET_ASSIGN_OR_RETURN(
      const CommandResult result,
      RunCommand(image.check, {.timeout = Scaled(kCheck), .environment = where}));
  if (WIFEXITED(result.status) && WEXITSTATUS(result.status) == 0) return std::string();
  std::string why = result.output.substr(0, result.output.find('\n'));
  return why.empty() ? "it is not as it should be" : why;
}

std::string WithRemedy(const ImageSpec& image) {
  return image.remedy.empty() ? std::string() : "; " + image.remedy;
}

absl::Status Ensure(const ImageSpec& image, const docker::Engine& engine, HelperCommands& helpers,
                    spdlog::logger& log) {
  if (image.build.empty()) {
    const absl::Status found = engine.FindImage(image.tag).status();
    if (!absl::IsNotFound(found)) return found;
    return NotFound("the Docker Engine at " + engine.host().text + " has no image " + image.tag +
                    WithRemedy(image));
  }
  const BuildLock lock;
  const Environment where = {{"DOCKER_HOST", engine.host().text}};
  GTESTNET_ASSIGN_OR_RETURN(const std::string stale, Staleness(image, engine, where));
  if (stale.empty()) return absl::OkStatus();
  log.warn("building the image {}: {}", image.tag, stale);
  const absl::Status built =
      helpers.Run("build of the image " + image.tag, image.build, kBuild, where);
  if (built.ok()) return built;
  return MakeStatus(built.code(), "the image " + image.tag +
                                      " is missing or old and cannot be built" + WithRemedy(image) +
                                      "; why: " + MessageOf(built));
}

}  // namespace

ImageSpec ToolsImage() {
  constexpr char kVariable[] = "GTESTNET_TOOLS_IMAGE";
  if (const auto named = VariableValue(kVariable)) {
    return {.tag = *named,
            .remedy = "pull or build it, or unset " + std::string(kVariable) + " to have " +
                      kDefaultTools + " built"};
  }
  ImageSpec image = {.tag = kDefaultTools, .remedy = "name another by " + std::string(kVariable)};
  // An installation without the script can use an image that someone else built.
  absl::StatusOr<std::vector<std::string>> build = StackScript("build_test_image.sh");
  if (!build.ok()) return image;
  image.build = *std::move(build);
  image.build.insert(image.build.end(), {"--tools", "--tag", kDefaultTools});
  image.check = image.build;
  image.check.push_back("--check");
  return image;
}

Tools ToolsFor(const std::map<std::string, ContainerSpec>& containers) {
  Tools tools;
  for (const auto& [role, container] : containers) {
    if (!container.has_tools) {
      tools.mounted = true;
    } else if (tools.image.tag.empty()) {
      tools.image = container.image;
    }
  }
  if (tools.image.tag.empty()) tools.image = ToolsImage();
  return tools;
}

absl::Status EnsureImage(const ImageSpec& image, const docker::Engine& engine,
                         HelperCommands& helpers, spdlog::logger& log) {
  // What images are made of does not change under a test program that runs.
  static std::mutex mutex;
  static std::set<std::string> fresh;
  const std::lock_guard lock(mutex);
  if (fresh.contains(image.tag)) return absl::OkStatus();
  GTESTNET_RETURN_IF_ERROR(Ensure(image, engine, helpers, log));
  if (!image.build.empty()) fresh.insert(image.tag);
  return absl::OkStatus();
}

}  // namespace gtestnet::compose

// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/image.h"

#include <fcntl.h>
#include <spdlog/logger.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/src/base/command.h"
#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "gtestnet/variables.h"

namespace gtestnet::compose {
namespace {

using std::chrono::milliseconds;

constexpr char kScript[] = "stack/scripts/build_test_image.sh";
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

// The script with the static programs of this build, where they are beside it.
std::vector<std::string> ScriptCommand(const std::string& script) {
  std::vector<std::string> command = {script};
  const absl::StatusOr<std::string> sweep = FindHelperProgram("gtestnet-sweep");
  if (!sweep.ok()) return command;
  const std::filesystem::path home = std::filesystem::path(*sweep).parent_path();
  std::error_code error;
  for (const std::filesystem::path& programs : {home.parent_path() / "image/bin", home / "image"}) {
    if (!std::filesystem::exists(programs / "cfgsync-server", error)) continue;
    command.insert(command.end(), {"--binaries", programs.string()});
    break;
  }
  return command;
}

// "" when the image is as new as the programs, else what is wrong with it.
absl::StatusOr<std::string> Staleness(std::vector<std::string> script, const Environment& where) {
  script.push_back("--check");
  GTESTNET_ASSIGN_OR_RETURN(const CommandResult result,
                            RunCommand(script, {.timeout = Scaled(kCheck), .environment = where}));
  if (WIFEXITED(result.status) && WEXITSTATUS(result.status) == 0) return std::string();
  std::string why = result.output.substr(0, result.output.find('\n'));
  return why.empty() ? "it is not as it should be" : why;
}

absl::Status BuildDefault(const docker::Engine& engine, HelperCommands& helpers,
                          spdlog::logger& log) {
  const BuildLock lock;
  const Environment where = {{"DOCKER_HOST", engine.host().text}};
  const absl::StatusOr<std::string> script = FindAsset(kScript);
  if (!script.ok()) {
    // An installation without it can use an image that someone else built.
    if (engine.FindImage(kDefaultImage).ok()) return absl::OkStatus();
    return NotFound("the image " + std::string(kDefaultImage) +
                    " is missing, and so is the script that builds it (" +
                    MessageOf(script.status()) + "); name another by NOMOS_TESTNET_IMAGE");
  }
  GTESTNET_ASSIGN_OR_RETURN(const std::string stale, Staleness(ScriptCommand(*script), where));
  if (stale.empty()) return absl::OkStatus();
  log.warn("building the image {}: {}", kDefaultImage, stale);
  const absl::Status built = helpers.Run("build of the image " + std::string(kDefaultImage),
                                         ScriptCommand(*script), kBuild, where);
  if (!built.ok()) {
    return MakeStatus(built.code(), "the image " + std::string(kDefaultImage) +
                                        " is missing or old and cannot be built; name another by "
                                        "NOMOS_TESTNET_IMAGE, or see why: " +
                                        MessageOf(built));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> EnsureImage(const docker::Engine& engine, HelperCommands& helpers,
                                        spdlog::logger& log) {
  if (const auto named = VariableValue("NOMOS_TESTNET_IMAGE")) {
    const absl::Status found = engine.FindImage(*named).status();
    if (!absl::IsNotFound(found)) return found.ok() ? absl::StatusOr<std::string>(*named) : found;
    return NotFound("NOMOS_TESTNET_IMAGE=" + *named + ": the Docker Engine at " +
                    engine.host().text +
                    " has no such image; pull or build it, or unset the variable to have " +
                    kDefaultImage + " built");
  }
  // Programs do not change under a test program that runs.
  static std::mutex mutex;
  static bool fresh = false;
  const std::lock_guard lock(mutex);
  if (!fresh) GTESTNET_RETURN_IF_ERROR(BuildDefault(engine, helpers, log));
  fresh = true;
  return std::string(kDefaultImage);
}

}  // namespace gtestnet::compose

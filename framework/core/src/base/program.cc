// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/program.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/src/base/status.h"
#include "gtestnet/variables.h"

// The installed package adds a source with it to each program that links the library, as the
// installation may have been moved (cmake/helper_directory.cc.in). Null elsewhere.
extern "C" __attribute__((weak)) const char* gtestnet_helper_directory();

namespace gtestnet {
namespace {

// Directories of the build tree and of the installation, separated by ':'.
constexpr const char* kBuildDirectories = GTESTNET_HELPER_DIRECTORIES;
constexpr const char* kInstalledDirectory = GTESTNET_INSTALLED_HELPER_DIRECTORY;
constexpr const char* kSourceAssets = GTESTNET_SOURCE_ASSETS;
constexpr const char* kInstalledAssets = GTESTNET_INSTALLED_ASSETS;
// From a directory of helper programs to the assets of the same installation.
constexpr const char* kAssetsBeside = "/../../share/gtestnet/assets";

std::string RunningProgramDirectory() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string() : self.parent_path().string();
}

bool IsProgram(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(path.c_str(), X_OK) == 0;
}

absl::StatusOr<std::string> FromVariable(const std::string& value, std::string_view name,
                                         std::string_view variable) {
  std::error_code error;
  std::string path = std::filesystem::absolute(value, error).string();
  const std::string who = std::string(variable) + "=" + value + ": ";
  const std::string remedy =
      "; name a program that can be run, or unset it to use the bundled " + std::string(name);
  if (error || !std::filesystem::exists(path, error)) {
    return FailedPrecondition(who + "there is no such file" + remedy);
  }
  if (!std::filesystem::is_regular_file(path, error)) {
    return FailedPrecondition(who + "it is no regular file" + remedy);
  }
  if (!IsProgram(path)) return FailedPrecondition(who + "it is not executable" + remedy);
  return path;
}

}  // namespace

absl::StatusOr<std::string> FindHelperProgram(std::string_view name, std::string_view variable) {
  if (!variable.empty()) {
    if (const auto value = VariableValue(variable)) return FromVariable(*value, name, variable);
  }
  const std::string here = RunningProgramDirectory();
  // The second is where an installed command has them, wherever the installation was put.
  std::vector<std::string> directories = {here, here + "/../libexec/gtestnet"};
  if (gtestnet_helper_directory != nullptr) directories.emplace_back(gtestnet_helper_directory());
  for (const char* list : {kBuildDirectories, kInstalledDirectory}) {
    for (absl::string_view part : absl::StrSplit(list, ':', absl::SkipEmpty())) {
      std::string one(part);
      if (std::find(directories.begin(), directories.end(), one) == directories.end()) {
        directories.push_back(std::move(one));
      }
    }
  }
  const std::string looked = absl::StrJoin(directories, ", ");
  if (const char* path = std::getenv("PATH")) {
    for (absl::string_view one : absl::StrSplit(path, ':', absl::SkipEmpty())) {
      if (one.front() == '/') directories.emplace_back(one);
    }
  }
  for (const std::string& directory : directories) {
    std::string candidate = directory + "/" + std::string(name);
    if (!directory.empty() && IsProgram(candidate)) return candidate;
  }
  std::string message = "the program " + std::string(name) + " is missing: it is not in " + looked +
                        ", nor in PATH; build or install it";
  if (!variable.empty()) message += ", or name one by " + std::string(variable);
  return NotFound(message);
}

absl::StatusOr<std::string> FindAsset(std::string_view path) {
  std::vector<std::string> directories = {RunningProgramDirectory() + "/../share/gtestnet/assets",
                                          RunningProgramDirectory() + kAssetsBeside};
  if (gtestnet_helper_directory != nullptr) {
    directories.push_back(gtestnet_helper_directory() + std::string(kAssetsBeside));
  }
  directories.insert(directories.end(), {kSourceAssets, kInstalledAssets});
  std::string looked;
  for (const std::string& directory : directories) {
    const std::filesystem::path candidate = std::filesystem::path(directory) / path;
    std::error_code error;
    if (std::filesystem::is_regular_file(candidate, error)) {
      return std::filesystem::weakly_canonical(candidate, error).string();
    }
    looked +=
        (looked.empty() ? "" : ", ") + std::filesystem::path(directory).lexically_normal().string();
  }
  return NotFound("the file " + std::string(path) + " of gtestnet is missing: it is not in " +
                  looked);
}

}  // namespace gtestnet

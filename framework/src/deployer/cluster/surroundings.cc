// SPDX-License-Identifier: Apache-2.0
#include "src/deployer/cluster/surroundings.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_join.h"
#include "gtestnet/variables.h"
#include "src/base/status.h"
#include "src/deployer/cluster/ledger.h"
#include "src/guardian/run_processes.h"

namespace gtestnet {

absl::StatusOr<std::string> MakeLogDirectory(const std::string& run_id) {
  const auto wanted = VariableValue("NOMOS_LOG_DIR");
  if (!wanted) return std::string();
  std::error_code error;
  const std::string directory =
      (std::filesystem::absolute(*wanted, error) / ("gtestnet." + run_id)).lexically_normal();
  const absl::Status made = MakeDirectories(directory);
  if (!made.ok()) return Annotate(made, "NOMOS_LOG_DIR=" + *wanted);
  return directory;
}

std::string LogFileName(const std::string& program, int node) {
  return std::filesystem::path(program).filename().string() + "-" + std::to_string(node);
}

absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return ErrnoStatus(error.value(), "directory " + path);
  return absl::OkStatus();
}

absl::Status CopyFiles(const std::string& from, const std::string& into) {
  std::error_code error;
  for (std::filesystem::directory_iterator it(from, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (!it->is_regular_file(ignored)) continue;
    std::error_code failed;
    std::filesystem::copy_file(it->path(), std::filesystem::path(into) / it->path().filename(),
                               std::filesystem::copy_options::overwrite_existing, failed);
    if (failed) return ErrnoStatus(failed.value(), "copy of " + it->path().string());
  }
  return absl::OkStatus();
}

std::vector<std::string> LeftOnThisMachine(const std::string& run_id) {
  std::vector<std::string> left;
  for (const RunProcess& process : FindRunProcesses(run_id)) {
    left.push_back("process " + std::to_string(process.pid) + " (" + process.name + ")");
  }
  std::error_code error;
  const std::string directory = RunDirectory(run_id);
  if (std::filesystem::exists(directory, error)) left.push_back("directory " + directory);
  return left;
}

absl::Status NothingIsLeft(const std::string& run_id, const std::vector<std::string>& left) {
  if (left.empty()) return absl::OkStatus();
  return Internal("left behind by run " + run_id + ": " + absl::StrJoin(left, "; "));
}

}  // namespace gtestnet

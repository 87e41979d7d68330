// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/surroundings.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_join.h"
#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/cluster/ledger.h"
#include "core/src/guardian/run_processes.h"
#include "gtestnet/rerun.h"
#include "gtestnet/variables.h"

namespace gtestnet {

absl::StatusOr<std::string> MakeLogDirectory(const ClusterSpec& spec) {
  const std::string variable = spec.topology.kind->LogDirectoryVariable();
  const auto wanted = variable.empty() ? std::nullopt : VariableValue(variable);
  if (!wanted) return std::string();
  std::error_code error;
  const std::string directory =
      (std::filesystem::absolute(*wanted, error) / ("gtestnet." + spec.run_id)).lexically_normal();
  const absl::Status made = MakeDirectories(directory);
  if (!made.ok()) return Annotate(made, variable + "=" + *wanted);
  return directory;
}

std::string LogFileName(const std::string& program, int node) {
  return std::filesystem::path(program).filename().string() + "-" + std::to_string(node);
}

std::string FindLogFile(const std::string& directory, int node) {
  const std::string end = "-" + std::to_string(node);
  std::filesystem::file_time_type latest = std::filesystem::file_time_type::min();
  std::string found;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), last; !error && it != last;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    const std::string stem = name.substr(0, name.find('.'));
    if (stem.size() < end.size() || stem.compare(stem.size() - end.size(), end.size(), end) != 0) {
      continue;
    }
    std::error_code ignored;
    const auto written = it->last_write_time(ignored);
    if (ignored || written < latest) continue;
    latest = written;
    found = it->path().string();
  }
  return found;
}

absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return ErrnoStatus(error.value(), "directory " + path);
  return absl::OkStatus();
}

std::string CleanCommand(const std::string& run_id) {
  std::string command;
  // What says where things of runs are.
  for (const char* name : {"TMPDIR", "DOCKER_HOST", "DOCKER_CONTEXT", "KUBECONFIG"}) {
    if (const auto value = VariableValue(name)) {
      command += std::string(name) + "=" + ShellQuoted(*value) + " ";
    }
  }
  return command + ShellQuoted(FindHelperProgram("gtestnet").value_or("gtestnet")) + " clean " +
         run_id;
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

// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/process_mark.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/src/guardian/run_processes.h"

namespace gtestnet {
namespace {

// The name of a guardian's process after it was let go.
constexpr std::string_view kKeptName = "gtestnet-kept";

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string Boot() { return FirstLine("/proc/sys/kernel/random/boot_id"); }

std::string Namespace() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/ns/pid", error).string();
}

}  // namespace

std::string MarkOf(pid_t pid) {
  const std::optional<ProcessStat> stat = StatOf(pid);
  const std::vector<std::string> parts = {HostName(), Boot(), Namespace(), std::to_string(pid),
                                          std::to_string(stat ? stat->start_time : 0)};
  return absl::StrJoin(parts, "/");
}

ProcessLife LifeOf(const std::string& mark) {
  const std::vector<std::string> parts = absl::StrSplit(mark, '/');
  if (parts.size() != 5) return ProcessLife::kUnknown;
  if (parts[0] != HostName()) return ProcessLife::kUnknown;
  if (parts[1] != Boot()) return ProcessLife::kGone;
  if (parts[2] != Namespace()) return ProcessLife::kUnknown;
  pid_t pid = 0;
  std::from_chars(parts[3].data(), parts[3].data() + parts[3].size(), pid);
  const std::optional<ProcessStat> stat = pid > 0 ? StatOf(pid) : std::nullopt;
  if (!stat || stat->is_over() || std::to_string(stat->start_time) != parts[4]) {
    return ProcessLife::kGone;
  }
  return FirstLine("/proc/" + parts[3] + "/comm") == kKeptName ? ProcessLife::kKept
                                                               : ProcessLife::kLives;
}

}  // namespace gtestnet

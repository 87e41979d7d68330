// SPDX-License-Identifier: Apache-2.0
#include "core/src/guardian/run_processes.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

namespace gtestnet {
namespace {

// What can be read of it: nothing when it is not there, another user's, or of a process that ends
// in between (the read fails then, which an iterator over the buffer would throw).
std::string ReadAll(std::ifstream file) {
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string ReadAll(const std::string& path) {
  return ReadAll(std::ifstream(path, std::ios::binary));
}

std::string RunIdIn(const std::string& environment) {
  constexpr std::string_view kPrefix = "GTESTNET_RUN_ID=";
  std::string_view rest = environment;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find('\0'));
    if (entry.substr(0, kPrefix.size()) == kPrefix)
      return std::string(entry.substr(kPrefix.size()));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
  }
  return {};
}

// Whether a process whose environment was just read as empty may have one: it was in the middle of
// execve. The kernel lays the new program's environment out late: after it woke who forked the
// process and closed what is to be closed, and for an instant it is there and of no length. A
// process that sleeps with one of no length is really without.
bool MayHaveEnvironment(const std::string& process) {
  const std::string text = ReadAll(process + "/stat");
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return false;
  std::istringstream fields(text.substr(name_end + 1));
  char state = '\0';
  fields >> state;
  std::string ignored;
  for (int field = 4; field < 23; ++field) fields >> ignored;
  uint64_t memory = 0;
  fields >> memory;
  for (int field = 24; field < 50; ++field) fields >> ignored;
  uint64_t begin = 0;
  uint64_t end = 0;
  fields >> begin >> end;
  if (!fields || memory == 0) return false;  // gone, a zombie or a thread of the kernel
  return end == 0 || end != begin || state == 'R' || state == 'D';
}

// Of a program that is being loaded, the environment that it gets.
std::string EnvironmentOf(const std::string& process) {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    std::ifstream file(process + "/environ", std::ios::binary);
    if (!file) return {};  // gone, or another user's
    std::string environment = ReadAll(std::move(file));
    if (!environment.empty() || !MayHaveEnvironment(process)) return environment;
    usleep(100);
  }
  return {};
}

}  // namespace

std::vector<RunProcess> FindRunProcesses(const std::string& run_id) {
  std::vector<RunProcess> found;
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc", error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename();
    pid_t pid = 0;
    const auto [last, bad] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (bad != std::errc() || last != name.data() + name.size()) continue;
    const std::string of = RunIdIn(EnvironmentOf("/proc/" + name));
    if (of.empty() || (!run_id.empty() && of != run_id)) continue;
    std::string comm = ReadAll("/proc/" + name + "/comm");
    if (!comm.empty() && comm.back() == '\n') comm.pop_back();
    found.push_back({pid, std::move(comm), of});
  }
  return found;
}

std::optional<ProcessStat> StatOf(pid_t pid) {
  const std::string text = ReadAll("/proc/" + std::to_string(pid) + "/stat");
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  ProcessStat stat;
  std::string ignored;
  fields >> stat.state;
  for (int field = 4; field < 22; ++field) fields >> ignored;
  fields >> stat.start_time >> stat.memory;
  if (!fields) return std::nullopt;
  return stat;
}

bool IsLeased(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.empty() || name.size() > sizeof address.sun_path - 1) return false;
  const int attempt = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (attempt < 0) return false;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const bool leased =
      bind(attempt, reinterpret_cast<const sockaddr*>(&address), size) != 0 && errno == EADDRINUSE;
  close(attempt);
  return leased;
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "src/base/command.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "absl/strings/str_split.h"
#include "gtestnet/clock.h"
#include "src/base/status.h"
#include "src/base/wait.h"

namespace gtestnet {
namespace {

constexpr size_t kMostOutput = 64 * 1024;

int MillisecondsLeft(Clock::TimePoint deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - RealClock().Now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 60'000));
}

// Reads until the other end is closed; false when that was not in time.
bool ReadToEnd(int fd, Clock::TimePoint deadline, std::string& output) {
  std::array<char, 4096> room;
  for (;;) {
    pollfd event{fd, POLLIN, 0};
    const int ready = poll(&event, 1, MillisecondsLeft(deadline));
    if (ready == 0 && RealClock().Now() >= deadline) return false;
    if (ready <= 0) continue;
    const ssize_t size = read(fd, room.data(), room.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return true;
    output.append(room.data(), std::min(static_cast<size_t>(size), kMostOutput - output.size()));
  }
}

absl::StatusOr<pid_t> Spawn(std::vector<std::string> arguments, int output) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP));
  pid_t pid = 0;
  const int error = posix_spawn(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return ErrnoStatus(error, arguments[0]);
  return pid;
}

}  // namespace

std::string FindInPath(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (absl::string_view one :
       absl::StrSplit(path == nullptr ? "" : path, ':', absl::SkipEmpty())) {
    const std::string candidate = std::string(one) + "/" + name;
    struct stat info {};
    if (stat(candidate.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
        access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
  }
  return {};
}

absl::StatusOr<CommandResult> RunCommand(const std::vector<std::string>& arguments,
                                         std::chrono::milliseconds timeout) {
  std::vector<std::string> full = arguments;
  if (full.empty() || full[0].empty()) return InvalidArgument("there is no program to run");
  if (full[0].find('/') == std::string::npos) {
    full[0] = FindInPath(full[0]);
    if (full[0].empty()) return NotFound("the program " + arguments[0] + " is not in PATH");
  }
  const Clock::TimePoint deadline = RealClock().Now() + timeout;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "pipe");
  const absl::StatusOr<pid_t> pid = Spawn(full, ends[1]);
  close(ends[1]);
  CommandResult result;
  const bool in_time = pid.ok() && ReadToEnd(ends[0], deadline, result.output);
  close(ends[0]);
  if (!pid.ok()) return pid.status();
  // With its children: it has a process group of its own.
  if (!in_time) kill(-*pid, SIGKILL);
  while (waitpid(*pid, &result.status, 0) < 0 && errno == EINTR) {
  }
  if (in_time) return result;
  return DeadlineExceeded(full[0] + ": not done in " + FormatDuration(timeout));
}

}  // namespace gtestnet

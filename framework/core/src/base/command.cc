// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/command.h"

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
#include <utility>

#include "absl/strings/str_split.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "gtestnet/clock.h"

namespace gtestnet {
namespace {

constexpr size_t kMostErrors = 64 * 1024;

class Pipe {
 public:
  static absl::StatusOr<Pipe> Make() {
    Pipe pipe;
    if (pipe2(pipe.ends_, O_CLOEXEC) != 0) return ErrnoStatus(errno, "pipe");
    return pipe;
  }
  Pipe(Pipe&& other) noexcept {
    std::swap(ends_[0], other.ends_[0]);
    std::swap(ends_[1], other.ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    CloseWriting();
    if (ends_[0] >= 0) close(ends_[0]);
  }

  int reading() const { return ends_[0]; }
  int writing() const { return ends_[1]; }
  void CloseWriting() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  Pipe() = default;

  int ends_[2] = {-1, -1};
};

// The reading end of a pipe whose other end a program has, and what came out of it.
struct Stream {
  int fd = -1;
  size_t most = 0;
  std::string* text = nullptr;
};

int MillisecondsLeft(Clock::TimePoint deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - RealClock().Now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 60'000));
}

// False at its end.
bool ReadSome(const Stream& stream) {
  std::array<char, 4096> room;
  const ssize_t size = read(stream.fd, room.data(), room.size());
  if (size < 0 && errno == EINTR) return true;
  if (size <= 0) return false;
  stream.text->append(room.data(),
                      std::min(static_cast<size_t>(size), stream.most - stream.text->size()));
  return true;
}

// Reads until all other ends are closed; false when that was not in time.
bool ReadToEnd(const std::vector<Stream>& streams, Clock::TimePoint deadline) {
  std::vector<pollfd> events;
  for (const Stream& stream : streams) events.push_back({stream.fd, POLLIN, 0});
  for (size_t open = streams.size(); open > 0;) {
    const int ready = poll(events.data(), events.size(), MillisecondsLeft(deadline));
    if (ready == 0 && RealClock().Now() >= deadline) return false;
    for (size_t i = 0; ready > 0 && i < events.size(); ++i) {
      if (events[i].fd < 0 || events[i].revents == 0 || ReadSome(streams[i])) continue;
      events[i].fd = -1;
      --open;
    }
  }
  return true;
}

absl::StatusOr<pid_t> Spawn(std::vector<std::string> arguments, const Environment& more, int output,
                            int errors) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  Environment all = more;
  all.merge(HelperEnvironment());
  std::vector<std::string> entries;
  for (const auto& [name, value] : all) entries.push_back(name + "=" + value);
  std::vector<char*> environment;
  for (std::string& entry : entries) environment.push_back(entry.data());
  environment.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP));
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, argv[0], &actions, &attributes, argv.data(), environment.data());
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
                                         const CommandOptions& options) {
  std::vector<std::string> full = arguments;
  if (full.empty() || full[0].empty()) return InvalidArgument("there is no program to run");
  if (full[0].find('/') == std::string::npos) {
    full[0] = FindInPath(full[0]);
    if (full[0].empty()) return NotFound("the program " + arguments[0] + " is not in PATH");
  }
  const Clock::TimePoint deadline = RealClock().Now() + options.timeout;
  CommandResult result;
  GTESTNET_ASSIGN_OR_RETURN(Pipe output, Pipe::Make());
  GTESTNET_ASSIGN_OR_RETURN(Pipe errors, Pipe::Make());
  const absl::StatusOr<pid_t> pid = Spawn(full, options.environment, output.writing(),
                                          options.apart ? errors.writing() : output.writing());
  output.CloseWriting();
  errors.CloseWriting();
  if (!pid.ok()) return pid.status();
  const bool in_time = ReadToEnd({{output.reading(), options.most_output, &result.output},
                                  {errors.reading(), kMostErrors, &result.errors}},
                                 deadline);
  // With its children: it has a process group of its own.
  if (!in_time) kill(-*pid, SIGKILL);
  while (waitpid(*pid, &result.status, 0) < 0 && errno == EINTR) {
  }
  if (in_time) return result;
  return DeadlineExceeded(full[0] + ": not done in " + FormatDuration(options.timeout));
}

absl::StatusOr<CommandResult> RunCommand(const std::vector<std::string>& arguments,
                                         std::chrono::milliseconds timeout) {
  return RunCommand(arguments, CommandOptions{.timeout = timeout});
}

}  // namespace gtestnet

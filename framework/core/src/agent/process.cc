// SPDX-License-Identifier: Apache-2.0
#include "core/src/agent/process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "core/src/base/status.h"

namespace gtestnet::agent {
namespace {

// In the child, between fork and exec: nothing that takes a lock or memory.
[[noreturn]] void Become(char* const* words, int errors, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  // What the agent listens at is not its child's.
  close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  std::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvp(words[0], words);
  const int error = errno;
  const ssize_t written = write(errors, &error, sizeof error);
  _exit(written < 0 ? 126 : 127);
}

// waitid's status in the form of waitpid's, which is the form that has names everywhere else.
int WaitStatus(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return (info.si_status & 0xff) << 8;
  constexpr int kHasDumped = 0x80;
  return (info.si_status & 0x7f) | (info.si_code == CLD_DUMPED ? kHasDumped : 0);
}

bool HasEnded(int code) { return code == CLD_EXITED || code == CLD_KILLED || code == CLD_DUMPED; }

}  // namespace

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& command) {
  std::vector<std::string> words = command;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "pipe");
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) Become(pointers.data(), pipe_ends[1], parent);
  const int fork_error = errno;
  close(pipe_ends[1]);
  if (child < 0) {
    close(pipe_ends[0]);
    return ErrnoStatus(fork_error, "fork");
  }
  // Both of them do it, so that it is done whichever comes first.
  setpgid(child, child);
  int error = 0;
  ssize_t got = 0;
  do {
    got = read(pipe_ends[0], &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  close(pipe_ends[0]);
  if (got != sizeof error) return child;
  waitpid(child, nullptr, 0);
  return ErrnoStatus(error, words[0]);
}

void CollectChildren(const std::function<bool(pid_t)>& leads_group,
                     const std::function<void(const ChildEvent&)>& handle) {
  constexpr int kEvents = WEXITED | WSTOPPED | WCONTINUED | WNOHANG;
  while (true) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, kEvents | WNOWAIT) != 0 || info.si_pid == 0) return;
    const pid_t pid = info.si_pid;
    if (HasEnded(info.si_code) && leads_group(pid)) kill(-pid, SIGKILL);
    info = {};
    if (waitid(P_PID, static_cast<id_t>(pid), &info, kEvents) != 0 || info.si_pid == 0) continue;
    handle({.pid = pid, .code = info.si_code, .status = WaitStatus(info)});
  }
}

}  // namespace gtestnet::agent

// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/first_process.h"

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace gtestnet::base {
namespace {

// Collects all that have ended. Ends this process if the child is among them.
void Collect(pid_t child) {
  int status = 0;
  for (pid_t ended = 0; (ended = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (ended != child) continue;
    _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
}

[[noreturn]] void Attend(pid_t child, const sigset_t& signals) {
  for (;;) {
    siginfo_t info;
    const int signal = sigwaitinfo(&signals, &info);
    if (signal == SIGCHLD) {
      Collect(child);
    } else if (signal > 0 && info.si_code != SI_KERNEL) {
      // (What a terminal sends comes from the kernel, and to the child, too.)
      kill(child, signal);
    }
  }
}

}  // namespace

void GoOnInChild() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  // Where it is ignored there is nothing to collect.
  struct sigaction by_default = {};
  struct sigaction child_action = {};
  by_default.sa_handler = SIG_DFL;
  sigaction(SIGCHLD, &by_default, &child_action);
  const pid_t child = fork();
  if (child > 0) Attend(child, all);
  // In the child; or there is none, and it goes on as it is.
  sigaction(SIGCHLD, &child_action, nullptr);
  sigprocmask(SIG_SETMASK, &before, nullptr);
}

void LeaveFirstProcess() {
  if (getpid() == 1) GoOnInChild();
}

}  // namespace gtestnet::base

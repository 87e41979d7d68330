// SPDX-License-Identifier: Apache-2.0
#include "core/src/node/exit_status.h"

#include <sys/wait.h>

#include <cstring>

namespace gtestnet {

std::string DescribeExit(int status) {
  if (WIFEXITED(status)) return "exit status " + std::to_string(WEXITSTATUS(status));
  if (!WIFSIGNALED(status)) return "status " + std::to_string(status);
  const int signal = WTERMSIG(status);
  std::string text = "signal " + std::to_string(signal);
  if (const char* name = sigabbrev_np(signal)) text += std::string(" (SIG") + name + ")";
  if (WCOREDUMP(status)) text += kCoreDumped;
  return text;
}

// (Shells, and some engines, give a signal as a status.)
bool IsCleanStop(std::string_view how) {
  return how.empty() || how == "exit status 0" || how == "signal 15 (SIGTERM)" ||
         how == "exit status 143";
}

bool IsCleanKill(std::string_view how) {
  // Why it got one may be told behind.
  return IsCleanStop(how) || how.substr(0, 8) == "signal 9" || how == "exit status 137";
}

}  // namespace gtestnet

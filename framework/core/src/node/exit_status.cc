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
  return text;
}

}  // namespace gtestnet

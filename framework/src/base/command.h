// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_BASE_COMMAND_H_
#define GTESTNET_SRC_BASE_COMMAND_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace gtestnet {

struct CommandResult {
  int status = 0;      // as of waitpid
  std::string output;  // of both streams, its first 64 KiB
};

// Runs a program to its end, without input; the first argument is its path, or a name that is
// looked for in PATH. For what is short and makes nothing: it has no guardian. kNotFound when the
// program is not there; kDeadlineExceeded when it had to be killed.
absl::StatusOr<CommandResult> RunCommand(const std::vector<std::string>& arguments,
                                         std::chrono::milliseconds timeout);

// The path of a program in PATH; empty if there is none.
std::string FindInPath(const std::string& name);

}  // namespace gtestnet

#endif  // GTESTNET_SRC_BASE_COMMAND_H_

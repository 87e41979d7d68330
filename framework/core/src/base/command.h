// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_COMMAND_H_
#define GTESTNET_CORE_SRC_BASE_COMMAND_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/src/base/environment.h"

namespace gtestnet {

struct CommandResult {
  int status = 0;      // as of waitpid
  std::string output;  // of both streams; of standard output where they are apart
  std::string errors;  // of standard error where they are apart, its first 64 KiB
};

struct CommandOptions {
  std::chrono::milliseconds timeout{10000};
  // Standard error by itself: a program that warns there would spoil what is to be parsed.
  bool apart = false;
  size_t most_output = 64 * 1024;  // bytes; what comes after them is lost
  Environment environment = {};    // beside, or in the place of, HelperEnvironment's
};

// Runs a program to its end, without input; the first argument is its path, or a name that is
// looked for in PATH. For what is short and makes nothing: it has no guardian. kNotFound when the
// program is not there; kDeadlineExceeded when it had to be killed.
absl::StatusOr<CommandResult> RunCommand(const std::vector<std::string>& arguments,
                                         const CommandOptions& options);
absl::StatusOr<CommandResult> RunCommand(const std::vector<std::string>& arguments,
                                         std::chrono::milliseconds timeout);

// The path of a program in PATH; empty if there is none.
std::string FindInPath(const std::string& name);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_COMMAND_H_

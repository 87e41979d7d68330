// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_GUARDIAN_CLEANUP_H_
#define GTESTNET_CORE_SRC_GUARDIAN_CLEANUP_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace gtestnet::guardian {

// In a child that is to become another program: what the guardian ignores or blocks is not its own.
void ResetSignals();

// Waits so long for the end of a child, without reaping it.
void AwaitChild(pid_t pid, int timeout_ms);

// Sends SIGKILL to all descendants of this process, which must be a subreaper, and reaps them,
// until there is none. Returns the pids that are still there after `patience_ms`: processes that
// the kernel does not let go of.
std::vector<pid_t> KillDescendants(int patience_ms);

// Removes what is in a directory, as far as that can be, but for its ledger.
void EmptyDirectory(const std::string& path);
// Removes a directory and all that is in it; "" or what went wrong.
std::string RemoveDirectory(const std::string& path);

// Runs a command to its end, with no input and no output; "" or what went wrong.
std::string RunRemoval(const std::vector<std::string>& arguments, int timeout_ms);

}  // namespace gtestnet::guardian

#endif  // GTESTNET_CORE_SRC_GUARDIAN_CLEANUP_H_

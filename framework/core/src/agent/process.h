// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_AGENT_PROCESS_H_
#define GTESTNET_CORE_SRC_AGENT_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace gtestnet::agent {

// Runs a command, whose first word is looked up in PATH, in a process group of its own, with every
// signal as it was at the start of a program. It ends with the thread that calls. An error when it
// cannot be run, which names the program.
absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& command);

// Of waitid: code is CLD_EXITED, CLD_KILLED, CLD_DUMPED, CLD_STOPPED or CLD_CONTINUED.
struct ChildEvent {
  pid_t pid = 0;
  int code = 0;
  int status = 0;  // as of waitpid
};

// Collects all that became of children, also of those that were inherited. What an ended group
// leader leaves of its group is killed while its number is still its own.
void CollectChildren(const std::function<bool(pid_t)>& leads_group,
                     const std::function<void(const ChildEvent&)>& handle);

}  // namespace gtestnet::agent

#endif  // GTESTNET_CORE_SRC_AGENT_PROCESS_H_

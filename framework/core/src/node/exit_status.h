// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_NODE_EXIT_STATUS_H_
#define GTESTNET_CORE_SRC_NODE_EXIT_STATUS_H_

#include <string>
#include <string_view>

namespace gtestnet {

inline constexpr std::string_view kCoreDumped = ", core dumped";

// How a process ended, by its status of waitpid: "exit status 3", "signal 6 (SIGABRT), core
// dumped".
std::string DescribeExit(int status);

// Whether that is how a program should end that is sent a SIGTERM: by status 0, or by that signal.
// Where it is not known (empty), it may be.
bool IsCleanStop(std::string_view how);
// The same of one that is sent a SIGKILL.
bool IsCleanKill(std::string_view how);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_NODE_EXIT_STATUS_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_NODE_EXIT_STATUS_H_
#define GTESTNET_CORE_SRC_NODE_EXIT_STATUS_H_

#include <string>

namespace gtestnet {

// How a process ended, by its status of waitpid: "exit status 3", "signal 6 (SIGABRT)".
std::string DescribeExit(int status);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_NODE_EXIT_STATUS_H_

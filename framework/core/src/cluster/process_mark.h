// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_PROCESS_MARK_H_
#define GTESTNET_CORE_SRC_CLUSTER_PROCESS_MARK_H_

#include <sys/types.h>

#include <string>

namespace gtestnet {

// Names a process of this machine so that another program, also of another user, can tell later
// whether it lives: "<host>/<boot>/<PID namespace>/<pid>/<start time>".
std::string MarkOf(pid_t pid);

// kKept: it lives, and was told that nobody waits for its run. kUnknown: it is of another machine,
// or of a PID namespace that is not this one.
enum class ProcessLife { kGone, kLives, kKept, kUnknown };
ProcessLife LifeOf(const std::string& mark);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_PROCESS_MARK_H_

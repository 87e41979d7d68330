// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CORE_SRC_FAULT_WINDOWS_H_
#define GTESTNET_MATCHERS_CORE_SRC_FAULT_WINDOWS_H_

#include <vector>

#include "gtestnet/record.h"
#include "matchers/core/src/uptime.h"

namespace gtestnet::matching {

// When a fault was active, on whichever node: from when a node was stopped, killed, paused or
// added, or ended by itself, until it was up again and, where a workload did it, took part again;
// and five seconds after. And before the run began, when nodes were started one after the other. In
// order of their beginning; they do not overlap.
std::vector<Interval> FaultWindows(const RunRecord& record);
bool IsIn(const std::vector<Interval>& windows, RunTime at);

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CORE_SRC_FAULT_WINDOWS_H_

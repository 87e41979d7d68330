// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CORE_SRC_SILENCES_H_
#define GTESTNET_MATCHERS_CORE_SRC_SILENCES_H_

#include <string>
#include <vector>

#include "gtestnet/record.h"
#include "matchers/core/src/uptime.h"

namespace gtestnet::matching {

// A time in which a node that was up did not answer.
struct Silence {
  NodeIndex node = 0;
  RunTime from{0};
  RunTime to{0};
  bool asked = false;  // in vain, meanwhile; else nobody may have asked
  // Of it, what is held against the node (StaysReachable).
  RunTime length{0};
};

// All of them that are longer than a tenth of a second, by node and time.
std::vector<Silence> SilencesOf(const RunRecord& record, const Uptime& uptime);

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CORE_SRC_SILENCES_H_

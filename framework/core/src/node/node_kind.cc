// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/node_kind.h"

#include <algorithm>

namespace gtestnet {

std::string NodeKind::Behind(const TopologySpec& /*topology*/, const NodeSample& sample,
                             const Snapshot& snapshot) const {
  constexpr int64_t kLevel = 2;
  int64_t highest = 0;
  for (const NodeSample& one : snapshot.nodes) {
    if (one.reachable) highest = std::max(highest, one.height);
  }
  if (sample.height + kLevel >= highest) return "";
  return "the highest node is at " + std::to_string(highest);
}

}  // namespace gtestnet

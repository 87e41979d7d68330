// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/kind/da_readiness.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "nomos/src/kind/parameters.h"

namespace gtestnet::nomos {

std::string MissingHolders(const TopologySpec& topology, NodeIndex node,
                           const std::map<int, ColumnPeers>& connected) {
  for (int column = 0; column < kColumns; ++column) {
    const std::vector<NodeIndex> holders = HoldersOf(topology, column);
    const auto expected = std::count_if(holders.begin(), holders.end(), [&](NodeIndex holder) {
      return holder != node && !topology.IsLate(holder);
    });
    const auto found = connected.find(column);
    const int now = found == connected.end() ? 0 : found->second.inbound + found->second.outbound;
    if (now < expected) {
      return absl::StrCat(now, " of ", expected, " other holders of blob column ", column,
                          " connected");
    }
  }
  return "";
}

}  // namespace gtestnet::nomos

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_KIND_DA_READINESS_H_
#define GTESTNET_NOMOS_SRC_KIND_DA_READINESS_H_

#include <map>
#include <string>

#include "gtestnet/nomos/da_client.h"
#include "gtestnet/topology.h"

namespace gtestnet::nomos {

// Which holders of a column `node` is not connected with yet, by the peers that it has of each
// column, where all but the late nodes run: "1 of 2 other holders of blob column 7 connected", or
// "" if none is missing.
std::string MissingHolders(const TopologySpec& topology, NodeIndex node,
                           const std::map<int, ColumnPeers>& connected);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_KIND_DA_READINESS_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_LOCAL_ADDRESS_BLOCK_H_
#define GTESTNET_CORE_SRC_DEPLOYER_LOCAL_ADDRESS_BLOCK_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/guardian/guardian.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

// 127.x.y.0/24: a loopback address for each node of one run, and room for those that are added.
struct AddressBlock {
  // The highest number of a node: addresses end in 1 to 254.
  static constexpr int kMostNodes = 254;

  int x = 0;
  int y = 0;
  // By name, the same for all nodes.
  std::map<std::string, uint16_t> ports;

  std::string LeaseName() const;  // "gtestnet/127.x.y"
  NodeAddress AddressOf(NodeIndex node) const;
  // Which no node ever has.
  std::string LastAddress() const;
};

// Leases a block that nobody has, and in which the first `nodes` nodes can listen on their ports.
// Which one is tried first depends on the run's id.
absl::StatusOr<AddressBlock> LeaseBlock(Guardian& guardian, const std::string& run_id,
                                        const std::vector<PortSpec>& ports, int nodes);

// OK when one can listen there.
absl::Status TryListening(const std::string& host, uint16_t port);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_DEPLOYER_LOCAL_ADDRESS_BLOCK_H_

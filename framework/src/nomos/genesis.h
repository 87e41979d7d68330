// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_NOMOS_GENESIS_H_
#define GTESTNET_SRC_NOMOS_GENESIS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "gtestnet/node_kind.h"
#include "gtestnet/record.h"
#include "gtestnet/transaction.h"

namespace gtestnet::nomos {

struct GenesisNote {
  Note note;
  bool leader = false;  // stake: its key may lead
};

// What all nodes of a cluster agree on before its first slot: a pure function of the spec, whose
// kind must be NomosKind().
struct Genesis {
  std::string chain_id;
  // Those of leaders, in the order of the nodes, then those of wallets.
  std::vector<GenesisNote> notes;
  std::string header_id;
  uint64_t total_stake = 0;
  uint64_t supply = 0;
};

Genesis GenesisOf(const ClusterSpec& spec);
// For the record; `genesis` is that of the same spec.
ChainParameters ChainParametersOf(const ClusterSpec& spec, const Genesis& genesis);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_SRC_NOMOS_GENESIS_H_

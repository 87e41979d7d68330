// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_KIND_GENESIS_H_
#define GTESTNET_NOMOS_SRC_KIND_GENESIS_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "gtestnet/chain/record.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/nomos/transaction.h"
#include "gtestnet/record.h"

// What all nodes of a cluster agree on before its first slot. Pure functions of the spec, whose
// kind must be NomosKind(); every key depends on the seed and on its owner's name alone.
namespace gtestnet::nomos {

// A line of the config's genesis: the same note `count` times.
struct GenesisEntry {
  uint64_t value = 0;
  std::string public_key;
  bool leader = false;  // stake: its key may lead
  int count = 1;
};
// Those of leaders, in the order of the nodes, then those of wallets.
std::vector<GenesisEntry> GenesisEntries(const ClusterSpec& spec);

struct GenesisNote {
  Note note;
  bool leader = false;
};

struct Genesis {
  std::string chain_id;
  std::vector<GenesisNote> notes;  // each entry `count` times
  std::string header_id;
  uint64_t total_stake = 0;
  uint64_t supply = 0;
};
Genesis GenesisOf(const ClusterSpec& spec);

// For the record; `genesis` is that of the same spec. An element of a record has a bound: an owner
// of many notes has several.
chain::ChainParameters ChainParametersOf(const ClusterSpec& spec, const Genesis& genesis);

std::vector<chain::GenesisNotes> GenesisNotesOf(const Genesis& genesis);

std::string ChainId(const ClusterSpec& spec);
// Seeds of the keys with which a node leads, and by which its peers know it.
std::array<uint8_t, 32> LeaderSeed(const ClusterSpec& spec, const std::string& node_name);
std::array<uint8_t, 32> NetworkSeed(const ClusterSpec& spec, const std::string& node_name);
KeyPair WalletKey(const ClusterSpec& spec, int wallet);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_KIND_GENESIS_H_

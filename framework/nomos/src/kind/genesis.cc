// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/kind/genesis.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/src/base/hash.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/random.h"
#include "nomos/src/kind/encoding.h"
#include "nomos/src/kind/parameters.h"

namespace gtestnet::nomos {

using base::ToHex;

std::string ChainId(const ClusterSpec& spec) { return ToHex(Random(spec.seed).Bytes("chain")); }

Hash32 LeaderSeed(const ClusterSpec& spec, const std::string& node_name) {
  return Random(spec.seed).Bytes(absl::StrCat("node/", node_name, "/leader"));
}

Hash32 NetworkSeed(const ClusterSpec& spec, const std::string& node_name) {
  return Random(spec.seed).Bytes(absl::StrCat("node/", node_name, "/network"));
}

namespace {

// Of KeyPair::FromSeed. Each node's config has those of all, and to derive one takes a while: what
// was derived is kept.
std::string PublicKeyOf(const Hash32& seed) {
  constexpr size_t kMost = 16384;
  static std::mutex mutex;
  static auto* const known = new std::map<Hash32, std::string>;
  {
    const std::lock_guard lock(mutex);
    if (const auto found = known->find(seed); found != known->end()) return found->second;
  }
  const std::string key = KeyPair::FromSeed(seed).public_key();
  const std::lock_guard lock(mutex);
  if (known->size() >= kMost) known->clear();
  known->emplace(seed, key);
  return key;
}

Hash32 WalletSeed(const ClusterSpec& spec, int wallet) {
  return Random(spec.seed).Bytes(absl::StrCat("wallet/", wallet));
}

}  // namespace

KeyPair WalletKey(const ClusterSpec& spec, int wallet) {
  return KeyPair::FromSeed(WalletSeed(spec, wallet));
}

std::vector<GenesisEntry> GenesisEntries(const ClusterSpec& spec) {
  const NomosParameters& parameters = NomosParametersOf(spec.topology);
  std::vector<GenesisEntry> entries;
  for (NodeIndex node = 0; node < spec.topology.node_count(); ++node) {
    const uint64_t stake = StakeOf(parameters, node);
    if (stake == 0) continue;
    const Hash32 seed = LeaderSeed(spec, spec.topology.NodeName(node));
    entries.push_back({stake, PublicKeyOf(seed), true, 1});
  }
  for (int wallet = 0; wallet < parameters.wallets; ++wallet) {
    entries.push_back({parameters.note_value, PublicKeyOf(WalletSeed(spec, wallet)), false,
                       NotesPerWalletOf(spec.topology)});
  }
  return entries;
}

Genesis GenesisOf(const ClusterSpec& spec) {
  Genesis genesis;
  genesis.chain_id = ChainId(spec);
  std::vector<GenesisOutput> outputs;
  for (const GenesisEntry& entry : GenesisEntries(spec)) {
    const Output output{entry.value, base::ParseHash(entry.public_key).value_or(Hash32{})};
    for (int i = 0; i < entry.count; ++i) {
      outputs.push_back({output, entry.leader});
      genesis.notes.push_back({{{}, entry.value, entry.public_key}, entry.leader});
      genesis.supply += entry.value;
      if (entry.leader) genesis.total_stake += entry.value;
    }
  }
  Header header;
  header.block_root =
      GenesisLedgerHash(base::ParseHash(genesis.chain_id).value_or(Hash32{}), outputs);
  genesis.header_id = ToHex(IdOf(header));
  for (size_t i = 0; i < outputs.size(); ++i) {
    genesis.notes[i].note.id = ToHex(NoteId(header.block_root, i, outputs[i].output));
  }
  return genesis;
}

std::vector<chain::GenesisNotes> GenesisNotesOf(const Genesis& genesis) {
  constexpr size_t kMostIds = 1000;
  std::vector<chain::GenesisNotes> all;
  for (const GenesisNote& note : genesis.notes) {
    const bool same = !all.empty() && all.back().value == note.note.value &&
                      all.back().owner == note.note.public_key && all.back().stake == note.leader &&
                      all.back().ids.size() < kMostIds;
    if (!same) all.push_back({note.note.value, note.note.public_key, note.leader, {}});
    all.back().ids.push_back(note.note.id);
  }
  return all;
}

chain::ChainParameters ChainParametersOf(const ClusterSpec& spec, const Genesis& genesis) {
  const NomosParameters& parameters = NomosParametersOf(spec.topology);
  chain::ChainParameters chain;
  chain.pace = PaceOf(spec.topology);
  chain.active_slot_coefficient = parameters.active_slot_coefficient;
  chain.security_parameter = parameters.security_parameter;
  chain.total_stake = genesis.total_stake;
  chain.min_peers = parameters.min_peers;
  chain.genesis = genesis.header_id;
  return chain;
}

}  // namespace gtestnet::nomos

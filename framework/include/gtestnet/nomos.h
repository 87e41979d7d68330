// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_H_
#define GTESTNET_NOMOS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gtestnet/topology.h"

namespace gtestnet {

// What only a Nomos node understands.
struct NomosParameters final : KindParameters {
  int wallets = 0;
  // Notes of each wallet at genesis, and the value of each note.
  int notes_per_wallet = 20;
  uint64_t note_value = 100;
  // Unset: 200 ms up to 16 nodes, 1 s beyond.
  std::optional<std::chrono::milliseconds> slot;
  // f, a decimal fraction in (0, 1].
  std::string active_slot_coefficient = "0.9";
  // k: a block is final when k blocks are above it.
  int security_parameter = 10;
  // Neighbours that a leader must be connected with; 0 for tests of partitions.
  int min_peers = 1;
  // Stake of single nodes; every validator and executor that is not named has 1000.
  std::map<NodeIndex, uint64_t> stake;
};

// The default kind of node: Nomos, by its bundled implementation.
const NodeKind& NomosKind();

// A topology of Nomos nodes: validators come first, then executors.
//
//   Topology::Star().Validators(3).Executors(1).Wallets(50)
class Topology : public BasicTopology<Topology> {
 public:
  explicit Topology(Layout layout);

  Topology& Validators(int n) { return SetRole("validator", n); }
  Topology& Executors(int n) { return SetRole("executor", n); }
  // So many funded wallets. Default 0.
  Topology& Wallets(int n) {
    return Change([&](NomosParameters& p) { p.wallets = n; });
  }
  // Default 20. A wallet can have as many transactions under way as it has notes.
  Topology& NotesPerWallet(int n) {
    return Change([&](NomosParameters& p) { p.notes_per_wallet = n; });
  }
  // Default: GTESTNET_SLOT, else 200 ms up to 16 nodes and 1 s beyond.
  Topology& Slot(std::chrono::milliseconds slot) {
    return Change([&](NomosParameters& p) { p.slot = slot; });
  }
  // f, as a decimal: "0.9", the default.
  Topology& ActiveSlotCoefficient(std::string f) {
    return Change([&](NomosParameters& p) { p.active_slot_coefficient = std::move(f); });
  }
  // k. Default 10.
  Topology& SecurityParameter(int k) {
    return Change([&](NomosParameters& p) { p.security_parameter = k; });
  }
  // Default 1.
  Topology& MinPeers(int n) {
    return Change([&](NomosParameters& p) { p.min_peers = n; });
  }
  // Default 1000 for each node; 0: the node never leads.
  Topology& Stake(NodeIndex node, uint64_t value) {
    return Change([&](NomosParameters& p) { p.stake[node] = value; });
  }
  // Makes a bundled node misbehave, to prove that a test can fail: "stall@10"
  // (assets/node/README.md).
  Topology& Misbehave(NodeIndex node, std::string what) {
    return Argument(node, "--misbehave=" + std::move(what));
  }

 private:
  template <class F>
  Topology& Change(F change) {
    auto copy =
        std::make_shared<NomosParameters>(static_cast<const NomosParameters&>(*spec().parameters));
    change(*copy);
    mutable_spec().parameters = std::move(copy);
    return *this;
  }
};

// Of a topology whose kind is NomosKind().
const NomosParameters& NomosParametersOf(const TopologySpec& topology);
// The slot duration that such a topology has, defaults and GTESTNET_SLOT included.
std::chrono::milliseconds SlotOf(const TopologySpec& topology);

}  // namespace gtestnet

#endif  // GTESTNET_NOMOS_H_

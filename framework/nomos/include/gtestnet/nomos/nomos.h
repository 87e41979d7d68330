// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_NOMOS_H_
#define GTESTNET_NOMOS_NOMOS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gtestnet/topology.h"

namespace gtestnet::nomos {

// How a network keeps blobs. The validators hold the columns: column c (of 128) is held by the
// validators c, c + 1, … c + replication − 1 modulo their number.
struct DataAvailabilityParameters {
  // How many validators hold a column. 0, the default: two, or one when there is only one.
  int replication = 0;
  // Columns that a node asks for before a blob counts as available, 1 … 128.
  int samples = 4;
  // Blocks older than so many slots are taken without sampling. 0, the default: 3·⌊k ÷ f⌋.
  int64_t check_slots = 0;
  // Columns older than so many slots are deleted. More than check_slots.
  int64_t retention_slots = 1000;
};

// What only a Nomos node understands.
struct NomosParameters final : KindParameters {
  int wallets = 0;
  // Notes of each wallet at genesis, and the value of each note. Unset: 20, or as many as the
  // transactions of the scenario need.
  std::optional<int> notes_per_wallet = {};
  uint64_t note_value = 100;
  // Unset: 200 ms up to 16 nodes, 1 s beyond and with data availability.
  std::optional<std::chrono::milliseconds> slot = {};
  // f, a decimal fraction in (0, 1].
  std::string active_slot_coefficient = "0.9";
  // k: a block is final when k blocks are above it.
  int security_parameter = 10;
  // Neighbours that a leader must be connected with; 0 for tests of partitions.
  int min_peers = 1;
  // Stake of single nodes; every validator and executor that is not named has 1000.
  std::map<NodeIndex, uint64_t> stake = {};
  // Unset: the nodes take no blobs.
  std::optional<DataAvailabilityParameters> data_availability = {};
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
  // A wallet can have as many transactions under way as it has notes. Default: 20; in a scenario,
  // as many as its transactions need.
  Topology& NotesPerWallet(int n) {
    return Change([&](NomosParameters& p) { p.notes_per_wallet = n; });
  }
  // Default: GTESTNET_SLOT, else 200 ms up to 16 nodes and 1 s beyond or with data availability.
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
  // Lets the network take blobs. Its slots are 1 s by default and no shorter: a blob costs half a
  // core second.
  //
  //   Topology::Star().Validators(4).Executors(1).DataAvailability({.replication = 1})
  Topology& DataAvailability(DataAvailabilityParameters parameters = {}) {
    return Change([&](NomosParameters& p) { p.data_availability = parameters; });
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
// Of each wallet at genesis.
int NotesPerWalletOf(const TopologySpec& topology);
// The same topology with data availability as by default, unless it has it already.
TopologySpec WithDataAvailability(TopologySpec topology);
// The slot duration that such a topology has, defaults and GTESTNET_SLOT included.
std::chrono::milliseconds SlotOf(const TopologySpec& topology);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_NOMOS_H_

// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/kind/parameters.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "gtestnet/variables.h"

namespace gtestnet::nomos {
namespace {

constexpr uint64_t kDefaultStake = 1000;
// Far below where sums overflow or a number in JSON loses digits.
constexpr uint64_t kMostValue = 1'000'000'000'000;
constexpr int kDefaultNotes = 20;  // of a wallet
constexpr int kMostNotes = 1'000'000;
constexpr int kMostSecurity = 1'000'000;
constexpr std::chrono::milliseconds kLongestSlot = std::chrono::hours(1);
constexpr int kMostNodesOfFastSlots = 16;
constexpr size_t kMostDecimals = 18;
constexpr int64_t kMostRetention = 1'000'000'000;

// A 128-bit product does not overflow here: k is below 2²⁰ and the denominator below 2⁶⁰.
__extension__ using Wide = unsigned __int128;

absl::Status Refuse(absl::string_view why) {
  return InvalidArgument(absl::StrCat("topology: ", why));
}

absl::Status ValidateRoles(const TopologySpec& topology) {
  for (const Role& role : topology.roles) {
    if (role.name == kValidator || role.name == kExecutor || role.count == 0) continue;
    return Refuse(absl::StrCat("a Nomos network has validators and executors, but no role \"",
                               role.name, "\""));
  }
  return absl::OkStatus();
}

absl::Status ValidateStake(const TopologySpec& topology, const NomosParameters& parameters) {
  const int nodes = topology.node_count();
  for (const auto& [node, stake] : parameters.stake) {
    if (node < 0 || node >= nodes) {
      return Refuse(
          absl::StrCat("Stake names node ", node, ", but nodes go from 0 to ", nodes - 1));
    }
    if (stake > kMostValue) {
      return Refuse(absl::StrCat("the stake of ", topology.NodeName(node), " is ", stake,
                                 "; at most ", kMostValue, " is possible"));
    }
  }
  for (NodeIndex node = 0; node < nodes; ++node) {
    if (StakeOf(parameters, node) > 0) return absl::OkStatus();
  }
  return Refuse("no node has stake, so that nobody could make a block");
}

absl::Status ValidateWallets(const NomosParameters& parameters) {
  if (parameters.wallets < 0) {
    return Refuse(
        absl::StrCat("the number of wallets is ", parameters.wallets, "; it must not be negative"));
  }
  const int notes_per_wallet = parameters.notes_per_wallet.value_or(kDefaultNotes);
  if (notes_per_wallet < 1) {
    return Refuse(absl::StrCat("NotesPerWallet is ", notes_per_wallet, "; it must be at least 1"));
  }
  const int64_t notes = int64_t{parameters.wallets} * notes_per_wallet;
  if (notes > kMostNotes) {
    return Refuse(absl::StrCat("its wallets have ", notes, " notes together; at most ", kMostNotes,
                               " are possible"));
  }
  if (parameters.note_value < 1 || parameters.note_value > kMostValue) {
    return Refuse(absl::StrCat("the value of a wallet's note is ", parameters.note_value,
                               "; it must be from 1 to ", kMostValue));
  }
  return absl::OkStatus();
}

absl::Status ValidatePeers(const TopologySpec& topology, const NomosParameters& parameters) {
  const int nodes = topology.node_count();
  if (parameters.min_peers < 0) {
    return Refuse(absl::StrCat("MinPeers is ", parameters.min_peers, "; it must not be negative"));
  }
  if (parameters.min_peers == 0) return absl::OkStatus();
  if (topology.layout.Diameter(nodes) < 0) {
    return Refuse(
        "its layout is in parts that are not connected, so that no chain can be common to all; "
        "MinPeers(0) allows that");
  }
  const std::vector<std::vector<NodeIndex>> all = topology.layout.AllNeighbours(nodes);
  for (NodeIndex node = 0; node < nodes; ++node) {
    const auto neighbours = static_cast<int>(all[static_cast<size_t>(node)].size());
    if (neighbours == 0 || neighbours >= parameters.min_peers || StakeOf(parameters, node) == 0) {
      continue;
    }
    return Refuse(absl::StrCat("MinPeers is ", parameters.min_peers, ", but ",
                               topology.NodeName(node), " has only ", neighbours,
                               neighbours == 1 ? " neighbour" : " neighbours",
                               ": it would never make a block"));
  }
  return absl::OkStatus();
}

absl::Status ValidateDataAvailability(const TopologySpec& topology) {
  const auto& da = NomosParametersOf(topology).data_availability;
  if (!da.has_value()) return absl::OkStatus();
  const auto validators = static_cast<int>(topology.NodesOf(kValidator).size());
  if (validators == 0) {
    return Refuse(
        "it has data availability, but no validators to hold columns; add .Validators(n)");
  }
  if (da->replication < 0 || da->replication > validators) {
    return Refuse(absl::StrCat("DataAvailability.replication is ", da->replication,
                               "; it must be from 1 to the number of validators, ", validators));
  }
  if (da->samples < 1 || da->samples > kColumns) {
    return Refuse(absl::StrCat("DataAvailability.samples is ", da->samples,
                               "; it must be from 1 to ", kColumns));
  }
  if (da->check_slots < 0) {
    return Refuse(absl::StrCat("DataAvailability.check_slots is ", da->check_slots,
                               "; it must not be negative"));
  }
  if (const int64_t check = CheckSlotsOf(topology);
      da->retention_slots <= check || da->retention_slots > kMostRetention) {
    return Refuse(absl::StrCat(
        "DataAvailability.retention_slots is ", da->retention_slots, "; it must be more than the ",
        check, " slots in which blobs are still sampled, and at most ", kMostRetention));
  }
  if (const std::chrono::milliseconds slot = SlotOf(topology); slot < kShortestBlobSlot) {
    return Refuse(absl::StrCat("its slot is ", slot.count(),
                               " ms; with data availability it must be at least ",
                               kShortestBlobSlot.count(), " ms"));
  }
  return absl::OkStatus();
}

absl::Status ValidateSlot(const TopologySpec& topology) {
  if (absl::StatusOr<std::optional<std::chrono::milliseconds>> wanted = SlotWanted();
      !wanted.ok()) {
    return wanted.status();
  }
  const std::chrono::milliseconds slot = SlotOf(topology);
  if (slot <= std::chrono::milliseconds(0) || slot > kLongestSlot) {
    return Refuse(absl::StrCat("its slot is ", slot.count(),
                               " ms; it must be above 0 ms and at most an hour"));
  }
  const int hops = std::max(topology.layout.Diameter(topology.node_count()), 0);
  const std::chrono::milliseconds shortest = 2 * hops * kHop;
  if (slot >= shortest) return absl::OkStatus();
  return Refuse(absl::StrCat("its slot of ", slot.count(), " ms is too short for its layout, ",
                             "through which a block takes up to ", hops, " hops of ", kHop.count(),
                             " ms: it must be at least ", shortest.count(), " ms"));
}

}  // namespace

absl::StatusOr<Coefficient> ParseCoefficient(std::string_view text) {
  absl::Status refusal = Refuse(
      absl::StrCat("the active slot coefficient is \"", ToAbsl(text.substr(0, 40)),
                   "\"; it must be a decimal fraction above 0 and at most 1, such as \"0.9\", "
                   "with at most 18 decimals"));
  Coefficient result;
  bool after_point = false;
  size_t whole_digits = 0;
  size_t decimals = 0;
  for (char c : text) {
    if (c == '.' && !after_point) {
      after_point = true;
      continue;
    }
    if (c < '0' || c > '9' || decimals == kMostDecimals) return refusal;
    result.numerator = result.numerator * 10 + static_cast<uint64_t>(c - '0');
    if (after_point) {
      ++decimals;
      result.denominator *= 10;
    } else {
      ++whole_digits;
      if (result.numerator > 1) return refusal;
    }
  }
  const bool well_formed = whole_digits > 0 && after_point == (decimals > 0);
  if (!well_formed || result.numerator == 0 || result.numerator > result.denominator) {
    return refusal;
  }
  return result;
}

int ReplicationOf(const TopologySpec& topology) {
  const auto& da = NomosParametersOf(topology).data_availability;
  if (da.has_value() && da->replication > 0) return da->replication;
  return std::min(2, static_cast<int>(topology.NodesOf(kValidator).size()));
}

std::vector<NodeIndex> HoldersOf(const TopologySpec& topology, int column) {
  const std::vector<NodeIndex> members = topology.NodesOf(kValidator);
  std::vector<NodeIndex> holders;
  for (int i = 0; i < ReplicationOf(topology); ++i) {
    holders.push_back(members[static_cast<size_t>(column + i) % members.size()]);
  }
  return holders;
}

int64_t CheckSlotsOf(const TopologySpec& topology) {
  const NomosParameters& parameters = NomosParametersOf(topology);
  if (parameters.data_availability && parameters.data_availability->check_slots > 0) {
    return parameters.data_availability->check_slots;
  }
  const absl::StatusOr<Coefficient> f = ParseCoefficient(parameters.active_slot_coefficient);
  if (!f.ok()) return 0;
  return 3 * static_cast<int64_t>(Wide{static_cast<uint64_t>(parameters.security_parameter)} *
                                  f->denominator / f->numerator);
}

uint64_t StakeOf(const NomosParameters& parameters, NodeIndex node) {
  const auto found = parameters.stake.find(node);
  return found == parameters.stake.end() ? kDefaultStake : found->second;
}

Pace PaceOf(const TopologySpec& topology) {
  Pace pace;
  pace.slot = SlotOf(topology);
  const NomosParameters& parameters = NomosParametersOf(topology);
  const absl::StatusOr<Coefficient> f = ParseCoefficient(parameters.active_slot_coefficient);
  // What Validate refuses has the default pace.
  if (!f.ok() || parameters.security_parameter < 1 ||
      parameters.security_parameter > kMostSecurity) {
    return pace;
  }
  pace.active_slot_coefficient =
      static_cast<double>(f->numerator) / static_cast<double>(f->denominator);
  const Wide base =
      Wide{static_cast<uint64_t>(parameters.security_parameter)} * f->denominator / f->numerator;
  constexpr int kPeriods = kStakeStabilisation + kNonceBuffer + kNonceStabilisation;
  constexpr uint64_t kMostSlots = uint64_t{1} << 50;
  pace.slots_per_epoch = kPeriods * static_cast<int64_t>(std::min<Wide>(base, kMostSlots));
  return pace;
}

absl::Status Validate(const TopologySpec& topology) {
  if (dynamic_cast<const NomosParameters*>(topology.parameters.get()) == nullptr) {
    return Refuse("it has no Nomos parameters; use the builder Topology");
  }
  const NomosParameters& parameters = NomosParametersOf(topology);
  GTESTNET_RETURN_IF_ERROR(ValidateRoles(topology));
  GTESTNET_RETURN_IF_ERROR(ParseCoefficient(parameters.active_slot_coefficient).status());
  if (parameters.security_parameter < 1 || parameters.security_parameter > kMostSecurity) {
    return Refuse(absl::StrCat("SecurityParameter is ", parameters.security_parameter,
                               "; it must be from 1 to ", kMostSecurity));
  }
  GTESTNET_RETURN_IF_ERROR(ValidateStake(topology, parameters));
  GTESTNET_RETURN_IF_ERROR(ValidateWallets(parameters));
  GTESTNET_RETURN_IF_ERROR(ValidatePeers(topology, parameters));
  GTESTNET_RETURN_IF_ERROR(ValidateSlot(topology));
  return ValidateDataAvailability(topology);
}

Topology::Topology(Layout layout) : BasicTopology(std::move(layout), NomosKind()) {
  mutable_spec().parameters = std::make_shared<NomosParameters>();
  // In this order, whichever is counted first.
  SetRole(kValidator, 0);
  SetRole(kExecutor, 0);
}

const NomosParameters& NomosParametersOf(const TopologySpec& topology) {
  static const NomosParameters defaults;
  const auto* parameters = dynamic_cast<const NomosParameters*>(topology.parameters.get());
  return parameters != nullptr ? *parameters : defaults;
}

int NotesPerWalletOf(const TopologySpec& topology) {
  return NomosParametersOf(topology).notes_per_wallet.value_or(kDefaultNotes);
}

TopologySpec WithDataAvailability(TopologySpec topology) {
  const auto* parameters = dynamic_cast<const NomosParameters*>(topology.parameters.get());
  if (parameters == nullptr || parameters->data_availability.has_value()) return topology;
  auto changed = std::make_shared<NomosParameters>(*parameters);
  changed->data_availability.emplace();
  topology.parameters = std::move(changed);
  return topology;
}

std::chrono::milliseconds SlotOf(const TopologySpec& topology) {
  if (const auto& slot = NomosParametersOf(topology).slot) return *slot;
  const absl::StatusOr<std::optional<std::chrono::milliseconds>> wanted = SlotWanted();
  if (wanted.ok() && *wanted) return **wanted;
  const bool fast = topology.node_count() <= kMostNodesOfFastSlots &&
                    !NomosParametersOf(topology).data_availability.has_value();
  return std::chrono::milliseconds(fast ? 200 : 1000);
}

}  // namespace gtestnet::nomos

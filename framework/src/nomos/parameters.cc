// SPDX-License-Identifier: Apache-2.0
#include "src/nomos/parameters.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/variables.h"
#include "src/base/status.h"

namespace gtestnet {
namespace nomos {
namespace {

constexpr uint64_t kDefaultStake = 1000;
// Far below where sums overflow or a number in JSON loses digits.
constexpr uint64_t kMostValue = 1'000'000'000'000;
constexpr int kMostNotes = 1'000'000;
constexpr int kMostSecurity = 1'000'000;
constexpr std::chrono::milliseconds kLongestSlot = std::chrono::hours(1);
constexpr int kMostNodesOfFastSlots = 16;
constexpr size_t kMostDecimals = 18;

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
  if (parameters.notes_per_wallet < 1) {
    return Refuse(
        absl::StrCat("NotesPerWallet is ", parameters.notes_per_wallet, "; it must be at least 1"));
  }
  const int64_t notes = int64_t{parameters.wallets} * parameters.notes_per_wallet;
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
  for (NodeIndex node = 0; node < nodes; ++node) {
    const auto neighbours = static_cast<int>(topology.layout.Neighbours(node, nodes).size());
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
  const absl::Status refusal = Refuse(
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
  return ValidateSlot(topology);
}

}  // namespace nomos

Topology::Topology(Layout layout) : BasicTopology(std::move(layout), NomosKind()) {
  mutable_spec().parameters = std::make_shared<NomosParameters>();
  // In this order, whichever is counted first.
  SetRole(nomos::kValidator, 0);
  SetRole(nomos::kExecutor, 0);
}

const NomosParameters& NomosParametersOf(const TopologySpec& topology) {
  static const NomosParameters defaults;
  const auto* parameters = dynamic_cast<const NomosParameters*>(topology.parameters.get());
  return parameters != nullptr ? *parameters : defaults;
}

std::chrono::milliseconds SlotOf(const TopologySpec& topology) {
  if (const auto& slot = NomosParametersOf(topology).slot) return *slot;
  const absl::StatusOr<std::optional<std::chrono::milliseconds>> wanted = SlotWanted();
  if (wanted.ok() && *wanted) return **wanted;
  return std::chrono::milliseconds(topology.node_count() <= nomos::kMostNodesOfFastSlots ? 200
                                                                                         : 1000);
}

}  // namespace gtestnet

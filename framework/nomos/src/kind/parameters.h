// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_KIND_PARAMETERS_H_
#define GTESTNET_NOMOS_SRC_KIND_PARAMETERS_H_

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/protocol_time.h"

namespace gtestnet::nomos {

// How long a block may take from one node to the next, both on a busy machine. Slots must be twice
// as long as a block needs through the whole layout.
inline constexpr std::chrono::milliseconds kHop{5};

// An epoch is so many times ⌊k/f⌋ slots.
inline constexpr int kStakeStabilisation = 3;
inline constexpr int kNonceBuffer = 3;
inline constexpr int kNonceStabilisation = 4;

inline constexpr std::string_view kValidator = "validator";
inline constexpr std::string_view kExecutor = "executor";

// A decimal fraction in (0, 1] of at most 18 decimals.
struct Coefficient {
  uint64_t numerator = 0;
  uint64_t denominator = 1;  // a power of ten
};
absl::StatusOr<Coefficient> ParseCoefficient(std::string_view text);

// With blobs a slot may not be shorter: encoding, verifying and sampling one takes a machine about
// half a second.
inline constexpr std::chrono::milliseconds kShortestBlobSlot{1000};
// What one blob costs, whatever its size, over all nodes.
inline constexpr double kCoreSecondsPerBlob = 0.5;
inline constexpr int kColumns = 128;
// Of the topology's data availability, defaults filled in.
int ReplicationOf(const TopologySpec& topology);
std::vector<NodeIndex> HoldersOf(const TopologySpec& topology, int column);
int64_t CheckSlotsOf(const TopologySpec& topology);

uint64_t StakeOf(const NomosParameters& parameters, NodeIndex node);
Pace PaceOf(const TopologySpec& topology);
absl::Status Validate(const TopologySpec& topology);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_KIND_PARAMETERS_H_

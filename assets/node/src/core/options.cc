// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <algorithm>

#include "text.h"

namespace gtestnet::node {
namespace {

__extension__ using Wide = unsigned __int128;

// So long that no slot number, period or time ever overflows.
constexpr std::uint64_t kMaxPeriod = std::uint64_t{1} << 40;
constexpr Millis kMaxSlotDuration = Millis{24} * 60 * 60 * 1000;

}  // namespace

std::uint64_t ConsensusOptions::BasePeriod() const {
  const Wide period =
      Wide{security_param} * active_slot_coeff.denominator / active_slot_coeff.numerator;
  return static_cast<std::uint64_t>(std::min<Wide>(period, kMaxPeriod + 1));
}

std::uint64_t ConsensusOptions::EpochLength() const {
  return (std::uint64_t{epoch.stake_stabilisation} + epoch.nonce_buffer +
          epoch.nonce_stabilisation) *
         BasePeriod();
}

absl::Status ConsensusOptions::Check() const {
  if (slot_duration_ms < 1 || slot_duration_ms > kMaxSlotDuration) {
    return Invalid("slot duration ", slot_duration_ms, " ms: must be in [1, ", kMaxSlotDuration,
                   "]");
  }
  if (security_param < 1) return Invalid("security parameter 0: must be at least 1");
  if (epoch.stake_stabilisation < 1 || epoch.nonce_buffer < 1 || epoch.nonce_stabilisation < 1) {
    return Invalid("each part of an epoch must be at least 1");
  }
  if (active_slot_coeff.numerator < 1 ||
      active_slot_coeff.numerator > active_slot_coeff.denominator) {
    return Invalid("active slot coefficient: must be in (0, 1]");
  }
  const std::uint64_t parts =
      std::uint64_t{epoch.stake_stabilisation} + epoch.nonce_buffer + epoch.nonce_stabilisation;
  if (BasePeriod() > kMaxPeriod / parts) {
    return Invalid("an epoch would be longer than ", kMaxPeriod, " slots");
  }
  return absl::OkStatus();
}

}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
// The leader lottery: how likely a note wins a slot, in integers only, so that every machine
// computes the same bits.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "crypto.h"
#include "types.h"

namespace gtestnet::node {

// The active slot coefficient f: a decimal fraction in (0, 1], for example "0.9".
struct SlotCoefficient {
  std::uint64_t numerator = 1;
  std::uint64_t denominator = 1;  // a power of ten, at most 10^18

  // Digits, at most one point, at most 18 decimals. Errors say what is wrong with `text`.
  static absl::StatusOr<SlotCoefficient> Parse(std::string_view text);
  bool operator==(const SlotCoefficient&) const = default;
};

// ⌊φ·2⁶⁴⌋ for φ = 1 − (1 − f)^(value ÷ total): what a ticket must be below. 2⁶⁴ itself is `always`.
struct Threshold {
  bool always = false;
  std::uint64_t limit = 0;

  bool IsWonBy(std::uint64_t ticket) const { return always || ticket < limit; }
  std::string Decimal() const;
  bool operator==(const Threshold&) const = default;
};

// A value above the total counts as the total; no value or no total never wins.
Threshold WinThreshold(const SlotCoefficient& f, std::uint64_t value, std::uint64_t total);

// What a note's key signs to lead a slot.
Bytes LeadershipMessage(Slot slot, const Hash& epoch_nonce);
std::uint64_t Ticket(const NoteId& note, const Signature& leadership);
Hash Entropy(const Signature& leadership);
Hash NextNonce(const Hash& nonce, const Hash& entropy, Slot slot);

std::ostream& operator<<(std::ostream& out, const Threshold& threshold);

}  // namespace gtestnet::node

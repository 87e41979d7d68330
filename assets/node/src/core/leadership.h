// SPDX-License-Identifier: Apache-2.0
// Who may lead a slot: the proof that a header carries, and the keys with which a node makes its
// own.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "block.h"
#include "epoch.h"
#include "lottery.h"

namespace gtestnet::node {

// Thresholds by stake; computing one takes some 0.1 ms.
class Thresholds {
 public:
  explicit Thresholds(const SlotCoefficient& f) : f_(f) {}
  Threshold Of(std::uint64_t value, std::uint64_t total);

 private:
  static constexpr std::size_t kMost = 4096;
  SlotCoefficient f_;
  std::uint64_t total_ = 0;
  std::unordered_map<std::uint64_t, Threshold> by_value_;  // for total_
};

// Everything of the header but its parent and root. With kTrust signatures are not checked.
absl::Status CheckLeader(const Header& header, const EpochState& epoch, Thresholds& thresholds,
                         Signatures signatures);

class Leader {
 public:
  explicit Leader(const std::vector<Hash>& seeds);

  struct Win {
    const KeyPair* key = nullptr;
    LeaderProof proof;
    Hash entropy;
  };
  // The first of its notes, in the order of their ids, that wins the slot.
  std::optional<Win> TryWin(Slot slot, const EpochState& epoch, Thresholds& thresholds);
  bool IsOwn(const PublicKey& key) const { return keys_.contains(key); }

 private:
  struct OwnNote {
    NoteId id;
    std::uint64_t value = 0;
    const KeyPair* key = nullptr;
  };
  void FindNotes(const StakePtr& stake);

  std::unordered_map<PublicKey, KeyPair> keys_;
  StakePtr known_;  // whose notes of its own are notes_
  std::vector<OwnNote> notes_;
};

}  // namespace gtestnet::node

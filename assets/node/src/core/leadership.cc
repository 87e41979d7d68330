// SPDX-License-Identifier: Apache-2.0
#include "leadership.h"

#include <algorithm>

#include "text.h"

namespace gtestnet::node {

Threshold Thresholds::Of(std::uint64_t value, std::uint64_t total) {
  if (total != total_ || by_value_.size() >= kMost) {
    by_value_.clear();
    total_ = total;
  }
  const auto [entry, is_new] = by_value_.try_emplace(value);
  if (is_new) entry->second = WinThreshold(f_, value, total);
  return entry->second;
}

absl::Status CheckLeader(const Header& header, const EpochState& epoch, Thresholds& thresholds,
                         Signatures signatures) {
  if (!header.voucher.IsZero() || !header.proof.PaddingIsZero()) {
    return Invalid("its voucher or the padding of its proof is not zero");
  }
  const auto note = epoch.stake->notes.find(header.proof.note());
  if (note == epoch.stake->notes.end()) {
    return Invalid("its note ", header.proof.note().Short(), " has no stake in epoch ",
                   epoch.epoch);
  }
  if (note->second.public_key != header.leader_key) {
    return Invalid("its leader key does not own its note");
  }
  const Signature leadership = header.proof.signature();
  if (header.entropy != Entropy(leadership)) return Invalid("its entropy is not its proof's");
  const Threshold threshold = thresholds.Of(note->second.value, epoch.stake->total);
  if (!threshold.IsWonBy(Ticket(note->first, leadership))) {
    return Invalid("its note did not win slot ", header.slot);
  }
  if (signatures == Signatures::kCheck &&
      !Verify(header.leader_key, LeadershipMessage(header.slot, epoch.nonce), leadership)) {
    return Invalid("its proof of leadership is not its leader's");
  }
  return absl::OkStatus();
}

Leader::Leader(const std::vector<Hash>& seeds) {
  for (const Hash& seed : seeds) {
    const KeyPair pair = KeyPair::FromSeed(seed);
    keys_.emplace(pair.public_key(), pair);
  }
}

std::optional<Leader::Win> Leader::TryWin(Slot slot, const EpochState& epoch,
                                          Thresholds& thresholds) {
  FindNotes(epoch.stake);
  if (notes_.empty()) return std::nullopt;
  const Bytes message = LeadershipMessage(slot, epoch.nonce);
  for (const OwnNote& note : notes_) {
    const Signature signature = note.key->Sign(message);
    if (thresholds.Of(note.value, epoch.stake->total).IsWonBy(Ticket(note.id, signature))) {
      return Win{note.key, LeaderProof::Make(signature, note.id), Entropy(signature)};
    }
  }
  return std::nullopt;
}

void Leader::FindNotes(const StakePtr& stake) {
  if (stake == known_) return;
  known_ = stake;
  notes_.clear();
  for (const auto& [id, note] : stake->notes) {
    const auto key = keys_.find(note.public_key);
    if (key != keys_.end()) notes_.push_back({id, note.value, &key->second});
  }
  std::sort(notes_.begin(), notes_.end(),
            [](const OwnNote& a, const OwnNote& b) { return a.id < b.id; });
}

}  // namespace gtestnet::node

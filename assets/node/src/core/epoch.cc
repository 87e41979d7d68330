// SPDX-License-Identifier: Apache-2.0
#include "epoch.h"

namespace gtestnet::node {

EpochRules::EpochRules(const ConsensusOptions& options, const Genesis& genesis)
    : epoch_length_(options.EpochLength()),
      nonce_offset_(
          (std::uint64_t{options.epoch.stake_stabilisation} + options.epoch.nonce_buffer) *
          options.BasePeriod()) {
  auto stake = std::make_shared<Stake>();
  const std::vector<NoteId> ids = GenesisNoteIds(genesis);
  for (const GenesisNote& entry : genesis.notes) {
    if (entry.leader) leader_keys_.insert(entry.note.public_key);
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Note& note = genesis.notes[i].note;
    if (!leader_keys_.contains(note.public_key)) continue;
    stake->notes.emplace(ids[i], note);
    stake->total += note.value;
  }
  genesis_.nonce = GenesisNonce(genesis);
  genesis_.stake = std::move(stake);
  genesis_.current = {0, genesis_.nonce, genesis_.stake};
  genesis_.next = {1, genesis_.nonce, genesis_.stake};
}

EpochState EpochRules::At(const ChainState& parent, Slot slot) const {
  return Enter(parent, slot).current;
}

ChainState EpochRules::After(const ChainState& parent, const Header& header,
                             const LedgerDelta& delta) const {
  ChainState state = Enter(parent, header.slot);
  state.nonce = NextNonce(parent.nonce, header.entropy, header.slot);
  state.stake = Update(parent.stake, delta);
  if (header.slot % epoch_length_ < nonce_offset_) state.next.nonce = state.nonce;
  return state;
}

ChainState EpochRules::Enter(const ChainState& parent, Slot slot) const {
  ChainState state = parent;
  state.slot = slot;
  const Epoch epoch = slot / epoch_length_;
  if (epoch == parent.current.epoch) return state;
  state.current =
      epoch == parent.next.epoch ? parent.next : EpochState{epoch, parent.nonce, parent.stake};
  state.next = {epoch + 1, parent.nonce, parent.stake};
  return state;
}

StakePtr EpochRules::Update(const StakePtr& stake, const LedgerDelta& delta) const {
  std::shared_ptr<Stake> changed;
  const auto change = [&]() -> Stake& {
    if (!changed) changed = std::make_shared<Stake>(*stake);
    return *changed;
  };
  for (const NoteId& id : delta.spent) {
    const auto found = stake->notes.find(id);
    if (found == stake->notes.end()) continue;
    change().total -= found->second.value;
    change().notes.erase(id);
  }
  for (const auto& [id, note] : delta.created) {
    if (!leader_keys_.contains(note.public_key)) continue;
    change().notes.emplace(id, note);
    change().total += note.value;
  }
  return changed ? changed : stake;
}

}  // namespace gtestnet::node

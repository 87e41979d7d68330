// SPDX-License-Identifier: Apache-2.0
#include "ledger.h"

#include "da_types.h"
#include "text.h"

namespace gtestnet::node {
namespace {

__extension__ using Wide = unsigned __int128;

void Merge(const LedgerDelta& delta, std::unordered_map<NoteId, Note>* notes,
           std::unordered_map<ChannelId, Channel>* channels) {
  for (const NoteId& id : delta.spent) notes->erase(id);
  for (const auto& [id, note] : delta.created) notes->emplace(id, note);
  for (const auto& [id, channel] : delta.channels) channels->insert_or_assign(id, channel);
}

absl::Status CheckBlob(const ChannelBlob& op, std::size_t index) {
  if (op.session != 0) {
    return Invalid("the session of operation ", index, " is ", op.session, "; there is only 0");
  }
  if (!IsBlobSize(op.blob_size)) {
    return Invalid("the blob of operation ", index, " has ", op.blob_size,
                   " bytes; it must be a multiple of ", kElementDataBytes, " up to ",
                   kMaxBlobBytes);
  }
  return absl::OkStatus();
}

template <typename Map, typename Key>
auto Lookup(const Map& map, const Key& key) -> decltype(&map.begin()->second) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

LedgerBase::LedgerBase(const Genesis& genesis) {
  const std::vector<NoteId> ids = GenesisNoteIds(genesis);
  notes_.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) notes_.emplace(ids[i], genesis.notes[i].note);
}

void LedgerBase::Absorb(const LedgerDelta& delta) { Merge(delta, &notes_, &channels_); }

const Note* LedgerBase::FindNote(const NoteId& id) const { return Lookup(notes_, id); }

const Channel* LedgerBase::FindChannel(const ChannelId& id) const { return Lookup(channels_, id); }

const Note* LedgerView::FindNote(const NoteId& id) const {
  if (const Note* note = Lookup(changes_.created, id)) return note;
  if (changes_.spent.contains(id)) return nullptr;
  for (const LedgerDelta* delta : path_) {
    if (const Note* note = Lookup(delta->created, id)) return note;
    if (delta->spent.contains(id)) return nullptr;
  }
  return base_->FindNote(id);
}

const Channel* LedgerView::FindChannel(const ChannelId& id) const {
  if (const Channel* channel = Lookup(changes_.channels, id)) return channel;
  for (const LedgerDelta* delta : path_) {
    if (const Channel* channel = Lookup(delta->channels, id)) return channel;
  }
  return base_->FindChannel(id);
}

absl::Status LedgerView::Apply(const SignedMantleTx& tx, const TxHash& hash,
                               Signatures signatures) {
  if (takes_anything_) {
    Spend(tx.tx.ledger_tx);
    return absl::OkStatus();
  }
  std::unordered_map<ChannelId, Channel> channels;
  absl::Status status = CheckTransfer(tx);
  if (status.ok()) status = CheckOperations(tx.tx, &channels);
  if (status.ok() && signatures == Signatures::kCheck) status = CheckSignatures(tx, hash);
  if (!status.ok()) return status;
  Spend(tx.tx.ledger_tx);
  for (const auto& [id, channel] : channels) changes_.channels.insert_or_assign(id, channel);
  return absl::OkStatus();
}

absl::Status LedgerView::CheckTransfer(const SignedMantleTx& tx) const {
  const LedgerTx& ledger = tx.tx.ledger_tx;
  std::unordered_set<NoteId> seen;
  Wide in = 0;
  for (std::size_t i = 0; i < ledger.inputs.size(); ++i) {
    const Note* note = FindNote(ledger.inputs[i]);
    if (note == nullptr) return absl::NotFoundError(absl::StrCat("input ", i, " does not exist"));
    if (!seen.insert(ledger.inputs[i]).second) return Invalid("input ", i, " is there twice");
    in += note->value;
  }
  Wide out = 0;
  for (std::size_t i = 0; i < ledger.outputs.size(); ++i) {
    if (ledger.outputs[i].value == 0) return Invalid("the value of output ", i, " is 0");
    out += ledger.outputs[i].value;
  }
  const std::optional<std::uint64_t> cost = GasCost(tx);
  if (!cost) return Invalid("the cost of its gas overflows");
  if (in != out + *cost) return Invalid("its balance does not match its fees");
  return absl::OkStatus();
}

absl::Status LedgerView::CheckSignatures(const SignedMantleTx& tx, const TxHash& hash) const {
  Hash key;
  if (cache_ != nullptr) {
    key = HashOf(EncodeSignedTx(tx));
    if (cache_->Contains(key)) return absl::OkStatus();
  }
  if (absl::Status status = CheckOpProofs(tx); !status.ok()) return status;
  for (std::size_t i = 0; i < tx.input_signatures.size(); ++i) {
    // It exists: CheckTransfer came first. Its id commits to the owner, so that the cache may
    // forget which note it was.
    const Note* note = FindNote(tx.tx.ledger_tx.inputs[i]);
    if (!Verify(note->public_key, hash.span(), tx.input_signatures[i])) {
      return Invalid("the signature of input ", i, " is not its owner's");
    }
  }
  if (cache_ != nullptr) cache_->Insert(key);
  return absl::OkStatus();
}

absl::Status LedgerView::CheckOperations(const MantleTx& tx,
                                         std::unordered_map<ChannelId, Channel>* channels) const {
  for (std::size_t i = 0; i < tx.ops.size(); ++i) {
    const Operation& op = tx.ops[i];
    if (const auto* blob = std::get_if<ChannelBlob>(&op)) {
      if (absl::Status status = CheckBlob(*blob, i); !status.ok()) return status;
    }
    const ChannelId& id = ChannelOf(op);
    const Channel* channel = Lookup(*channels, id);
    if (channel == nullptr) channel = FindChannel(id);
    if (ParentOf(op) != (channel == nullptr ? MsgId{} : channel->tip)) {
      return absl::FailedPreconditionError(
          absl::StrCat("the parent of operation ", i, " is not its channel's tip"));
    }
    if (channel != nullptr && channel->key != SignerOf(op)) {
      return Invalid("the signer of operation ", i, " may not write to its channel");
    }
    channels->insert_or_assign(id, Channel{MessageId(op), SignerOf(op)});
  }
  return absl::OkStatus();
}

void LedgerView::Spend(const LedgerTx& tx) {
  for (const NoteId& id : tx.inputs) {
    if (changes_.created.erase(id) == 0) changes_.spent.insert(id);
  }
  const std::vector<NoteId> ids = OutputIds(tx);
  for (std::size_t i = 0; i < ids.size(); ++i) changes_.created.emplace(ids[i], tx.outputs[i]);
}

}  // namespace gtestnet::node

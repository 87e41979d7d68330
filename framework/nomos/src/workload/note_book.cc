// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/workload/note_book.h"

#include <algorithm>

namespace gtestnet::nomos {

NoteBook::NoteBook(std::vector<ClaimedWallet> users, Random random, bool change)
    : users_(std::move(users)), random_(random), change_(change), free_of_(users_.size(), 0) {
  for (size_t user = 0; user < users_.size(); ++user) {
    for (Note& note : users_[user].notes) Put({std::move(note), user});
    users_[user].notes.clear();
  }
  share_ = free_of_;
  for (size_t i = free_.size(); i > 1; --i) std::swap(free_[i - 1], free_[random_.Below(i)]);
}

void NoteBook::Put(OwnedNote note) {
  ++free_of_[note.owner];
  free_.push_back(std::move(note));
}

std::optional<OwnedNote> NoteBook::Take() {
  if (free_.empty()) return std::nullopt;
  OwnedNote note = std::move(free_.front());
  free_.pop_front();
  --free_of_[note.owner];
  return note;
}

std::optional<OwnedNote> NoteBook::TakeSecondOf(size_t owner) {
  if (!change_ || free_of_[owner] < std::max<size_t>(share_[owner], 1)) return std::nullopt;
  const auto second = std::find_if(free_.begin(), free_.end(),
                                   [owner](const OwnedNote& one) { return one.owner == owner; });
  if (second == free_.end()) return std::nullopt;
  OwnedNote note = std::move(*second);
  free_.erase(second);
  --free_of_[owner];
  return note;
}

absl::StatusOr<NoteBook::Payment> NoteBook::Pay(OwnedNote note) {
  const size_t owner = note.owner;
  size_t receiver = owner;
  if (users_.size() > 1) {
    receiver = (owner + 1 + random_.Below(users_.size() - 1)) % users_.size();
  }
  const KeyPair& key = users_[owner].key;
  Payment payment;
  payment.owners = {receiver};
  Transfer transfer;
  transfer.Spend(note.note, key);
  uint64_t value = note.note.value;
  if (std::optional<OwnedNote> second = TakeSecondOf(owner)) {
    transfer.Spend(second->note, key);
    value += second->note.value;
    payment.spent.push_back(*std::move(second));
  } else if (change_ && value > 1) {
    const uint64_t change = 1 + random_.Below(value - 1);
    transfer.Pay(users_[receiver].key.public_key(), value - change);
    transfer.Pay(key.public_key(), change);
    payment.owners.push_back(owner);
    value = 0;
  }
  if (value > 0) transfer.Pay(users_[receiver].key.public_key(), value);
  payment.spent.insert(payment.spent.begin(), std::move(note));
  absl::StatusOr<SignedTransaction> transaction = transfer.Build();
  if (!transaction.ok()) return transaction.status();
  payment.transaction = *std::move(transaction);
  return payment;
}

std::vector<ClaimedWallet> NoteBook::Close() {
  for (OwnedNote& owned : free_) users_[owned.owner].notes.push_back(std::move(owned.note));
  free_.clear();
  return std::move(users_);
}

}  // namespace gtestnet::nomos

// SPDX-License-Identifier: Apache-2.0
#include "src/workload/note_book.h"

namespace gtestnet {

NoteBook::NoteBook(std::vector<ClaimedWallet> users, Random random)
    : users_(std::move(users)), random_(random) {
  for (size_t user = 0; user < users_.size(); ++user) {
    for (Note& note : users_[user].notes) free_.push_back({std::move(note), user});
    users_[user].notes.clear();
  }
  for (size_t i = free_.size(); i > 1; --i) std::swap(free_[i - 1], free_[random_.Below(i)]);
}

std::optional<OwnedNote> NoteBook::Take() {
  if (free_.empty()) return std::nullopt;
  OwnedNote note = std::move(free_.front());
  free_.pop_front();
  return note;
}

absl::StatusOr<NoteBook::Payment> NoteBook::Pay(const OwnedNote& note) {
  Payment payment;
  payment.receiver = note.owner;
  if (users_.size() > 1) {
    payment.receiver = (note.owner + 1 + random_.Below(users_.size() - 1)) % users_.size();
  }
  absl::StatusOr<SignedTransaction> transaction =
      Transfer()
          .Spend(note.note, users_[note.owner].key)
          .Pay(users_[payment.receiver].key.public_key(), note.note.value)
          .Build();
  if (!transaction.ok()) return transaction.status();
  payment.transaction = *std::move(transaction);
  return payment;
}

std::vector<ClaimedWallet> NoteBook::Close() {
  for (OwnedNote& owned : free_) users_[owned.owner].notes.push_back(std::move(owned.note));
  free_.clear();
  return std::move(users_);
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_WORKLOAD_NOTE_BOOK_H_
#define GTESTNET_NOMOS_SRC_WORKLOAD_NOTE_BOOK_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/nomos/transaction.h"
#include "gtestnet/nomos/wallet.h"
#include "gtestnet/random.h"

namespace gtestnet::nomos {

// A note and the user, by number, whose key may spend it.
struct OwnedNote {
  Note note;
  size_t owner = 0;
};

// Which confirmed notes the users of a workload have, and what is made of them. The order in which
// they are spent, and to whom, depends on the random stream alone. For one thread at a time.
class NoteBook {
 public:
  // `change`: payments are of a part of a note, and the rest comes back.
  NoteBook(std::vector<ClaimedWallet> users, Random random, bool change);

  // The note whose turn it is; nothing while all are under way.
  std::optional<OwnedNote> Take();
  // A note that was not spent after all, or that a confirmed transaction made.
  void Put(OwnedNote note);
  // A transfer to another user (to the owner, if there is no other): of a part of the note, with
  // change; of the whole note; or, when change has made its owner more free notes than he began
  // with, of two notes together. So the number of notes stays within bounds.
  struct Payment {
    SignedTransaction transaction;
    std::vector<OwnedNote> spent;
    std::vector<size_t> owners;  // of what it makes, in order
  };
  absl::StatusOr<Payment> Pay(OwnedNote note);

  size_t free() const { return free_.size(); }
  // The wallets with what they own now, to be returned. Nothing is left here.
  std::vector<ClaimedWallet> Close();

 private:
  std::optional<OwnedNote> TakeSecondOf(size_t owner);

  std::vector<ClaimedWallet> users_;  // their notes are in free_
  Random random_;
  bool change_;
  std::deque<OwnedNote> free_;
  std::vector<size_t> free_of_;  // how many of each user
  std::vector<size_t> share_;    // how many each began with
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_WORKLOAD_NOTE_BOOK_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_WALLET_H_
#define GTESTNET_NOMOS_WALLET_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/nomos/transaction.h"

namespace gtestnet::nomos {

// A key and what it owns at genesis. Which of its notes were spent since is for its user to know.
class Wallet {
 public:
  Wallet(KeyPair key, std::vector<Note> genesis_notes)
      : key_(std::move(key)), genesis_notes_(std::move(genesis_notes)) {}

  const KeyPair& key() const { return key_; }
  const std::string& public_key() const { return key_.public_key(); }
  const std::vector<Note>& genesis_notes() const { return genesis_notes_; }

 private:
  KeyPair key_;
  std::vector<Note> genesis_notes_;
};

// A note that is its owner's once a transaction that is under way is final.
struct IncomingNote {
  std::string transaction = {};
  Note note = {};
};

// A wallet that somebody has for himself, and what it owns now.
struct ClaimedWallet {
  size_t index = 0;  // among Wallets
  KeyPair key;
  std::vector<Note> notes = {};
  std::vector<IncomingNote> incoming = {};
};

// The funded wallets of a cluster (Topology::Wallets): a pure function of its spec, so that nodes
// and tests agree on them without a word. Copies share the claims; so do all of one run. Claim and
// Return may be called by any thread.
class Wallets {
 public:
  // None for a kind other than NomosKind().
  explicit Wallets(const ClusterSpec& spec);

  size_t size() const { return wallets_.size(); }
  bool empty() const { return wallets_.empty(); }
  const Wallet& operator[](size_t i) const { return wallets_.at(i); }
  std::vector<Wallet>::const_iterator begin() const { return wallets_.begin(); }
  std::vector<Wallet>::const_iterator end() const { return wallets_.end(); }

  // Hands out `n` wallets that nobody has claimed, the first ones; 0: all of these. So no two
  // workloads spend one note. kFailedPrecondition if there are fewer, or none.
  absl::StatusOr<std::vector<ClaimedWallet>> Claim(size_t n);
  // Gives one back, with what it owns by now.
  void Return(ClaimedWallet wallet);

 private:
  struct Claims;
  std::vector<Wallet> wallets_;
  std::shared_ptr<Claims> claims_;
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_WALLET_H_

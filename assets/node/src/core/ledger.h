// SPDX-License-Identifier: Apache-2.0
// The ledger: which notes exist, what channels' tips are, and what a transaction may do to them.
//
// The state at the LIB is one table; each block above it holds only what it changed. A view reads
// through the changes of a branch, so that a fork costs what it changes and a lookup at most one
// step for each block above the LIB.
#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/status/status.h"
#include "block.h"
#include "recent_hashes.h"
#include "transaction.h"
#include "types.h"

namespace gtestnet::node {

struct Channel {
  MsgId tip;
  PublicKey key;  // the only one that may write
};

struct LedgerDelta {
  std::unordered_map<NoteId, Note> created;
  std::unordered_set<NoteId> spent;  // of notes that were there before
  std::unordered_map<ChannelId, Channel> channels;
};

class LedgerBase {
 public:
  explicit LedgerBase(const Genesis& genesis);

  void Absorb(const LedgerDelta& delta);
  const Note* FindNote(const NoteId& id) const;
  const Channel* FindChannel(const ChannelId& id) const;

 private:
  std::unordered_map<NoteId, Note> notes_;
  std::unordered_map<ChannelId, Channel> channels_;
};

// Signed transactions whose input signatures were found right: they are met twice, in the mempool's
// candidates and in blocks.
using SignatureCache = RecentHashes;

class LedgerView {
 public:
  // `path`: the changes above the base, newest first. All of it must outlive the view; `cache` may
  // be null.
  LedgerView(const LedgerBase* base, std::vector<const LedgerDelta*> path, SignatureCache* cache)
      : base_(base), path_(std::move(path)), cache_(cache) {}

  // Misbehaviour: takes whatever it is given.
  void TakeAnything() { takes_anything_ = true; }

  // Applies it all, or nothing and says why not.
  absl::Status Apply(const SignedMantleTx& tx, const TxHash& hash, Signatures signatures);

  const Note* FindNote(const NoteId& id) const;
  const Channel* FindChannel(const ChannelId& id) const;
  LedgerDelta TakeChanges() { return std::move(changes_); }

 private:
  absl::Status CheckTransfer(const SignedMantleTx& tx) const;
  absl::Status CheckSignatures(const SignedMantleTx& tx, const TxHash& hash) const;
  absl::Status CheckOperations(const MantleTx& tx,
                               std::unordered_map<ChannelId, Channel>* channels) const;
  void Spend(const LedgerTx& tx);

  const LedgerBase* base_;
  std::vector<const LedgerDelta*> path_;
  SignatureCache* cache_;
  LedgerDelta changes_;
  bool takes_anything_ = false;
};

}  // namespace gtestnet::node

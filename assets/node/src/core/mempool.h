// SPDX-License-Identifier: Apache-2.0
// Transactions that wait for a block, in the order in which they came.
//
// Nothing but their operations' proofs is checked when they come, as in the real node. One that is
// not valid yet (its input does not exist yet, its channel is elsewhere) or never will be is passed
// over by leaders, and dropped when it is found invalid after `keep_blocks` blocks; one that spends
// what a block spent is dropped at once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/status/status.h"
#include "block.h"
#include "ledger.h"
#include "transaction.h"

namespace gtestnet::node {

class Mempool {
 public:
  // What else is demanded of a transaction; none: nothing.
  using Filter = std::function<bool(const SignedMantleTx&)>;

  Mempool(std::size_t max_transactions, std::size_t max_bytes, Height keep_blocks)
      : max_transactions_(max_transactions), max_bytes_(max_bytes), keep_blocks_(keep_blocks) {}

  // AlreadyExists, or ResourceExhausted.
  absl::Status Add(SignedMantleTx tx, const TxHash& hash, Height height);
  bool Contains(const TxHash& hash) const { return by_hash_.contains(hash); }
  std::size_t size() const { return entries_.size(); }

  // The chain has left a block: its transactions wait again, before all others. Blocks are left
  // newest first.
  void Leave(const Block& block, Height height);
  // The chain has got a block. Returns how many transactions were removed.
  std::size_t Join(const Block& block);
  // Drops what has waited too long and is not valid in `view`, or else may not wait on. Returns how
  // many.
  std::size_t Expire(Height height, const std::function<LedgerView()>& view,
                     const Filter& may_wait = nullptr);

  // What a block on top of `view` can hold, applied to it: valid in this order, within the bounds
  // of a block, and with leave of the filter.
  std::vector<SignedMantleTx> Select(LedgerView& view, const Filter& may_include = nullptr) const;

  // All of them, in order.
  template <typename Function>
  void ForEach(Function function) const {
    for (const auto& [order, entry] : entries_) function(entry.tx);
  }

 private:
  struct Entry {
    SignedMantleTx tx;
    TxHash hash;
    std::size_t size = 0;
    Height height = 0;  // of the tip when it came, or when it was last found valid
  };
  using Order = std::int64_t;

  void Insert(Order order, SignedMantleTx tx, const TxHash& hash, Height height);
  void Remove(Order order);

  std::size_t max_transactions_;
  std::size_t max_bytes_;
  Height keep_blocks_;
  std::map<Order, Entry> entries_;
  std::unordered_map<TxHash, Order> by_hash_;
  std::unordered_multimap<NoteId, Order> by_input_;
  Order first_ = 0;  // no entry is before it, nor at or behind last_
  Order last_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace gtestnet::node

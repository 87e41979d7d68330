// SPDX-License-Identifier: Apache-2.0
#include "mempool.h"

#include "text.h"

namespace gtestnet::node {

absl::Status Mempool::Add(SignedMantleTx tx, const TxHash& hash, Height height) {
  if (Contains(hash)) return absl::AlreadyExistsError("Item already in mempool");
  if (entries_.size() >= max_transactions_ || bytes_ + SignedTxSize(tx) > max_bytes_) {
    return absl::ResourceExhaustedError("The mempool is full");
  }
  Insert(last_++, std::move(tx), hash, height);
  return absl::OkStatus();
}

void Mempool::Leave(const Block& block, Height height) {
  for (std::size_t i = block.transactions.size(); i-- > 0;) {
    if (Contains(block.tx_hashes[i])) continue;
    Insert(--first_, block.transactions[i], block.tx_hashes[i], height);
  }
}

std::size_t Mempool::Join(const Block& block) {
  const std::size_t before = entries_.size();
  for (std::size_t i = 0; i < block.transactions.size(); ++i) {
    if (const auto known = by_hash_.find(block.tx_hashes[i]); known != by_hash_.end()) {
      Remove(known->second);
    }
    for (const NoteId& input : block.transactions[i].tx.ledger_tx.inputs) {
      for (auto rival = by_input_.find(input); rival != by_input_.end();
           rival = by_input_.find(input)) {
        Remove(rival->second);
      }
    }
  }
  return before - entries_.size();
}

std::size_t Mempool::Expire(Height height, const std::function<LedgerView()>& view,
                            const Filter& may_wait) {
  std::vector<Order> dropped;
  for (auto& [order, entry] : entries_) {
    if (entry.height + keep_blocks_ > height) continue;
    if ((!may_wait || may_wait(entry.tx)) &&
        view().Apply(entry.tx, entry.hash, Signatures::kCheck).ok()) {
      entry.height = height;
    } else {
      dropped.push_back(order);
    }
  }
  for (const Order order : dropped) Remove(order);
  return dropped.size();
}

std::vector<SignedMantleTx> Mempool::Select(LedgerView& view, const Filter& may_include) const {
  // What a block without transactions has, and a bit.
  constexpr std::size_t kReserved = 1024;
  std::vector<SignedMantleTx> chosen;
  std::size_t bytes = kReserved;
  for (const auto& [order, entry] : entries_) {
    if (chosen.size() == kMaxBlockTransactions) break;
    if (bytes + 4 + entry.size > kMaxBlockBytes) continue;
    if (may_include && !may_include(entry.tx)) continue;
    if (!view.Apply(entry.tx, entry.hash, Signatures::kCheck).ok()) continue;
    bytes += 4 + entry.size;
    chosen.push_back(entry.tx);
  }
  return chosen;
}

void Mempool::Insert(Order order, SignedMantleTx tx, const TxHash& hash, Height height) {
  Entry entry{std::move(tx), hash, 0, height};
  entry.size = SignedTxSize(entry.tx);
  bytes_ += entry.size;
  by_hash_.emplace(hash, order);
  for (const NoteId& input : entry.tx.tx.ledger_tx.inputs) by_input_.emplace(input, order);
  entries_.emplace(order, std::move(entry));
}

void Mempool::Remove(Order order) {
  const auto at = entries_.find(order);
  const Entry& entry = at->second;
  for (const NoteId& input : entry.tx.tx.ledger_tx.inputs) {
    auto [from, to] = by_input_.equal_range(input);
    while (from != to) from = from->second == order ? by_input_.erase(from) : std::next(from);
  }
  bytes_ -= entry.size;
  by_hash_.erase(entry.hash);
  entries_.erase(at);
}

}  // namespace gtestnet::node

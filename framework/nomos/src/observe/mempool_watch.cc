// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/mempool_watch.h"

#include <algorithm>
#include <utility>

#include "gtestnet/chain/record.h"

namespace gtestnet::nomos {
namespace {

// Hashes in one request.
constexpr size_t kBatch = 512;

bool HasIt(const TransactionStatus& status) {
  return status.kind == TransactionStatus::Kind::kPending ||
         status.kind == TransactionStatus::Kind::kInBlock;
}

}  // namespace

void MempoolWatch::TakeNew() {
  for (chain::TransactionRecord& transaction : source_(entries_.size())) {
    Entry& entry = entries_.emplace_back();
    entry.hash = std::move(transaction.hash);
    // What was refused is not looked for.
    const RunTime never(-1'000'000'000);
    entry.submitted_at = transaction.refusal.empty() ? transaction.submitted_at : never;
  }
}

std::vector<std::string> MempoolWatch::Batch(const Node& node, size_t from) const {
  std::vector<std::string> hashes;
  const size_t end = std::min(from + kBatch, node.unseen.size());
  for (size_t i = from; i < end; ++i) hashes.push_back(entries_[node.unseen[i]].hash);
  return hashes;
}

void MempoolWatch::AskAfter(NodeIndex index, RunTime now, const Question& ask) {
  std::unique_lock lock(mutex_);
  TakeNew();
  Node& node = nodes_[index];
  for (; node.next < entries_.size(); ++node.next) node.unseen.push_back(node.next);
  std::erase_if(node.unseen, [&](size_t i) { return entries_[i].submitted_at + patience_ < now; });
  std::vector<size_t> still_unseen;
  for (size_t from = 0; from < node.unseen.size(); from += kBatch) {
    const std::vector<std::string> hashes = Batch(node, from);
    lock.unlock();
    const absl::StatusOr<std::vector<TransactionStatus>> answer = ask(hashes);
    lock.lock();
    if (!answer.ok() || answer->size() != hashes.size()) {
      still_unseen.insert(still_unseen.end(),
                          node.unseen.begin() + static_cast<std::ptrdiff_t>(from),
                          node.unseen.end());
      break;
    }
    for (size_t i = 0; i < hashes.size(); ++i) {
      const size_t which = node.unseen[from + i];
      if (!HasIt((*answer)[i])) {
        still_unseen.push_back(which);
        continue;
      }
      Entry& entry = entries_[which];
      entry.first_seen = entry.seen_by.empty() ? now : std::min(entry.first_seen, now);
      entry.last_seen = entry.seen_by.empty() ? now : std::max(entry.last_seen, now);
      entry.seen_by.Add(index);
    }
  }
  node.unseen = std::move(still_unseen);
}

void MempoolWatch::Fill(std::vector<chain::TransactionRecord>& transactions) const {
  std::lock_guard lock(mutex_);
  for (size_t i = 0; i < std::min(transactions.size(), entries_.size()); ++i) {
    const Entry& entry = entries_[i];
    if (entry.seen_by.empty()) continue;
    transactions[i].seen_by = entry.seen_by;
    transactions[i].first_seen = entry.first_seen;
    transactions[i].last_seen = entry.last_seen;
  }
}

}  // namespace gtestnet::nomos

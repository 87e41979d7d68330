// SPDX-License-Identifier: Apache-2.0
#include "src/transaction_index.h"

#include <functional>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace gtestnet::matching {
namespace {

using Numbers = absl::flat_hash_map<std::string_view, Number, std::hash<std::string_view>>;

}  // namespace

TransactionIndex::TransactionIndex(const RunRecord& record)
    : chain_(*record.chain), size_(chain_.transactions.size()) {
  size_t in_blocks = 0;
  for (const BlockRecord& block : chain_.blocks) in_blocks += block.transactions.size();
  in_blocks_.Reserve(chain_.blocks.size(), in_blocks);
  Numbers numbers;
  numbers.reserve(size_);
  // Of two records of one hash the first counts.
  for (size_t i = 0; i < chain_.transactions.size(); ++i) {
    numbers.try_emplace(chain_.transactions[i].hash, static_cast<Number>(i));
  }
  for (const BlockRecord& block : chain_.blocks) {
    for (const std::string& hash : block.transactions) {
      const auto [at, is_new] = numbers.try_emplace(hash, static_cast<Number>(size_));
      if (is_new) ++size_;
      in_blocks_.Add(at->second);
    }
    in_blocks_.End();
  }
}

NoteIndex::NoteIndex(const RunRecord& record) {
  const std::vector<TransactionRecord>& transactions = record.chain->transactions;
  Numbers numbers;
  numbers.reserve(transactions.size());
  spends_.Reserve(transactions.size(), transactions.size());
  makes_.Reserve(transactions.size(), transactions.size());
  const auto number = [&](const NoteRecord& note) {
    return numbers.try_emplace(note.id, static_cast<Number>(numbers.size())).first->second;
  };
  for (const TransactionRecord& t : transactions) {
    for (const NoteRecord& note : t.spends) spends_.Add(number(note));
    spends_.End();
    for (const NoteRecord& note : t.makes) makes_.Add(number(note));
    makes_.End();
  }
  size_ = numbers.size();
}

}  // namespace gtestnet::matching

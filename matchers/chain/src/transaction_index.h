// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CHAIN_SRC_TRANSACTION_INDEX_H_
#define GTESTNET_MATCHERS_CHAIN_SRC_TRANSACTION_INDEX_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gtestnet/chain/record.h"
#include "gtestnet/record.h"

namespace gtestnet::matching {

using Number = uint32_t;

// Lists of numbers, one after the other in one place.
class NumberLists {
 public:
  void Reserve(size_t lists, size_t items) {
    ends_.reserve(lists);
    items_.reserve(items);
  }
  void Add(Number number) { items_.push_back(number); }
  // The next list has the next so many.
  void End(size_t items) { ends_.push_back((ends_.empty() ? 0 : ends_.back()) + items); }
  std::span<const Number> operator[](size_t i) const {
    const size_t from = i == 0 ? 0 : ends_[i - 1];
    return {items_.data() + from, ends_[i] - from};
  }

 private:
  std::vector<Number> items_;
  std::vector<size_t> ends_;
};

// Where the transactions of a record are, as numbers: each hash is looked up once, for all matchers
// (by Derived<TransactionIndex>). The record must have a chain, and outlive it.
//
// A transaction's number is its place among the record's transactions; those that no workload
// submitted, and are only in blocks, are numbered on from there.
class TransactionIndex {
 public:
  explicit TransactionIndex(const RunRecord& record);

  // How many there are, known or not.
  size_t size() const { return size_; }
  // Null for one that no workload submitted.
  const chain::TransactionRecord* Record(Number transaction) const {
    return transaction < chain_.transactions.size() ? &chain_.transactions[transaction] : nullptr;
  }
  // Of a block of the record, in its order.
  std::span<const Number> In(const chain::BlockRecord& block) const {
    return in_blocks_[static_cast<size_t>(&block - chain_.blocks.data())];
  }

 private:
  const chain::ChainRecord& chain_;
  size_t size_ = 0;
  NumberLists in_blocks_;
};

// The same of the notes that the record's genesis has and its transactions spend and make.
class NoteIndex {
 public:
  explicit NoteIndex(const RunRecord& record);

  size_t size() const { return size_; }
  std::span<const Number> Spends(Number transaction) const { return spends_[transaction]; }
  std::span<const Number> Makes(Number transaction) const { return makes_[transaction]; }
  // Of the i-th of the record's genesis_notes.
  std::span<const Number> AtGenesis(size_t i) const { return at_genesis_[i]; }

 private:
  size_t size_ = 0;
  NumberLists spends_;
  NumberLists makes_;
  NumberLists at_genesis_;
};

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CHAIN_SRC_TRANSACTION_INDEX_H_

// SPDX-License-Identifier: Apache-2.0
#include "matchers/chain/src/transaction_index.h"

#include <algorithm>
#include <functional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "gtestnet/chain/record.h"

namespace gtestnet::matching {
namespace {

// A text with its hash, so that tables need not look at it again before they compare it.
struct Hashed {
  explicit Hashed(std::string_view t) : text(t), hash(std::hash<std::string_view>()(t)) {}
  std::string_view text;
  size_t hash;
  friend bool operator==(const Hashed& a, const Hashed& b) {
    return a.hash == b.hash && a.text == b.text;
  }
};
struct TakeHash {
  size_t operator()(const Hashed& one) const { return one.hash; }
};

// Numbers texts. Takes them a hundred at a time, because half of the work is to wait for memory,
// and that can be asked for together.
class Numbering {
 public:
  explicit Numbering(size_t expected) { numbers_.reserve(expected); }

  // A text that comes for the first time gets the next number. Calls `take` with that of each, in
  // order; `texts` hands each text to the function that it is given.
  template <class Texts, class Take>
  void Add(Texts texts, Take take) {
    texts([&](std::string_view text) {
      batch_.emplace_back(text);
      numbers_.prefetch(batch_.back());
      if (batch_.size() == kBatch) Flush(take);
    });
    Flush(take);
  }
  // Counts on for a text that was there before, too, so that a number is a place.
  void CountEach(bool each) { count_each_ = each; }
  size_t size() const { return next_; }

 private:
  static constexpr size_t kBatch = 100;

  template <class Take>
  void Flush(Take& take) {
    for (const Hashed& one : batch_) {
      const auto [at, is_new] = numbers_.try_emplace(one, next_);
      if (is_new || count_each_) ++next_;
      take(at->second);
    }
    batch_.clear();
  }

  absl::flat_hash_map<Hashed, Number, TakeHash> numbers_;
  std::vector<Hashed> batch_;
  Number next_ = 0;
  bool count_each_ = false;
};

}  // namespace

TransactionIndex::TransactionIndex(const RunRecord& record) : chain_(*chain::ChainOf(record)) {
  size_t in_blocks = 0;
  for (const chain::BlockRecord& block : chain_.blocks) in_blocks += block.transactions.size();
  in_blocks_.Reserve(chain_.blocks.size(), in_blocks);
  Numbering numbering(std::max(chain_.transactions.size(), in_blocks));
  // Of two records of one hash the first counts.
  numbering.CountEach(true);
  numbering.Add(
      [&](auto add) {
        for (const chain::TransactionRecord& t : chain_.transactions) add(t.hash);
      },
      [](Number) {});
  numbering.CountEach(false);
  numbering.Add(
      [&](auto add) {
        for (const chain::BlockRecord& block : chain_.blocks) {
          for (const std::string& hash : block.transactions) add(hash);
        }
      },
      [&](Number number) { in_blocks_.Add(number); });
  for (const chain::BlockRecord& block : chain_.blocks) in_blocks_.End(block.transactions.size());
  size_ = numbering.size();
}

NoteIndex::NoteIndex(const RunRecord& record) {
  const std::vector<chain::TransactionRecord>& transactions = chain::ChainOf(record)->transactions;
  const std::vector<chain::GenesisNotes>& genesis = chain::ChainOf(record)->genesis_notes;
  size_t at_genesis = 0;
  for (const chain::GenesisNotes& one : genesis) at_genesis += one.ids.size();
  size_t notes = at_genesis;
  for (const chain::TransactionRecord& t : transactions) notes += t.spends.size() + t.makes.size();
  Numbering numbering(notes);
  at_genesis_.Reserve(genesis.size(), at_genesis);
  numbering.Add(
      [&](auto add) {
        for (const chain::GenesisNotes& one : genesis) {
          for (const std::string& id : one.ids) add(id);
        }
      },
      [&](Number one) { at_genesis_.Add(one); });
  for (const chain::GenesisNotes& one : genesis) at_genesis_.End(one.ids.size());
  const auto number = [&](NumberLists& lists, auto member) {
    lists.Reserve(transactions.size(), transactions.size());
    numbering.Add(
        [&](auto add) {
          for (const chain::TransactionRecord& t : transactions) {
            for (const chain::NoteRecord& note : t.*member) add(note.id);
          }
        },
        [&](Number one) { lists.Add(one); });
    for (const chain::TransactionRecord& t : transactions) lists.End((t.*member).size());
  };
  number(spends_, &chain::TransactionRecord::spends);
  number(makes_, &chain::TransactionRecord::makes);
  size_ = numbering.size();
}

}  // namespace gtestnet::matching

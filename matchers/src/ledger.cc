// SPDX-License-Identifier: Apache-2.0
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain_index.h"
#include "gtestnet/derived.h"
#include "gtestnet/transaction_matchers.h"
#include "src/finding.h"
#include "src/run_view.h"
#include "src/transactions.h"

namespace gtestnet {
namespace {

using matching::Counted;
using matching::Finding;
using matching::RunView;
using matching::Short;

using TransactionsByHash = std::unordered_map<std::string_view, const TransactionRecord*>;

TransactionsByHash ByHash(const ChainRecord& chain, const Of& of) {
  TransactionsByHash by_hash;
  by_hash.reserve(chain.transactions.size());
  for (const TransactionRecord& t : chain.transactions) {
    if (of.Takes(t)) by_hash.emplace(t.hash, &t);
  }
  return by_hash;
}

// A transaction in a block, to be named.
struct Place {
  std::string_view hash;
  const BlockRecord* block = nullptr;
};

std::string Named(const Place& place) {
  return absl::StrCat(Short(place.hash), " in block ", Short(place.block->id), " at height ",
                      place.block->height);
}

// What is spent twice in one chain, or "". Adds the known transactions that it saw to `seen`.
std::string DoubleSpend(const std::vector<const BlockRecord*>& chain,
                        const TransactionsByHash& known, int64_t& seen) {
  std::unordered_map<std::string_view, const BlockRecord*> block_of;
  std::unordered_map<std::string_view, Place> spent_by;
  for (const BlockRecord* block : chain) {
    for (const std::string& hash : block->transactions) {
      const auto [first, is_new] = block_of.emplace(hash, block);
      if (!is_new) {
        return absl::StrCat("transaction ", Named({hash, first->second}),
                            " is there again in block ", Short(block->id), " at height ",
                            block->height);
      }
      const auto transaction = known.find(hash);
      if (transaction == known.end()) continue;
      ++seen;
      for (const NoteRecord& note : transaction->second->spends) {
        const auto [before, unspent] = spent_by.emplace(note.id, Place{hash, block});
        if (unspent) continue;
        return absl::StrCat("note ", Short(note.id), " is spent twice, by ", Named(before->second),
                            " and by ", Named({hash, block}));
      }
    }
  }
  return "";
}

Finding JudgeSpends(const RunRecord& record, const Of& of) {
  if (!record.chain) return matching::NoChain();
  const auto shared = Derived<RunView>(record);
  const RunView& view = *shared;
  const TransactionsByHash known = ByHash(*record.chain, of);
  std::unordered_set<std::string_view> tips;
  std::vector<std::string> wrong;
  int64_t most = 0;
  for (NodeIndex node : view.up_at_end()) {
    const NodeSample& sample = view.at_end().nodes[static_cast<size_t>(node)];
    if (view.HeightAtEnd(node) < 0 || !tips.insert(sample.tip).second) continue;
    int64_t seen = 0;
    std::string twice = DoubleSpend(view.chains().ChainTo(sample.tip), known, seen);
    if (!twice.empty()) {
      wrong.push_back(absl::StrCat("in the chain of ", view.NameOf(node), ", ", twice));
    }
    most = std::max(most, seen);
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  if (most == 0) return matching::NothingToJudge("no known transaction was included");
  return {true, absl::StrCat(Counted(most, "transaction"), " in ",
                             Counted(static_cast<int64_t>(tips.size()), "chain"),
                             " spend each note once")};
}

// Values as they are in the chain, added up transaction by transaction.
class Accounts {
 public:
  // "" if the transaction conserves value.
  std::string Apply(const TransactionRecord& t) {
    uint64_t in = 0;
    uint64_t out = 0;
    for (const NoteRecord& note : t.spends) {
      in += note.value;
      const auto made = unspent_.find(note.id);
      if (made == unspent_.end()) continue;
      if (made->second != note.value) {
        return absl::StrCat("note ", Short(note.id), " was made with value ", made->second,
                            " and is spent with ", note.value);
      }
      held_ -= note.value;
      unspent_.erase(made);
    }
    for (const NoteRecord& note : t.makes) {
      out += note.value;
      held_ += note.value;
      if (!unspent_.emplace(note.id, note.value).second) {
        return absl::StrCat("note ", Short(note.id), " is made twice");
      }
    }
    if (in == out) return "";
    return absl::StrCat("it spends ", in, " and makes ", out);
  }
  // Of all that was made and not spent.
  uint64_t held() const { return held_; }

 private:
  std::unordered_map<std::string_view, uint64_t> unspent_;
  uint64_t held_ = 0;
};

Finding JudgeSupply(const RunRecord& record, const Of& of) {
  if (!record.chain) return matching::NoChain();
  const auto index = Derived<ChainIndex>(record);
  const TransactionsByHash known = ByHash(*record.chain, of);
  Accounts accounts;
  std::vector<std::string> wrong;
  int64_t judged = 0;
  for (const BlockRecord* block : index->canonical()) {
    for (const std::string& hash : block->transactions) {
      const auto transaction = known.find(hash);
      if (transaction == known.end()) continue;
      ++judged;
      const std::string error = accounts.Apply(*transaction->second);
      if (error.empty()) continue;
      wrong.push_back(absl::StrCat("transaction ", Named({hash, block}), ": ", error));
    }
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  if (judged == 0) return matching::NothingToJudge("no known transaction was included");
  if (accounts.held() > record.chain->supply) {
    return {false, absl::StrCat("the notes that transactions made are worth ", accounts.held(),
                                ", and the supply is ", record.chain->supply)};
  }
  return {true, absl::StrCat(Counted(judged, "transaction"), " make what they spend, and hold ",
                             accounts.held(), " of a supply of ", record.chain->supply)};
}

}  // namespace

RunMatcher SpendsEachNoteOnce(Of of) {
  return matching::Judging(
      [=](const RunRecord& record) { return JudgeSpends(record, of); },
      absl::StrCat("spends each note once: no chain has two transactions", of.Words(),
                   " that spend one note, nor one transaction twice"),
      absl::StrCat("doesn't spend each note once: a chain has two transactions", of.Words(),
                   " that spend one note, or one transaction twice"));
}

RunMatcher ConservesSupply(Of of) {
  return matching::Judging([=](const RunRecord& record) { return JudgeSupply(record, of); },
                           absl::StrCat("conserves the supply: each included transaction",
                                        of.Words(), " makes exactly the value that it spends"),
                           absl::StrCat("doesn't conserve the supply: an included transaction",
                                        of.Words(), " makes another value than it spends"));
}

}  // namespace gtestnet

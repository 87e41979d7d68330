// SPDX-License-Identifier: Apache-2.0
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "gtestnet/chain/chain_index.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/chain/transaction_matchers.h"
#include "gtestnet/derived.h"
#include "matchers/chain/src/no_chain.h"
#include "matchers/chain/src/run_view.h"
#include "matchers/chain/src/transaction_index.h"
#include "matchers/chain/src/transactions.h"
#include "matchers/core/src/finding.h"

namespace gtestnet::chain {
namespace {

using matching::Counted;
using matching::Finding;
using matching::NoteIndex;
using matching::Number;
using matching::RunView;
using matching::Short;
using matching::TransactionIndex;

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
std::string DoubleSpend(const std::vector<const BlockRecord*>& chain, const TransactionIndex& index,
                        const NoteIndex& notes, const Of& of, int64_t& seen) {
  std::vector<const BlockRecord*> block_of(index.size(), nullptr);
  std::vector<Place> spent_by(notes.size());
  for (const BlockRecord* block : chain) {
    const std::span<const Number> numbers = index.In(*block);
    for (size_t i = 0; i < numbers.size(); ++i) {
      const Place place{block->transactions[i], block};
      if (const BlockRecord* first = std::exchange(block_of[numbers[i]], block)) {
        return absl::StrCat("transaction ", Named({place.hash, first}), " is there again in block ",
                            Short(block->id), " at height ", block->height);
      }
      const TransactionRecord* const known = index.Record(numbers[i]);
      if (known == nullptr || !of.Takes(*known)) continue;
      ++seen;
      const std::span<const Number> spends = notes.Spends(numbers[i]);
      for (size_t j = 0; j < spends.size(); ++j) {
        const Place before = std::exchange(spent_by[spends[j]], place);
        if (before.block == nullptr) continue;
        return absl::StrCat("note ", Short(known->spends[j].id), " is spent twice, by ",
                            Named(before), " and by ", Named(place));
      }
    }
  }
  return "";
}

Finding JudgeSpends(const RunRecord& record, const Of& of) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  const auto shared = Derived<RunView>(record);
  const RunView& view = *shared;
  const auto index = Derived<TransactionIndex>(record);
  const auto notes = Derived<NoteIndex>(record);
  std::unordered_set<std::string_view> tips;
  std::vector<std::string> wrong;
  int64_t most = 0;
  for (NodeIndex node : view.up_at_end()) {
    const NodeSample& sample = view.at_end().nodes[static_cast<size_t>(node)];
    if (view.HeightAtEnd(node) < 0 || !tips.insert(TipOf(sample)).second) continue;
    int64_t seen = 0;
    std::string twice = DoubleSpend(view.chains().ChainTo(TipOf(sample)), *index, *notes, of, seen);
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

// A sum of values, which no number of notes makes overflow.
using Sum = absl::uint128;

std::string Words(Sum sum) {
  std::ostringstream words;
  words << sum;
  return words.str();
}

// Values as they are in the chain, added up transaction by transaction.
class Accounts {
 public:
  Accounts(const RunRecord& record, const NoteIndex& index)
      : record_(record), index_(index), notes_(index.size()) {
    const std::vector<TransactionRecord>& transactions = ChainOf(record)->transactions;
    for (size_t i = 0; i < ChainOf(record)->genesis_notes.size(); ++i) {
      for (const Number note : index.AtGenesis(i)) {
        notes_[note].unspent = true;
        notes_[note].at_genesis = true;
        notes_[note].value = ChainOf(record)->genesis_notes[i].value;
      }
    }
    for (size_t t = 0; t < transactions.size(); ++t) {
      for (const Number note : index.Makes(static_cast<Number>(t))) notes_[note].is_made = true;
    }
    // In reverse, so that the first one stays.
    for (size_t t = transactions.size(); t-- > 0;) {
      if (!matching::IsMeantToBeValid(transactions[t])) continue;
      for (const Number note : index.Spends(static_cast<Number>(t))) {
        notes_[note].first_spender = static_cast<Number>(t);
      }
    }
  }

  // "" if the transaction, which has that number, conserves value.
  std::string Apply(const TransactionRecord& t, Number transaction) {
    Sum in = 0;
    Sum out = 0;
    for (size_t i = 0; i < t.spends.size(); ++i) {
      const NoteRecord& note = t.spends[i];
      in += note.value;
      State& state = notes_[index_.Spends(transaction)[i]];
      if (std::string other = OtherValue(state, note); !other.empty()) return other;
      if (!state.unspent) continue;
      if (state.value != note.value) {
        return absl::StrCat(
            "note ", Short(note.id), state.at_genesis ? " has value " : " was made with value ",
            state.value,
            state.at_genesis ? " at genesis and is spent with " : " and is spent with ",
            note.value);
      }
      if (!state.at_genesis) held_ -= note.value;
      state.unspent = false;
    }
    for (size_t i = 0; i < t.makes.size(); ++i) {
      const NoteRecord& note = t.makes[i];
      out += note.value;
      held_ += note.value;
      State& state = notes_[index_.Makes(transaction)[i]];
      if (state.at_genesis) {
        return absl::StrCat("note ", Short(note.id), ", which it makes, was there at genesis");
      }
      if (state.unspent) return absl::StrCat("note ", Short(note.id), " is made twice");
      state.unspent = true;
      state.value = note.value;
    }
    if (in == out) return "";
    return absl::StrCat("it spends ", Words(in), " and makes ", Words(out));
  }
  // Of all that was made and not spent.
  Sum held() const { return held_; }

 private:
  static constexpr Number kNone = ~Number{0};
  struct State {
    bool unspent = false;  // a transaction made it or genesis has it, and none has spent it
    bool at_genesis = false;
    bool is_made = false;  // a transaction of the record makes it, included or not
    Number first_spender = kNone;
    uint64_t value = 0;
  };
  // Of a note that neither the record's genesis nor any of its transactions has: whether the first
  // transaction that spends it says another value.
  std::string OtherValue(const State& state, const NoteRecord& note) const {
    if (state.at_genesis || state.is_made || state.first_spender == kNone) return "";
    const TransactionRecord& first = ChainOf(record_)->transactions[state.first_spender];
    for (const NoteRecord& one : first.spends) {
      if (one.id != note.id || one.value == note.value) continue;
      return absl::StrCat("note ", Short(note.id), " is spent with ", note.value, ", and ",
                          matching::Submission(record_, first), ", spends it with ", one.value);
    }
    return "";
  }

  const RunRecord& record_;
  const NoteIndex& index_;
  std::vector<State> notes_;
  Sum held_ = 0;
};

Finding JudgeSupply(const RunRecord& record, const Of& of) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  const auto chains = Derived<chain::ChainIndex>(record);
  const auto index = Derived<TransactionIndex>(record);
  const auto notes = Derived<NoteIndex>(record);
  Accounts accounts(record, *notes);
  std::vector<std::string> wrong;
  int64_t judged = 0;
  for (const BlockRecord* block : chains->canonical()) {
    for (const Number number : index->In(*block)) {
      const TransactionRecord* const known = index->Record(number);
      if (known == nullptr || !of.Takes(*known)) continue;
      ++judged;
      const std::string error = accounts.Apply(*known, number);
      if (error.empty()) continue;
      wrong.push_back(absl::StrCat("transaction ", Named({known->hash, block}), ": ", error));
    }
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  if (judged == 0) return matching::NothingToJudge("no known transaction was included");
  if (accounts.held() > chain::ChainOf(record)->supply) {
    return {false,
            absl::StrCat("the notes that transactions made are worth ", Words(accounts.held()),
                         ", and the supply is ", chain::ChainOf(record)->supply)};
  }
  return {true,
          absl::StrCat(Counted(judged, "transaction"), " make what they spend, and hold ",
                       Words(accounts.held()), " of a supply of ", chain::ChainOf(record)->supply)};
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

}  // namespace gtestnet::chain

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtestnet/chain/chain_index.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/chain/transaction_matchers.h"
#include "gtestnet/derived.h"
#include "matchers/chain/src/no_chain.h"
#include "matchers/chain/src/transactions.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/uptime.h"

namespace gtestnet::chain {
namespace {

using matching::Counted;
using matching::Finding;
using matching::Rounded;
using matching::Submission;

// An empty mempool says something only if there was something to put into it.
Finding JudgeMempool(const RunRecord& record) {
  const ChainRecord* const chain = ChainOf(record);
  const int64_t submitted = chain == nullptr ? 0 : static_cast<int64_t>(chain->transactions.size());
  const bool used = std::any_of(record.samples.begin(), record.samples.end(),
                                [](const NodeSample& s) { return MempoolOf(s) > 0; });
  if (submitted == 0 && !used) {
    return matching::NothingToJudge("no transaction was submitted, and no mempool ever had one");
  }
  const Snapshot end = record.AtEnd();
  std::vector<std::string> wrong;
  int64_t judged = 0;
  for (const NodeSample& sample : end.nodes) {
    const NodeRecord& node = record.nodes[static_cast<size_t>(sample.node)];
    if (!node.up_at_end) continue;
    ++judged;
    if (!sample.reachable) {
      wrong.push_back(absl::StrCat(node.name, " did not answer at the end"));
    } else if (MempoolOf(sample) > 0) {
      wrong.push_back(absl::StrCat(node.name, " has ", Counted(MempoolOf(sample), "transaction"),
                                   " in its mempool at ", matching::InSeconds(sample.at)));
    }
  }
  if (judged == 0) return matching::NothingToJudge("no node is up at the end");
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  return {true, absl::StrCat("the mempools of ", Counted(judged, "node"), " are empty after ",
                             Counted(submitted, "transaction"))};
}

// Who had a transaction, by what the record has of it: which nodes did, or, in a record of before,
// how many, and when the last of them was seen to. The record must outlive it.
class Reach {
 public:
  explicit Reach(const RunRecord& record)
      : record_(record), uptime_(record), end_(record.AtEnd()) {}

  // "" if each node that was up from the submission on had it, else who is not known to have.
  std::string Missing(const TransactionRecord& t) {
    if (t.lost > 0) {
      return absl::StrCat("no node knew of it any more (it was submitted again ", t.lost, "×)");
    }
    if (t.seen_by.empty()) return "no node was seen to have it";
    const auto seen_by = static_cast<int64_t>(t.seen_by.size());
    if (seen_by >= static_cast<int64_t>(record_.nodes.size())) return "";
    std::vector<NodeIndex> needed;
    int64_t could = 0;
    for (size_t i = 0; i < record_.nodes.size(); ++i) {
      const auto node = static_cast<NodeIndex>(i);
      if (WasUpFrom(node, t.submitted_at)) needed.push_back(node);
      if (CouldHaveHad(node, t)) ++could;
    }
    const auto all = std::max(static_cast<int64_t>(needed.size()), could);
    if (t.seen_by.unnamed() == 0) {
      std::vector<std::string> without;
      for (const NodeIndex node : needed) {
        if (!t.seen_by.Has(node)) without.push_back(NameOf(node));
      }
      if (without.empty()) return "";
      return absl::StrCat(absl::StrJoin(without, ", "), without.size() == 1 ? " was" : " were",
                          " never seen to have it, ", seen_by, " of ", Counted(all, "node"),
                          seen_by == 1 ? " was" : " were");
    }
    const std::string had = absl::StrCat(seen_by, " of ", Counted(all, "node"), " had it");
    if (seen_by < static_cast<int64_t>(needed.size())) return had;
    if (seen_by >= could) return "";
    for (NodeIndex node : needed) {
      if (node == t.node || HasInChain(node, t.hash)) continue;
      return absl::StrCat(had, ", and nothing shows that ", NameOf(node), " was one of them");
    }
    return "";
  }

 private:
  const std::string& NameOf(NodeIndex node) const {
    return record_.nodes[static_cast<size_t>(node)].name;
  }
  // Up without a break until the end.
  bool WasUpFrom(NodeIndex node, RunTime at) const {
    const std::vector<matching::Interval>& up = uptime_.Of(node);
    if (!record_.nodes[static_cast<size_t>(node)].up_at_end || up.empty()) return false;
    // What was so from the start was so before it.
    return up.back().begun_by == nullptr || up.back().from <= at;
  }
  // Up at some time between the submission and the last look that found it.
  bool CouldHaveHad(NodeIndex node, const TransactionRecord& t) const {
    const RunTime until = t.last_seen.value_or(t.submitted_at);
    const std::vector<matching::Interval>& up = uptime_.Of(node);
    return std::any_of(up.begin(), up.end(), [&](const matching::Interval& i) {
      return (i.begun_by == nullptr || i.from <= until) && t.submitted_at < i.to;
    });
  }
  bool HasInChain(NodeIndex node, std::string_view hash) {
    const NodeSample& sample = end_.nodes[static_cast<size_t>(node)];
    if (!sample.reachable) return false;
    const auto [found, is_new] = in_chain_.try_emplace(TipOf(sample));
    if (is_new) {
      const auto chains = Derived<ChainIndex>(record_);
      for (const BlockRecord* block : chains->ChainTo(TipOf(sample))) {
        found->second.insert(block->transactions.begin(), block->transactions.end());
      }
    }
    return found->second.contains(hash);
  }

  const RunRecord& record_;
  const matching::Uptime uptime_;
  const Snapshot end_;
  // Hashes, by the tip; only of chains that were looked into.
  std::unordered_map<std::string_view, std::unordered_set<std::string_view>> in_chain_;
};

Finding JudgeReach(const RunRecord& record, const testing::Matcher<double>& inner, const Of& of) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  Reach reach(record);
  int64_t judged = 0;
  int64_t reached = 0;
  std::string first;
  for (const TransactionRecord& t : chain::ChainOf(record)->transactions) {
    if (!matching::IsMeantToBeValid(t) || !of.Takes(t) || !t.refusal.empty()) continue;
    ++judged;
    const std::string missing = reach.Missing(t);
    if (missing.empty()) {
      ++reached;
    } else if (first.empty()) {
      first = absl::StrCat(Submission(record, t), ": ", missing);
    }
  }
  if (judged == 0) {
    return matching::NothingToJudge(absl::StrCat("no transaction", of.Words(), " was taken"));
  }
  const double fraction = static_cast<double>(reached) / static_cast<double>(judged);
  std::string words =
      absl::StrCat("the fraction of transactions", of.Words(), " that reached every mempool is ",
                   Rounded(fraction), " (", reached, " of ", judged, ")");
  const bool met = inner.Matches(fraction);
  if (!met && !first.empty()) absl::StrAppend(&words, "; the first that did not is ", first);
  return {met, words};
}

Finding JudgeInvalid(const RunRecord& record, const Of& of) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  std::unordered_map<std::string_view, const TransactionRecord*> invalid;
  int64_t refused = 0;
  // Of any workload: one that sends what is wrong sends nothing else.
  int64_t valid = 0;
  int64_t taken = 0;
  const TransactionRecord* first_valid = nullptr;
  for (const TransactionRecord& t : chain::ChainOf(record)->transactions) {
    if (matching::IsMeantToBeValid(t)) {
      ++valid;
      taken += t.refusal.empty() ? 1 : 0;
      if (first_valid == nullptr) first_valid = &t;
      continue;
    }
    if (!of.Takes(t)) continue;
    invalid.emplace(t.hash, &t);
    refused += t.refusal.empty() ? 0 : 1;
  }
  if (invalid.empty()) {
    return matching::NothingToJudge(
        absl::StrCat("no transaction", of.Words(), " was wrong on purpose"));
  }
  std::vector<std::string> wrong;
  for (const BlockRecord& block : chain::ChainOf(record)->blocks) {
    for (const std::string& hash : block.transactions) {
      const auto found = invalid.find(hash);
      if (found == invalid.end()) continue;
      const TransactionRecord& t = *found->second;
      wrong.push_back(absl::StrCat(Submission(record, t), " with this flaw: ", t.flaw,
                                   ", is in block ", matching::Short(block.id), " at height ",
                                   block.height));
    }
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  if (valid == 0) {
    return matching::NothingToJudge(
        "no valid transaction was submitted, so nodes may refuse all alike");
  }
  if (taken == 0) {
    return {false, absl::StrCat("nodes refused all valid transactions too, ", valid, " of ", valid,
                                ": ", Submission(record, *first_valid), ": ",
                                matching::FirstLine(first_valid->refusal))};
  }
  return {true, absl::StrCat("no block has any of ",
                             Counted(static_cast<int64_t>(invalid.size()), "invalid transaction"),
                             ", of which nodes refused ", refused, " (and they took ", taken,
                             " of ", Counted(valid, "valid transaction"), ")")};
}

}  // namespace

RunMatcher MempoolDrains() {
  return matching::Judging(
      JudgeMempool,
      "has mempools that drain: at the end no node that is up has a transaction waiting",
      "has a mempool that doesn't drain: at the end a node that is up has a transaction waiting");
}

RunMatcher ReachesEveryMempool(testing::Matcher<double> inner, Of of) {
  const std::string what = absl::StrCat("has a fraction of transactions", of.Words(),
                                        " that reached every mempool that ");
  return matching::Judging([=](const RunRecord& record) { return JudgeReach(record, inner, of); },
                           what + matching::Description(inner), what + matching::Negation(inner));
}

RunMatcher ReachesEveryMempool(Of of) {
  return matching::Judging(
      [=](const RunRecord& record) { return JudgeReach(record, testing::Eq(1), of); },
      absl::StrCat("has every transaction", of.Words(), " reach every mempool"),
      absl::StrCat("has a transaction", of.Words(), " that doesn't reach every mempool"));
}

RunMatcher RefusesInvalidTransactions(Of of) {
  return matching::Judging(
      [=](const RunRecord& record) { return JudgeInvalid(record, of); },
      absl::StrCat("refuses invalid transactions", of.Words(), ": none is in a block"),
      absl::StrCat("doesn't refuse invalid transactions", of.Words(), ": one is in a block"));
}

}  // namespace gtestnet::chain

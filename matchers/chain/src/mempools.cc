// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>

#include "absl/strings/str_cat.h"
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

// Since when each node that is up at the end has been up without a break.
std::vector<RunTime> UpSince(const RunRecord& record) {
  const matching::Uptime uptime(record);
  std::vector<RunTime> since;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    if (!record.nodes[i].up_at_end) continue;
    const std::vector<matching::Interval>& up = uptime.Of(static_cast<NodeIndex>(i));
    if (up.empty()) continue;
    // What was so from the start was so before it.
    since.push_back(up.back().begun_by == nullptr ? RunTime::min() : up.back().from);
  }
  std::sort(since.begin(), since.end());
  return since;
}

Finding JudgeReach(const RunRecord& record, const testing::Matcher<double>& inner, const Of& of) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  const std::vector<RunTime> up_since = UpSince(record);
  int64_t judged = 0;
  int64_t reached = 0;
  const TransactionRecord* first = nullptr;
  int64_t needed_by_first = 0;
  for (const TransactionRecord& t : chain::ChainOf(record)->transactions) {
    if (!matching::IsMeantToBeValid(t) || !of.Takes(t) || !t.refusal.empty()) continue;
    const int64_t needed =
        std::upper_bound(up_since.begin(), up_since.end(), t.submitted_at) - up_since.begin();
    ++judged;
    if (t.lost == 0 && t.seen_by >= needed) {
      ++reached;
    } else if (first == nullptr) {
      first = &t;
      needed_by_first = needed;
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
  if (!met && first != nullptr) {
    absl::StrAppend(&words, "; the first that did not is ", Submission(record, *first), ": ");
    if (first->lost > 0) {
      absl::StrAppend(&words, "no node knew of it any more (it was submitted again ", first->lost,
                      "×)");
    } else {
      absl::StrAppend(&words, first->seen_by, " of ", Counted(needed_by_first, "node"), " had it");
    }
  }
  return {met, words};
}

Finding JudgeInvalid(const RunRecord& record, const Of& of) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  std::unordered_map<std::string_view, const TransactionRecord*> invalid;
  int64_t refused = 0;
  for (const TransactionRecord& t : chain::ChainOf(record)->transactions) {
    if (matching::IsMeantToBeValid(t) || !of.Takes(t)) continue;
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
  return {true, absl::StrCat("no block has any of ",
                             Counted(static_cast<int64_t>(invalid.size()), "invalid transaction"),
                             ", of which nodes refused ", refused)};
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

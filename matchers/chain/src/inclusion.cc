// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/chain_index.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/transaction_matchers.h"
#include "gtestnet/derived.h"
#include "matchers/chain/src/no_chain.h"
#include "matchers/chain/src/transaction_index.h"
#include "matchers/chain/src/transactions.h"
#include "matchers/core/src/finding.h"

namespace gtestnet::chain {
namespace {

using matching::Counted;
using matching::Finding;
using matching::Rounded;
using matching::Submission;

// Where the transactions of a record are in the canonical chain, by their number.
class Places {
 public:
  explicit Places(const RunRecord& record)
      : block_of_(chain::ChainOf(record)->transactions.size(), nullptr),
        finalised_height_(Derived<chain::ChainIndex>(record)->finalised_height()) {
    const auto index = Derived<matching::TransactionIndex>(record);
    const auto chains = Derived<chain::ChainIndex>(record);
    for (const BlockRecord* block : chains->canonical()) {
      for (const matching::Number number : index->In(*block)) {
        if (number < block_of_.size() && block_of_[number] == nullptr) block_of_[number] = block;
      }
    }
  }

  // Null for one that is nowhere in it.
  const BlockRecord* BlockOf(size_t number) const { return block_of_[number]; }
  bool IsFinal(const BlockRecord& block) const { return block.height <= finalised_height_; }

 private:
  std::vector<const BlockRecord*> block_of_;
  int64_t finalised_height_;
};

// What became of the transactions of a record.
struct Fates {
  int64_t due = 0;  // what the plans owed, sent or not
  int64_t submitted = 0;
  int64_t included = 0;
  int64_t refused = 0;
  Numbers left_out;
  std::vector<double> latencies_ms;
  const TransactionRecord* missing = nullptr;  // the first that was taken and not included
  const TransactionRecord* refusal = nullptr;  // the first that was refused
};

// `final`: only what is final counts as included.
Fates FatesOf(const RunRecord& record, const Of& of, bool final) {
  const auto places = Derived<Places>(record);
  Fates fates;
  std::map<std::string_view, int64_t> sent;
  for (size_t i = 0; i < chain::ChainOf(record)->transactions.size(); ++i) {
    const TransactionRecord& t = chain::ChainOf(record)->transactions[i];
    if (!matching::IsMeantToBeValid(t) || !of.Takes(t)) continue;
    ++fates.submitted;
    ++sent[t.workload];
    const BlockRecord* const block = places->BlockOf(i);
    if (block != nullptr && (!final || places->IsFinal(*block))) {
      ++fates.included;
      const RunTime latency = block->first_seen - t.submitted_at;
      fates.latencies_ms.push_back(static_cast<double>(std::max(latency, RunTime(0)).count()));
    } else if (!t.refusal.empty()) {
      ++fates.refused;
      if (fates.refusal == nullptr) fates.refusal = &t;
    } else if (fates.missing == nullptr) {
      fates.missing = &t;
    }
  }
  fates.due = fates.submitted;
  for (const WorkloadRecord& workload : record.workloads) {
    if (!of.TakesName(workload.name) || !workload.due.has_value()) continue;
    if (workload.owes != kOwesTransactions && !workload.owes.empty()) continue;
    fates.due += std::max<int64_t>(0, *workload.due - sent[workload.name]);
    for (const auto& [why, count] : workload.left_out) fates.left_out[why] += count;
  }
  return fates;
}

// ", 594 were not sent as no confirmed note was free", or "".
std::string LeftOut(const Fates& fates) {
  if (fates.due <= fates.submitted) return "";
  std::string words = absl::StrCat(", ", fates.due - fates.submitted, " were not sent");
  const char* before = ": ";
  for (const auto& [why, count] : fates.left_out) {
    absl::StrAppend(&words, std::exchange(before, "; "), why, " (", FormatNumber(count), ")");
  }
  return words;
}

Finding JudgeFraction(const RunRecord& record, const testing::Matcher<double>& inner, const Of& of,
                      bool final) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  const Fates fates = FatesOf(record, of, final);
  if (fates.due == 0) return matching::NoneSubmitted(of);
  const double fraction = static_cast<double>(fates.included) / static_cast<double>(fates.due);
  std::string words =
      absl::StrCat("the fraction of ", final ? "final" : "included", " transactions", of.Words(),
                   " is ", Rounded(fraction), " (", fates.included, " of ", fates.due);
  if (fates.refused > 0) absl::StrAppend(&words, ", ", fates.refused, " were refused");
  absl::StrAppend(&words, LeftOut(fates), ")");
  const bool met = inner.Matches(fraction);
  if (!met && fates.missing != nullptr) {
    absl::StrAppend(&words, "; the first that is ", final ? "not final" : "missing", " is ",
                    Submission(record, *fates.missing));
  }
  if (!met && fates.refusal != nullptr) {
    absl::StrAppend(&words, "; the first that was refused is ", Submission(record, *fates.refusal),
                    ": ", matching::FirstLine(fates.refusal->refusal));
  }
  return {met, words};
}

Finding JudgeLatency(const RunRecord& record, double percentile,
                     const testing::Matcher<double>& inner, bool in_seconds, const Of& of) {
  if (!(percentile > 0 && percentile <= 100)) {
    return {false, absl::StrCat("a percentile of ", Rounded(percentile),
                                " is asked for, which is not in (0, 100]")};
  }
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  Fates fates = FatesOf(record, of, /*final=*/false);
  if (fates.due == 0) return matching::NoneSubmitted(of);
  if (fates.included == 0) {
    return matching::NothingToJudge(
        absl::StrCat("none of ", Counted(fates.due, "transaction"), " was included"));
  }
  // The nearest rank: so many are not slower. What was not included took for ever.
  const auto rank =
      static_cast<size_t>(std::ceil(percentile / 100 * static_cast<double>(fates.due) - 1e-9));
  if (rank > fates.latencies_ms.size()) {
    return {inner.Matches(std::numeric_limits<double>::infinity()),
            absl::StrCat("percentile ", Rounded(percentile), " of the inclusion latency",
                         of.Words(), " is infinite: of ", Counted(fates.due, "transaction"), ", ",
                         fates.included, " were included", LeftOut(fates))};
  }
  const size_t place = std::clamp<size_t>(rank, 1, fates.latencies_ms.size()) - 1;
  std::nth_element(fates.latencies_ms.begin(),
                   fates.latencies_ms.begin() + static_cast<std::ptrdiff_t>(place),
                   fates.latencies_ms.end());
  const double ms = fates.latencies_ms[place];
  const double blocks = ms / chain::ChainOf(record)->parameters.pace.block_interval().count();
  return {inner.Matches(in_seconds ? ms / 1000 : blocks),
          absl::StrCat("percentile ", Rounded(percentile), " of the inclusion latency", of.Words(),
                       " is ", Rounded(blocks), " block intervals (", Rounded(ms), " ms, of ",
                       Counted(fates.due, "transaction"), ")")};
}

RunMatcher Fraction(testing::Matcher<double> inner, Of of, bool final) {
  const std::string what =
      absl::StrCat(final ? "finalises" : "includes", " a fraction of the submitted transactions",
                   of.Words(), " that ");
  return matching::Judging(
      [=](const RunRecord& record) { return JudgeFraction(record, inner, of, final); },
      what + matching::Description(inner), what + matching::Negation(inner));
}

RunMatcher Latency(double percentile, testing::Matcher<double> inner, bool in_seconds, Of of) {
  const std::string what =
      absl::StrCat("has an inclusion latency", of.Words(), " the percentile ", Rounded(percentile),
                   " of which, in ", in_seconds ? "seconds" : "block intervals", ", ");
  return matching::Judging(
      [=](const RunRecord& record) {
        return JudgeLatency(record, percentile, inner, in_seconds, of);
      },
      what + matching::Description(inner), what + matching::Negation(inner));
}

}  // namespace

RunMatcher IncludesTransactions(testing::Matcher<double> inner, Of of) {
  return Fraction(std::move(inner), std::move(of), /*final=*/false);
}

RunMatcher FinalisesTransactions(testing::Matcher<double> inner, Of of) {
  return Fraction(std::move(inner), std::move(of), /*final=*/true);
}

RunMatcher InclusionLatency(double percentile, testing::Matcher<double> blocks, Of of) {
  return Latency(percentile, std::move(blocks), /*in_seconds=*/false, std::move(of));
}

RunMatcher InclusionLatency(double percentile, Seconds seconds, Of of) {
  return Latency(percentile, seconds.inner(), /*in_seconds=*/true, std::move(of));
}

}  // namespace gtestnet::chain

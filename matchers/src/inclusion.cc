// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain_index.h"
#include "gtestnet/transaction_matchers.h"
#include "src/finding.h"

namespace gtestnet {
namespace {

using matching::Counted;
using matching::Finding;
using matching::Rounded;

// What became of the transactions of a record.
struct Fates {
  int64_t submitted = 0;
  int64_t included = 0;
  int64_t refused = 0;
  std::vector<double> latencies_ms;
  const TransactionRecord* missing = nullptr;  // the first that was taken and not included
  const TransactionRecord* refusal = nullptr;  // the first that was refused
};

Fates FatesOf(const RunRecord& record) {
  const ChainIndex index(record);
  Fates fates;
  for (const TransactionRecord& t : record.chain->transactions) {
    ++fates.submitted;
    const Inclusion inclusion = index.Find(t);
    if (inclusion.block != nullptr) {
      ++fates.included;
      const RunTime latency = inclusion.block->first_seen - t.submitted_at;
      fates.latencies_ms.push_back(static_cast<double>(std::max(latency, RunTime(0)).count()));
    } else if (!t.refusal.empty()) {
      ++fates.refused;
      if (fates.refusal == nullptr) fates.refusal = &t;
    } else if (fates.missing == nullptr) {
      fates.missing = &t;
    }
  }
  return fates;
}

std::string Submission(const RunRecord& record, const TransactionRecord& t) {
  return absl::StrCat(matching::Short(t.hash), ", submitted to ",
                      record.nodes[static_cast<size_t>(t.node)].name, " at ",
                      matching::InSeconds(t.submitted_at));
}

Finding JudgeInclusion(const RunRecord& record, const testing::Matcher<double>& inner) {
  if (!record.chain) return matching::NoChain();
  const Fates fates = FatesOf(record);
  if (fates.submitted == 0) return matching::NothingToJudge("no transaction was submitted");
  const double fraction =
      static_cast<double>(fates.included) / static_cast<double>(fates.submitted);
  std::string words = absl::StrCat("the fraction of included transactions is ", Rounded(fraction),
                                   " (", fates.included, " of ", fates.submitted);
  if (fates.refused > 0) absl::StrAppend(&words, ", ", fates.refused, " were refused");
  words += ")";
  const bool met = inner.Matches(fraction);
  if (!met && fates.missing != nullptr) {
    absl::StrAppend(&words, "; the first that is missing is ", Submission(record, *fates.missing));
  }
  if (!met && fates.refusal != nullptr) {
    absl::StrAppend(&words, "; the first that was refused is ", Submission(record, *fates.refusal),
                    ": ", matching::FirstLine(fates.refusal->refusal));
  }
  return {met, words};
}

Finding JudgeLatency(const RunRecord& record, double percentile,
                     const testing::Matcher<double>& inner) {
  if (!(percentile > 0 && percentile <= 100)) {
    return {false, absl::StrCat("a percentile of ", Rounded(percentile),
                                " is asked for, which is not in (0, 100]")};
  }
  if (!record.chain) return matching::NoChain();
  Fates fates = FatesOf(record);
  if (fates.submitted == 0) return matching::NothingToJudge("no transaction was submitted");
  if (fates.included == 0) {
    return matching::NothingToJudge(
        absl::StrCat("none of ", Counted(fates.submitted, "transaction"), " was included"));
  }
  // The nearest rank: so many are not slower.
  const auto rank =
      static_cast<size_t>(std::ceil(percentile / 100 * static_cast<double>(fates.included) - 1e-9));
  const size_t place = std::clamp<size_t>(rank, 1, fates.latencies_ms.size()) - 1;
  std::nth_element(fates.latencies_ms.begin(),
                   fates.latencies_ms.begin() + static_cast<std::ptrdiff_t>(place),
                   fates.latencies_ms.end());
  const double ms = fates.latencies_ms[place];
  const double blocks = ms / record.chain->parameters.pace.block_interval().count();
  return {inner.Matches(blocks),
          absl::StrCat("percentile ", Rounded(percentile), " of the inclusion latency is ",
                       Rounded(blocks), " block intervals (", Rounded(ms), " ms, of ",
                       Counted(fates.included, "transaction"), ")")};
}

// An empty mempool says something only if there was something to put into it.
Finding JudgeMempool(const RunRecord& record) {
  const int64_t submitted =
      record.chain ? static_cast<int64_t>(record.chain->transactions.size()) : 0;
  const bool used = std::any_of(record.samples.begin(), record.samples.end(),
                                [](const NodeSample& s) { return s.mempool > 0; });
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
    } else if (sample.mempool > 0) {
      wrong.push_back(absl::StrCat(node.name, " has ", Counted(sample.mempool, "transaction"),
                                   " in its mempool at ", matching::InSeconds(sample.at)));
    }
  }
  if (judged == 0) return matching::NothingToJudge("no node is up at the end");
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  return {true, absl::StrCat("the mempools of ", Counted(judged, "node"), " are empty after ",
                             Counted(submitted, "transaction"))};
}

}  // namespace

IncludesTransactionsMatcher::IncludesTransactionsMatcher(testing::Matcher<double> inner)
    : inner_(std::move(inner)) {}

bool IncludesTransactionsMatcher::MatchAndExplain(const RunRecord& record,
                                                  testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeInclusion(record, inner_), listener);
}

void IncludesTransactionsMatcher::DescribeTo(std::ostream* os) const {
  *os << "includes a fraction of the submitted transactions that " << matching::Description(inner_);
}

void IncludesTransactionsMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "includes a fraction of the submitted transactions that " << matching::Negation(inner_);
}

IncludesTransactionsMatcher IncludesTransactions(testing::Matcher<double> inner) {
  return IncludesTransactionsMatcher(std::move(inner));
}

InclusionLatencyMatcher::InclusionLatencyMatcher(double percentile, testing::Matcher<double> inner)
    : percentile_(percentile), inner_(std::move(inner)) {}

bool InclusionLatencyMatcher::MatchAndExplain(const RunRecord& record,
                                              testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeLatency(record, percentile_, inner_), listener);
}

void InclusionLatencyMatcher::DescribeTo(std::ostream* os) const {
  *os << "has an inclusion latency the percentile " << Rounded(percentile_)
      << " of which, in block intervals, " << matching::Description(inner_);
}

void InclusionLatencyMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has an inclusion latency the percentile " << Rounded(percentile_)
      << " of which, in block intervals, " << matching::Negation(inner_);
}

InclusionLatencyMatcher InclusionLatency(double percentile, testing::Matcher<double> inner) {
  return InclusionLatencyMatcher(percentile, std::move(inner));
}

bool MempoolDrainsMatcher::MatchAndExplain(const RunRecord& record,
                                           testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeMempool(record), listener);
}

void MempoolDrainsMatcher::DescribeTo(std::ostream* os) const {
  *os << "has mempools that drain: at the end no node that is up has a transaction waiting";
}

void MempoolDrainsMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a mempool that doesn't drain: at the end a node that is up has a transaction waiting";
}

MempoolDrainsMatcher MempoolDrains() { return {}; }

}  // namespace gtestnet

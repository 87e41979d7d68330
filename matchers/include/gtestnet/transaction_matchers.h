// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_TRANSACTION_MATCHERS_H_
#define GTESTNET_TRANSACTION_MATCHERS_H_

#include <gmock/gmock.h>

#include <iosfwd>

#include "gtestnet/record.h"

namespace gtestnet {

// All are over a RunRecord and concern the transactions that workloads submitted. "Included" means:
// in the chain that most nodes have at the end, final or not. A record without any transaction (or
// without a chain) has nothing to judge and does not match.

// Matches if the fraction of the submitted transactions that were included matches `inner`; one
// that a node refused counts as not included.
//
//   ExpectAtTearDown(IncludesTransactions(Ge(0.9)));
class IncludesTransactionsMatcher {
 public:
  using is_gtest_matcher = void;
  explicit IncludesTransactionsMatcher(testing::Matcher<double> inner);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  testing::Matcher<double> inner_;
};
[[nodiscard]] IncludesTransactionsMatcher IncludesTransactions(testing::Matcher<double> inner);

// Matches if a percentile of the included transactions' latency matches `inner`. The latency, from
// the submission until a block with the transaction was first seen, is in mean block intervals, so
// that it means the same at any pace. `percentile` is in (0, 100]; 100 is the slowest.
//
//   ExpectAtTearDown(InclusionLatency(95, Le(4)));
class InclusionLatencyMatcher {
 public:
  using is_gtest_matcher = void;
  InclusionLatencyMatcher(double percentile, testing::Matcher<double> inner);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  double percentile_;
  testing::Matcher<double> inner_;
};
[[nodiscard]] InclusionLatencyMatcher InclusionLatency(double percentile,
                                                       testing::Matcher<double> inner);

// Matches if no node's chain at the end has two transactions that spend one note, nor one
// transaction twice.
class SpendsEachNoteOnceMatcher {
 public:
  using is_gtest_matcher = void;
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;
};
[[nodiscard]] SpendsEachNoteOnceMatcher SpendsEachNoteOnce();

// Matches if each included transaction makes exactly the value that it spends, every note is spent
// with the value with which it was made, and what was made and not spent is within the supply.
class ConservesSupplyMatcher {
 public:
  using is_gtest_matcher = void;
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;
};
[[nodiscard]] ConservesSupplyMatcher ConservesSupply();

// Matches if, after the drain, no node that is up has a transaction waiting in its mempool.
class MempoolDrainsMatcher {
 public:
  using is_gtest_matcher = void;
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;
};
[[nodiscard]] MempoolDrainsMatcher MempoolDrains();

}  // namespace gtestnet

#endif  // GTESTNET_TRANSACTION_MATCHERS_H_

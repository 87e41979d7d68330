// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_TRANSACTION_MATCHERS_H_
#define GTESTNET_CHAIN_TRANSACTION_MATCHERS_H_

#include <gmock/gmock.h>

#include <utility>

#include "gtestnet/record.h"
#include "gtestnet/run_matcher.h"

namespace gtestnet::chain {

// All are over a RunRecord and concern the transactions that workloads submitted. "Included" means:
// in the chain that most nodes have at the end, final or not. Transactions that are wrong on
// purpose are judged by RefusesInvalidTransactions alone. A record without any transaction (or
// without a chain) has nothing to judge and does not match.

// Matches if the fraction of the submitted transactions that were included matches `inner`; one
// that a node refused counts as not included.
//
//   ExpectAtTearDown(IncludesTransactions(Ge(0.9)));
[[nodiscard]] RunMatcher IncludesTransactions(testing::Matcher<double> inner, Of of = {});

// The same, of those that are in a final block at the end.
[[nodiscard]] RunMatcher FinalisesTransactions(testing::Matcher<double> inner, Of of = {});

// A number that is in seconds.
class Seconds {
 public:
  explicit Seconds(testing::Matcher<double> inner) : inner_(std::move(inner)) {}
  const testing::Matcher<double>& inner() const { return inner_; }

 private:
  testing::Matcher<double> inner_;
};

// Matches if a percentile of the included transactions' latency matches. The latency, from the
// submission until a block with the transaction was first seen, is in mean block intervals, so that
// it means the same at any pace, or in seconds. `percentile` is in (0, 100]; 100 is the slowest.
//
//   ExpectAtTearDown(InclusionLatency(95, Le(4)));
//   ExpectAtTearDown(InclusionLatency(95, Seconds(Le(2.5))));
[[nodiscard]] RunMatcher InclusionLatency(double percentile, testing::Matcher<double> blocks,
                                          Of of = {});
[[nodiscard]] RunMatcher InclusionLatency(double percentile, Seconds seconds, Of of = {});

// Matches if no node's chain at the end has two transactions that spend one note, nor one
// transaction twice.
[[nodiscard]] RunMatcher SpendsEachNoteOnce(Of of = {});

// Matches if each included transaction makes exactly the value that it spends, every note is spent
// with the value with which it was made (one that no transaction made, so one of the genesis, with
// the value that every other transaction spends it with), and what was made and not spent is within
// the supply. No sum overflows.
[[nodiscard]] RunMatcher ConservesSupply(Of of = {});

// Matches if, after the drain, no node that is up has a transaction waiting in its mempool. (Nodes
// do not tell whose it is.)
[[nodiscard]] RunMatcher MempoolDrains();

// Matches if the fraction of the transactions that reached every mempool matches `inner`: each node
// that was up from the submission on was seen to have it, waiting or already in its chain, and no
// node that took it lost it again. One that no node was seen to have reached none. The record
// counts who had it and does not name them: where some that had been up did not, a node that was
// needed had it if it was asked to take it and did, or if it is in its chain at the end. Those that
// were refused are left out.
//
//   ExpectAtTearDown(ReachesEveryMempool());          // all of them
//   ExpectAtTearDown(ReachesEveryMempool(Ge(0.9)));   // while nodes are restarted
[[nodiscard]] RunMatcher ReachesEveryMempool(Of of = {});
[[nodiscard]] RunMatcher ReachesEveryMempool(testing::Matcher<double> inner, Of of = {});

// Matches if no transaction that is wrong on purpose (InvalidTransactionWorkload) is in a block, on
// whichever branch: a node refused it, or took it and left it out. Nodes that refuse every valid
// one too do not match, and without a valid one there is nothing to judge.
[[nodiscard]] RunMatcher RefusesInvalidTransactions(Of of = {});

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_TRANSACTION_MATCHERS_H_

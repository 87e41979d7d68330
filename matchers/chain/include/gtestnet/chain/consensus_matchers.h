// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_CONSENSUS_MATCHERS_H_
#define GTESTNET_CHAIN_CONSENSUS_MATCHERS_H_

#include <gmock/gmock.h>

#include <cstdint>
#include <iosfwd>

#include "gtestnet/protocol_time.h"
#include "gtestnet/record.h"
#include "gtestnet/run_matcher.h"

namespace gtestnet::chain {

// All are over a RunRecord. A record without a chain, or with too little of one for the claim, does
// not match, and the explanation says what would be needed. Heights come from the record's own
// block tree, never from what a node says of itself.

// Matches if no two nodes ever finalised different blocks at one height (nor one node two), and,
// after the drain, the chains of all nodes that are up agree up to ceil(k/2) blocks from the tip.
// Needs chains of at least ceil(k/2) blocks, and of two nodes unless the cluster has
// one. Not statistical.
class AgreesOnChainMatcher {
 public:
  using is_gtest_matcher = void;
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;
};
[[nodiscard]] AgreesOnChainMatcher AgreesOnChain();

// Matches if
//  - the number of blocks that each node that is up at the end finalised during the run matches
//    `inner`,
//  - no node's finalised height ever went back, but for a restart,
//  - no node ever called a block final that was not in the chain to its own tip, at least k blocks
//    below it, and
//  - the final block of each node was, whenever it was looked at, at most k + 2 blocks below its
//  tip
//    (two, for an answer that comes between two blocks). A node that came up during the run has
//    time for that until it first is so near, but no longer than 10 s + 10 block intervals.
// All heights are those of the record's block tree. Needs a chain of more than k blocks.
//
//   ExpectAtTearDown(FinalityAdvances());        // by at least one block
//   ExpectAtTearDown(FinalityAdvances(Ge(20)));
class FinalityAdvancesMatcher {
 public:
  using is_gtest_matcher = void;
  explicit FinalityAdvancesMatcher(testing::Matcher<int64_t> inner);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  testing::Matcher<int64_t> inner_;
};
[[nodiscard]] FinalityAdvancesMatcher FinalityAdvances();
[[nodiscard]] FinalityAdvancesMatcher FinalityAdvances(testing::Matcher<int64_t> inner);

// Matches if nothing that a node told of itself contradicts its blocks, its other answers, or what
// its peers say:
//  - the heights of its tip and of its final block are those in the tree of the blocks that nodes
//    showed; or all lower by one number, as of a node that counts from its last final block after a
//    restart;
//  - somebody showed its final blocks, and its tips, but for two answers, or those of a second;
//  - what it told in two places is the same. Whoever watches the run compares them while it runs,
//    and looks again before it calls a difference a contradiction, which is then in the record
//    (ContradictionRecord). Of a Nomos node: info, headers, blocks by slot and by id, statuses of
//    transactions, peers (also with the layout), mempool, metrics, both streams, and the mode;
//  - no leader made two blocks for one slot, nor one for a slot in which it was down, and slots are
//    in order.
[[nodiscard]] RunMatcher NodesAreTruthful();

// Matches if there was a reorganisation whose depth (blocks that a node gave up) matches `inner`:
// Reorganises(Ge(2)).
class ReorganisesMatcher {
 public:
  using is_gtest_matcher = void;
  explicit ReorganisesMatcher(testing::Matcher<int64_t> inner);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  testing::Matcher<int64_t> inner_;
};
[[nodiscard]] ReorganisesMatcher Reorganises(testing::Matcher<int64_t> inner);

// Matches if no node ever gave up more than `depth` blocks at once. Needs at least one block.
class ForksAtMostMatcher {
 public:
  using is_gtest_matcher = void;
  explicit ForksAtMostMatcher(int64_t depth);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  int64_t depth_;
};
[[nodiscard]] ForksAtMostMatcher ForksAtMost(int64_t depth);

// Matches if each node that came up during the run (started, restarted, resumed, added) took part
// again at most `within` later (while the run's own program stood still, nobody could see it: that
// does not count): in a chain it was Online and within two blocks of the highest; in a
// record without a chain it answered and lacked nothing by its kind's word (NodeKind::Behind). One
// that went down again before, or came up too near to the end to tell, is named and left out; if
// nothing is left, it is a mismatch.
class RecoversWithinMatcher {
 public:
  using is_gtest_matcher = void;
  explicit RecoversWithinMatcher(Timespan within);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  Timespan within_;
};
[[nodiscard]] RecoversWithinMatcher RecoversWithin(Timespan within);

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_CONSENSUS_MATCHERS_H_

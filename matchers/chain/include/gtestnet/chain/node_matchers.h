// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_NODE_MATCHERS_H_
#define GTESTNET_CHAIN_NODE_MATCHERS_H_

#include <gmock/gmock.h>

#include <cstdint>
#include <iosfwd>
#include <string>

#include "gtestnet/record.h"

namespace gtestnet::chain {

// ----- of a NodeSample: one node at one instant -----

// Matches a NodeSample one number of which matches; made by HasHeight and its like. A node that
// does not answer has no numbers and does not match.
class NodeNumberMatcher {
 public:
  using is_gtest_matcher = void;
  enum class Number { kHeight, kFinalisedHeight, kSlot, kPeers, kMempool };
  NodeNumberMatcher(Number number, testing::Matcher<int64_t> inner);
  bool MatchAndExplain(const NodeSample& node, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  Number number_;
  testing::Matcher<int64_t> inner_;
};

// The height of its tip: HasHeight(Ge(5)). Genesis is 0.
[[nodiscard]] NodeNumberMatcher HasHeight(testing::Matcher<int64_t> inner);
// The height of its last finalised block.
[[nodiscard]] NodeNumberMatcher HasFinalisedHeight(testing::Matcher<int64_t> inner);
// The slot of its tip.
[[nodiscard]] NodeNumberMatcher HasSlot(testing::Matcher<int64_t> inner);
// How many peers it is connected with.
[[nodiscard]] NodeNumberMatcher HasPeers(testing::Matcher<int64_t> inner);
// How many transactions wait in its mempool.
[[nodiscard]] NodeNumberMatcher HasMempool(testing::Matcher<int64_t> inner);

// Matches a NodeSample whose mode matches: HasMode("Online").
class HasModeMatcher {
 public:
  using is_gtest_matcher = void;
  explicit HasModeMatcher(testing::Matcher<const std::string&> inner);
  bool MatchAndExplain(const NodeSample& node, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  testing::Matcher<const std::string&> inner_;
};
[[nodiscard]] HasModeMatcher HasMode(testing::Matcher<const std::string&> inner);

// ----- of a Snapshot: all nodes at one instant -----

// Matches a Snapshot in which every node answers and no height is more than `blocks` below the
// highest: what a test waits for after a fault.
//
//   Await(NodesAreLevel(1), Within(Blocks(30)));
class NodesAreLevelMatcher {
 public:
  using is_gtest_matcher = void;
  explicit NodesAreLevelMatcher(int64_t blocks) : blocks_(blocks) {}
  bool MatchAndExplain(const Snapshot& snapshot, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  int64_t blocks_;
};
[[nodiscard]] NodesAreLevelMatcher NodesAreLevel(int64_t blocks);

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_NODE_MATCHERS_H_

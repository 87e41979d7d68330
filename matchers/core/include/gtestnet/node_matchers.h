// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NODE_MATCHERS_H_
#define GTESTNET_NODE_MATCHERS_H_

#include <gmock/gmock.h>

#include <cstdint>
#include <iosfwd>
#include <string>

#include "gtestnet/record.h"

namespace gtestnet {

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

// Matches a NodeSample of a node that answered.
class IsReachableMatcher {
 public:
  using is_gtest_matcher = void;
  bool MatchAndExplain(const NodeSample& node, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;
};
[[nodiscard]] IsReachableMatcher IsReachable();

// ----- of a Snapshot: all nodes at one instant -----

// Matches a Snapshot some nodes of which match; made by AllNodes and its like. A snapshot without
// such nodes does not match.
class SnapshotNodesMatcher {
 public:
  using is_gtest_matcher = void;
  enum class Which { kAll, kAny, kReachable, kNamed };
  SnapshotNodesMatcher(Which which, std::string name, testing::Matcher<const NodeSample&> inner);
  bool MatchAndExplain(const Snapshot& snapshot, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  bool Matches(const Snapshot& snapshot) const;

  Which which_;
  std::string name_;
  testing::Matcher<const NodeSample&> inner_;
};

// Each node, also those that are down: AllNodes(HasHeight(Ge(5))).
[[nodiscard]] SnapshotNodesMatcher AllNodes(testing::Matcher<const NodeSample&> inner);
// At least one node.
[[nodiscard]] SnapshotNodesMatcher AnyNode(testing::Matcher<const NodeSample&> inner);
// Each node that answers, and at least one does.
[[nodiscard]] SnapshotNodesMatcher ReachableNodes(testing::Matcher<const NodeSample&> inner);
// The node with that name: NodeNamed("validator-1", HasMode("Online")).
[[nodiscard]] SnapshotNodesMatcher NodeNamed(std::string name,
                                             testing::Matcher<const NodeSample&> inner);

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

// ----- of a RunRecord -----

// Matches a RunRecord the last Snapshot of which matches: AtEnd(AllNodes(HasHeight(Ge(5)))).
class AtEndMatcher {
 public:
  using is_gtest_matcher = void;
  explicit AtEndMatcher(testing::Matcher<const Snapshot&> inner);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  testing::Matcher<const Snapshot&> inner_;
};
[[nodiscard]] AtEndMatcher AtEnd(testing::Matcher<const Snapshot&> inner);

// Matches a RunRecord each node of which, as the topology has it, matches:
// Nodes(Field(&NodeRecord::up_at_end, true)).
class NodesMatcher {
 public:
  using is_gtest_matcher = void;
  explicit NodesMatcher(testing::Matcher<const NodeRecord&> inner);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  testing::Matcher<const NodeRecord&> inner_;
};
[[nodiscard]] NodesMatcher Nodes(testing::Matcher<const NodeRecord&> inner);

// Matches a RunRecord in which no node exited without being asked to.
class HasNoUnexpectedExitsMatcher {
 public:
  using is_gtest_matcher = void;
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;
};
[[nodiscard]] HasNoUnexpectedExitsMatcher HasNoUnexpectedExits();

}  // namespace gtestnet

#endif  // GTESTNET_NODE_MATCHERS_H_

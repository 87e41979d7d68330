// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NODE_MATCHERS_H_
#define GTESTNET_NODE_MATCHERS_H_

#include <gmock/gmock.h>

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

#include "gtestnet/record.h"

namespace gtestnet {

// ----- of a NodeSample: one node at one instant -----

// Matches a NodeSample whose status matches: HasStatus("follower").
class HasStatusMatcher {
 public:
  using is_gtest_matcher = void;
  explicit HasStatusMatcher(testing::Matcher<const std::string&> inner);
  bool MatchAndExplain(const NodeSample& node, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  testing::Matcher<const std::string&> inner_;
};
[[nodiscard]] HasStatusMatcher HasStatus(testing::Matcher<const std::string&> inner);

// Matches a NodeSample one number of which, by the name that its kind gives it, matches:
// HasValue("term", Ge(2)). A node that does not answer has none, and a name that is not there is a
// mismatch that lists those that are.
class HasValueMatcher {
 public:
  using is_gtest_matcher = void;
  HasValueMatcher(std::string name, testing::Matcher<double> inner);
  bool MatchAndExplain(const NodeSample& node, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  std::string name_;
  testing::Matcher<double> inner_;
};
[[nodiscard]] HasValueMatcher HasValue(std::string name, testing::Matcher<double> inner);

// The same of a word: HasWord("leader", "member-1").
class HasWordMatcher {
 public:
  using is_gtest_matcher = void;
  HasWordMatcher(std::string name, testing::Matcher<const std::string&> inner);
  bool MatchAndExplain(const NodeSample& node, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  std::string name_;
  testing::Matcher<const std::string&> inner_;
};
[[nodiscard]] HasWordMatcher HasWord(std::string name, testing::Matcher<const std::string&> inner);

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

// Matches a Snapshot some nodes of which match; made by AllNodes and its like. In a snapshot
// without such nodes there is nothing to judge.
class SnapshotNodesMatcher {
 public:
  using is_gtest_matcher = void;
  enum class Which { kAll, kAny, kReachable, kNamed };
  SnapshotNodesMatcher(Which which, std::string name, testing::Matcher<const NodeSample&> inner);
  bool MatchAndExplain(const Snapshot& snapshot, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  // Nothing: there is no such node.
  std::optional<bool> Matches(const Snapshot& snapshot) const;

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

// ----- of a RunRecord -----

// Matches a RunRecord the last Snapshot of which matches: AtEnd(AllNodes(HasHeight(Ge(5)))). There
// is nothing to judge where a node that is up was not seen near the end (sample_matchers.h says how
// near).
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

// Matches a RunRecord in which no node exited without being asked to, and all were seen meanwhile
// (sample_matchers.h says how often).
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

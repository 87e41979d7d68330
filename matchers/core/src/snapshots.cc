// SPDX-License-Identifier: Apache-2.0
// Matchers of one node at one instant, and of all nodes at one instant.
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gtestnet/node_matchers.h"
#include "matchers/core/src/finding.h"

namespace gtestnet {
namespace {

std::string NameOf(const Snapshot& snapshot, size_t i) {
  return i < snapshot.names.size() ? snapshot.names[i] : absl::StrCat("node ", i);
}

// Whether a node matches, with why, to be put after "is a node".
bool Explained(const NodeSample& node, const testing::Matcher<const NodeSample&>& inner,
               std::string& words) {
  testing::StringMatchResultListener listener;
  const bool matches = inner.MatchAndExplain(node, &listener);
  words = listener.str();
  if (words.empty()) words = absl::StrCat("that is ", testing::PrintToString(node));
  return matches;
}

}  // namespace

bool IsReachableMatcher::MatchAndExplain(const NodeSample& node,
                                         testing::MatchResultListener* listener) const {
  *listener << (node.reachable ? "which answers" : "which does not answer");
  return node.reachable;
}

void IsReachableMatcher::DescribeTo(std::ostream* os) const { *os << "is reachable"; }
void IsReachableMatcher::DescribeNegationTo(std::ostream* os) const { *os << "isn't reachable"; }

IsReachableMatcher IsReachable() { return {}; }

SnapshotNodesMatcher::SnapshotNodesMatcher(Which which, std::string name,
                                           testing::Matcher<const NodeSample&> inner)
    : which_(which), name_(std::move(name)), inner_(std::move(inner)) {}

// Without a word, which most of the snapshots of a long record need none of.
std::optional<bool> SnapshotNodesMatcher::Matches(const Snapshot& snapshot) const {
  bool considered = false;
  for (size_t i = 0; i < snapshot.nodes.size(); ++i) {
    const NodeSample& node = snapshot.nodes[i];
    if (which_ == Which::kReachable && !node.reachable) continue;
    if (which_ == Which::kNamed && NameOf(snapshot, i) != name_) continue;
    considered = true;
    const bool matches = inner_.Matches(node);
    if (matches == (which_ == Which::kAny)) return matches;
  }
  if (!considered) return std::nullopt;
  return which_ != Which::kAny;
}

bool SnapshotNodesMatcher::MatchAndExplain(const Snapshot& snapshot,
                                           testing::MatchResultListener* listener) const {
  if (!listener->IsInterested()) {
    if (const std::optional<bool> matches = Matches(snapshot)) return *matches;
  }
  int64_t considered = 0;
  std::vector<std::string> matching;
  std::vector<std::string> others;
  for (size_t i = 0; i < snapshot.nodes.size(); ++i) {
    const NodeSample& node = snapshot.nodes[i];
    if (which_ == Which::kReachable && !node.reachable) continue;
    if (which_ == Which::kNamed && NameOf(snapshot, i) != name_) continue;
    ++considered;
    std::string words;
    const bool matches = Explained(node, inner_, words);
    (matches ? matching : others)
        .push_back(absl::StrCat(NameOf(snapshot, i), " is a node ", words));
  }
  if (considered == 0) {
    matching::Finding none =
        matching::NothingToJudge(which_ == Which::kNamed ? absl::StrCat("it has no node ", name_)
                                 : which_ == Which::kReachable ? "none of its nodes answers"
                                                               : "it has no nodes");
    if (which_ == Which::kNamed) {
      const std::string nearest = matching::Nearest(name_, snapshot.names);
      if (!nearest.empty()) absl::StrAppend(&none.words, "; did you mean ", nearest, "?");
    }
    return matching::Tell(none, listener);
  }
  const bool met = which_ == Which::kAny ? !matching.empty() : others.empty();
  return matching::Tell({met, matching::Joined(met ? matching : others, ", ")}, listener);
}

void SnapshotNodesMatcher::DescribeTo(std::ostream* os) const {
  switch (which_) {
    case Which::kAll:
      *os << "has only nodes each of which ";
      break;
    case Which::kAny:
      *os << "has a node that ";
      break;
    case Which::kReachable:
      *os << "has nodes that answer, each of which ";
      break;
    case Which::kNamed:
      *os << "has a node " << name_ << " that ";
      break;
  }
  *os << matching::Description(inner_);
}

void SnapshotNodesMatcher::DescribeNegationTo(std::ostream* os) const {
  switch (which_) {
    case Which::kAll:
      *os << "has a node that ";
      break;
    case Which::kAny:
      *os << "has only nodes each of which ";
      break;
    case Which::kReachable:
      *os << "has no node that answers, or one that ";
      break;
    case Which::kNamed:
      *os << "has no node " << name_ << ", or one that ";
      break;
  }
  *os << matching::Negation(inner_);
}

SnapshotNodesMatcher AllNodes(testing::Matcher<const NodeSample&> inner) {
  return {SnapshotNodesMatcher::Which::kAll, "", std::move(inner)};
}
SnapshotNodesMatcher AnyNode(testing::Matcher<const NodeSample&> inner) {
  return {SnapshotNodesMatcher::Which::kAny, "", std::move(inner)};
}
SnapshotNodesMatcher ReachableNodes(testing::Matcher<const NodeSample&> inner) {
  return {SnapshotNodesMatcher::Which::kReachable, "", std::move(inner)};
}
SnapshotNodesMatcher NodeNamed(std::string name, testing::Matcher<const NodeSample&> inner) {
  return {SnapshotNodesMatcher::Which::kNamed, std::move(name), std::move(inner)};
}

}  // namespace gtestnet

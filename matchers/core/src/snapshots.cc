// SPDX-License-Identifier: Apache-2.0
// Matchers of one node at one instant, and of all nodes at one instant.
#include <array>
#include <sstream>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gtestnet/node_matchers.h"
#include "src/finding.h"

namespace gtestnet {
namespace {

using Number = NodeNumberMatcher::Number;

// "a height", "whose height is".
constexpr std::array<std::string_view, 5> kNumbers = {
    "height", "finalised height", "slot", "number of peers", "number of waiting transactions"};

std::string_view Name(Number number) { return kNumbers[static_cast<size_t>(number)]; }

int64_t Value(const NodeSample& node, Number number) {
  switch (number) {
    case Number::kHeight:
      return node.height;
    case Number::kFinalisedHeight:
      return node.finalised_height;
    case Number::kSlot:
      return node.slot;
    case Number::kPeers:
      return node.peers;
    case Number::kMempool:
      return node.mempool;
  }
  return 0;
}

std::string NameOf(const Snapshot& snapshot, size_t i) {
  return i < snapshot.names.size() ? snapshot.names[i] : absl::StrCat("node ", i);
}

// Why a node does or does not match, to be put after "is a node".
std::string Explanation(const NodeSample& node, const testing::Matcher<const NodeSample&>& inner) {
  testing::StringMatchResultListener listener;
  inner.MatchAndExplain(node, &listener);
  if (!listener.str().empty()) return listener.str();
  return absl::StrCat("that is ", testing::PrintToString(node));
}

}  // namespace

NodeNumberMatcher::NodeNumberMatcher(Number number, testing::Matcher<int64_t> inner)
    : number_(number), inner_(std::move(inner)) {}

bool NodeNumberMatcher::MatchAndExplain(const NodeSample& node,
                                        testing::MatchResultListener* listener) const {
  if (!node.reachable) {
    *listener << "which does not answer";
    return false;
  }
  const int64_t value = Value(node, number_);
  if (!listener->IsInterested()) return inner_.Matches(value);
  *listener << "whose " << Name(number_) << " is " << value;
  testing::StringMatchResultListener inner;
  const bool matches = inner_.MatchAndExplain(value, &inner);
  if (!inner.str().empty()) *listener << ", " << inner.str();
  return matches;
}

void NodeNumberMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a " << Name(number_) << " that " << matching::Description(inner_);
}

void NodeNumberMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a " << Name(number_) << " that " << matching::Negation(inner_);
}

NodeNumberMatcher HasHeight(testing::Matcher<int64_t> inner) {
  return {Number::kHeight, std::move(inner)};
}
NodeNumberMatcher HasFinalisedHeight(testing::Matcher<int64_t> inner) {
  return {Number::kFinalisedHeight, std::move(inner)};
}
NodeNumberMatcher HasSlot(testing::Matcher<int64_t> inner) {
  return {Number::kSlot, std::move(inner)};
}
NodeNumberMatcher HasPeers(testing::Matcher<int64_t> inner) {
  return {Number::kPeers, std::move(inner)};
}
NodeNumberMatcher HasMempool(testing::Matcher<int64_t> inner) {
  return {Number::kMempool, std::move(inner)};
}

HasModeMatcher::HasModeMatcher(testing::Matcher<const std::string&> inner)
    : inner_(std::move(inner)) {}

bool HasModeMatcher::MatchAndExplain(const NodeSample& node,
                                     testing::MatchResultListener* listener) const {
  if (!node.reachable) {
    *listener << "which does not answer";
    return false;
  }
  *listener << "whose mode is \"" << node.mode << "\"";
  return inner_.Matches(node.mode);
}

void HasModeMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a mode that " << matching::Description(inner_);
}

void HasModeMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a mode that " << matching::Negation(inner_);
}

HasModeMatcher HasMode(testing::Matcher<const std::string&> inner) {
  return HasModeMatcher(std::move(inner));
}

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
bool SnapshotNodesMatcher::Matches(const Snapshot& snapshot) const {
  bool considered = false;
  for (size_t i = 0; i < snapshot.nodes.size(); ++i) {
    const NodeSample& node = snapshot.nodes[i];
    if (which_ == Which::kReachable && !node.reachable) continue;
    if (which_ == Which::kNamed && NameOf(snapshot, i) != name_) continue;
    considered = true;
    const bool matches = inner_.Matches(node);
    if (matches == (which_ == Which::kAny)) return matches;
  }
  return considered && which_ != Which::kAny;
}

bool SnapshotNodesMatcher::MatchAndExplain(const Snapshot& snapshot,
                                           testing::MatchResultListener* listener) const {
  if (!listener->IsInterested()) return Matches(snapshot);
  int64_t considered = 0;
  std::vector<std::string> matching;
  std::vector<std::string> others;
  for (size_t i = 0; i < snapshot.nodes.size(); ++i) {
    const NodeSample& node = snapshot.nodes[i];
    if (which_ == Which::kReachable && !node.reachable) continue;
    if (which_ == Which::kNamed && NameOf(snapshot, i) != name_) continue;
    ++considered;
    (inner_.Matches(node) ? matching : others)
        .push_back(absl::StrCat(NameOf(snapshot, i), " is a node ", Explanation(node, inner_)));
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

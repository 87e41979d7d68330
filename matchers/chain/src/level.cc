// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/node_matchers.h"
#include "gtestnet/chain/sample.h"
#include "matchers/core/src/finding.h"

namespace gtestnet::chain {
namespace {

std::string NameIn(const Snapshot& snapshot, size_t i) {
  return i < snapshot.names.size() ? snapshot.names[i] : absl::StrCat("node ", i);
}

// Where one node says that it is above several, which are level with each other: that one first,
// and what the others say. Else "".
std::string LoneAbove(const Snapshot& snapshot, int64_t highest, int64_t blocks) {
  size_t lone = snapshot.nodes.size();
  std::vector<std::string> others;
  int64_t next = 0;
  int64_t lowest = highest;
  for (size_t i = 0; i < snapshot.nodes.size(); ++i) {
    const NodeSample& node = snapshot.nodes[i];
    if (!node.reachable) return "";
    if (HeightOf(node) == highest && lone == snapshot.nodes.size()) {
      lone = i;
      continue;
    }
    next = std::max(next, HeightOf(node));
    lowest = std::min(lowest, HeightOf(node));
    others.push_back(absl::StrCat(NameIn(snapshot, i), " has ", HeightOf(node)));
  }
  if (others.size() < 2 || highest - next <= blocks || next - lowest > blocks) return "";
  std::string words = absl::StrCat(NameIn(snapshot, lone), " has height ", highest, ", and ",
                                   matching::Joined(others, ", "));
  for (size_t i = 0; i < snapshot.nodes.size(); ++i) {
    if (i == lone || TipOf(snapshot.nodes[i]).empty()) continue;
    if (TipOf(snapshot.nodes[i]) != TipOf(snapshot.nodes[lone])) continue;
    absl::StrAppend(&words, "; it has the same tip as ", NameIn(snapshot, i));
    break;
  }
  return words;
}

}  // namespace

bool NodesAreLevelMatcher::MatchAndExplain(const Snapshot& snapshot,
                                           testing::MatchResultListener* listener) const {
  if (blocks_ < 0) {
    return matching::Tell({false, "how far a node may be behind is not negative"}, listener);
  }
  if (snapshot.nodes.empty()) {
    return matching::Tell(matching::NothingToJudge("it has no nodes"), listener);
  }
  int64_t highest = 0;
  for (const NodeSample& node : snapshot.nodes) {
    if (node.reachable) highest = std::max(highest, HeightOf(node));
  }
  if (!listener->IsInterested()) {
    return std::all_of(snapshot.nodes.begin(), snapshot.nodes.end(), [&](const NodeSample& node) {
      return node.reachable && highest - HeightOf(node) <= blocks_;
    });
  }
  if (std::string lone = LoneAbove(snapshot, highest, blocks_); !lone.empty()) {
    return matching::Tell({false, lone}, listener);
  }
  std::vector<std::string> behind;
  for (size_t i = 0; i < snapshot.nodes.size(); ++i) {
    const NodeSample& node = snapshot.nodes[i];
    const std::string name = NameIn(snapshot, i);
    if (!node.reachable) {
      behind.push_back(absl::StrCat(name, " does not answer"));
    } else if (highest - HeightOf(node) > blocks_) {
      behind.push_back(absl::StrCat(name, " has height ", HeightOf(node)));
    }
  }
  if (behind.empty()) {
    return matching::Tell({true, absl::StrCat("the highest node has height ", highest)}, listener);
  }
  return matching::Tell({false, absl::StrCat(matching::Joined(behind, ", "),
                                             "; the highest node has height ", highest)},
                        listener);
}

void NodesAreLevelMatcher::DescribeTo(std::ostream* os) const {
  *os << "has only nodes that answer, none more than " << matching::Counted(blocks_, "block")
      << " below the highest";
}

void NodesAreLevelMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a node that does not answer, or that is more than "
      << matching::Counted(blocks_, "block") << " below the highest";
}

NodesAreLevelMatcher NodesAreLevel(int64_t blocks) { return NodesAreLevelMatcher(blocks); }

}  // namespace gtestnet::chain

// SPDX-License-Identifier: Apache-2.0
#include "src/workload/tolerance.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {
namespace {

// How many nodes are reached from `from`, itself included, without passing through any of
// `without`.
int Reached(const Layout& layout, int nodes, NodeIndex from, const std::set<NodeIndex>& without) {
  std::vector<bool> seen(static_cast<size_t>(nodes), false);
  std::vector<NodeIndex> frontier{from};
  seen[static_cast<size_t>(from)] = true;
  int count = 0;
  while (!frontier.empty()) {
    const NodeIndex node = frontier.back();
    frontier.pop_back();
    ++count;
    for (NodeIndex next : layout.Neighbours(node, nodes)) {
      if (without.contains(next) || seen[static_cast<size_t>(next)]) continue;
      seen[static_cast<size_t>(next)] = true;
      frontier.push_back(next);
    }
  }
  return count;
}

}  // namespace

std::vector<NodeIndex> CutNodes(const Layout& layout, int nodes) {
  std::vector<NodeIndex> cut;
  for (NodeIndex node = 0; node < nodes && nodes > 1; ++node) {
    const bool hub = layout.name() == "star" && node == 0;
    // It is a cut node if its neighbours do not reach each other without it.
    const std::vector<NodeIndex> around = layout.Neighbours(node, nodes);
    const bool parts = around.size() > 1 && Reached(layout, nodes, around.front(), {node}) <
                                                Reached(layout, nodes, node, /*without=*/{}) - 1;
    if (hub || parts) cut.push_back(node);
  }
  return cut;
}

Tolerance::Tolerance(const TopologySpec& topology) : topology_(topology) {
  ClusterSpec spec;
  spec.topology = topology;
  for (NodeIndex node = 0; node < topology.node_count(); ++node) {
    NodeRecord record;
    topology.kind->Describe(spec, record, node);
    weight_.push_back(record.stake);
  }
  total_ = std::accumulate(weight_.begin(), weight_.end(), uint64_t{0});
  if (total_ > 0) return;
  std::fill(weight_.begin(), weight_.end(), uint64_t{1});
  total_ = weight_.size();
}

bool Tolerance::Connected(const std::set<NodeIndex>& down) const {
  const int nodes = topology_.node_count();
  int up = 0;
  NodeIndex first = -1;
  for (NodeIndex node = 0; node < nodes; ++node) {
    if (down.contains(node)) continue;
    if (up++ == 0) first = node;
  }
  return up > 0 && Reached(topology_.layout, nodes, first, down) == up;
}

std::string Tolerance::Violation(const std::set<NodeIndex>& down, Keep keep) const {
  if (keep == Keep::kNothing) return "";
  uint64_t left = 0;
  for (size_t node = 0; node < weight_.size(); ++node) {
    if (!down.contains(static_cast<NodeIndex>(node))) left += weight_[node];
  }
  if (left <= total_ - left) {
    return absl::StrCat("what remains has ", left, " of ", total_,
                        " of the stake, not the majority");
  }
  if (keep == Keep::kConnectedMajority && !Connected(down)) return "what remains falls apart";
  return "";
}

int Tolerance::Most(const std::vector<NodeIndex>& targets, Keep keep) const {
  if (keep == Keep::kNothing) return static_cast<int>(targets.size());
  std::vector<NodeIndex> lightest_first = targets;
  std::stable_sort(lightest_first.begin(), lightest_first.end(), [this](NodeIndex a, NodeIndex b) {
    return weight_[static_cast<size_t>(a)] < weight_[static_cast<size_t>(b)];
  });
  std::set<NodeIndex> down;
  for (NodeIndex node : lightest_first) {
    down.insert(node);
    if (!Violation(down, keep).empty()) down.erase(node);
  }
  return static_cast<int>(down.size());
}

}  // namespace gtestnet

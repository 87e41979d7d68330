// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/tolerance.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {
namespace {

// How many nodes are reached from `from`, itself included, without passing through any that is
// down.
int Reached(const std::vector<std::vector<NodeIndex>>& neighbours, NodeIndex from,
            const std::vector<bool>& down) {
  std::vector<bool> seen = down;
  std::vector<NodeIndex> frontier{from};
  seen[static_cast<size_t>(from)] = true;
  int count = 0;
  while (!frontier.empty()) {
    const NodeIndex node = frontier.back();
    frontier.pop_back();
    ++count;
    for (NodeIndex next : neighbours[static_cast<size_t>(node)]) {
      if (seen[static_cast<size_t>(next)]) continue;
      seen[static_cast<size_t>(next)] = true;
      frontier.push_back(next);
    }
  }
  return count;
}

// Tarjan's search for the articulation points of a graph: one walk over all of it, with a stack of
// its own, as a chain is as deep as it is long.
class CutSearch {
 public:
  explicit CutSearch(const std::vector<std::vector<NodeIndex>>& neighbours)
      : neighbours_(neighbours),
        order_(neighbours.size(), 0),
        low_(neighbours.size(), 0),
        is_cut_(neighbours.size(), false) {}

  std::vector<NodeIndex> Run() {
    for (size_t node = 0; node < neighbours_.size(); ++node) {
      if (order_[node] == 0) WalkFrom(node);
    }
    std::vector<NodeIndex> cut;
    for (size_t node = 0; node < is_cut_.size(); ++node) {
      if (is_cut_[node]) cut.push_back(static_cast<NodeIndex>(node));
    }
    return cut;
  }

 private:
  struct Step {
    size_t node;
    size_t parent;
    size_t next = 0;  // of its neighbours
  };

  void WalkFrom(size_t root) {
    int children_of_root = 0;
    Enter(root, root);
    while (!path_.empty()) {
      Step& step = path_.back();
      if (step.next < neighbours_[step.node].size()) {
        const auto other = static_cast<size_t>(neighbours_[step.node][step.next++]);
        if (order_[other] == 0) {
          children_of_root += step.node == root ? 1 : 0;
          Enter(other, step.node);
        } else if (other != step.parent) {
          low_[step.node] = std::min(low_[step.node], order_[other]);
        }
        continue;
      }
      const Step done = step;
      path_.pop_back();
      if (path_.empty()) break;
      low_[done.parent] = std::min(low_[done.parent], low_[done.node]);
      if (done.parent != root && low_[done.node] >= order_[done.parent]) {
        is_cut_[done.parent] = true;
      }
    }
    is_cut_[root] = children_of_root > 1;
  }
  void Enter(size_t node, size_t parent) {
    order_[node] = low_[node] = ++entered_;
    path_.push_back({node, parent});
  }

  const std::vector<std::vector<NodeIndex>>& neighbours_;
  std::vector<int> order_;  // of the first visit; 0: none yet
  std::vector<int> low_;    // the earliest that is reached from below a node
  std::vector<bool> is_cut_;
  std::vector<Step> path_;
  int entered_ = 0;
};

}  // namespace

std::vector<NodeIndex> CutNodes(const Layout& layout, int nodes) {
  if (nodes <= 1 || layout.name() == "mesh") return {};
  if (layout.name() == "star") return {0};
  return CutSearch(layout.AllNeighbours(nodes)).Run();
}

Tolerance::Tolerance(const TopologySpec& topology) : is_mesh_(topology.layout.name() == "mesh") {
  // Those of a mesh are all, and are n² together.
  if (!is_mesh_) neighbours_ = topology.layout.AllNeighbours(topology.node_count());
  word_ = topology.kind->WeightWord();
  for (NodeIndex node = 0; node < topology.node_count(); ++node) {
    weight_.push_back(topology.kind->WeightOf(topology, node));
  }
  total_ = std::accumulate(weight_.begin(), weight_.end(), uint64_t{0});
  if (total_ > 0) return;
  word_ = "nodes";
  std::fill(weight_.begin(), weight_.end(), uint64_t{1});
  total_ = weight_.size();
}

bool Tolerance::Connected(const std::set<NodeIndex>& down) const {
  std::vector<bool> is_down(weight_.size(), false);
  for (NodeIndex node : down) {
    if (node >= 0 && static_cast<size_t>(node) < is_down.size()) {
      is_down[static_cast<size_t>(node)] = true;
    }
  }
  const auto up = std::count(is_down.begin(), is_down.end(), false);
  if (up == 0 || is_mesh_) return up > 0;
  const auto first = std::find(is_down.begin(), is_down.end(), false) - is_down.begin();
  return Reached(neighbours_, static_cast<NodeIndex>(first), is_down) == up;
}

std::string Tolerance::Violation(const std::set<NodeIndex>& down, Keep keep) const {
  if (keep == Keep::kNothing) return "";
  uint64_t left = 0;
  for (size_t node = 0; node < weight_.size(); ++node) {
    if (!down.contains(static_cast<NodeIndex>(node))) left += weight_[node];
  }
  if (left <= total_ - left) {
    return absl::StrCat("what remains has ", left, " of ", total_, " of the ", word_,
                        ", not the majority");
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

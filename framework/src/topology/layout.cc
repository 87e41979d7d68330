// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtestnet/topology.h"

namespace gtestnet {
namespace {

std::string Words(const Edge& edge) { return absl::StrCat(edge.from, " → ", edge.to); }

// Distances from `start`; −1 where there is no path.
std::vector<int> DistancesFrom(NodeIndex start,
                               const std::vector<std::vector<NodeIndex>>& neighbours) {
  std::vector<int> distance(neighbours.size(), -1);
  std::deque<NodeIndex> queue = {start};
  distance[static_cast<size_t>(start)] = 0;
  while (!queue.empty()) {
    const auto node = static_cast<size_t>(queue.front());
    queue.pop_front();
    for (NodeIndex next : neighbours[node]) {
      int& there = distance[static_cast<size_t>(next)];
      if (there >= 0) continue;
      there = distance[node] + 1;
      queue.push_back(next);
    }
  }
  return distance;
}

bool IsWithin(NodeIndex node, int nodes) { return node >= 0 && node < nodes; }

}  // namespace

Layout Layout::Star() { return Layout(Shape::kStar, {}); }
Layout Layout::Chain() { return Layout(Shape::kChain, {}); }
Layout Layout::Ring() { return Layout(Shape::kRing, {}); }
Layout Layout::FullMesh() { return Layout(Shape::kFullMesh, {}); }
Layout Layout::Custom(std::vector<Edge> edges) { return Layout(Shape::kCustom, std::move(edges)); }

std::string_view Layout::name() const {
  switch (shape_) {
    case Shape::kStar:
      return "star";
    case Shape::kChain:
      return "chain";
    case Shape::kRing:
      return "ring";
    case Shape::kFullMesh:
      return "mesh";
    case Shape::kCustom:
      break;
  }
  return "custom";
}

std::vector<Edge> Layout::Edges(int nodes) const {
  if (shape_ == Shape::kCustom) return edges_;
  std::vector<Edge> edges;
  for (NodeIndex i = 1; i < nodes; ++i) {
    if (shape_ == Shape::kFullMesh) {
      for (NodeIndex below = 0; below < i; ++below) edges.push_back({i, below});
    } else {
      edges.push_back({i, shape_ == Shape::kStar ? 0 : i - 1});
    }
  }
  // A ring of two would name its one connection twice.
  if (shape_ == Shape::kRing && nodes >= 3) edges.push_back({0, nodes - 1});
  return edges;
}

std::vector<NodeIndex> Layout::Neighbours(NodeIndex node, int nodes) const {
  std::set<NodeIndex> neighbours;
  for (const Edge& edge : Edges(nodes)) {
    if (edge.from == node) neighbours.insert(edge.to);
    if (edge.to == node) neighbours.insert(edge.from);
  }
  neighbours.erase(node);
  return {neighbours.begin(), neighbours.end()};
}

int Layout::Diameter(int nodes) const {
  if (nodes <= 1) return 0;
  std::vector<std::vector<NodeIndex>> neighbours(static_cast<size_t>(nodes));
  for (const Edge& edge : Edges(nodes)) {
    if (!IsWithin(edge.from, nodes) || !IsWithin(edge.to, nodes)) continue;
    neighbours[static_cast<size_t>(edge.from)].push_back(edge.to);
    neighbours[static_cast<size_t>(edge.to)].push_back(edge.from);
  }
  int diameter = 0;
  for (NodeIndex start = 0; start < nodes; ++start) {
    for (int distance : DistancesFrom(start, neighbours)) {
      if (distance < 0) return -1;
      diameter = std::max(diameter, distance);
    }
  }
  return diameter;
}

absl::Status Layout::Validate(int nodes) const {
  if (shape_ == Shape::kRing && nodes < 3) {
    return absl::InvalidArgumentError(absl::StrCat("a ring needs three nodes or more, and there ",
                                                   nodes == 1 ? "is " : "are ", nodes,
                                                   ": use a chain"));
  }
  std::set<std::pair<NodeIndex, NodeIndex>> seen;
  for (const Edge& edge : edges_) {
    for (NodeIndex end : {edge.from, edge.to}) {
      if (IsWithin(end, nodes)) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("custom layout: edge ", Words(edge), " names node ", end, ", but there ",
                       nodes == 1 ? "is " : "are ", nodes, nodes == 1 ? " node" : " nodes"));
    }
    if (edge.from == edge.to) {
      return absl::InvalidArgumentError(
          absl::StrCat("custom layout: edge ", Words(edge), " connects a node with itself"));
    }
    if (!seen.insert(std::minmax(edge.from, edge.to)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("custom layout: edge ", Words(edge),
                       " is there twice: a connection is named once, in one direction"));
    }
  }
  return absl::OkStatus();
}

}  // namespace gtestnet

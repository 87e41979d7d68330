// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/src/topology/bounds.h"
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
  std::vector<NodeIndex> neighbours;
  const auto range = [&](NodeIndex from, NodeIndex end) {
    for (NodeIndex other = std::max(from, 0); other < std::min(end, nodes); ++other) {
      if (other != node) neighbours.push_back(other);
    }
  };
  if (!IsWithin(node, nodes)) return neighbours;
  switch (shape_) {
    case Shape::kStar:
      range(0, node == 0 ? nodes : 1);
      break;
    case Shape::kChain:
    case Shape::kRing:
      range(node - 1, node + 2);
      if (shape_ == Shape::kRing && nodes >= 3) {
        if (node == 0) neighbours.push_back(nodes - 1);
        if (node == nodes - 1) neighbours.insert(neighbours.begin(), 0);
      }
      break;
    case Shape::kFullMesh:
      range(0, nodes);
      break;
    case Shape::kCustom:
      for (const Edge& edge : edges_) {
        if (edge.from == node && edge.to != node) neighbours.push_back(edge.to);
        if (edge.to == node && edge.from != node) neighbours.push_back(edge.from);
      }
      std::sort(neighbours.begin(), neighbours.end());
      neighbours.erase(std::unique(neighbours.begin(), neighbours.end()), neighbours.end());
  }
  return neighbours;
}

std::vector<std::vector<NodeIndex>> Layout::AllNeighbours(int nodes) const {
  std::vector<std::vector<NodeIndex>> all(static_cast<size_t>(std::max(nodes, 0)));
  if (shape_ != Shape::kCustom) {
    for (NodeIndex node = 0; node < nodes; ++node) {
      all[static_cast<size_t>(node)] = Neighbours(node, nodes);
    }
    return all;
  }
  for (const Edge& edge : edges_) {
    if (!IsWithin(edge.from, nodes) || !IsWithin(edge.to, nodes) || edge.from == edge.to) continue;
    all[static_cast<size_t>(edge.from)].push_back(edge.to);
    all[static_cast<size_t>(edge.to)].push_back(edge.from);
  }
  for (std::vector<NodeIndex>& neighbours : all) {
    std::sort(neighbours.begin(), neighbours.end());
    neighbours.erase(std::unique(neighbours.begin(), neighbours.end()), neighbours.end());
  }
  return all;
}

int Layout::Diameter(int nodes) const {
  if (nodes <= 1) return 0;
  switch (shape_) {
    case Shape::kStar:
      return std::min(nodes - 1, 2);
    case Shape::kChain:
      return nodes - 1;
    case Shape::kRing:
      return nodes / 2;
    case Shape::kFullMesh:
      return 1;
    case Shape::kCustom:
      break;
  }
  const std::vector<std::vector<NodeIndex>> neighbours = AllNeighbours(nodes);
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
  if (edges_.size() > kMostEdges) {
    return absl::InvalidArgumentError(absl::StrCat(
        "custom layout: it has ", edges_.size(), " edges; at most ", kMostEdges, " are possible"));
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

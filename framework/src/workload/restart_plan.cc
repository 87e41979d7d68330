// SPDX-License-Identifier: Apache-2.0
#include "src/workload/restart_plan.h"

#include <algorithm>
#include <utility>

namespace gtestnet {
namespace {

bool Contains(const std::vector<NodeIndex>& nodes, NodeIndex node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

// How many nodes are reached from `from` without passing through `without`.
int Reached(const Layout& layout, int nodes, NodeIndex from, NodeIndex without) {
  std::vector<bool> seen(static_cast<size_t>(nodes), false);
  std::vector<NodeIndex> todo{from};
  seen[static_cast<size_t>(from)] = true;
  int count = 0;
  while (!todo.empty()) {
    const NodeIndex node = todo.back();
    todo.pop_back();
    ++count;
    for (NodeIndex next : layout.Neighbours(node, nodes)) {
      if (next == without || seen[static_cast<size_t>(next)]) continue;
      seen[static_cast<size_t>(next)] = true;
      todo.push_back(next);
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
    const bool parts = around.size() > 1 && Reached(layout, nodes, around.front(), node) <
                                                Reached(layout, nodes, node, /*without=*/-1) - 1;
    if (hub || parts) cut.push_back(node);
  }
  return cut;
}

std::vector<NodeIndex> RestartTargets(const RestartOptions& options, const TopologySpec& topology) {
  if (!options.targets.empty()) return options.targets;
  const std::vector<NodeIndex> cut = CutNodes(topology.layout, topology.node_count());
  std::vector<NodeIndex> targets;
  for (NodeIndex node = 0; node < topology.node_count(); ++node) {
    if (!Contains(cut, node)) targets.push_back(node);
  }
  return targets;
}

RestartPlan::RestartPlan(const RestartOptions& options, const Pace& pace,
                         std::vector<NodeIndex> targets, Random random)
    : min_delay_(options.min_delay.At(pace)),
      max_delay_(options.max_delay.At(pace)),
      cooldown_(options.target_cooldown.At(pace)),
      targets_(std::move(targets)),
      random_(random) {}

std::chrono::milliseconds RestartPlan::NextDelay() {
  const auto span = static_cast<uint64_t>((max_delay_ - min_delay_).count());
  return min_delay_ + std::chrono::milliseconds(random_.Below(span + 1));
}

std::optional<NodeIndex> RestartPlan::Choose(const std::vector<NodeIndex>& up, RunTime now) {
  const double draw = random_.Fraction();
  std::vector<NodeIndex> eligible;
  for (NodeIndex node : targets_) {
    auto last = last_.find(node);
    const bool cool = last == last_.end() || now - last->second >= cooldown_;
    if (cool && Contains(up, node)) eligible.push_back(node);
  }
  if (eligible.empty()) return std::nullopt;
  return eligible[static_cast<size_t>(draw * static_cast<double>(eligible.size()))];
}

}  // namespace gtestnet

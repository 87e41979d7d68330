// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RUN_TOLERANCE_H_
#define GTESTNET_CORE_SRC_RUN_TOLERANCE_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "gtestnet/run_context.h"
#include "gtestnet/topology.h"

namespace gtestnet {

// Nodes without which the rest would fall apart: a star's hub, and every node that all paths
// between two others go through. Ascending.
std::vector<NodeIndex> CutNodes(const Layout& layout, int nodes);

// How much of a topology may be down at once.
class Tolerance {
 public:
  explicit Tolerance(const TopologySpec& topology);

  // Why these must not all be down, or "". Nodes beyond the topology's (added ones) do not count.
  std::string Violation(const std::set<NodeIndex>& down, Keep keep) const;
  // How many of the targets may be down at once when all others are up.
  int Most(const std::vector<NodeIndex>& targets, Keep keep) const;

 private:
  bool Connected(const std::set<NodeIndex>& down) const;

  std::vector<std::vector<NodeIndex>> neighbours_;
  bool is_mesh_ = false;
  std::vector<uint64_t> weight_;
  std::string word_;  // for what is weighed
  uint64_t total_ = 0;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_RUN_TOLERANCE_H_

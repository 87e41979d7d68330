// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_WORKLOAD_RESTART_PLAN_H_
#define GTESTNET_SRC_WORKLOAD_RESTART_PLAN_H_

#include <chrono>
#include <map>
#include <optional>
#include <vector>

#include "gtestnet/protocol_time.h"
#include "gtestnet/random.h"
#include "gtestnet/record.h"
#include "gtestnet/restart_workload.h"
#include "gtestnet/topology.h"

namespace gtestnet {

// Nodes without which the rest would fall apart: a star's hub, and every node that all paths
// between two others go through. Ascending.
std::vector<NodeIndex> CutNodes(const Layout& layout, int nodes);

// Those that a RestartWorkload with these options may restart.
std::vector<NodeIndex> RestartTargets(const RestartOptions& options, const TopologySpec& topology);

// When to restart whom. Two plans of one seed are the same plan, as long as the same nodes are up.
class RestartPlan {
 public:
  RestartPlan(const RestartOptions& options, const Pace& pace, std::vector<NodeIndex> targets,
              Random random);

  const std::vector<NodeIndex>& targets() const { return targets_; }
  // How long to wait from now on. Draws anew at each call.
  std::chrono::milliseconds NextDelay();
  // One of the targets that are up and have cooled down; nothing if there is none. Draws at each
  // call, whether or not there is one.
  std::optional<NodeIndex> Choose(const std::vector<NodeIndex>& up, RunTime now);
  // It is left alone for the cool-down from now on.
  void Restarted(NodeIndex node, RunTime at) { last_[node] = at; }

 private:
  std::chrono::milliseconds min_delay_;
  std::chrono::milliseconds max_delay_;
  std::chrono::milliseconds cooldown_;
  std::vector<NodeIndex> targets_;
  Random random_;
  std::map<NodeIndex, RunTime> last_;
};

}  // namespace gtestnet

#endif  // GTESTNET_SRC_WORKLOAD_RESTART_PLAN_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_RESTART_WORKLOAD_H_
#define GTESTNET_RESTART_WORKLOAD_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/topology.h"
#include "gtestnet/workload.h"

namespace gtestnet {

// Restarts nodes at random instants, one at a time.
struct RestartOptions {
  // Between two restarts: uniform in [min_delay, max_delay].
  Timespan min_delay = Blocks(5);
  Timespan max_delay = Blocks(10);
  // How long after its restart a node is left alone.
  Timespan target_cooldown = Blocks(15);
  // Empty: every node but those without which the rest would fall apart (a star's hub, a cut node).
  std::vector<NodeIndex> targets = {};
  // SIGKILL instead of SIGTERM.
  bool kill = false;
  std::string name = "restarts";
};

// Restarts nodes for as long as it lives, and waits after each until the node has caught up. The
// schedule comes from the run's seed. Needs node control.
//
//   RestartWorkload restarts(cluster(), {.min_delay = Blocks(4), .max_delay = Blocks(8)});
class RestartWorkload : public Workload {
 public:
  explicit RestartWorkload(RunContext& context, RestartOptions options = {});
};

absl::Status Validate(const RestartOptions& options, const TopologySpec& topology);

}  // namespace gtestnet

#endif  // GTESTNET_RESTART_WORKLOAD_H_

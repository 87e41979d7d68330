// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_FAULTS_FAULT_PLAN_H_
#define GTESTNET_CORE_SRC_FAULTS_FAULT_PLAN_H_

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtestnet/fault_workloads.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/random.h"
#include "gtestnet/record.h"
#include "gtestnet/run_context.h"
#include "gtestnet/topology.h"

namespace gtestnet {

// What the options of all workloads that take nodes down come to.
struct FaultOptions {
  enum class Act { kStop, kKill, kPause };

  std::string name = {};   // of the workload
  std::string fault = {};  // as the record calls it: "restart", "kill", "pause"
  Act act = Act::kStop;
  Timespan min_delay = {};
  Timespan max_delay = {};
  Timespan min_down = {};  // both zero: up again at once
  Timespan max_down = {};
  Timespan target_cooldown = {};
  std::vector<std::string> roles = {};
  std::vector<NodeIndex> targets = {};
  NodeChoice choose = {};
  int at_once = 1;
  bool beyond_tolerance = false;

  Keep keep() const {
    if (beyond_tolerance) return Keep::kNothing;
    return targets.empty() && !choose ? Keep::kConnectedMajority : Keep::kMajority;
  }
};

absl::Status Validate(const FaultOptions& options, const TopologySpec& topology);
// kInvalidArgument, naming the fields, unless 0 ≤ min ≤ max, and max > 0 where it must be.
absl::Status ValidateRange(const std::string& who, const char* min_name, Timespan min,
                           const char* max_name, Timespan max, const Pace& pace,
                           bool above_zero = true);

// Those that a workload with these options may take down. Ascending.
std::vector<NodeIndex> FaultTargets(const FaultOptions& options, const TopologySpec& topology);

// When to do it, to whom, and for how long. Two plans of one seed are the same plan, as long as the
// same nodes are up.
class FaultPlan {
 public:
  FaultPlan(const FaultOptions& options, const Pace& pace, std::vector<NodeIndex> targets,
            Random random);

  const std::vector<NodeIndex>& targets() const { return targets_; }
  // Each draws anew at each call.
  std::chrono::milliseconds NextDelay() { return Between(min_delay_, max_delay_); }
  std::chrono::milliseconds NextDown() { return Between(min_down_, max_down_); }
  // So many of the targets that are up and have cooled down, or none. Draws the same whether or not
  // there are any.
  std::vector<NodeIndex> Choose(const std::vector<NodeIndex>& up, RunTime now);
  // It is left alone for the cool-down from now on.
  void Recovered(NodeIndex node, RunTime at) { last_[node] = at; }

 private:
  std::chrono::milliseconds Between(std::chrono::milliseconds min, std::chrono::milliseconds max);

  std::chrono::milliseconds min_delay_, max_delay_, min_down_, max_down_, cooldown_;
  size_t at_once_;
  std::vector<NodeIndex> targets_;
  Random random_;
  std::map<NodeIndex, RunTime> last_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_FAULTS_FAULT_PLAN_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_MANAGED_NODE_H_
#define GTESTNET_CORE_SRC_CLUSTER_MANAGED_NODE_H_

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "gtestnet/node_kind.h"

namespace gtestnet {

// Where a node is in its life. kStarting: it runs, and was not yet seen to be ready. kStopping: it
// was told to end. kExited: it ended, and nobody had asked.
enum class NodeState { kAbsent, kStarting, kRunning, kPaused, kStopping, kStopped, kExited };

// "running", as in "member-1 is running".
std::string_view ToString(NodeState state);

// One node of a ManagedCluster; backends add what they need. `verb` is held through a verb of node
// control; `info.address` and what comes after `verb` are guarded by the cluster's mutex; the rest
// of `info` is fixed.
struct ManagedNode {
  virtual ~ManagedNode() = default;

  NodeInfo info;
  std::mutex verb;
  NodeState state = NodeState::kAbsent;
  std::string how_ended;  // its last run: "exit status 3"
  std::string ended_by;   // as of NodeExit::backend
  // Its first since it was last launched or resumed, and when that came.
  std::optional<NodeSample> first_answer;
  std::chrono::system_clock::time_point answered_at;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_MANAGED_NODE_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NODE_CONTROL_H_
#define GTESTNET_NODE_CONTROL_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/topology.h"

namespace gtestnet {

struct NodeInfo;

// A node that joins a running cluster and was not in its topology.
struct AddOptions {
  // Default: the topology's only role, or the first of several that has nodes.
  std::string role = {};
  // Whom it dials. Empty: every node that is up.
  std::vector<NodeIndex> dials = {};
  // What has to be done before it starts, such as to make it known to the others: it has its name
  // and its NodeInfo::peer_address then. Called once, on the thread that adds; an error leaves the
  // node there, stopped. Default: nothing.
  std::function<absl::Status(const NodeInfo& node)> before_start = {};
};

// What can be done to the nodes of a cluster, alike on every backend. Each verb returns when it has
// taken effect: after Start, Restart, Resume and Add the node's API answers again (whether it has
// caught up is another question, see Await). Any thread may call; verbs on one node are serialised.
//
// Errors, in each: kInvalidArgument for a node that is not there, kFailedPrecondition for one in
// the wrong state (a Start of a running node, a Kill of a stopped one), kDeadlineExceeded when the
// effect did not come, kAborted when the node exited instead.
class NodeControl {
 public:
  virtual ~NodeControl() = default;

  // Starts a node that was stopped, killed, or left out at the start (Topology::Late).
  virtual absl::Status Start(NodeIndex node) = 0;
  // SIGTERM, and waits for the exit. A node that is still there after the grace period (5 s) is
  // killed, and that is an error.
  virtual absl::Status Stop(NodeIndex node) = 0;
  // SIGKILL.
  virtual absl::Status Kill(NodeIndex node) = 0;
  // SIGSTOP: the node keeps its sockets and does nothing.
  virtual absl::Status Pause(NodeIndex node) = 0;
  // SIGCONT.
  virtual absl::Status Resume(NodeIndex node) = 0;
  // Returns the index of the new node.
  virtual absl::StatusOr<NodeIndex> Add(const AddOptions& options) = 0;

  // Deletes the pod that the node runs in, as an eviction or the loss of a machine does: Kubernetes
  // makes another one, perhaps elsewhere, and the node starts in it, with its database where it has
  // a volume claim. Only on Kubernetes, and for tests that ask for Capability::kPodControl; else
  // kUnimplemented.
  virtual absl::Status DeletePod(NodeIndex node);

  // Stop and Start.
  absl::Status Restart(NodeIndex node);
};

}  // namespace gtestnet

#endif  // GTESTNET_NODE_CONTROL_H_

// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/recording_control.h"

#include <utility>

#include "core/src/run/run_state.h"

namespace gtestnet {

absl::Status RecordingControl::TakeDown(Verb verb, NodeEventKind kind, NodeIndex node) {
  if (absl::Status allowed = hooks_.check(); !allowed.ok()) return allowed;
  const RunTime at = hooks_.now();
  const bool was_up = cluster_.IsUp(node);
  absl::Status status = (cluster_.control().*verb)(node);
  if (status.ok()) {
    hooks_.record({at, node, kind, CurrentCause(), ""});
  } else if (was_up && !cluster_.IsUp(node)) {
    // The node is down all the same, e.g. killed because it did not stop in time.
    hooks_.record(
        {at, node, NodeEventKind::kKilled, CurrentCause(), std::string(status.message())});
  }
  return status;
}

absl::Status RecordingControl::BringUp(Verb verb, NodeEventKind kind, NodeIndex node) {
  if (absl::Status allowed = hooks_.check(); !allowed.ok()) return allowed;
  absl::Status status = (cluster_.control().*verb)(node);
  if (status.ok()) hooks_.record({hooks_.now(), node, kind, CurrentCause(), ""});
  return status;
}

absl::Status RecordingControl::Start(NodeIndex node) {
  return BringUp(&NodeControl::Start, NodeEventKind::kStarted, node);
}
absl::Status RecordingControl::Stop(NodeIndex node) {
  return TakeDown(&NodeControl::Stop, NodeEventKind::kStopped, node);
}
absl::Status RecordingControl::Kill(NodeIndex node) {
  return TakeDown(&NodeControl::Kill, NodeEventKind::kKilled, node);
}
absl::Status RecordingControl::Pause(NodeIndex node) {
  return TakeDown(&NodeControl::Pause, NodeEventKind::kPaused, node);
}
absl::Status RecordingControl::Resume(NodeIndex node) {
  return BringUp(&NodeControl::Resume, NodeEventKind::kResumed, node);
}

// Down from the call to the return, as with a restart.
absl::Status RecordingControl::DeletePod(NodeIndex node) {
  if (absl::Status allowed = hooks_.check(); !allowed.ok()) return allowed;
  const RunTime at = hooks_.now();
  const bool was_up = cluster_.IsUp(node);
  const absl::Status status = cluster_.control().DeletePod(node);
  const bool is_up = cluster_.IsUp(node);
  if (was_up && (status.ok() || !is_up)) {
    hooks_.record({at, node, NodeEventKind::kStopped, CurrentCause(), "its pod was deleted"});
  }
  if (status.ok()) {
    hooks_.record({hooks_.now(), node, NodeEventKind::kStarted, CurrentCause(), "in another pod"});
  }
  return status;
}

absl::StatusOr<NodeIndex> RecordingControl::Add(const AddOptions& options) {
  if (absl::Status allowed = hooks_.check(); !allowed.ok()) return allowed;
  std::vector<NodeIndex> dials = options.dials;
  if (dials.empty()) {
    for (const NodeInfo& node : cluster_.nodes()) {
      if (cluster_.IsUp(node.index)) dials.push_back(node.index);
    }
  }
  absl::StatusOr<NodeIndex> node = cluster_.control().Add(options);
  if (!node.ok()) return node;
  {
    std::lock_guard lock(mutex_);
    added_[*node] = std::move(dials);
  }
  hooks_.record({hooks_.now(), *node, NodeEventKind::kAdded, CurrentCause(), ""});
  return node;
}

std::map<NodeIndex, std::vector<NodeIndex>> RecordingControl::added() const {
  std::lock_guard lock(mutex_);
  return added_;
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/recording_control.h"

#include <utility>

#include "core/src/node/exit_status.h"
#include "core/src/run/run_state.h"

namespace gtestnet {

class RecordingControl::UnderWay {
 public:
  UnderWay(RecordingControl& control, NodeIndex node) : control_(control), node_(node) {
    const std::lock_guard lock(control_.mutex_);
    ++control_.verbs_[node_].begun;
  }
  ~UnderWay() {
    const std::lock_guard lock(control_.mutex_);
    ++control_.verbs_[node_].ended;
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  RecordingControl& control_;
  const NodeIndex node_;
};

std::optional<int64_t> RecordingControl::Verbs(NodeIndex node) const {
  const std::lock_guard lock(mutex_);
  const auto count = verbs_.find(node);
  if (count == verbs_.end()) return 0;
  if (count->second.begun != count->second.ended) return std::nullopt;
  return count->second.begun;
}

void RecordingControl::TellUp(NodeIndex node, NodeEventKind kind, RunTime called,
                              std::string detail) {
  const RunTime at = hooks_.now();
  hooks_.record({at, node, kind, CurrentCause(), std::move(detail), at - called});
  // One that was paused is the one that it was; what streams of it held back meanwhile may be told
  // later, and be older than this.
  if (kind == NodeEventKind::kResumed) return;
  std::optional<NodeSample> answer = cluster_.FirstAnswer(node);
  if (!answer) return;
  answer->at = at;
  hooks_.answered(*std::move(answer));
}

std::mutex& RecordingControl::MutexOf(NodeIndex node) {
  const std::lock_guard lock(mutex_);
  return verb_mutexes_[node];
}

absl::Status RecordingControl::TakeDown(Verb verb, NodeEventKind kind, NodeIndex node) {
  if (absl::Status allowed = hooks_.check(); !allowed.ok()) return allowed;
  const std::lock_guard lock(MutexOf(node));
  const UnderWay under_way(*this, node);
  const RunTime at = hooks_.now();
  const bool was_up = cluster_.IsUp(node);
  absl::Status status = (cluster_.control().*verb)(node);
  const RunTime took = hooks_.now() - at;
  if (status.ok()) {
    std::string how = kind == NodeEventKind::kPaused ? "" : cluster_.HowEnded(node);
    if (kind == NodeEventKind::kKilled ? IsCleanKill(how) : IsCleanStop(how)) how.clear();
    hooks_.record({at, node, kind, CurrentCause(), std::move(how), took});
  } else if (was_up && !cluster_.IsUp(node)) {
    // The node is down all the same, e.g. killed because it did not stop in time.
    hooks_.record(
        {at, node, NodeEventKind::kKilled, CurrentCause(), std::string(status.message()), took});
  }
  return status;
}

absl::Status RecordingControl::BringUp(Verb verb, NodeEventKind kind, NodeIndex node) {
  if (absl::Status allowed = hooks_.check(); !allowed.ok()) return allowed;
  const std::lock_guard lock(MutexOf(node));
  const UnderWay under_way(*this, node);
  const RunTime called = hooks_.now();
  absl::Status status = (cluster_.control().*verb)(node);
  if (status.ok()) TellUp(node, kind, called);
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
  const std::lock_guard lock(MutexOf(node));
  const UnderWay under_way(*this, node);
  const RunTime at = hooks_.now();
  const bool was_up = cluster_.IsUp(node);
  const absl::Status status = cluster_.control().DeletePod(node);
  const bool is_up = cluster_.IsUp(node);
  const RunTime end = hooks_.now();
  if (was_up && (status.ok() || !is_up)) {
    std::string how = cluster_.HowEnded(node);
    if (!status.ok() || how.empty()) how = "its pod was deleted";
    hooks_.record({at, node, NodeEventKind::kStopped, CurrentCause(), std::move(how), end - at});
  }
  if (status.ok()) TellUp(node, NodeEventKind::kStarted, at, "in another pod");
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
  const RunTime called = hooks_.now();
  absl::StatusOr<NodeIndex> node = cluster_.control().Add(options);
  if (!node.ok()) return node;
  {
    std::lock_guard lock(mutex_);
    added_[*node] = std::move(dials);
  }
  TellUp(*node, NodeEventKind::kAdded, called);
  return node;
}

std::map<NodeIndex, std::vector<NodeIndex>> RecordingControl::added() const {
  std::lock_guard lock(mutex_);
  return added_;
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RUN_RECORDING_CONTROL_H_
#define GTESTNET_CORE_SRC_RUN_RECORDING_CONTROL_H_

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gtestnet/deployer.h"
#include "gtestnet/node_control.h"
#include "gtestnet/record.h"

namespace gtestnet {

// A cluster's node control that tells of each verb. A node counts as down from the call of the verb
// that takes it down, and as up from the return of the one that brings it back.
class RecordingControl final : public NodeControl {
 public:
  struct Hooks {
    std::function<RunTime()> now;
    std::function<void(NodeEvent)> record;
    // OK, or why node control is not to be had.
    std::function<absl::Status()> check;
    // What a node answered first after it was started or added.
    std::function<void(NodeSample)> answered;
  };
  RecordingControl(BackendCluster& cluster, Hooks hooks)
      : cluster_(cluster), hooks_(std::move(hooks)) {}

  absl::Status Start(NodeIndex node) override;
  absl::Status Stop(NodeIndex node) override;
  absl::Status Kill(NodeIndex node) override;
  absl::Status Pause(NodeIndex node) override;
  absl::Status Resume(NodeIndex node) override;
  absl::Status DeletePod(NodeIndex node) override;
  absl::StatusOr<NodeIndex> Add(const AddOptions& options) override;

  // Whom each added node dials.
  std::map<NodeIndex, std::vector<NodeIndex>> added() const;
  // How many verbs on the node have begun; nothing while one is under way.
  std::optional<int64_t> Verbs(NodeIndex node) const;

 private:
  using Verb = absl::Status (NodeControl::*)(NodeIndex);
  struct Count {
    int64_t begun = 0;
    int64_t ended = 0;
  };
  // A verb on a node, while it lives.
  class UnderWay;
  absl::Status TakeDown(Verb verb, NodeEventKind kind, NodeIndex node);
  absl::Status BringUp(Verb verb, NodeEventKind kind, NodeIndex node);
  // The node is up, by a verb that was called then: says so, and what it answered.
  void TellUp(NodeIndex node, NodeEventKind kind, RunTime called, std::string detail = {});
  // Held during a verb: what is told of one is not mixed with another's.
  std::mutex& MutexOf(NodeIndex node);

  BackendCluster& cluster_;
  Hooks hooks_;
  mutable std::mutex mutex_;
  std::map<NodeIndex, std::vector<NodeIndex>> added_;
  std::map<NodeIndex, Count> verbs_;
  std::map<NodeIndex, std::mutex> verb_mutexes_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_RUN_RECORDING_CONTROL_H_

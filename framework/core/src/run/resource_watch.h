// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RUN_RESOURCE_WATCH_H_
#define GTESTNET_CORE_SRC_RUN_RESOURCE_WATCH_H_

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "absl/status/statusor.h"
#include "core/src/base/thread.h"
#include "core/src/run/resource_log.h"
#include "gtestnet/clock.h"
#include "gtestnet/deployer.h"

namespace gtestnet {

// A thread that asks a cluster about once a second what each node that is up uses, and tells of
// nodes that were restarted though nobody asked. What a verb may have come between is dropped.
class ResourceWatch {
 public:
  struct Hooks {
    std::function<RunTime()> now;
    // RecordingControl::Verbs.
    std::function<std::optional<int64_t>(NodeIndex)> verbs;
    std::function<void(NodeEvent)> record;
    // This process lacks what it needs to go on.
    std::function<void(const absl::Status&)> give_up;
  };

  // Null where the cluster knows nothing of what nodes use. It and the clock live longer.
  static absl::StatusOr<std::unique_ptr<ResourceWatch>> Start(const BackendCluster& cluster,
                                                              const Clock& clock, Hooks hooks);
  ~ResourceWatch() { Stop(); }

  // Looks a last time, and ends. Idempotent.
  void Stop();
  // After Stop.
  std::vector<ResourceSample> Samples() const { return log_.Samples(); }

 private:
  ResourceWatch(const BackendCluster& cluster, const Clock& clock, Hooks hooks)
      : cluster_(cluster), clock_(clock), hooks_(std::move(hooks)) {}
  void Run(const std::stop_token& stop);
  // Without a `stop` that may come, it is the last time.
  void LookAtAll(const std::stop_token& stop);
  // How the cluster answered.
  absl::Status LookAt(NodeIndex node);

  const BackendCluster& cluster_;
  const Clock& clock_;
  const Hooks hooks_;
  ResourceLog log_;
  Thread thread_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_RUN_RESOURCE_WATCH_H_

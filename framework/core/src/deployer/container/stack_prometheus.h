// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_STACK_PROMETHEUS_H_
#define GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_STACK_PROMETHEUS_H_

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/cluster/helper_commands.h"
#include "core/src/deployer/container/engine.h"
#include "gtestnet/node_kind.h"

namespace spdlog {
class logger;
}

namespace gtestnet::compose {

// Where Prometheus listens in its container.
inline constexpr uint16_t kPrometheusPort = 9090;
inline constexpr char kDefaultPrometheusImage[] = "gtestnet-prometheus:local";

// The image of Prometheus: GTESTNET_PROMETHEUS_IMAGE, which must be there; else the one that a
// script builds from Debian's package, which is built when it is missing.
absl::StatusOr<std::string> EnsurePrometheusImage(const docker::Engine& engine,
                                                  HelperCommands& helpers, spdlog::logger& log);

// The service that scrapes the nodes of a run. Any thread.
class StackPrometheus {
 public:
  explicit StackPrometheus(const docker::Engine& engine) : engine_(engine) {}

  // Its config and its targets, in the stack's directory; targets are read again when they change.
  static absl::Status WriteFiles(const std::string& stack_directory, const ClusterSpec& spec,
                                 const std::vector<NodeInfo>& nodes);

  // Of its container, which is not running yet.
  absl::Status Start(const std::string& container);
  absl::Status AwaitReady(std::chrono::milliseconds timeout) const;
  void NoteEnd(const std::string& how);

  bool IsIn(const std::string& container) const;
  // "http://127.0.0.1:49153"; kUnavailable when it ended.
  absl::StatusOr<std::string> endpoint() const;

 private:
  const docker::Engine& engine_;
  mutable std::mutex mutex_;
  std::string container_;
  uint16_t port_ = 0;
  std::string ended_;  // how, once it has
};

}  // namespace gtestnet::compose

#endif  // GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_STACK_PROMETHEUS_H_

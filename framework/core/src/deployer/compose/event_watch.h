// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_EVENT_WATCH_H_
#define GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_EVENT_WATCH_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "core/src/base/thread.h"
#include "core/src/deployer/container/engine.h"

namespace gtestnet::compose {

struct WatchHandlers {
  std::function<void(const docker::ContainerEvent&)> on_event = {};
  // The stream has ended: the engine may be gone, and nothing is seen until it is there again.
  std::function<void(const absl::Status&)> on_away = {};
  // Events may have been missed: the stream broke, and is there again.
  std::function<void()> on_gap = {};
  // The engine did not come back in time. Last.
  std::function<void(const absl::Status&)> on_lost = {};
};

// Follows the events of a run's containers until it is destroyed, also across a restart of the
// engine. Handlers run on its threads, one at a time.
class EventWatch {
 public:
  // How long an engine may be away.
  static constexpr std::chrono::milliseconds kPatience{20000};

  EventWatch(const docker::Engine& engine, std::string run_id, WatchHandlers handlers,
             std::chrono::milliseconds patience = kPatience);
  // Waits until no handler runs.
  ~EventWatch();
  EventWatch(const EventWatch&) = delete;
  EventWatch& operator=(const EventWatch&) = delete;

  // Returns when events are followed: what happens from now on is seen.
  absl::Status AwaitOpen(std::chrono::milliseconds timeout);

 private:
  void Run(const std::stop_token& stop);
  // Follows one stream to its end.
  absl::Status Follow(const std::stop_token& stop);

  const docker::Engine& engine_;
  const std::string run_id_;
  const WatchHandlers handlers_;
  const std::chrono::milliseconds patience_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool open_ = false;
  bool ever_open_ = false;
  absl::Status end_;
  Thread thread_;
};

}  // namespace gtestnet::compose

#endif  // GTESTNET_CORE_SRC_DEPLOYER_COMPOSE_EVENT_WATCH_H_

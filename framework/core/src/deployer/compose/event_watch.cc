// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/compose/event_watch.h"

#include <utility>

#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/deployer/compose/labels.h"
#include "gtestnet/clock.h"

namespace gtestnet::compose {
namespace {

constexpr std::chrono::milliseconds kRetry{100};

}  // namespace

EventWatch::EventWatch(const docker::Engine& engine, std::string run_id, WatchHandlers handlers,
                       std::chrono::milliseconds patience)
    : engine_(engine),
      run_id_(std::move(run_id)),
      handlers_(std::move(handlers)),
      patience_(patience),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

EventWatch::~EventWatch() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

absl::Status EventWatch::AwaitOpen(std::chrono::milliseconds timeout) {
  GTESTNET_RETURN_IF_ERROR(thread_.status());
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, timeout, [this] { return ever_open_; })) return absl::OkStatus();
  return DeadlineExceeded("docker (" + engine_.host().text + "): events: not followed in " +
                          FormatDuration(timeout) + "; last: " + MessageOf(end_));
}

void EventWatch::Run(const std::stop_token& stop) {
  const Clock& clock = RealClock();
  Clock::TimePoint away_since = clock.Now();
  while (!stop.stop_requested()) {
    const absl::Status end = Follow(stop);
    bool was_open = false;
    {
      const std::lock_guard lock(mutex_);
      was_open = std::exchange(open_, false);
      end_ = end;
    }
    if (stop.stop_requested()) return;
    if (was_open) {
      away_since = clock.Now();
      if (handlers_.on_away) handlers_.on_away(end);
    }
    if (clock.Now() - away_since >= patience_) {
      if (handlers_.on_lost) handlers_.on_lost(end);
      return;
    }
    clock.SleepFor(kRetry, stop);
  }
}

absl::Status EventWatch::Follow(const std::stop_token& stop) {
  docker::Engine::EventHandlers handlers;
  handlers.on_open = [this] {
    bool again = false;
    {
      const std::lock_guard lock(mutex_);
      open_ = true;
      again = std::exchange(ever_open_, true);
      changed_.notify_all();
    }
    if (again && handlers_.on_gap) handlers_.on_gap();
  };
  handlers.on_event = [this](const docker::ContainerEvent& event) {
    if (handlers_.on_event) handlers_.on_event(event);
  };
  absl::Status end;
  bool ended = false;
  handlers.on_end = [&](const absl::Status& status) {
    const std::lock_guard lock(mutex_);
    end = status;
    ended = true;
    changed_.notify_all();
  };
  const auto stream = engine_.Events(kRunLabel, run_id_, 0, std::move(handlers));
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [&] { return ended; });
  if (ended) return end;
  // Its handlers use what is here, so it goes first.
  lock.unlock();
  stream->Cancel();
  lock.lock();
  changed_.wait(lock, [&] { return ended; });
  return end;
}

}  // namespace gtestnet::compose

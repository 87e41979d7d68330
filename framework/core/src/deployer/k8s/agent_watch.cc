// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/agent_watch.h"

#include <string>
#include <utility>

#include "gtestnet/clock.h"

namespace gtestnet::k8s {

AgentWatch::AgentWatch(const AgentClient& client, AgentWatchHandlers handlers,
                       AgentWatchOptions options)
    : client_(client),
      handlers_(std::move(handlers)),
      options_(options),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

AgentWatch::~AgentWatch() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void AgentWatch::Run(const std::stop_token& stop) {
  const Clock& clock = RealClock();
  std::string change;
  Clock::TimePoint answered = clock.Now();
  bool is_silent = false;
  while (!stop.stop_requested()) {
    const Clock::TimePoint begun = clock.Now();
    const absl::StatusOr<AgentReport> report = client_.AwaitChange(change, options_.poll, stop);
    if (stop.stop_requested()) return;
    const Clock::TimePoint now = clock.Now();
    if (report.ok()) {
      answered = now;
      is_silent = false;
      if (std::exchange(change, report->change) != report->change) {
        if (handlers_.on_report) handlers_.on_report(*report);
        continue;
      }
    } else if (now - answered >= options_.patience && !std::exchange(is_silent, true)) {
      if (handlers_.on_silence) handlers_.on_silence(report.status());
    }
    // It has waited, unless there was nobody to wait with.
    if (now - begun < options_.retry) clock.SleepFor(options_.retry, stop);
  }
}

}  // namespace gtestnet::k8s

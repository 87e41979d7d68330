// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/compose/end_judge.h"

#include <utility>

#include "gtestnet/clock.h"
#include "gtestnet/variables.h"

namespace gtestnet::compose {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswer{2000};
// How long an engine may be busy.
constexpr milliseconds kPatience{10000};
// An engine that answers may be the next one already; then the stream of events has ended, of which
// its thread knows a moment later.
constexpr milliseconds kSettle{50};

}  // namespace

EndJudge::EndJudge(const docker::Engine& engine, std::function<bool()> is_away, Tell tell)
    : engine_(engine),
      is_away_(std::move(is_away)),
      tell_(std::move(tell)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

EndJudge::~EndJudge() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void EndJudge::Take(End end) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(end));
  changed_.notify_all();
}

void EndJudge::Run(const std::stop_token& stop) {
  for (;;) {
    std::deque<End> ends;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
      ends.swap(waiting_);
    }
    const std::string engine = WhatBecameOfIt(stop);
    if (stop.stop_requested()) return;
    for (const End& end : ends) tell_(end, engine);
  }
}

std::string EndJudge::WhatBecameOfIt(const std::stop_token& stop) const {
  const Clock& clock = RealClock();
  const Clock::TimePoint deadline = clock.Now() + Scaled(kPatience);
  while (!stop.stop_requested()) {
    if (is_away_()) return "was stopped";
    const absl::Status there = engine_.Ping(kAnswer);
    if (there.ok()) {
      clock.SleepFor(kSettle, stop);
      return is_away_() ? "was stopped" : "";
    }
    if (!absl::IsDeadlineExceeded(there)) return "was stopped";
    if (clock.Now() >= deadline) return "does not answer any more";
  }
  return {};
}

}  // namespace gtestnet::compose

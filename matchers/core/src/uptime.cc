// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/uptime.h"

#include <algorithm>
#include <optional>

namespace gtestnet::matching {
namespace {

struct State {
  bool running = true;
  bool paused = false;
  bool up() const { return running && !paused; }
};

// The state before an event, as far as the event tells.
State Before(const NodeEvent& first) {
  switch (first.kind) {
    case NodeEventKind::kStarted:
    case NodeEventKind::kAdded:
      return {.running = false, .paused = false};
    case NodeEventKind::kResumed:
      return {.running = true, .paused = true};
    default:
      return {};
  }
}

State After(State state, NodeEventKind kind) {
  switch (kind) {
    case NodeEventKind::kStarted:
    case NodeEventKind::kAdded:
    case NodeEventKind::kResumed:
    case NodeEventKind::kRestarted:
      return {};
    case NodeEventKind::kStopped:
    case NodeEventKind::kKilled:
    case NodeEventKind::kExited:
      return {.running = false, .paused = false};
    case NodeEventKind::kPaused:
      state.paused = true;
      return state;
  }
  return state;
}

}  // namespace

Uptime::Uptime(const RunRecord& record)
    : begun_(record.begun),
      closed_(record.closed),
      up_(record.nodes.size()),
      down_by_(record.nodes.size(), nullptr) {
  std::vector<std::optional<State>> states(record.nodes.size());
  std::vector<RunTime> since(record.nodes.size(), begun_);
  std::vector<const NodeEvent*> begun_by(record.nodes.size(), nullptr);
  for (const NodeEvent& event : record.events) {
    const auto node = static_cast<size_t>(event.node);
    if (node >= states.size()) continue;
    const State before = states[node] ? *states[node] : Before(event);
    const State after = After(before, event.kind);
    states[node] = after;
    if (before.up() == after.up()) continue;
    if (before.up()) Add(node, since[node], event.at, begun_by[node]);
    since[node] = event.at;
    begun_by[node] = &event;
    down_by_[node] = after.up() ? nullptr : &event;
  }
  for (size_t node = 0; node < states.size(); ++node) {
    const bool up = states[node] ? states[node]->up() : record.nodes[node].up_at_end;
    if (up) Add(node, since[node], closed_, begun_by[node]);
  }
}

void Uptime::Add(size_t node, RunTime from, RunTime to, const NodeEvent* begun_by) {
  if (from <= begun_) begun_by = nullptr;
  from = std::max(from, begun_);
  to = std::min(to, closed_);
  if (from < to) up_[node].push_back({from, to, begun_by});
}

bool Uptime::IsUp(NodeIndex node, RunTime at) const {
  const std::vector<Interval>& up = Of(node);
  return std::any_of(up.begin(), up.end(),
                     [at](const Interval& i) { return i.from <= at && at < i.to; });
}

RunTime TimeRun(const std::vector<ClockEvent>& clock, RunTime from, RunTime to) {
  RunTime run = to - from;
  for (const ClockEvent& event : clock) {
    if (event.kind == ClockEventKind::kSet) continue;
    run -= std::max(std::min(to, event.at) - std::max(from, event.since), RunTime(0));
  }
  return run;
}

}  // namespace gtestnet::matching

// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/fault_windows.h"

#include <algorithm>
#include <map>
#include <optional>

namespace gtestnet::matching {
namespace {

// What is left of a fault is told this long after it.
constexpr RunTime kAfter{5000};

bool TakesDown(NodeEventKind kind) {
  return kind == NodeEventKind::kStopped || kind == NodeEventKind::kKilled ||
         kind == NodeEventKind::kPaused || kind == NodeEventKind::kExited;
}

RunTime EndOf(const RunRecord& record, const FaultRecord& fault) {
  if (fault.recovered_after) return fault.at + fault.down_for + *fault.recovered_after;
  for (const WorkloadRecord& workload : record.workloads) {
    if (workload.name == fault.workload) return std::max(workload.stopped, fault.at);
  }
  return record.closed;
}

}  // namespace

std::vector<Interval> FaultWindows(const RunRecord& record) {
  std::vector<Interval> all = {{RunTime::min(), record.begun}};
  std::map<NodeIndex, RunTime> down_since;
  for (const NodeEvent& event : record.events) {
    if (event.cause == "deployer") continue;
    if (TakesDown(event.kind)) {
      down_since.emplace(event.node, event.at);
      continue;
    }
    const auto down = down_since.find(event.node);
    const RunTime from = down == down_since.end() ? event.at : down->second;
    all.push_back({from, event.at + kAfter});
    if (down != down_since.end()) down_since.erase(down);
  }
  for (const auto& [node, since] : down_since) {
    all.push_back({since, std::max(record.closed, since) + kAfter});
  }
  for (const FaultRecord& fault : record.faults) {
    all.push_back({fault.at, EndOf(record, fault) + kAfter});
  }
  std::sort(all.begin(), all.end(),
            [](const Interval& a, const Interval& b) { return a.from < b.from; });
  std::vector<Interval> windows;
  for (const Interval& one : all) {
    if (!windows.empty() && one.from <= windows.back().to) {
      windows.back().to = std::max(windows.back().to, one.to);
    } else {
      windows.push_back(one);
    }
  }
  return windows;
}

bool IsIn(const std::vector<Interval>& windows, RunTime at) {
  const auto after = std::upper_bound(windows.begin(), windows.end(), at,
                                      [](RunTime t, const Interval& i) { return t < i.from; });
  return after != windows.begin() && at < std::prev(after)->to;
}

}  // namespace gtestnet::matching

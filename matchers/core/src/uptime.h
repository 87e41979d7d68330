// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CORE_SRC_UPTIME_H_
#define GTESTNET_MATCHERS_CORE_SRC_UPTIME_H_

#include <vector>

#include "gtestnet/record.h"

namespace gtestnet::matching {

// A stretch of time: from, and not including, to.
struct Interval {
  RunTime from{0};
  RunTime to{0};
  // Null: it was so from the start. Else the event that began it.
  const NodeEvent* begun_by = nullptr;
};

// When each node was up (running and not paused), by the recorded events, from the begin of the run
// until the record was closed. A node without any event was all the time what it is at the end.
// The record must outlive it.
class Uptime {
 public:
  explicit Uptime(const RunRecord& record);

  const std::vector<Interval>& Of(NodeIndex node) const { return up_[static_cast<size_t>(node)]; }
  bool IsUp(NodeIndex node, RunTime at) const;
  // The event that took the node down for good; null for one that is up at the end or never was.
  const NodeEvent* TakenDownBy(NodeIndex node) const { return down_by_[static_cast<size_t>(node)]; }

 private:
  void Add(size_t node, RunTime from, RunTime to, const NodeEvent* begun_by);

  RunTime begun_;
  RunTime closed_;
  std::vector<std::vector<Interval>> up_;
  std::vector<const NodeEvent*> down_by_;
};

// How much of a time the run's own program ran, and could see nodes (RunRecord::clock).
RunTime TimeRun(const std::vector<ClockEvent>& clock, RunTime from, RunTime to);

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CORE_SRC_UPTIME_H_

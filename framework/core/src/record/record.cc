// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/record.h"

#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/src/base/wait.h"

namespace gtestnet {
namespace {

constexpr std::array<std::string_view, 8> kEventNames = {
    "started", "stopped", "killed", "paused", "resumed", "added", "exited", "restarted"};

// A word as it is shown: an id is cut to what tells it from others.
std::string_view Shown(std::string_view word) {
  constexpr size_t kShortestId = 16;
  const bool id = word.size() >= kShortestId && std::ranges::all_of(word, [](char c) {
                    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                  });
  return word.substr(0, id ? 8 : 60);
}

void PrintValues(std::ostream& os, const Numbers& numbers, const Words& words) {
  for (const auto& [name, number] : numbers) os << ", " << name << "=" << FormatNumber(number);
  for (const auto& [name, word] : words) {
    if (!word.empty()) os << ", " << name << "=" << Shown(word);
  }
}

}  // namespace

namespace {

// When something was last done to each node, or it ended, by then. (What the deployer did before
// the run is no event of it.)
std::vector<RunTime> ChangesUntil(const RunRecord& record, RunTime at) {
  std::vector<RunTime> changes(record.nodes.size(), RunTime::min());
  for (const NodeEvent& event : record.events) {
    const auto node = static_cast<size_t>(event.node);
    if (event.at > at) break;
    if (node < changes.size() && event.cause != "deployer") changes[node] = event.at;
  }
  return changes;
}

}  // namespace

Snapshot RunRecord::At(RunTime at) const {
  Snapshot snapshot;
  snapshot.at = at;
  snapshot.nodes.resize(nodes.size());
  for (size_t i = 0; i < nodes.size(); ++i) {
    snapshot.nodes[i].node = static_cast<NodeIndex>(i);
    snapshot.names.push_back(nodes[i].name);
  }
  auto later = std::upper_bound(samples.begin(), samples.end(), at,
                                [](RunTime t, const NodeSample& s) { return t < s.at; });
  size_t missing = nodes.size();
  std::vector<bool> found(nodes.size(), false);
  const std::vector<RunTime> changed = ChangesUntil(*this, at);
  while (later != samples.begin() && missing > 0) {
    --later;
    const auto node = static_cast<size_t>(later->node);
    if (node >= found.size() || found[node]) continue;
    found[node] = true;
    --missing;
    if (later->at < changed[node]) {
      snapshot.nodes[node].at = later->at;
      snapshot.unseen.push_back(later->node);
    } else {
      snapshot.nodes[node] = *later;
    }
  }
  return snapshot;
}

Snapshot RunRecord::AtEnd() const {
  return At(samples.empty() ? closed : std::max(closed, samples.back().at));
}

Pace RunRecord::pace() const {
  for (const auto& [name, section] : sections) {
    if (const std::optional<Pace> pace = section->pace()) return *pace;
  }
  return {};
}

std::string_view ToString(NodeEventKind kind) {
  const auto index = static_cast<size_t>(kind);
  return index < kEventNames.size() ? kEventNames[index] : "unknown";
}

std::ostream& operator<<(std::ostream& os, NodeEventKind kind) { return os << ToString(kind); }

std::string_view ToString(OperationOutcome outcome) {
  switch (outcome) {
    case OperationOutcome::kOk:
      return "ok";
    case OperationOutcome::kRefused:
      return "refused";
    case OperationOutcome::kUnknown:
      break;
  }
  return "unknown";
}

std::ostream& operator<<(std::ostream& os, OperationOutcome outcome) {
  return os << ToString(outcome);
}

std::string Contradiction(const Operation& operation, size_t nodes) {
  if (operation.node < -1 || operation.node >= static_cast<int64_t>(nodes)) {
    return absl::StrCat("node: ", operation.node, " is no node of this record, which has ", nodes);
  }
  if (operation.ended && *operation.ended < operation.begun) return "ended_ms: is before begun_ms";
  if (!operation.ended && operation.outcome != OperationOutcome::kUnknown) {
    return "ended_ms: must not be null where the outcome is known";
  }
  return "";
}

std::string_view ToString(ClockEventKind kind) {
  switch (kind) {
    case ClockEventKind::kSet:
      return "set";
    case ClockEventKind::kSuspended:
      return "suspended";
    case ClockEventKind::kStopped:
      break;
  }
  return "stopped";
}

std::ostream& operator<<(std::ostream& os, ClockEventKind kind) { return os << ToString(kind); }

std::ostream& operator<<(std::ostream& os, const ClockEvent& event) {
  switch (event.kind) {
    case ClockEventKind::kSet:
      os << "the clock of this machine was set " << (event.by < RunTime(0) ? "back" : "ahead")
         << " by " << FormatDuration(std::chrono::abs(event.by));
      break;
    case ClockEventKind::kSuspended:
      os << "this machine was suspended for " << FormatDuration(event.by);
      break;
    case ClockEventKind::kStopped:
      os << "this program did not run for " << FormatDuration(event.by);
      break;
  }
  os << ", ";
  if (event.at - event.since > std::chrono::seconds(1)) {
    os << "between " << InSeconds(event.since) << " and ";
  }
  return os << InSeconds(std::chrono::abs(event.at))
            << (event.at < RunTime(0) ? " before" : " after") << " the start";
}

std::ostream& operator<<(std::ostream& os, const NodeSample& s) {
  os << "NodeSample{at=" << InSeconds(s.at) << ", node=" << s.node;
  if (!s.reachable) return os << ", unreachable}";
  os << ", status=" << s.status;
  PrintValues(os, s.numbers, s.words);
  return os << "}";
}

std::ostream& operator<<(std::ostream& os, const Snapshot& snapshot) {
  os << "Snapshot{at=" << InSeconds(snapshot.at);
  for (size_t i = 0; i < snapshot.nodes.size(); ++i) {
    const NodeSample& s = snapshot.nodes[i];
    os << "; ";
    if (i < snapshot.names.size()) {
      os << snapshot.names[i];
    } else {
      os << "node " << i;
    }
    if (std::ranges::find(snapshot.unseen, s.node) != snapshot.unseen.end()) {
      os << ": not seen since it was changed";
    } else if (!s.reachable) {
      os << ": unreachable";
    } else {
      os << ": " << s.status;
      PrintValues(os, s.numbers, s.words);
    }
  }
  return os << "}";
}

std::ostream& operator<<(std::ostream& os, const NodeEvent& e) {
  os << "NodeEvent{at=" << InSeconds(e.at) << ", node=" << e.node << ", " << e.kind;
  if (!e.cause.empty()) os << " by " << e.cause;
  if (!e.detail.empty()) os << ", " << e.detail;
  return os << "}";
}

std::ostream& operator<<(std::ostream& os, const NodeRecord& n) {
  os << "NodeRecord{" << n.name << ", role=" << n.role;
  PrintValues(os, n.numbers, n.words);
  return os << ", " << (n.up_at_end ? "up" : "down") << " at the end}";
}

std::ostream& operator<<(std::ostream& os, const MetricSample& m) {
  return os << "MetricSample{at=" << InSeconds(m.at) << ", node=" << m.node << ", " << m.series
            << " " << m.value << "}";
}

std::ostream& operator<<(std::ostream& os, const WorkloadRecord& w) {
  os << "WorkloadRecord{" << w.name << ", actions=" << w.actions;
  if (!w.plan.empty()) os << ", plan: " << w.plan;
  if (!w.error.empty()) os << ", error: " << w.error;
  if (w.due) os << ", due=" << *w.due;
  for (const auto& [why, count] : w.left_out) os << ", " << FormatNumber(count) << ": " << why;
  return os << "}";
}

std::ostream& operator<<(std::ostream& os, const FaultRecord& f) {
  os << "FaultRecord{" << f.fault << " by " << f.workload << ", node=" << f.node
     << ", at=" << InSeconds(f.at) << ", down_for=" << InSeconds(f.down_for);
  if (f.recovered_after) return os << ", recovered after " << InSeconds(*f.recovered_after) << "}";
  return os << ", not recovered}";
}

std::ostream& operator<<(std::ostream& os, const Operation& o) {
  os << "Operation{" << o.kind << " of \"" << o.key << "\"";
  if (o.value) os << " with \"" << *o.value << "\"";
  os << " by client " << o.client << " of " << o.workload;
  if (o.node >= 0) os << ", node=" << o.node;
  os << ", begun=" << InSeconds(o.begun);
  if (o.ended) os << ", ended=" << InSeconds(*o.ended);
  os << ", " << o.outcome;
  if (!o.why.empty()) os << ": " << o.why;
  return os << "}";
}

std::ostream& operator<<(std::ostream& os, const VerdictRecord& v) {
  os << "VerdictRecord{" << v.expectation << ": "
     << (!v.judged ? "not judged" : (v.met ? "met" : "not met"));
  if (!v.where.empty()) os << ", declared at " << v.where;
  return os << ", required: " << v.required << ", observed: " << v.observed << "}";
}

std::ostream& operator<<(std::ostream& os, const RunRecord& r) {
  os << "the record of " << (r.test.empty() ? r.run_id : r.test) << " (" << r.deployer << ", "
     << r.topology << ", " << r.nodes.size() << " nodes, " << InSeconds(r.closed - r.begun);
  if (!r.operations.empty()) os << ", " << r.operations.size() << " operations";
  for (const auto& [name, section] : r.sections) {
    if (const std::string summary = section->Summary(); !summary.empty()) os << ", " << summary;
  }
  os << ")";
  if (!r.broken.empty()) os << " that ended early: " << r.broken;
  return os;
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/record/contradiction.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"

namespace gtestnet {
namespace {

constexpr size_t kMostRecordNodes = 10'000;
// What the run's threads may do before it counts as begun, or after it counts as closed.
constexpr RunTime kAround{60'000};
// An answer that was under way when the node was taken down may come so much later.
constexpr RunTime kUnderWay{2'000};
// How long a verb may have taken of which the record does not say.
constexpr RunTime kLongVerb{60'000};

std::string Place(std::string_view list, size_t i, std::string_view field) {
  return absl::StrCat(ToAbsl(list), "[", i, "].", ToAbsl(field), ": ");
}

bool HasNul(const std::string& name) { return name.find('\0') != name.npos; }

std::string CheckNames(const RunRecord& record) {
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    if (HasNul(record.nodes[i].name) || HasNul(record.nodes[i].role)) {
      return absl::StrCat("nodes[", i, "]: its name or role has a NUL character");
    }
  }
  for (size_t i = 0; i < record.workloads.size(); ++i) {
    if (HasNul(record.workloads[i].name)) {
      return absl::StrCat(Place("workloads", i, "name"), "has a NUL character");
    }
  }
  return "";
}

std::string CheckNodes(const RunRecord& record) {
  const size_t count = record.nodes.size();
  if (count > kMostRecordNodes) return absl::StrCat("nodes: more than ", kMostRecordNodes);
  for (size_t i = 0; i < count; ++i) {
    for (NodeIndex neighbour : record.nodes[i].neighbours) {
      if (neighbour < 0 || static_cast<size_t>(neighbour) >= count ||
          static_cast<size_t>(neighbour) == i) {
        return absl::StrCat(Place("nodes", i, "neighbours"), neighbour,
                            " is no other node of this record, which has ", count);
      }
    }
  }
  return "";
}

template <class T>
std::string CheckOrder(std::string_view list, const std::vector<T>& items) {
  for (size_t i = 1; i < items.size(); ++i) {
    if (items[i].at < items[i - 1].at) {
      return absl::StrCat(Place(list, i, "at_ms"), items[i].at.count(),
                          " is before the one of the entry before it");
    }
  }
  return "";
}

template <class T>
std::string CheckNodesAndOrder(std::string_view list, const std::vector<T>& items, size_t nodes) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].node < 0 || static_cast<size_t>(items[i].node) >= nodes) {
      return absl::StrCat(Place(list, i, "node"), items[i].node,
                          " is no node of this record, which has ", nodes);
    }
  }
  return CheckOrder(list, items);
}

// Of a list in order of time: none is from outside the run.
template <class T>
std::string CheckWithin(std::string_view list, const std::vector<T>& items,
                        const RunRecord& record) {
  if (items.empty()) return "";
  if (items.front().at < record.begun - kAround) {
    return absl::StrCat(Place(list, 0, "at_ms"), items.front().at.count(),
                        " is before the run, which begun at ", record.begun.count());
  }
  if (items.back().at > record.closed + kAround) {
    return absl::StrCat(Place(list, items.size() - 1, "at_ms"), items.back().at.count(),
                        " is after the run, which was closed at ", record.closed.count());
  }
  return "";
}

std::string CheckOperations(const RunRecord& record) {
  const std::vector<Operation>& operations = record.operations;
  for (size_t i = 0; i < operations.size(); ++i) {
    std::string wrong = Contradiction(operations[i], record.nodes.size());
    if (wrong.empty() && i > 0 && operations[i].begun < operations[i - 1].begun) {
      wrong = absl::StrCat("begun_ms: ", operations[i].begun.count(),
                           " is before the one of the entry before it");
    }
    if (!wrong.empty()) return absl::StrCat("operations[", i, "].", wrong);
  }
  return "";
}

std::string CheckWorkload(const WorkloadRecord& workload, const RunRecord& record) {
  if (workload.stopped < workload.started) return "stopped_ms: is before started_ms";
  if (workload.stopped > record.closed + kAround) {
    return absl::StrCat("stopped_ms: ", workload.stopped.count(),
                        " is after the run, which was closed at ", record.closed.count());
  }
  if (workload.actions < 0) return "actions: must not be negative";
  if (!(workload.at_least >= 0 && workload.at_least <= 1)) {
    return absl::StrCat("at_least: ", workload.at_least, " is no fraction, from 0 to 1");
  }
  double left_out = 0;
  for (const auto& [why, count] : workload.left_out) {
    if (!(count >= 0 && std::isfinite(count))) {
      return absl::StrCat("left_out: ", count, " is no count of what was left out");
    }
    left_out += count;
  }
  if (!workload.due.has_value()) return "";
  if (*workload.due < 0) return "due: must not be negative";
  if (static_cast<double>(workload.actions) + left_out > static_cast<double>(*workload.due)) {
    return absl::StrCat("due: ", *workload.due, ", but ", workload.actions, " were done and ",
                        FormatNumber(left_out), " left out");
  }
  return "";
}

std::string CheckWorkloads(const RunRecord& record) {
  for (size_t i = 0; i < record.workloads.size(); ++i) {
    const std::string wrong = CheckWorkload(record.workloads[i], record);
    if (!wrong.empty()) return absl::StrCat("workloads[", i, "].", wrong);
  }
  return "";
}

std::string CheckClock(const RunRecord& record) {
  for (size_t i = 0; i < record.clock.size(); ++i) {
    if (record.clock[i].at < record.clock[i].since) {
      return absl::StrCat(Place("clock", i, "at_ms"), "is before since_ms");
    }
  }
  return CheckOrder("clock", record.clock);
}

std::string CheckResources(const RunRecord& record) {
  for (size_t i = 0; i < record.resources.size(); ++i) {
    for (const auto& [name, value] : record.resources[i].values) {
      if (std::isfinite(value) && value >= 0) continue;
      return absl::StrCat(Place("resources", i, "values"), ToAbsl(name), " is ", value,
                          ", which nothing can be");
    }
  }
  return "";
}

// Lines that the record has must have been counted.
std::string CheckLogs(const RunRecord& record) {
  std::map<std::pair<NodeIndex, LogLevel>, double> there;
  for (const LogLine& line : record.logs) ++there[{line.node, line.level}];
  for (const auto& [which, count] : there) {
    const NodeRecord& node = record.nodes[static_cast<size_t>(which.first)];
    const std::string_view level = ToString(which.second);
    const double counted = node.log_lines.Get(level);
    const double left_out = node.log_lines_left_out.Get(level);
    if (count + left_out <= counted) continue;
    return absl::StrCat(Place("nodes", static_cast<size_t>(which.first), "log_lines"),
                        FormatNumber(counted), " of level ", ToAbsl(level), ", but ",
                        FormatNumber(count), " are in logs and ", FormatNumber(left_out),
                        " left out");
  }
  return "";
}

std::string CheckVerdicts(const RunRecord& record) {
  for (size_t i = 0; i < record.verdicts.size(); ++i) {
    const VerdictRecord& verdict = record.verdicts[i];
    if (verdict.met && !verdict.judged) {
      return absl::StrCat(Place("verdicts", i, "met"), "of what was not judged");
    }
    if (verdict.met && verdict.nothing) {
      return absl::StrCat(Place("verdicts", i, "met"), "though there was nothing to judge");
    }
  }
  return "";
}

// How nodes were when the run began was looked at then.
std::string CheckBeginning(const RunRecord& record) {
  for (size_t i = 0; i < record.events.size(); ++i) {
    const NodeEvent& event = record.events[i];
    if (event.cause != "deployer" || event.at == record.begun) continue;
    return absl::StrCat(Place("events", i, "at_ms"), event.at.count(),
                        ", but the run, whose beginning it tells of, begun at ",
                        record.begun.count());
  }
  return "";
}

// ----- what is up and what is down -----

enum class Life { kUnknown, kUp, kPaused, kDown };

std::string_view InWords(Life life) {
  switch (life) {
    case Life::kUp:
      return "up";
    case Life::kPaused:
      return "paused";
    case Life::kDown:
      return "down";
    case Life::kUnknown:
      break;
  }
  return "unknown";
}

Life After(const NodeEvent& event) {
  switch (event.kind) {
    case NodeEventKind::kStarted:
    case NodeEventKind::kResumed:
    case NodeEventKind::kAdded:
    case NodeEventKind::kRestarted:
      return Life::kUp;
    case NodeEventKind::kPaused:
      return Life::kPaused;
    case NodeEventKind::kStopped:
    case NodeEventKind::kKilled:
    case NodeEventKind::kExited:
      break;
  }
  return Life::kDown;
}

// Whether it can happen to a node of which that is known.
bool CanHappen(const NodeEvent& event, Life life, bool by_deployer) {
  // How a node was when the run began is known by looking, whatever was before.
  if (life == Life::kUnknown || event.cause == "deployer") return true;
  switch (event.kind) {
    case NodeEventKind::kStarted:
      return life != Life::kUp;
    case NodeEventKind::kAdded:
      return false;
    case NodeEventKind::kPaused:
      return life == Life::kUp;
    case NodeEventKind::kResumed:
      // One that was paused when the run began was merely not running then.
      return life == Life::kPaused || (life == Life::kDown && by_deployer);
    case NodeEventKind::kStopped:
    case NodeEventKind::kKilled:
      return life != Life::kDown || by_deployer;
    case NodeEventKind::kExited:
    case NodeEventKind::kRestarted:
      break;
  }
  // Nobody asked for it: it may end while it starts, or as it is stopped.
  return true;
}

std::string CheckLives(const RunRecord& record) {
  struct State {
    Life life = Life::kUnknown;
    size_t by = 0;  // the event that made it so
  };
  std::vector<State> nodes(record.nodes.size());
  for (size_t i = 0; i < record.events.size(); ++i) {
    const NodeEvent& event = record.events[i];
    State& state = nodes[static_cast<size_t>(event.node)];
    const bool by_deployer =
        state.life != Life::kUnknown && record.events[state.by].cause == "deployer";
    if (!CanHappen(event, state.life, by_deployer)) {
      return absl::StrCat(Place("events", i, "kind"), ToAbsl(ToString(event.kind)), ", but ",
                          record.nodes[static_cast<size_t>(event.node)].name, " was ",
                          ToAbsl(InWords(state.life)), " by events[", state.by, "]");
    }
    // One that began anew by itself though it was down may be up or not, for what is known.
    const bool odd = event.kind == NodeEventKind::kRestarted && state.life != Life::kUp;
    state = {odd ? Life::kUnknown : After(event), i};
  }
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].life == Life::kUnknown) continue;
    const bool up = nodes[i].life == Life::kUp;
    if (up == record.nodes[i].up_at_end) continue;
    return absl::StrCat(Place("nodes", i, "up_at_end"),
                        record.nodes[i].up_at_end ? "true" : "false", ", but by events[",
                        nodes[i].by, "] it was ", ToAbsl(InWords(nodes[i].life)));
  }
  return "";
}

// When the verb of the event that took a node down was over.
RunTime DownFor(const NodeEvent& event) {
  if (event.took.has_value()) return event.at + *event.took;
  const bool asked = event.kind != NodeEventKind::kExited && event.cause != "deployer";
  return event.at + (asked ? kLongVerb : RunTime{0});
}

// From when on it may answer again that the event brought up.
RunTime UpFor(const NodeEvent& event) { return event.at - event.took.value_or(kLongVerb); }

// No node answers while it is down.
std::string CheckAnswers(const RunRecord& record) {
  struct Down {
    RunTime from{0};
    RunTime to = RunTime::max();
    size_t by = 0;
  };
  std::vector<std::vector<Down>> down(record.nodes.size());
  for (size_t i = 0; i < record.events.size(); ++i) {
    const NodeEvent& event = record.events[i];
    std::vector<Down>& of_node = down[static_cast<size_t>(event.node)];
    if (After(event) == Life::kUp) {
      if (!of_node.empty() && of_node.back().to == RunTime::max()) {
        of_node.back().to = UpFor(event);
      }
    } else {
      if (!of_node.empty()) of_node.back().to = std::min(of_node.back().to, event.at);
      of_node.push_back({DownFor(event) + kUnderWay, RunTime::max(), i});
    }
  }
  for (size_t i = 0; i < record.samples.size(); ++i) {
    const NodeSample& sample = record.samples[i];
    if (!sample.reachable) continue;
    const std::vector<Down>& of_node = down[static_cast<size_t>(sample.node)];
    const auto after = std::upper_bound(of_node.begin(), of_node.end(), sample.at,
                                        [](RunTime at, const Down& d) { return at < d.from; });
    if (after == of_node.begin()) continue;
    const Down& last = *std::prev(after);
    if (sample.at >= last.to) continue;
    return absl::StrCat(Place("samples", i, "reachable"), "true at ", sample.at.count(),
                        " ms, but ", record.nodes[static_cast<size_t>(sample.node)].name,
                        " was down by events[", last.by, "]");
  }
  return "";
}

// Those that the framework's own workloads make; what others mean by a fault is theirs to say.
bool IsByVerbs(const FaultRecord& fault) {
  return !fault.workload.empty() && (fault.fault == "restart" || fault.fault == "kill" ||
                                     fault.fault == "pause" || fault.fault == "join");
}

// What a workload did to nodes by verbs has its events.
std::string CheckFaults(const RunRecord& record) {
  struct Key {
    std::string_view workload;
    NodeIndex node;
    bool join;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, int> verbs;
  for (const NodeEvent& event : record.events) {
    const bool join = event.kind == NodeEventKind::kAdded;
    if (join || After(event) != Life::kUp) ++verbs[{event.cause, event.node, join}];
  }
  for (size_t i = 0; i < record.faults.size(); ++i) {
    const FaultRecord& fault = record.faults[i];
    if (fault.down_for < RunTime{0}) return Place("faults", i, "down_for_ms") + "is negative";
    if (fault.recovered_after.has_value() && *fault.recovered_after < RunTime{0}) {
      return Place("faults", i, "recovered_after_ms") + "is negative";
    }
    if (!IsByVerbs(fault)) continue;
    if (verbs[{fault.workload, fault.node, fault.fault == "join"}]-- > 0) continue;
    return absl::StrCat("faults[", i, "]: ", fault.workload, " did that to ",
                        record.nodes[static_cast<size_t>(fault.node)].name,
                        ", but no event of it is there");
  }
  return "";
}

}  // namespace

std::vector<std::optional<bool>> UpAfter(const std::vector<NodeEvent>& events, size_t nodes) {
  std::vector<std::optional<bool>> up(nodes);
  for (const NodeEvent& event : events) {
    const auto i = static_cast<size_t>(event.node);
    if (i < nodes) up[i] = After(event) == Life::kUp;
  }
  return up;
}

std::string Contradiction(const RunRecord& record) {
  const size_t nodes = record.nodes.size();
  if (record.ended < record.begun) return "ended_ms: is before begun_ms";
  if (record.closed < record.ended) return "closed_ms: is before ended_ms";
  std::string wrong = CheckNodes(record);
  const auto check = [&](auto&& one) {
    if (wrong.empty()) wrong = one();
  };
  const auto in_order = [&](std::string_view list, const auto& items) {
    check([&] { return CheckNodesAndOrder(list, items, nodes); });
  };
  check([&] { return CheckNames(record); });
  in_order("events", record.events);
  in_order("samples", record.samples);
  in_order("metrics", record.metrics);
  in_order("resources", record.resources);
  in_order("logs", record.logs);
  in_order("faults", record.faults);
  check([&] { return CheckOperations(record); });
  check([&] { return CheckBeginning(record); });
  check([&] { return CheckWithin("events", record.events, record); });
  check([&] { return CheckWithin("samples", record.samples, record); });
  check([&] { return CheckWithin("metrics", record.metrics, record); });
  check([&] { return CheckWithin("resources", record.resources, record); });
  check([&] { return CheckWorkloads(record); });
  check([&] { return CheckClock(record); });
  check([&] { return CheckResources(record); });
  check([&] { return CheckLogs(record); });
  check([&] { return CheckVerdicts(record); });
  // What broke may have left a node in any state, with nobody to tell.
  if (!record.broken.empty()) return wrong;
  check([&] { return CheckLives(record); });
  check([&] { return CheckAnswers(record); });
  check([&] { return CheckFaults(record); });
  return wrong;
}

std::string SectionContradiction(const RunRecord& record) {
  for (const auto& [name, section] : record.sections) {
    const std::string wrong = section->Contradiction(record);
    if (!wrong.empty()) return absl::StrCat(name, ".", wrong);
  }
  return "";
}

}  // namespace gtestnet

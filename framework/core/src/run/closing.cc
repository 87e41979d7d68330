// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/closing.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/record/contradiction.h"
#include "gtestnet/idle_workloads.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {
std::vector<NodeRecord> NodeRecords(const BackendCluster& cluster,
                                    const std::map<NodeIndex, std::vector<NodeIndex>>& added) {
  const ClusterSpec& spec = cluster.spec();
  const TopologySpec& topology = spec.topology;
  std::vector<NodeRecord> records;
  for (const NodeInfo& node : cluster.nodes()) {
    NodeRecord record;
    record.name = node.name;
    record.role = node.role;
    record.up_at_end = cluster.IsUp(node.index);
    if (node.index < topology.node_count()) {
      record.neighbours = topology.layout.Neighbours(node.index, topology.node_count());
    } else if (auto dials = added.find(node.index); dials != added.end()) {
      record.neighbours = dials->second;
    }
    record.persists = std::string(topology.kind->Persists());
    topology.kind->Describe(spec, record, node.index);
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<NodeEvent> InitialEvents(const BackendCluster& cluster, RunTime at) {
  std::vector<NodeEvent> events;
  for (const NodeInfo& node : cluster.nodes()) {
    const bool up = cluster.IsUp(node.index);
    events.push_back({at, node.index, up ? NodeEventKind::kStarted : NodeEventKind::kStopped,
                      "deployer", up ? "" : "not running when the run began"});
  }
  return events;
}

void AddSamples(std::vector<NodeSample> more, RunRecord& record) {
  for (NodeSample& sample : more) {
    const auto place = std::upper_bound(record.samples.begin(), record.samples.end(), sample,
                                        [](const auto& a, const auto& b) { return a.at < b.at; });
    record.samples.insert(place, std::move(sample));
  }
}

namespace {

constexpr char kStartMetric[] = "process_start_time_seconds";
// Libraries work it out from the machine's start, which they know by the second.
constexpr double kNoise = 2;

// Whether the node's process was begun or ended by what is known, between two looks at it.
bool IsExplained(const RunRecord& record, NodeIndex node, RunTime from, RunTime to) {
  bool explained = false;
  for (const NodeEvent& event : record.events) {
    if (event.at > to) break;
    if (event.node != node) continue;
    switch (event.kind) {
      case NodeEventKind::kPaused:
      case NodeEventKind::kResumed:
        break;
      case NodeEventKind::kStopped:
      case NodeEventKind::kKilled:
      case NodeEventKind::kExited:
        explained = true;  // until it is up again
        break;
      case NodeEventKind::kStarted:
      case NodeEventKind::kAdded:
      case NodeEventKind::kRestarted:
        explained = event.at >= from;
        break;
    }
  }
  return explained;
}

}  // namespace

void AddRestartsByMetrics(std::chrono::system_clock::time_point chain_start, RunRecord& record) {
  std::map<NodeIndex, const MetricSample*> latest;
  std::vector<NodeEvent> restarts;
  for (const MetricSample& sample : record.metrics) {
    if (sample.series != kStartMetric) continue;
    const MetricSample* const before = std::exchange(latest[sample.node], &sample);
    if (before == nullptr || !(sample.value > before->value + kNoise) || sample.value > 1e11) {
      continue;
    }
    if (IsExplained(record, sample.node, before->at, sample.at)) continue;
    const auto begun = std::chrono::floor<RunTime>(std::chrono::duration<double>(sample.value) -
                                                   chain_start.time_since_epoch());
    restarts.push_back({std::clamp(begun, before->at, sample.at), sample.node,
                        NodeEventKind::kRestarted, "",
                        absl::StrCat(kStartMetric, " rose from ", FormatNumber(before->value),
                                     " to ", FormatNumber(sample.value))});
  }
  for (NodeEvent& restart : restarts) {
    const auto place = std::upper_bound(record.events.begin(), record.events.end(), restart,
                                        [](const auto& a, const auto& b) { return a.at < b.at; });
    record.events.insert(place, std::move(restart));
  }
}

VerdictRecord FailedVerdict(std::string expectation, std::string required, std::string observed) {
  VerdictRecord verdict;
  verdict.expectation = std::move(expectation);
  verdict.required = std::move(required);
  verdict.observed = std::move(observed);
  return verdict;
}

namespace {

// A workload that did less than it said that must be done of its plan.
std::optional<VerdictRecord> Debt(const WorkloadRecord& workload) {
  if (!workload.due.has_value() || workload.at_least <= 0 || *workload.due <= 0) return {};
  const double fraction =
      static_cast<double>(workload.actions) / static_cast<double>(*workload.due);
  if (fraction >= workload.at_least) return {};
  std::string observed = absl::StrCat(workload.actions, " of ", *workload.due);
  for (const auto& [why, count] : workload.left_out) {
    absl::StrAppend(&observed, ", ", FormatNumber(count), " left out because ", why);
  }
  return FailedVerdict(
      absl::StrCat("workload ", workload.name, " did what was due"),
      absl::StrCat("at least ", workload.at_least, " of what its plan owed in its time"),
      std::move(observed));
}

}  // namespace

std::vector<VerdictRecord> IdleWorkloads(const RunRecord& record) {
  std::vector<VerdictRecord> verdicts;
  for (const WorkloadRecord& workload : record.workloads) {
    if (workload.actions > 0) continue;
    std::string observed = absl::StrCat("none in ", InSeconds(workload.stopped - workload.started));
    if (!workload.plan.empty()) absl::StrAppend(&observed, " (", workload.plan, ")");
    verdicts.push_back(FailedVerdict(absl::StrCat("workload ", workload.name, " acted"),
                                     "at least one act, or it is no evidence of anything",
                                     std::move(observed)));
  }
  for (const WorkloadRecord& workload : record.workloads) {
    if (std::optional<VerdictRecord> debt = Debt(workload)) verdicts.push_back(*std::move(debt));
  }
  return verdicts;
}

std::vector<VerdictRecord> WantOfEvidence(const RunRecord& record) {
  std::vector<VerdictRecord> verdicts = IdleWorkloads(record);
  const bool sampled = std::any_of(record.samples.begin(), record.samples.end(),
                                   [](const NodeSample& sample) { return sample.reachable; });
  std::string wrong = Contradiction(record);
  if (wrong.empty()) wrong = SectionContradiction(record);
  if (!wrong.empty()) {
    verdicts.push_back(FailedVerdict("the record is sound", "that nothing in it contradicts itself",
                                     std::move(wrong)));
  }
  if (!sampled) {
    verdicts.push_back(
        FailedVerdict("the nodes were observed", "at least one answer of a node",
                      absl::StrCat("none in ", InSeconds(record.closed - record.begun))));
  }
  return verdicts;
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/closing.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
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
  if (!sampled) {
    verdicts.push_back(
        FailedVerdict("the nodes were observed", "at least one answer of a node",
                      absl::StrCat("none in ", InSeconds(record.closed - record.begun))));
  }
  return verdicts;
}

}  // namespace gtestnet

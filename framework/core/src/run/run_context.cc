// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/run_context.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/run/run_state.h"

namespace gtestnet {
absl::StatusOr<std::string> Logs::Tail(NodeIndex node, int lines) const {
  if (lines <= 0) return std::string();
  constexpr size_t kBytesOfLine = 400;
  absl::StatusOr<std::string> log =
      cluster_.Log(node, std::min<size_t>(static_cast<size_t>(lines), 10000) * kBytesOfLine);
  if (!log.ok()) return log;
  while (!log->empty() && log->back() == '\n') log->pop_back();
  size_t from = log->size();
  for (int left = lines; from > 0; --from) {
    if ((*log)[from - 1] == '\n' && --left == 0) break;
  }
  return log->substr(from);
}

RunContext::RunContext(BackendCluster& cluster, const Clock& clock)
    : clock_(clock), state_(std::make_unique<State>(*this, cluster, clock)) {}

RunContext::~RunContext() { state_->Close(); }

const ClusterSpec& RunContext::spec() const { return state_->cluster().spec(); }

Pace RunContext::pace() const { return kind().PaceOf(topology()); }

Random RunContext::random(std::string_view purpose) const {
  return Random(spec().seed).Fork(purpose);
}

RunTime RunContext::now() const { return state_->now(); }

std::vector<NodeInfo> RunContext::nodes() const { return state_->cluster().nodes(); }

NodeInfo RunContext::node(NodeIndex index) const {
  for (NodeInfo& node : nodes()) {
    if (node.index == index) return std::move(node);
  }
  NodeInfo missing;
  missing.index = index;
  missing.name = absl::StrCat("node ", index, ", which is not there");
  return missing;
}

bool RunContext::IsUp(NodeIndex node) const { return state_->cluster().IsUp(node); }

absl::StatusOr<NodeIndex> RunContext::Find(std::string_view name) const {
  std::vector<std::string> names;
  for (const NodeInfo& node : nodes()) {
    if (node.name == name) return node.index;
    names.push_back(node.name);
  }
  return absl::NotFoundError(absl::StrCat("there is no node \"", std::string(name),
                                          "\"; there are ", absl::StrJoin(names, ", ")));
}

NodeControl& RunContext::node_control() { return state_->control(); }

Logs RunContext::logs() const { return Logs(state_->cluster()); }

Snapshot RunContext::snapshot() const {
  Snapshot snapshot;
  if (const Observer* observer = state_->observer()) {
    snapshot = observer->Latest();
    state_->ForgetStale(snapshot);
    return snapshot;
  }
  snapshot.at = now();
  for (const NodeInfo& node : nodes()) {
    NodeSample& unknown = snapshot.nodes.emplace_back();
    unknown.at = snapshot.at;
    unknown.node = node.index;
    snapshot.names.push_back(node.name);
  }
  return snapshot;
}

Telemetry RunContext::telemetry() const { return Telemetry(state_->cluster().Prometheus()); }

Capabilities RunContext::capabilities() const { return state_->capabilities(); }

Observer* RunContext::observer() const { return state_->observer(); }

std::optional<RunTime> RunContext::ChangedAt(NodeIndex node) const {
  return state_->ChangedAt(node);
}

std::optional<RunTime> RunContext::begun() const {
  return state_->begun() ? std::optional(state_->begun_at()) : std::nullopt;
}

void* RunContext::Part(std::type_index type, std::shared_ptr<void> (*make)(RunContext&)) {
  return state_->Part(type, [this, make] { return make(*this); });
}

void RunContext::Record(NodeEvent event) { state_->Record(std::move(event)); }
void RunContext::Record(FaultRecord fault) { state_->Record(std::move(fault)); }
void RunContext::Record(Operation operation) { state_->Record(std::move(operation)); }

absl::Status RunContext::Hold(const std::vector<NodeIndex>& nodes, Keep keep) {
  return state_->Hold(nodes, keep);
}
void RunContext::Release(const std::vector<NodeIndex>& nodes) { state_->Release(nodes); }

std::optional<std::vector<FaultRecord>> RunContext::ReplayOf(std::string_view workload) const {
  return state_->ReplayOf(workload);
}

void RunContext::Break(absl::Status why) { state_->Break(std::move(why)); }

}  // namespace gtestnet

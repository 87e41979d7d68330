// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_RUN_CONTEXT_H_
#define GTESTNET_RUN_CONTEXT_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/capabilities.h"
#include "gtestnet/clock.h"
#include "gtestnet/deployer.h"
#include "gtestnet/node_control.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/random.h"
#include "gtestnet/record.h"
#include "gtestnet/telemetry.h"
#include "gtestnet/workload.h"

namespace gtestnet {

// The logs of a cluster's nodes, wherever they are.
class Logs {
 public:
  explicit Logs(const BackendCluster& cluster) : cluster_(cluster) {}
  // The last `lines` lines of one node's log.
  absl::StatusOr<std::string> Tail(NodeIndex node, int lines = 20) const;

 private:
  const BackendCluster& cluster_;
};

// What a fault leaves up.
enum class Keep {
  kConnectedMajority,  // more than half (NodeKind::WeightOf), and what is up hangs together
  kMajority,           // more than half
  kNothing,
};

// A running cluster as a test body or a workload sees it. Any thread may use it. Lives as long as
// its Runner. What only some kinds of node have, a context of theirs adds.
class RunContext {
 public:
  explicit RunContext(BackendCluster& cluster, const Clock& clock = RealClock());
  virtual ~RunContext();
  RunContext(const RunContext&) = delete;
  RunContext& operator=(const RunContext&) = delete;

  const ClusterSpec& spec() const;
  const TopologySpec& topology() const { return spec().topology; }
  const NodeKind& kind() const { return *topology().kind; }
  Pace pace() const;
  const Clock& clock() const { return clock_; }
  // A stream for `purpose`, from the run's seed.
  Random random(std::string_view purpose) const;
  RunTime now() const;

  std::vector<NodeInfo> nodes() const;
  NodeInfo node(NodeIndex index) const;
  bool IsUp(NodeIndex node) const;
  // "member-1" → 1; kNotFound lists the names.
  absl::StatusOr<NodeIndex> Find(std::string_view name) const;

  // Each verb is written to the record as an event, with the calling workload (or "test") as cause.
  NodeControl& node_control();
  Logs logs() const;
  // The run's Prometheus. Only where the test asked for Capability::kTelemetry is there one.
  Telemetry telemetry() const;
  // The latest that is known of all nodes. After a verb returned, and after an unasked end, only
  // what was seen of the node since counts: until it is, the node is one of Snapshot::unseen.
  Snapshot snapshot() const;

  // ----- for workloads and observers -----
  // What this cluster's deployer can do.
  Capabilities capabilities() const;
  // What the kind watches the run with; null until the capture begins.
  Observer* observer() const;
  // When a verb on the node was last over, or the node ended unasked; nothing if never. An observer
  // drops the answer to what it asked before.
  std::optional<RunTime> ChangedAt(NodeIndex node) const;
  // When the capture began; nothing until it does.
  std::optional<RunTime> begun() const;
  // What a kind keeps of one run: made as T(RunContext&) when it is first asked for, and gone with
  // the context.
  template <class T>
  T& Part() {
    return *static_cast<T*>(Part(typeid(T), [](RunContext& context) -> std::shared_ptr<void> {
      return std::make_shared<T>(context);
    }));
  }
  void Record(NodeEvent event);
  void Record(FaultRecord fault);
  // What a workload did and was answered; without a name of a workload, by the one that calls. One
  // that contradicts itself, or names a node that is not there, breaks the run and is left out.
  void Record(Operation operation);
  // Reserves nodes for a fault until Release, so that workloads that run at the same time do not
  // together take down more than `keep` allows. kFailedPrecondition, with the reason, if they
  // would, or if another one holds any of them. Nodes that are down for another reason count as
  // down.
  absl::Status Hold(const std::vector<NodeIndex>& nodes, Keep keep);
  void Release(const std::vector<NodeIndex>& nodes);
  // The faults that the workload of this name is to repeat, dated as of this run; nothing unless
  // the run replays a record (GTESTNET_REPLAY).
  std::optional<std::vector<FaultRecord>> ReplayOf(std::string_view workload) const;
  // Ends the run: the first call's error is what RunFor reports.
  void Break(absl::Status why);

 private:
  friend class Runner;
  friend class Workload;
  friend class WorkloadRun;
  class State;
  void* Part(std::type_index type, std::shared_ptr<void> (*make)(RunContext&));

  const Clock& clock_;
  std::unique_ptr<State> state_;
};

}  // namespace gtestnet

#endif  // GTESTNET_RUN_CONTEXT_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RUN_TESTING_FAKE_CLUSTER_H_
#define GTESTNET_CORE_SRC_RUN_TESTING_FAKE_CLUSTER_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gtestnet/deployer.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/run_context.h"
#include "gtestnet/topology.h"

namespace gtestnet::testing_support {

// What the nodes of a fake cluster do, for a test to decide. Thread-safe where it has a lock.
struct FakeWorld {
  std::mutex mutex;
  std::vector<bool> up;
  std::map<NodeIndex, int64_t> height_behind;  // blocks by which a node lags for ever
  std::map<NodeIndex, int> links_missing;      // connections that a node lacks for ever
  std::string not_settled;                     // what the observer says
  std::string mode = "Online";                 // of a node that takes part
  std::string mode_while_recovering = "Recovering";
  std::map<NodeIndex, RunTime> recovers_in;  // for how long it is in that mode after it came up
  std::map<NodeIndex, RunTime> up_since;
  std::chrono::milliseconds start_takes{0};  // until Start returns
  bool samples = true;                       // whether the record gets any
  std::map<NodeIndex, RunTime> last_seen;    // of nodes that are not looked at any more
  int64_t drain_blocks = 4;
  std::vector<std::string> verbs;  // "stop 1", …
  // Called with each verb before anything is done; an error is what the verb returns. Set before
  // the workloads are.
  std::function<absl::Status(const std::string&)> on_verb;
  absl::Status next_verb;  // what the next verb returns instead of doing anything
  // What nodes logged, where there are logs that can be read in parts. A cursor is an offset.
  bool has_logs = false;
  std::map<NodeIndex, std::string> logs;
  absl::Status log_error;  // what reading one returns
  bool torn_down = false;
  bool kept = false;
  // What watches the runs; a FakeObserver if nobody says.
  std::function<std::unique_ptr<Observer>(RunContext&)> observe;
};

// A kind of node that is none: a block each 100 ms, seen by all that are up. A node has recovered
// when it is Online, level, and connected as the layout says.
const NodeKind& FakeKind();
// A kind of another name, by whose rule nodes recover; without one they have once they answer.
using BehindRule =
    std::function<std::string(const TopologySpec&, const NodeSample&, const Snapshot&)>;
std::unique_ptr<NodeKind> MakeFakeKind(std::string name, BehindRule rule);
// The world of the cluster with this spec.
FakeWorld& WorldOf(const ClusterSpec& spec);

class FakeObserver : public Observer {
 public:
  explicit FakeObserver(RunContext& context) : context_(context), world_(WorldOf(context.spec())) {}

  Snapshot Latest() const override;
  void Fill(RunRecord& record) override;
  std::string NotSettled() const override;
  int64_t DrainBlocks() const override;

 protected:
  RunContext& context() const { return context_; }

 private:
  RunContext& context_;
  FakeWorld& world_;
};

class FakeTopology : public BasicTopology<FakeTopology> {
 public:
  explicit FakeTopology(Layout layout) : BasicTopology(std::move(layout), FakeKind()) {}
  FakeTopology& Nodes(int n) { return SetRole("node", n); }
};

class FakeCluster final : public BackendCluster, private NodeControl {
 public:
  FakeCluster(ClusterSpec spec, const Clock& clock);
  ~FakeCluster() override;

  FakeWorld& world() { return WorldOf(spec_); }
  // As if the node had died.
  void Exit(NodeIndex node, std::string how, std::string last_lines = "the end",
            std::string backend = {});
  void SetHealth(absl::Status health);

  const ClusterSpec& spec() const override { return spec_; }
  std::vector<NodeInfo> nodes() const override;
  NodeControl& control() override { return *this; }
  bool IsUp(NodeIndex node) const override;
  std::chrono::system_clock::time_point chain_start() const override { return chain_start_; }
  void OnExit(std::function<void(const NodeExit&)> handler) override;
  absl::Status Health() const override;
  absl::StatusOr<std::string> Log(NodeIndex node, size_t bytes) const override;
  absl::StatusOr<LogPart> ReadLog(NodeIndex node, const std::string& cursor) const override;
  absl::Status Collect(const std::string& directory) const override;
  std::string Endpoints() const override { return "fake"; }
  absl::Status TearDown(bool keep) override;
  std::string HowToRemove() const override { return "there is nothing to remove"; }

 private:
  absl::Status Start(NodeIndex node) override { return Do("start", node, true); }
  absl::Status Stop(NodeIndex node) override { return Do("stop", node, false); }
  absl::Status Kill(NodeIndex node) override { return Do("kill", node, false); }
  absl::Status Pause(NodeIndex node) override { return Do("pause", node, false); }
  absl::Status Resume(NodeIndex node) override { return Do("resume", node, true); }
  absl::StatusOr<NodeIndex> Add(const AddOptions& options) override;
  absl::Status Do(const char* verb, NodeIndex node, bool up);
  RunTime Now() const { return std::chrono::floor<RunTime>(clock_.WallNow() - chain_start_); }

  const ClusterSpec spec_;
  const Clock& clock_;
  const std::chrono::system_clock::time_point chain_start_;
  std::mutex handler_mutex_;
  mutable std::mutex health_mutex_;
  absl::Status health_;
  std::function<void(const NodeExit&)> handler_;
};

// Provisions fake clusters.
class FakeDeployer final : public Deployer {
 public:
  explicit FakeDeployer(const Clock& clock) : clock_(clock) {}
  std::string_view name() const override { return "fake"; }
  Capabilities capabilities() const override { return capabilities_; }
  Availability Probe() const override { return availability_; }
  absl::StatusOr<std::unique_ptr<BackendCluster>> Provision(const ClusterSpec& spec) override;

  Capabilities capabilities_ = Capability::kNodeControl;
  Availability availability_{true, "", ""};
  std::vector<ClusterSpec> provisioned;
  std::function<void(FakeCluster&)> on_provision;

 private:
  const Clock& clock_;
};

}  // namespace gtestnet::testing_support

#endif  // GTESTNET_CORE_SRC_RUN_TESTING_FAKE_CLUSTER_H_

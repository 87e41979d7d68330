// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SRC_DEPLOYER_LOCAL_LOCAL_CLUSTER_H_
#define GTESTNET_SRC_DEPLOYER_LOCAL_LOCAL_CLUSTER_H_

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gtestnet/clock.h"
#include "gtestnet/deployer.h"
#include "gtestnet/local_deployer.h"
#include "src/deployer/local/address_block.h"
#include "src/deployer/local/exit_queue.h"
#include "src/deployer/local/ledger.h"
#include "src/deployer/local/local_prometheus.h"
#include "src/guardian/guardian.h"

namespace spdlog {
class logger;
}

namespace gtestnet {

// Where a node's process is in its life. kStarting: it runs, and was not yet seen to be ready.
// kStopping: it was told to end. kExited: it ended, and nobody had asked.
enum class NodeState { kAbsent, kStarting, kRunning, kPaused, kStopping, kStopped, kExited };

// "running", as in "validator-1 is running".
std::string_view ToString(NodeState state);

// One node of a LocalCluster. `verb` is held through a verb of node control; `state` and what
// follows it are guarded by the cluster's mutex; the rest is fixed.
struct LocalNode {
  NodeInfo info;
  std::string directory;
  NodeSetup setup;
  std::mutex verb;
  NodeState state = NodeState::kAbsent;
  int process = -1;  // number of its process at the guardian
  pid_t pid = 0;
  int exit_status = 0;
};

// The nodes of one run as processes on this machine, under a guardian of their own.
class LocalCluster final : public BackendCluster, public NodeControl {
 public:
  // What Deployer::Provision says. Tests force a confinement.
  static absl::StatusOr<std::unique_ptr<LocalCluster>> Provision(
      const ClusterSpec& spec, const LocalOptions& options,
      guardian::Confinement confinement = guardian::Confinement::kAutomatic);
  ~LocalCluster() override;

  const ClusterSpec& spec() const override { return spec_; }
  std::vector<NodeInfo> nodes() const override;
  NodeControl& control() override { return *this; }
  bool IsUp(NodeIndex node) const override;
  std::chrono::system_clock::time_point chain_start() const override { return chain_start_; }
  void OnExit(std::function<void(const NodeExit&)> handler) override;
  absl::StatusOr<std::string> Log(NodeIndex node, size_t bytes) const override;
  absl::Status Collect(const std::string& directory) const override;
  std::string Endpoints() const override;
  absl::StatusOr<std::string> Prometheus() const override;
  absl::Status TearDown(bool keep) override;
  std::string HowToRemove() const override { return "gtestnet clean " + spec_.run_id; }

  // Node control.
  absl::Status Start(NodeIndex node) override;
  absl::Status Stop(NodeIndex node) override;
  absl::Status Kill(NodeIndex node) override;
  absl::Status Pause(NodeIndex node) override;
  absl::Status Resume(NodeIndex node) override;
  absl::StatusOr<NodeIndex> Add(const AddOptions& options) override;

  // For tests: of a node that is there.
  pid_t PidOf(NodeIndex node) const;

 private:
  LocalCluster(const ClusterSpec& spec, const LocalOptions& options);

  // Provisioning, in this order.
  absl::Status CheckPrograms() const;
  absl::Status StartGuardian(guardian::Confinement confinement);
  absl::Status MakeDirectory();
  absl::Status SetUpNodes();
  absl::Status StartPrometheus();
  absl::Status StartNodes();
  absl::Status BecomeReady();
  absl::Status WriteStart();

  absl::StatusOr<std::unique_ptr<LocalNode>> SetUpNode(NodeIndex node);
  absl::Status Spawn(LocalNode& node);
  absl::Status WriteOwnLedger(bool preserved) const;
  void OnProcessExit(int process, int status);

  // For the verbs; see local_control.cc.
  absl::StatusOr<LocalNode*> Find(NodeIndex node) const;
  // The node, if it is in one of these states.
  absl::Status Expect(const LocalNode& node, std::initializer_list<NodeState> states,
                      std::string_view verb) const;
  NodeState StateOf(const LocalNode& node) const;
  // False when it is not in `from` (it exited meanwhile).
  bool Change(LocalNode& node, NodeState from, NodeState to);
  absl::Status StartLocked(LocalNode& node);
  absl::Status SignalNode(LocalNode& node, int signal);
  absl::Status AwaitAnswer(LocalNode& node, std::string_view after);
  absl::Status AwaitProcessState(LocalNode& node, bool stopped);
  bool AwaitEnd(LocalNode& node, std::chrono::milliseconds timeout);
  absl::Status ExitedInstead(const LocalNode& node, std::string_view verb) const;

  absl::Status CheckNothingIsLeft() const;

  const ClusterSpec spec_;
  const LocalOptions options_;
  const Clock& clock_ = RealClock();
  const std::shared_ptr<spdlog::logger> log_;
  std::string directory_;
  AddressBlock block_;
  std::chrono::system_clock::time_point chain_start_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  // Grows only; the nodes themselves stay where they are.
  std::vector<std::unique_ptr<LocalNode>> nodes_;
  Placement placement_;
  std::map<int, LocalNode*> processes_;
  int next_process_ = 0;
  bool closing_ = false;

  std::mutex adding_;        // one Add at a time
  std::mutex tearing_down_;  // guards the three below
  bool torn_down_ = false;
  bool kept_ = false;
  absl::Status end_status_;

  ExitQueue exits_;
  std::unique_ptr<LocalPrometheus> prometheus_;  // none unless the run requires telemetry
  std::unique_ptr<Guardian> guardian_;
};

}  // namespace gtestnet

#endif  // GTESTNET_SRC_DEPLOYER_LOCAL_LOCAL_CLUSTER_H_

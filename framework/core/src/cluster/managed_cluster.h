// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_MANAGED_CLUSTER_H_
#define GTESTNET_CORE_SRC_CLUSTER_MANAGED_CLUSTER_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/src/base/clock_watch.h"
#include "core/src/cluster/exit_queue.h"
#include "core/src/cluster/managed_node.h"
#include "gtestnet/clock.h"
#include "gtestnet/deployer.h"

namespace spdlog {
class logger;
}

namespace gtestnet {

struct ManagedOptions {
  std::string backend;  // its name
  std::chrono::milliseconds ready_timeout{20000};
  bool nodes_run_here = false;  // as processes of this machine, beside this program
  std::chrono::milliseconds stop_grace{5000};
  int most_nodes = 254;
};

// What clusters have in common on all backends: the states of nodes, which exits were asked for,
// the verbs of node control with their errors, readiness. A backend derives its own from it and
// says how one node is made, launched, ended and frozen.
//
// The primitives are called on any thread, one at a time for one node. They must not be called
// with the mutex held, and take it themselves where they touch what it guards.
class ManagedCluster : public BackendCluster, public NodeControl {
 public:
  const ClusterSpec& spec() const final { return spec_; }
  std::string_view deployer() const final { return options_.backend; }
  std::vector<NodeInfo> nodes() const final;
  NodeControl& control() final { return *this; }
  bool IsUp(NodeIndex node) const final;
  std::chrono::system_clock::time_point chain_start() const final { return chain_start_; }
  void OnExit(std::function<void(const NodeExit&)> handler) final;
  void NameLogs(std::string directory) final;
  std::string Endpoints() const final;
  std::optional<NodeSample> FirstAnswer(NodeIndex node) const final;
  std::string HowEnded(NodeIndex node) const final;
  absl::Status TearDown(bool keep) final;
  std::string HowToRemove() const override;

  // Node control.
  absl::Status Start(NodeIndex node) final;
  absl::Status Stop(NodeIndex node) final;
  absl::Status Kill(NodeIndex node) final;
  absl::Status Pause(NodeIndex node) final;
  absl::Status Resume(NodeIndex node) final;
  absl::Status DeletePod(NodeIndex node) final;
  absl::StatusOr<NodeIndex> Add(const AddOptions& options) final;

 protected:
  ManagedCluster(const ClusterSpec& spec, ManagedOptions options);
  // The derived destructor must have torn down.
  ~ManagedCluster() override = default;

  // ----- what a backend does -----

  // Whether there can be nodes of that role. kNotFound says what to do.
  virtual absl::Status CheckRole(const std::string& role) const = 0;
  // How other nodes reach the node of that index and name.
  virtual NodeAddress PeerAddress(NodeIndex node, const std::string& name) const = 0;
  // A node that is there from now on, but does not run. `placement` knows of all nodes up to this
  // one, and no more is known of the node; info is filled in but for address and log.
  virtual absl::StatusOr<std::unique_ptr<ManagedNode>> MakeNode(const NodeInfo& info,
                                                                const Placement& placement) = 0;
  // Begins to run the node (it is kStarting) and fills in its address. NoteEnd may come before this
  // returns.
  virtual absl::Status Launch(ManagedNode& node) = 0;
  // Asks it to end, and wakes it first if it is frozen: SIGTERM. Its end comes by NoteEnd.
  virtual absl::Status Terminate(ManagedNode& node, bool frozen) = 0;
  // SIGKILL. Its end comes by NoteEnd.
  virtual absl::Status Destroy(ManagedNode& node) = 0;
  // SIGSTOP and SIGCONT; these return when it has taken effect.
  virtual absl::Status Freeze(ManagedNode& node) = 0;
  virtual absl::Status Thaw(ManagedNode& node) = 0;
  // Deletes its pod, and returns when another one runs the node. NoteEnd is not to be called.
  virtual absl::Status Replace(ManagedNode& node);
  // Whether what a node stored is there again after Replace.
  virtual bool OutlivesReplace(const ManagedNode& node) const {
    static_cast<void>(node);
    return true;
  }
  // The last lines of its log for an error message (see LastLines).
  virtual std::string EndOfLog(const ManagedNode& node) const = 0;
  // Where its log is, for a person: a path or a command.
  virtual std::string PlaceOfLog(const ManagedNode& node) const = 0;
  // More of it for Endpoints(): "  pid 17". With the mutex held.
  virtual std::string MoreOf(const ManagedNode& node) const = 0;
  // Lines for Endpoints() of what there is beside the nodes.
  virtual std::string OtherEndpoints() const { return {}; }
  // What else than a node has failed, so that readiness need not be waited for.
  virtual absl::Status OtherFailure() const { return absl::OkStatus(); }
  // A node was added, and is not launched yet.
  virtual absl::Status NodeWasAdded() { return absl::OkStatus(); }
  // The cluster outlives this program.
  virtual absl::Status Keep() = 0;
  // Removes everything and checks that nothing is left.
  virtual absl::Status Remove() = 0;

  // ----- what it has for that -----

  const ClusterSpec& cluster_spec() const { return spec_; }
  const ManagedOptions& options() const { return options_; }
  const Clock& clock() const { return clock_; }
  spdlog::logger& log() const { return *log_; }
  std::mutex& mutex() const { return mutex_; }

  // Before anything is made: this machine has what the run needs. kResourceExhausted names the
  // limit that stands in the way, its value, and what is needed.
  absl::Status CheckMachine() const;
  // A failure, with the limit in its sentence that may be the reason.
  absl::Status Explained(const absl::Status& status) const;
  // There can be nodes of every role of the topology.
  absl::Status CheckRoles() const;
  // Makes all nodes of the topology.
  absl::Status MakeNodes();
  // Launches those that are not late, one after the other.
  absl::Status LaunchNodes();
  // The same for a backend that launches them together: they are kStarting from now on.
  std::vector<ManagedNode*> BeginLaunch();
  // Waits until all that were launched answer and lack nothing that their kind wants; they are
  // running then.
  absl::Status BecomeReady();
  // The chain's start is fixed: returns a moment before it. A run that began long before it would
  // have fewer blocks than its time says.
  // kAborted: the wall clock has jumped, and the start is no more what it was.
  absl::Status AwaitChainStart(std::chrono::system_clock::time_point start);
  // The node's process or container ended; `backend` as of NodeExit. Of one that does not run, this
  // changes nothing.
  void NoteEnd(ManagedNode& node, std::string how, const std::string& backend = {});
  // kAborted: "member-1 exited instead of becoming ready: exit status 3; …" of the first node
  // that has, or OtherFailure.
  absl::Status FirstExit() const;

  absl::StatusOr<ManagedNode*> Find(NodeIndex node) const;
  // Including those that do not run.
  std::vector<ManagedNode*> AllNodes() const;
  NodeState StateOf(const ManagedNode& node) const;
  NodeInfo InfoOf(const ManagedNode& node) const;
  // As all nodes see it, with those added so far.
  Placement placement() const;
  bool closing() const;

 private:
  // The node, if it is in one of these states.
  absl::Status Expect(const ManagedNode& node, std::initializer_list<NodeState> states,
                      std::string_view verb) const;
  // False when it is not in `from` (it exited meanwhile).
  bool Change(ManagedNode& node, NodeState from, NodeState to);
  absl::StatusOr<std::unique_ptr<ManagedNode>> PlaceNode(NodeIndex node);
  absl::Status LaunchOne(ManagedNode& node);
  absl::Status StartLocked(ManagedNode& node);
  absl::Status AwaitAnswer(ManagedNode& node, std::string_view after);
  void NoteAnswer(ManagedNode& node, const NodeSample& sample);
  bool AwaitEnd(ManagedNode& node, std::chrono::milliseconds timeout);
  // PlaceOfLog, or as NameLogs says.
  std::string NameOfLog(const ManagedNode& node) const;
  absl::Status CheckClock();
  absl::Status AwaitAllReady();
  absl::Status ExitedInstead(const ManagedNode& node, std::string_view verb) const;
  absl::StatusOr<NodeIndex> PlaceAdded(const AddOptions& options);
  void UnplaceAdded(NodeIndex node);

  const ClusterSpec spec_;
  const ManagedOptions options_;
  const Clock& clock_ = RealClock();
  ClockWatch watch_;  // of the thread that provisions
  const std::shared_ptr<spdlog::logger> log_;
  std::chrono::system_clock::time_point chain_start_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  // Grows only; the nodes themselves stay where they are.
  std::vector<std::unique_ptr<ManagedNode>> nodes_;
  Placement placement_;  // of all nodes; directory and start_file are the backend's
  bool closing_ = false;
  std::string log_names_;  // of NameLogs

  std::mutex adding_;        // one Add at a time
  std::mutex tearing_down_;  // guards the two below
  bool torn_down_ = false;
  absl::Status end_status_;

  ExitQueue exits_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_MANAGED_CLUSTER_H_

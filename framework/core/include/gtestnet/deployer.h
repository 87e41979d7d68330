// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_DEPLOYER_H_
#define GTESTNET_DEPLOYER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/capabilities.h"
#include "gtestnet/node_control.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/variables.h"

namespace gtestnet {

class Runner;
struct Scenario;

// Whether a backend can be used on this machine.
struct Availability {
  bool available = false;
  std::string reason = {};  // "compose: no Docker daemon answers at unix:///var/run/docker.sock"
  std::string remedy = {};  // "start Docker, or leave compose out of GTESTNET_DEPLOYERS"
};

// An exit of a node that nobody asked for.
struct NodeExit {
  NodeIndex node = 0;
  std::string name = {};
  std::string how = {};         // "exit status 3", "signal 6 (SIGABRT)"
  std::string last_lines = {};  // of its log
  // Not empty: it was the backend's doing, and no fault of the node: "the Docker Engine at
  // unix:///var/run/docker.sock was stopped".
  std::string backend = {};
};

// What a node logged since it was last asked for.
struct LogPart {
  std::string text = {};    // whole lines, and what is left of the last one of a node that ended
  std::string cursor = {};  // where to go on
};

// What a backend sees of a node's processes, without asking the node.
struct NodeUsage {
  // Which process it is that runs: another word for another one ("pid 17 of 1234567"). Empty where
  // that cannot be told.
  std::string process = {};
  std::optional<std::chrono::system_clock::time_point> since = {};  // when that one began
  // How often it was started again without being asked to, where something else than us does that.
  int64_t restarts = 0;
  bool frozen = false;  // stopped by a signal, or paused
  Numbers values = {};  // as of ResourceSample, but for "log"
};

// A cluster on one backend: what Deployer::Provision returns. All nodes that are not late are
// ready, and the chain's start is fixed. The destructor removes all of it, like TearDown.
class BackendCluster {
 public:
  virtual ~BackendCluster() = default;

  virtual const ClusterSpec& spec() const = 0;
  // Of the deployer that made it: "local". Empty for one that has no name.
  virtual std::string_view deployer() const { return {}; }
  // Of the nodes that are or were there, by index; grows by NodeControl::Add. Late nodes that were
  // not started yet are included: their address is fixed.
  virtual std::vector<NodeInfo> nodes() const = 0;
  virtual NodeControl& control() = 0;
  // Running and not paused.
  virtual bool IsUp(NodeIndex node) const = 0;
  // RunTime 0.
  virtual std::chrono::system_clock::time_point chain_start() const = 0;
  // `handler` is called on a thread of the cluster for each NodeExit from now on, also for those
  // that came before it was set. One handler; an empty one removes it, and returns when no call is
  // under way.
  virtual void OnExit(std::function<void(const NodeExit&)> handler) = 0;
  // kUnavailable while what runs the nodes does not answer, and since when: then nothing is known
  // of the nodes, and what they do not do is not their fault. Asks nobody; any thread.
  virtual absl::Status Health() const { return absl::OkStatus(); }
  // The end of a node's log, at most `bytes`.
  virtual absl::StatusOr<std::string> Log(NodeIndex node, size_t bytes) const = 0;
  // What it has logged since `cursor`, which an earlier call gave; empty: since the beginning, and
  // "end": from now on. About a mebibyte at most: then there is more. It goes on over restarts.
  // kUnimplemented where logs can only be had as a whole.
  virtual absl::StatusOr<LogPart> ReadLog(NodeIndex node, const std::string& cursor) const;
  // Of a node that runs. kUnimplemented where nothing is known.
  virtual absl::StatusOr<NodeUsage> Usage(NodeIndex node) const;
  // What the node answered first since it was last started or resumed; nothing before.
  virtual std::optional<NodeSample> FirstAnswer(NodeIndex node) const;
  // How its last process ended: "exit status 0", "signal 9 (SIGKILL), out of memory"; empty for one
  // that runs its first, or where that is not known.
  virtual std::string HowEnded(NodeIndex node) const;
  // Copies every node's log and config into `directory`, as <name>/…, each thing on its own: the
  // error lists what could not be had.
  virtual absl::Status Collect(const std::string& directory) const = 0;
  // Messages and nodes() name logs as they will be in this directory, by Collect, as the cluster
  // may be gone when they are read. Empty: where they are now.
  virtual void NameLogs(std::string directory) { static_cast<void>(directory); }
  // Where things are, for a person: one line a node with its endpoint.
  virtual std::string Endpoints() const = 0;
  // The Prometheus that scrapes all nodes, as the test reaches it: "http://127.7.1.255:9090". An
  // error where there is none, or none any more.
  virtual absl::StatusOr<std::string> Prometheus() const;
  // Removes everything and checks that nothing is left: an error lists what is. With `keep`,
  // nothing is removed; the returned status is OK and HowToRemove() says how. Idempotent.
  virtual absl::Status TearDown(bool keep) = 0;
  virtual std::string HowToRemove() const = 0;
};

// Provisions clusters on one backend.
class Deployer {
 public:
  virtual ~Deployer() = default;

  virtual std::string_view name() const = 0;  // "local", "compose", "k8s"
  virtual Capabilities capabilities() const = 0;
  // Of a capability that it lacks on this machine: why, and what to do, in a sentence or two.
  // Empty when there is nothing to do about it.
  virtual std::string WhyLacking(Capability) const { return {}; }
  // "telemetry (no program …)": those that it lacks, for a message.
  std::string DescribeLack(Capabilities missing) const;
  // Takes well under a second, changes nothing.
  virtual Availability Probe() const = 0;
  // Makes the cluster and waits until it is ready: every node answers and lacks nothing that its
  // kind wants (NodeKind::Lacks). On any error nothing is left behind, and the message
  // names the node, what was last seen of it and the end of its log.
  virtual absl::StatusOr<std::unique_ptr<BackendCluster>> Provision(const ClusterSpec& spec) = 0;

  // Checks the scenario's capabilities, provisions its topology and wraps the cluster in a Runner.
  absl::StatusOr<std::unique_ptr<Runner>> Deploy(const Scenario& scenario);
};

// A name for a run, for ClusterSpec: ten letters and digits that no other run has.
std::string MakeRunId();

// By its name, one of KnownDeployers() (variables.h). kInvalidArgument lists them.
absl::StatusOr<std::unique_ptr<Deployer>> MakeDeployer(std::string_view name);

// Makes a deployer of your own known by its name: to Clusters(…).On({"local", "ours"}), to
// MakeDeployer, and to GTESTNET_DEPLOYERS and GTESTNET_REQUIRE. At namespace scope, before the
// tests that use it:
//
//   const bool registered =
//       RegisterDeployer("ours", [] { return std::make_unique<OurDeployer>(); });
//
// A name has 1 to 20 of a-z and 0-9. False for another one and for a name that is taken; where it
// is taken by another registration, MakeDeployer refuses it, so that no test runs on the wrong one.
// Any thread.
bool RegisterDeployer(std::string name, std::function<std::unique_ptr<Deployer>()> make);
}  // namespace gtestnet

#endif  // GTESTNET_DEPLOYER_H_

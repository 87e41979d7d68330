// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_BACKEND_H_
#define GTESTNET_BACKEND_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/deployer.h"
#include "gtestnet/label_sweep.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

// A deployer of your own says what is done to one node at its backend, and has the rest made of it
// by ProvisionOn: states and verbs of nodes, readiness, exits, logs, bundles, and that nothing is
// left behind, however the test's program ends. fixtures/examples/docker_cli is one over `docker`.

// One run, for the primitives of its backend. Any thread.
class BackendRun {
 public:
  virtual ~BackendRun() = default;
  virtual const ClusterSpec& spec() const = 0;
  // Runs a command that makes or changes something, under the run's guardian, which ends it when
  // this program dies. What it printed, without the last newline; an error has its last lines. One
  // at a time. The first argument is a path, or a name that is looked for in PATH.
  virtual absl::StatusOr<std::string> Run(
      const std::vector<std::string>& arguments,
      std::chrono::milliseconds timeout = std::chrono::seconds(60)) = 0;
  // The same of one that is short and only asks, without the guardian; of its output at most the
  // first 256 KiB.
  virtual absl::StatusOr<std::string> Ask(const std::vector<std::string>& arguments) const = 0;
};

// A node as its backend has it.
struct BackendNode {
  NodeInfo info = {};
  NodeSetup setup = {};
  // On this machine, with the files of the setup, and where the start of the chain is written: what
  // the node must see under the same path.
  std::string directory = {};
};

// A node that runs.
struct LaunchedNode {
  NodeAddress address = {};  // as this machine reaches it
  // A command that ends when the node does, and prints the status with which it ended, 128 and more
  // for a signal: {"docker", "wait", container}. It runs beside the test, under the guardian.
  std::vector<std::string> await = {};
};

// The primitives. They are called on any thread, one at a time for one node.
class Backend {
 public:
  virtual ~Backend() = default;

  // What finds and removes everything that the run makes, in this order. Asked before anything is
  // made; it must all carry a label that has the run's id in it from the moment it is there.
  virtual std::vector<LabelSweep> Sweeps(const std::string& run_id) const = 0;
  // Whether there can be nodes of that role. kNotFound says what to do.
  virtual absl::Status CheckRole(const std::string& /*role*/) const { return absl::OkStatus(); }
  // How other nodes reach the node of that index and name.
  virtual NodeAddress PeerAddress(NodeIndex node, const std::string& name) const = 0;
  // Makes what nodes share, before the first one is launched.
  virtual absl::Status Begin(BackendRun& /*run*/) { return absl::OkStatus(); }
  // Makes what the node is run as (a container), and does not run it yet.
  virtual absl::Status Make(BackendRun& /*run*/, const BackendNode& /*node*/) {
    return absl::OkStatus();
  }
  // Begins to run a node, for the first time or again: what it has stored is kept.
  virtual absl::StatusOr<LaunchedNode> Launch(BackendRun& run, const BackendNode& node) = 0;
  // Sends SIGTERM, SIGKILL, SIGSTOP or SIGCONT; the last two return when it has taken effect.
  virtual absl::Status Signal(BackendRun& run, const BackendNode& node, int signal) = 0;
  // The end of its log, at most `bytes`; also of a node that has ended.
  virtual absl::StatusOr<std::string> Log(const BackendRun& run, const BackendNode& node,
                                          size_t bytes) const = 0;
  // Where its log is, for a person: a path or a command.
  virtual std::string PlaceOfLog(const BackendNode& node) const = 0;
};

struct BackendOptions {
  std::string deployer = {};  // Deployer::name
  // From the first node to "every node is ready"; stretched by GTESTNET_TIMEOUT_SCALE.
  std::chrono::milliseconds ready_timeout{60000};
  // How long Stop waits between SIGTERM and SIGKILL.
  std::chrono::milliseconds stop_grace{10000};
  int most_nodes = 200;
};

// What Deployer::Provision says, on that backend.
absl::StatusOr<std::unique_ptr<BackendCluster>> ProvisionOn(std::unique_ptr<Backend> backend,
                                                            const ClusterSpec& spec,
                                                            const BackendOptions& options);

}  // namespace gtestnet

#endif  // GTESTNET_BACKEND_H_

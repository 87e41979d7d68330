// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_PREPARATION_H_
#define GTESTNET_PREPARATION_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/capabilities.h"
#include "gtestnet/clock.h"
#include "gtestnet/deployer.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/runner.h"
#include "gtestnet/topology.h"
#include "gtestnet/variables.h"

namespace gtestnet {

// How a run begins and ends, whoever holds it: ClusterTest, Deployer::Deploy, or a harness of your
// own between these two.

// What is asked of a run.
struct RunRequest {
  std::string name = {};  // of the test or the scenario
  TopologySpec topology = {};
  Capabilities required = {};
  // Whose the cluster is, where several runs share it. Default: name.
  std::string owner = {};
  // A command line that runs it again: what RerunCommand takes. Empty: there is none.
  std::string rerun = {};
  // The seed if neither a replayed record, nor GTESTNET_SEED, nor the topology gives one. Default:
  // one that is drawn for this run alone.
  std::optional<uint64_t> seed = {};
};

// A run before anything is made for it.
struct PreparedRun {
  ClusterSpec cluster = {};    // for Deployer::Provision
  RunnerOptions options = {};  // for the Runner of that cluster
};

// Checks that the run can be held and fixes what it depends on: seed, replay, deadline, the id of
// its cluster. kUnavailable, with the reason and the remedy: the deployer is not to be had here, it
// lacks what the run needs, or the kind of the topology's nodes cannot run on it. Other errors are
// wrong variables, a topology that cannot run, and a place for bundles that cannot be written to.
absl::StatusOr<PreparedRun> PrepareRun(const Deployer& deployer, const RunRequest& request);

// Whether the deployer can be used on this machine, and has what is required. kUnavailable says why
// not and what to do.
absl::Status CheckDeployer(const Deployer& deployer, Capabilities required);

// By when what begins now must be over, so that its bundle is written before CTest kills the
// process: 90 % of GTESTNET_TEST_TIMEOUT, from the program's start under CTest (where the timeout
// is the process's), else from now.
absl::StatusOr<std::optional<Clock::TimePoint>> RunDeadline();

// Nine digits at most: short enough to be typed. The one draw without a source of its own, for when
// nobody gave a seed; the record tells it.
uint64_t DrawSeed();

// Whether a run leaves a bundle that wants one at these times: then, and where
// GTESTNET_BUNDLE says so.
bool LeavesBundle(Preserve when, bool failed);

struct ClusterEnd {
  bool kept = false;
  absl::Status status = {};  // of removing it
};
// Removes a cluster, or keeps it as GTESTNET_PRESERVE says, after a run that failed or did not. The
// end of every cluster; bundles come before.
ClusterEnd EndCluster(BackendCluster& cluster, bool failed);

}  // namespace gtestnet

#endif  // GTESTNET_PREPARATION_H_

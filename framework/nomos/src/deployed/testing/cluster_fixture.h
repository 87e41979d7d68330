// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_DEPLOYED_TESTING_CLUSTER_FIXTURE_H_
#define GTESTNET_NOMOS_SRC_DEPLOYED_TESTING_CLUSTER_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gtestnet/deployer.h"
#include "gtestnet/leftovers.h"
#include "gtestnet/nomos/nomos.h"

namespace gtestnet::nomos {

// A test with a cluster of the bundled node on one deployer: what all of them can be asked for.
class ClusterFixture : public testing::Test {
 protected:
  // Skips the test where the deployer cannot be used here, or fails it where GTESTNET_REQUIRE names
  // that.
  void RequireHere(const Deployer& deployer);

  // Fills in cluster_, and keeps what is told of exits.
  absl::Status Provision(Deployer& deployer, const Topology& topology, Capabilities required = {});

  absl::StatusOr<NodeSample> Probe(NodeIndex node) const;
  int64_t HeightOf(NodeIndex node) const;  // 0 if it does not answer
  // Fails the test, with the end of the node's log, where it does not come.
  void AwaitHeight(NodeIndex node, int64_t height) const;
  // Until the run's Prometheus says at least that much.
  void AwaitMetric(const std::string& query, double wanted) const;

  // Every verb of node control, with a chain that goes on through all of them, to a star of three
  // validators, of which the last is late, and an executor.
  void GoThroughEveryVerb();
  // Of two nodes, both of them.
  void StopAndKillThePaused();

  std::vector<NodeExit> exits();
  // The first, or one without a name.
  NodeExit AwaitExit();

  // What `gtestnet clean` would find of the run.
  std::optional<Leftover> FindOwnLeftover() const;
  // Nothing of it is on this machine.
  void ExpectNothingHere() const;

  const std::string run_id_ = MakeRunId();
  std::unique_ptr<BackendCluster> cluster_;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<NodeExit> exits_;
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_DEPLOYED_TESTING_CLUSTER_FIXTURE_H_

// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/deployed/testing/cluster_fixture.h"

#include <gmock/gmock.h>

#include <utility>

#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/surroundings.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/nomos/node_client.h"
#include "gtestnet/telemetry.h"
#include "gtestnet/variables.h"

namespace gtestnet::nomos {

using namespace std::chrono_literals;

void ClusterFixture::RequireHere(const Deployer& deployer) {
  const Availability here = deployer.Probe();
  if (here.available) return;
  if (IsRequired(deployer.name())) FAIL() << here.reason << "; " << here.remedy;
  GTEST_SKIP() << here.reason << "; " << here.remedy;
}

absl::Status ClusterFixture::Provision(Deployer& deployer, const Topology& topology,
                                       Capabilities required) {
  GTESTNET_ASSIGN_OR_RETURN(
      cluster_,
      deployer.Provision({.topology = topology,
                          .seed = 7,
                          .run_id = run_id_,
                          .test = testing::UnitTest::GetInstance()->current_test_suite()->name(),
                          .required = required}));
  cluster_->OnExit([this](const NodeExit& exit) {
    const std::lock_guard lock(mutex_);
    exits_.push_back(exit);
    changed_.notify_all();
  });
  return absl::OkStatus();
}

absl::StatusOr<NodeSample> ClusterFixture::Probe(NodeIndex node) const {
  return NomosKind().Probe(cluster_->nodes()[static_cast<size_t>(node)], 2000ms);
}

int64_t ClusterFixture::HeightOf(NodeIndex node) const {
  return chain::HeightOf(Probe(node).value_or(NodeSample()));
}

void ClusterFixture::AwaitHeight(NodeIndex node, int64_t height) const {
  EXPECT_EQ(WaitFor("height",
                    [&]() -> absl::Status {
                      GTESTNET_ASSIGN_OR_RETURN(const NodeSample sample, Probe(node));
                      if (chain::HeightOf(sample) >= height) return absl::OkStatus();
                      return Unavailable("height " + std::to_string(chain::HeightOf(sample)));
                    },
                    {.timeout = Scaled(30000ms)}),
            absl::OkStatus())
      << "node " << node << "\n"
      << cluster_->Log(node, 4000).value_or("");
}

void ClusterFixture::AwaitMetric(const std::string& query, double wanted) const {
  EXPECT_EQ(WaitFor(query,
                    [&]() -> absl::Status {
                      GTESTNET_ASSIGN_OR_RETURN(const QueryResult result,
                                                Telemetry(cluster_->Prometheus()).Query(query));
                      GTESTNET_ASSIGN_OR_RETURN(const double value, result.Value());
                      if (value >= wanted) return absl::OkStatus();
                      return Unavailable(std::to_string(value));
                    },
                    {.timeout = Scaled(30000ms)}),
            absl::OkStatus());
}

void ClusterFixture::GoThroughEveryVerb() {
  EXPECT_FALSE(cluster_->IsUp(2));
  NodeControl& control = cluster_->control();
  const NodeClient client(cluster_->nodes()[1]);
  for (const NodeIndex node : {0, 1, 3}) AwaitHeight(node, 3);
  EXPECT_EQ(control.Start(2), absl::OkStatus());
  AwaitHeight(2, 5);
  EXPECT_EQ(control.Kill(1), absl::OkStatus());
  EXPECT_FALSE(client.GetInfo(1000ms).ok());
  EXPECT_EQ(control.Pause(3), absl::OkStatus());
  EXPECT_FALSE(cluster_->IsUp(3));
  AwaitHeight(0, HeightOf(0) + 3);
  EXPECT_EQ(control.Start(1), absl::OkStatus());
  // A client that was there before follows the node to where it is now.
  EXPECT_TRUE(client.GetInfo(2000ms).ok());
  EXPECT_EQ(control.Resume(3), absl::OkStatus());
  const absl::StatusOr<NodeIndex> added = control.Add({});
  ASSERT_EQ(added.status(), absl::OkStatus());
  EXPECT_EQ(cluster_->nodes()[4].name, "validator-3");
  EXPECT_EQ(control.Restart(0), absl::OkStatus());
  EXPECT_EQ(control.Stop(2), absl::OkStatus());
  EXPECT_EQ(control.Stop(2).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(control.Start(2), absl::OkStatus());
  const int64_t height = HeightOf(0) + 3;
  for (const NodeIndex node : {0, 1, 2, 3, *added}) AwaitHeight(node, height);
  EXPECT_EQ(exits().size(), 0u);  // all of that was asked for
}

void ClusterFixture::StopAndKillThePaused() {
  NodeControl& control = cluster_->control();
  EXPECT_EQ(control.Pause(0), absl::OkStatus());
  EXPECT_EQ(control.Stop(0), absl::OkStatus());
  EXPECT_EQ(control.Pause(1), absl::OkStatus());
  EXPECT_EQ(control.Kill(1), absl::OkStatus());
}

std::vector<NodeExit> ClusterFixture::exits() {
  const std::lock_guard lock(mutex_);
  return exits_;
}

NodeExit ClusterFixture::AwaitExit() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, Scaled(40s), [this] { return !exits_.empty(); });
  return exits_.empty() ? NodeExit() : exits_.front();
}

std::optional<Leftover> ClusterFixture::FindOwnLeftover() const {
  for (Leftover& leftover : FindLeftovers()) {
    if (leftover.run_id == run_id_) return std::move(leftover);
  }
  return std::nullopt;
}

void ClusterFixture::ExpectNothingHere() const {
  EXPECT_THAT(LeftOnThisMachine(run_id_), testing::IsEmpty());
}

}  // namespace gtestnet::nomos

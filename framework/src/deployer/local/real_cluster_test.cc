// SPDX-License-Identifier: Apache-2.0
// The local deployer with the bundled node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gtestnet/local_deployer.h"
#include "gtestnet/nomos.h"
#include "gtestnet/variables.h"
#include "src/base/wait.h"

namespace gtestnet {
namespace {

using namespace std::chrono_literals;

class RealClusterTest : public testing::Test {
 protected:
  void Provision(const Topology& topology) {
    LocalDeployer deployer;
    absl::StatusOr<std::unique_ptr<BackendCluster>> cluster =
        deployer.Provision({.topology = topology, .seed = 7, .run_id = MakeRunId()});
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = *std::move(cluster);
    cluster_->OnExit([](const NodeExit& exit) {
      ADD_FAILURE() << exit.name << " exited: " << exit.how << "\n" << exit.last_lines;
    });
  }
  void TearDown() override {
    if (cluster_) {
      EXPECT_EQ(cluster_->TearDown(false), absl::OkStatus());
    }
  }
  absl::StatusOr<NodeSample> Probe(NodeIndex node) {
    return NomosKind().Probe(cluster_->nodes()[static_cast<size_t>(node)], 2000ms);
  }
  void AwaitHeight(NodeIndex node, int64_t height) {
    EXPECT_EQ(WaitFor("height",
                      [&]() -> absl::Status {
                        const absl::StatusOr<NodeSample> sample = Probe(node);
                        if (!sample.ok()) return sample.status();
                        if (sample->height >= height) return absl::OkStatus();
                        return absl::UnknownError("height " + std::to_string(sample->height));
                      },
                      {.timeout = Scaled(30000ms)}),
              absl::OkStatus())
        << "node " << node << "\n"
        << cluster_->Log(node, 4000).value_or("");
  }
  int64_t HeightOf(NodeIndex node) { return Probe(node).value_or(NodeSample()).height; }

  std::unique_ptr<BackendCluster> cluster_;
};

TEST_F(RealClusterTest, MakesBlocksThroughEveryVerb) {
  Provision(Topology::Star().Validators(3).Executors(1).Wallets(5).Late(2));
  if (HasFatalFailure()) return;
  NodeControl& control = cluster_->control();
  for (const NodeIndex node : {0, 1, 3}) AwaitHeight(node, 3);
  EXPECT_EQ(control.Start(2), absl::OkStatus());
  AwaitHeight(2, 5);
  EXPECT_EQ(control.Kill(1), absl::OkStatus());
  EXPECT_EQ(control.Pause(3), absl::OkStatus());
  AwaitHeight(0, HeightOf(0) + 3);
  EXPECT_EQ(control.Start(1), absl::OkStatus());
  EXPECT_EQ(control.Resume(3), absl::OkStatus());
  const absl::StatusOr<NodeIndex> added = control.Add({});
  ASSERT_EQ(added.status(), absl::OkStatus());
  EXPECT_EQ(control.Restart(0), absl::OkStatus());
  const int64_t height = HeightOf(0) + 3;
  for (const NodeIndex node : {0, 1, 2, 3, *added}) AwaitHeight(node, height);
}

TEST_F(RealClusterTest, ReadyMeansConnectedAsTheLayoutSays) {
  Provision(Topology::Ring().Validators(4));
  if (HasFatalFailure()) return;
  for (const NodeIndex node : {0, 1, 2, 3}) EXPECT_EQ(Probe(node)->peers, 2);
}

TEST(RealClusterErrorTest, ANodeThatExitsOnItsStartIsNamedWithItsOwnWords) {
  LocalDeployer deployer;
  const absl::Status status =
      deployer
          .Provision({.topology = Topology::Star().Validators(2).Misbehave(1, "exit-on-start"),
                      .seed = 7,
                      .run_id = MakeRunId()})
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(status.message()),
              testing::StartsWith("validator-1 exited instead of becoming ready: exit status 3"));
}

}  // namespace
}  // namespace gtestnet

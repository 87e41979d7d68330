// SPDX-License-Identifier: Apache-2.0
// The local deployer with the bundled node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gtestnet/chain/sample.h"
#include "gtestnet/local_deployer.h"
#include "gtestnet/nomos/nomos.h"
#include "nomos/src/deployed/testing/cluster_fixture.h"

namespace gtestnet::nomos {
namespace {

class RealClusterTest : public ClusterFixture {
 protected:
  void Provision(const Topology& topology) {
    LocalDeployer deployer;
    ASSERT_EQ(ClusterFixture::Provision(deployer, topology), absl::OkStatus());
  }
  void TearDown() override {
    for (const NodeExit& exit : exits()) {
      ADD_FAILURE() << exit.name << " exited: " << exit.how << "\n" << exit.last_lines;
    }
    if (cluster_) {
      EXPECT_EQ(cluster_->TearDown(false), absl::OkStatus());
    }
    ExpectNothingHere();
  }
};

TEST_F(RealClusterTest, MakesBlocksThroughEveryVerb) {
  Provision(Topology::Star().Validators(3).Executors(1).Wallets(5).Late(2));
  if (HasFatalFailure()) return;
  GoThroughEveryVerb();
}

TEST_F(RealClusterTest, ReadyMeansConnectedAsTheLayoutSays) {
  Provision(Topology::Ring().Validators(4));
  if (HasFatalFailure()) return;
  for (const NodeIndex node : {0, 1, 2, 3}) EXPECT_EQ(chain::PeersOf(*Probe(node)), 2);
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
}  // namespace gtestnet::nomos

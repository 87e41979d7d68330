// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/deployer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gtestnet/local_deployer.h"
#include "src/node/testing/fake_kind.h"

namespace gtestnet {
namespace {

using testing::ElementsAre;

TEST(DeployerTest, AllHaveANameAlsoThoseThatAreNotHereYet) {
  EXPECT_THAT(DeployerNames(), ElementsAre("local", "compose", "k8s"));
  for (const std::string& name : DeployerNames()) {
    absl::StatusOr<std::unique_ptr<Deployer>> deployer = MakeDeployer(name);
    ASSERT_TRUE(deployer.ok()) << deployer.status();
    EXPECT_EQ((*deployer)->name(), name);
  }
  EXPECT_EQ(MakeDeployer("docker").status(),
            absl::InvalidArgumentError("\"docker\" is no deployer; there are local, compose, k8s"));
}

TEST(DeployerTest, OneThatIsNotHereYetSaysSo) {
  std::unique_ptr<Deployer> deployer = *MakeDeployer("k8s");
  EXPECT_FALSE(deployer->Probe().available);
  EXPECT_EQ(deployer->Probe().reason, "k8s: not in this version yet");
  EXPECT_EQ(deployer->Probe().remedy, "use local, or leave k8s out of GTESTNET_DEPLOYERS");
  EXPECT_EQ(deployer->Provision({}).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(LocalDeployerTest, ProvisionsThroughTheInterface) {
  LocalDeployer deployer;
  ASSERT_TRUE(deployer.Probe().available) << deployer.Probe().reason;
  EXPECT_TRUE(deployer.capabilities().Contains(Capability::kNodeControl));
  absl::StatusOr<std::unique_ptr<BackendCluster>> cluster = deployer.Provision(
      {.topology = FakeTopology::Star().Members(2), .seed = 1, .run_id = MakeRunId()});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  EXPECT_TRUE((*cluster)->IsUp(1));
  EXPECT_EQ((*cluster)->TearDown(false), absl::OkStatus());
}

TEST(LocalDeployerTest, ATopologyWithNoNodesIsRefused) {
  LocalDeployer deployer;
  EXPECT_EQ(deployer.Provision({.topology = FakeTopology::Star(), .seed = 1, .run_id = "none"})
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace gtestnet

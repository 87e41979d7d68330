// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/deployer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/src/node/testing/fake_kind.h"
#include "gtestnet/local_deployer.h"

namespace gtestnet {
namespace {

using testing::ElementsAre;

TEST(DeployerTest, EachIsMadeByItsName) {
  EXPECT_THAT(DeployerNames(), ElementsAre("local", "compose", "k8s"));
  for (const std::string& name : DeployerNames()) {
    absl::StatusOr<std::unique_ptr<Deployer>> deployer = MakeDeployer(name);
    ASSERT_TRUE(deployer.ok()) << deployer.status();
    EXPECT_EQ((*deployer)->name(), name);
  }
  EXPECT_EQ(MakeDeployer("docker").status(),
            absl::InvalidArgumentError("\"docker\" is no deployer; there are local, compose, k8s"));
}

TEST(DeployerTest, OnesOwnIsKnownByItsName) {
  const auto make = [] { return std::make_unique<LocalDeployer>(); };
  EXPECT_TRUE(RegisterDeployer("ours", make));
  EXPECT_THAT(KnownDeployers(), ElementsAre("local", "compose", "k8s", "ours"));
  EXPECT_THAT(DeployerNames(), ElementsAre("local", "compose", "k8s"));
  EXPECT_TRUE(MakeDeployer("ours").ok());
  setenv("GTESTNET_DEPLOYERS", "ours,k8s", 1);
  EXPECT_THAT(DeployersWanted().value(), ElementsAre("ours", "k8s"));
  unsetenv("GTESTNET_DEPLOYERS");
  EXPECT_THAT(DeployersWanted().value(), ElementsAre("local", "compose", "k8s", "ours"));
  for (const char* taken : {"local", "", "Ours", "our-own", "aaaaaaaaaaaaaaaaaaaaa"}) {
    EXPECT_FALSE(RegisterDeployer(taken, make)) << taken;
  }
  EXPECT_FALSE(RegisterDeployer("nobody", nullptr));
  EXPECT_EQ(KnownDeployers().size(), 4u);
}

TEST(DeployerTest, ANameThatTwoWantIsRefused) {
  const auto make = [] { return std::make_unique<LocalDeployer>(); };
  EXPECT_TRUE(RegisterDeployer("twice", make));
  EXPECT_FALSE(RegisterDeployer("twice", make));
  EXPECT_EQ(MakeDeployer("twice").status().message(),
            "several deployers are registered as \"twice\"");
}

TEST(DeployerTest, PodsAreDeletedOnlyWhereThereAreAny) {
  for (const std::string& name : DeployerNames()) {
    EXPECT_EQ((*MakeDeployer(name))->capabilities().Contains(Capability::kPodControl),
              name == "k8s");
  }
  LocalDeployer deployer;
  absl::StatusOr<std::unique_ptr<BackendCluster>> cluster = deployer.Provision(
      {.topology = FakeTopology::Star().Members(1), .seed = 1, .run_id = MakeRunId()});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  const absl::Status refused = (*cluster)->control().DeletePod(0);
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(refused.message(),
            "only on k8s are there pods to delete; a test that does so asks for "
            "Capability::kPodControl, and is skipped elsewhere");
  // Nothing has happened to the node.
  EXPECT_TRUE((*cluster)->IsUp(0));
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

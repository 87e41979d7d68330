// SPDX-License-Identifier: Apache-2.0
// What a bundle has of a run in the cluster that the kubeconfig names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/deployer/k8s/k8s_cluster.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/variables.h"
#include "nomos/src/deployed/testing/cluster_fixture.h"

namespace gtestnet::k8s {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class K8sBundleTest : public nomos::ClusterFixture {
 protected:
  void SetUp() override { RequireHere(K8sDeployer()); }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Read(const std::string& path) const {
    std::ifstream file(directory_ + "/" + path);
    EXPECT_TRUE(file.good()) << path;
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::string directory_ = testing::TempDir() + "bundle." + run_id_;
};

TEST_F(K8sBundleTest, HasTheLogsOfAllPodsAndWhatHappenedToThem) {
  K8sDeployer deployer;
  ASSERT_EQ(Provision(deployer, nomos::Topology::Star().Validators(2)), absl::OkStatus());
  const std::string& name_space = static_cast<const K8sCluster&>(*cluster_).name_space();
  const absl::StatusOr<Tools> tools = FindTools();
  ASSERT_TRUE(tools.ok()) << tools.status();
  const auto kubectl = [&](std::vector<std::string> words) {
    words.push_back("--namespace=" + name_space);
    return Kubectl(*tools, "kubectl", words, Scaled(20s));
  };
  // Its node is killed, which nobody asked for, and begun again.
  const auto killed = Kubectl(*tools, "kubectl",
                              {"exec", "validator-1-0", "--namespace=" + name_space, "--", "sh",
                               "-c", "kill -9 $(pidof nomos-node)"},
                              Scaled(20s));
  ASSERT_TRUE(killed.ok()) << killed.status();
  const absl::Status again = WaitFor(
      "the next container",
      [&]() -> absl::Status {
        const auto count =
            kubectl({"get", "pod", "validator-1-0",
                     "--output=jsonpath={.status.containerStatuses[0].restartCount}"});
        return count.ok() && *count == "1" ? absl::OkStatus() : Unavailable(count.value_or("?"));
      },
      {.timeout = Scaled(30s), .poll_interval = 200ms});
  ASSERT_TRUE(again.ok()) << again;

  const absl::Status collected = cluster_->Collect(directory_);
  ASSERT_TRUE(collected.ok()) << collected;
  EXPECT_THAT(Read("validator-0/log"), HasSubstr("started validator-0 as process"));
  EXPECT_THAT(Read("validator-1/log.previous"),
              HasSubstr("validator-1 ended: signal 9 (SIGKILL); nobody asked for it"));
  EXPECT_THAT(Read("validator-1/log"), Not(HasSubstr("nobody asked for it")));
  EXPECT_THAT(Read("validator-1/describe"),
              AllOf(HasSubstr("Restart Count:  1"), HasSubstr("Exit Code:    137")));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/validator-0/log.previous"));
  EXPECT_FALSE(Read("cfgsync/log").empty());
  EXPECT_THAT(Read("cfgsync/describe"), HasSubstr("cfgsync"));
  EXPECT_THAT(Read("k8s/events"), HasSubstr(" Normal Pod/validator-1-0 Scheduled"));
  EXPECT_THAT(Read("k8s/plan.json"), HasSubstr("validator-0.node.gtestnet"));
  EXPECT_FALSE(Read("k8s/values.json").empty());
  EXPECT_EQ(cluster_->TearDown(false), absl::OkStatus());
}

}  // namespace
}  // namespace gtestnet::k8s

// SPDX-License-Identifier: Apache-2.0
// The k8s deployer with the bundled node, in the cluster that the kubeconfig names.
#include "core/src/deployer/k8s/k8s_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <vector>

#include "core/src/base/command.h"
#include "core/src/base/http.h"
#include "core/src/base/wait.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/telemetry.h"
#include "gtestnet/variables.h"
#include "nomos/src/deployed/testing/cluster_fixture.h"

namespace gtestnet::k8s {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class K8sClusterTest : public nomos::ClusterFixture {
 protected:
  void SetUp() override { RequireHere(K8sDeployer()); }
  // Whatever a test does, nothing of its run may be there at its end.
  void TearDown() override {
    if (IsSkipped()) return;
    cluster_.reset();
    ExpectNothingHere();
    const absl::StatusOr<Tools> tools = FindTools();
    ASSERT_TRUE(tools.ok()) << tools.status();
    const absl::StatusOr<Remains> remains = FindRemains({*tools, run_id_, "default"});
    ASSERT_TRUE(remains.ok()) << remains.status();
    EXPECT_EQ(remains->ToString(), "");
  }

  absl::Status Provision(const nomos::Topology& topology, K8sOptions options = {},
                         Capabilities required = {}) {
    K8sDeployer deployer(options);
    return nomos::ClusterFixture::Provision(deployer, topology, required);
  }
  const std::string& name_space() const {
    return static_cast<const K8sCluster&>(*cluster_).name_space();
  }
  // In the run's namespace: its output.
  std::string Kube(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "--namespace=" + name_space());
    const absl::StatusOr<Tools> tools = FindTools();
    if (!tools.ok()) return tools.status().ToString();
    const absl::StatusOr<std::string> said =
        Kubectl(*tools, "kubectl", std::move(arguments), Scaled(60000ms));
    return said.ok() ? *said : said.status().ToString();
  }
  std::string UidOf(const std::string& pod) {
    return Kube({"get", "pod", pod, "-o", "jsonpath={.metadata.uid}"});
  }
};

TEST_F(K8sClusterTest, MakesBlocksThroughEveryVerb) {
  ASSERT_EQ(Provision(nomos::Topology::Star().Validators(3).Executors(1).Wallets(5).Late(2)),
            absl::OkStatus());
  const std::string pod = UidOf("validator-1-0");
  GoThroughEveryVerb();
  EXPECT_EQ(UidOf("validator-1-0"), pod);  // the node was killed, and its pod stayed
  // By none of that was a container restarted.
  EXPECT_EQ(
      Kube({"get", "pods", "-o", "jsonpath={.items[*].status.containerStatuses[*].restartCount}"}),
      "0 0 0 0 0 0");
  EXPECT_EQ(cluster_->control().DeletePod(0).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(cluster_->TearDown(false), absl::OkStatus());
  EXPECT_EQ(cluster_->TearDown(false), absl::OkStatus());
}

TEST_F(K8sClusterTest, APausedNodeIsStoppedAndKilled) {
  ASSERT_EQ(Provision(nomos::Topology::Star().Validators(2)), absl::OkStatus());
  StopAndKillThePaused();
}

TEST_F(K8sClusterTest, ANodeWhosePodIsDeletedComesBackWithItsDatabase) {
  ASSERT_EQ(Provision(nomos::Topology::Star().Validators(3), {}, Capability::kPodControl),
            absl::OkStatus());
  for (const NodeIndex node : {0, 1, 2}) AwaitHeight(node, 5);
  const std::string pod = UidOf("validator-1-0");
  EXPECT_EQ(cluster_->control().DeletePod(1), absl::OkStatus());
  EXPECT_NE(UidOf("validator-1-0"), pod);
  EXPECT_TRUE(cluster_->IsUp(1));
  AwaitHeight(1, HeightOf(0) + 3);
  if (Kube({"get", "pvc", "-o", "name"}).find("data-validator-1") != std::string::npos) {
    // It says where it begins.
    EXPECT_THAT(Kube({"logs", "validator-1-0"}), Not(HasSubstr("tip at height 0\n")));
  }
  // One that is paused is as good.
  EXPECT_EQ(cluster_->control().Pause(2), absl::OkStatus());
  EXPECT_EQ(cluster_->control().DeletePod(2), absl::OkStatus());
  AwaitHeight(2, HeightOf(0) + 3);
  EXPECT_EQ(exits().size(), 0u);
}

TEST_F(K8sClusterTest, ANodeThatAbortsIsToldAsThat) {
  ASSERT_EQ(Provision(nomos::Topology::Star().Validators(2).Misbehave(1, "crash@3")),
            absl::OkStatus());
  const NodeExit exit = AwaitExit();
  EXPECT_EQ(exit.name, "validator-1");
  EXPECT_EQ(exit.how, "signal 6 (SIGABRT)");
}

TEST_F(K8sClusterTest, AnExitNobodyAskedForIsReportedOnce) {
  ASSERT_EQ(Provision(nomos::Topology::Star().Validators(2)), absl::OkStatus());
  // Not through the cluster, so nobody asked.
  Kube({"exec", "validator-1-0", "--", "/bin/sh", "-c", "kill -9 $(pidof nomos-node)"});
  const NodeExit exit = AwaitExit();
  EXPECT_EQ(exit.name, "validator-1");
  EXPECT_EQ(exit.how, "signal 9 (SIGKILL)");
  EXPECT_THAT(exit.last_lines, testing::Not(IsEmpty()));
  EXPECT_FALSE(cluster_->IsUp(1));
  // Its container is restarted by Kubernetes; that is no second exit.
  EXPECT_EQ(WaitFor("the next container",
                    [&]() -> absl::Status {
                      const std::string count =
                          Kube({"get", "pod", "validator-1-0", "-o",
                                "jsonpath={.status.containerStatuses[0].restartCount}"});
                      return count == "1" ? absl::OkStatus() : absl::UnknownError(count);
                    },
                    {.timeout = Scaled(60000ms), .poll_interval = 200ms}),
            absl::OkStatus());
  EXPECT_EQ(exits().size(), 1u);
}

TEST_F(K8sClusterTest, APodThatSomebodyDeletesIsAnExit) {
  ASSERT_EQ(Provision(nomos::Topology::Star().Validators(2)), absl::OkStatus());
  Kube({"delete", "pod", "validator-1-0", "--wait=false"});
  const NodeExit exit = AwaitExit();
  EXPECT_EQ(exit.name, "validator-1");
  EXPECT_THAT(exit.how, HasSubstr("deleted"));
}

TEST_F(K8sClusterTest, AMemoryThatIsFullIsNamed) {
  ASSERT_EQ(Provision(nomos::Topology::Star().Validators(2)), absl::OkStatus());
  const std::string id = Kube(
      {"get", "pod", "validator-1-0", "-o", "jsonpath={.status.containerStatuses[0].containerID}"});
  if (id.rfind("docker://", 0) != 0) GTEST_SKIP() << "the cluster's containers are not Docker's";
  const std::string container = id.substr(id.rfind('/') + 1);
  // Many small ones beside the node take all there is, and the node is the first to go.
  ASSERT_TRUE(RunCommand({"docker", "update", "--memory", "14m", "--memory-swap", "14m", container},
                         Scaled(30000ms))
                  .ok());
  Kube({"exec", "validator-1-0", "--", "/bin/sh", "-c",
        "echo 1000 > /proc/$(pidof nomos-node)/oom_score_adj; i=0; while [ $i -lt 60 ]; do "
        "(x=$(head -c 400k /dev/zero | tr '\\0' x); sleep 20) & i=$((i+1)); done; wait"});
  EXPECT_EQ(AwaitExit().how, "killed by the kernel, as its memory was full (OOMKilled)");
}

TEST_F(K8sClusterTest, SaysWhereEachNodeIs) {
  ASSERT_EQ(Provision(nomos::Topology::Star().Validators(2)), absl::OkStatus());
  EXPECT_THAT(cluster_->Endpoints(),
              AllOf(HasSubstr("validator-0  running  "), HasSubstr("  pod validator-0-0"),
                    HasSubstr("log kubectl --namespace " + name_space() + " logs validator-0-0")));
}

TEST_F(K8sClusterTest, ByPortForwardTheSameHolds) {
  ASSERT_EQ(Provision(nomos::Topology::Star().Validators(2), {.access = K8sAccess::kPortForward},
                      Capability::kTelemetry),
            absl::OkStatus());
  NodeControl& control = cluster_->control();
  EXPECT_EQ(control.Pause(1), absl::OkStatus());
  EXPECT_EQ(control.Resume(1), absl::OkStatus());
  EXPECT_EQ(control.Restart(1), absl::OkStatus());
  ASSERT_EQ(control.Add({}).status(), absl::OkStatus());
  const int64_t height = HeightOf(0) + 3;
  for (const NodeIndex node : {0, 1, 2}) AwaitHeight(node, height);
  EXPECT_TRUE(Telemetry(cluster_->Prometheus()).Query("up").ok());
  EXPECT_EQ(exits().size(), 0u);
}

// Each on a connection of its own: what was tried before the node was there must not lead any of
// them astray.
TEST_F(K8sClusterTest, ByNodePortTheSameHoldsAndNoConnectionIsLost) {
  ASSERT_EQ(Provision(nomos::Topology::Star().Validators(2), {.access = K8sAccess::kNodePort},
                      {Capability::kTelemetry, Capability::kPodControl}),
            absl::OkStatus());
  NodeControl& control = cluster_->control();
  EXPECT_EQ(control.Restart(1), absl::OkStatus());
  EXPECT_EQ(control.DeletePod(1), absl::OkStatus());
  ASSERT_EQ(control.Add({}).status(), absl::OkStatus());
  for (const NodeInfo& node : cluster_->nodes()) {
    const NodeAddress address = node.CurrentAddress();
    EXPECT_GE(address.ports.at("api"), 30000) << "no node port";
    for (int i = 0; i < 1000; ++i) {
      const base::HttpClient client(base::Endpoint::Tcp(address.host, address.ports.at("api")));
      const auto answer = client.Request({.target = "/cryptarchia/info"}, Scaled(5000ms));
      ASSERT_TRUE(answer.ok()) << i << ": " << answer.status();
    }
  }
  EXPECT_TRUE(Telemetry(cluster_->Prometheus()).Query("up").ok());
  EXPECT_EQ(exits().size(), 0u);
}

TEST_F(K8sClusterTest, PrometheusScrapesEveryNodeAlsoOneThatIsAdded) {
  ASSERT_EQ(Provision(nomos::Topology::Star().Validators(2), {}, Capability::kTelemetry),
            absl::OkStatus());
  AwaitMetric("count(up == 1)", 2);
  AwaitMetric("min(consensus_tip_height)", 2);
  ASSERT_EQ(cluster_->control().Add({}).status(), absl::OkStatus());
  AwaitMetric("consensus_tip_height{node=\"validator-2\"}", 2);
  EXPECT_EQ(cluster_->control().Restart(1), absl::OkStatus());
  AwaitMetric("count(up == 1)", 3);
  EXPECT_THAT(cluster_->Endpoints(), HasSubstr("prometheus  http://"));
}

TEST_F(K8sClusterTest, OneThatIsKeptLivesOnUntilItIsCleaned) {
  ASSERT_EQ(Provision(nomos::Topology::Star().Validators(2)), absl::OkStatus());
  EXPECT_FALSE(FindOwnLeftover());
  const NodeInfo node = cluster_->nodes()[0];
  ASSERT_EQ(cluster_->TearDown(true), absl::OkStatus());
  cluster_.reset();
  EXPECT_TRUE(nomos::NomosKind().Probe(node, 2000ms).ok());
  const std::optional<Leftover> leftover = FindOwnLeftover();
  ASSERT_TRUE(leftover);
  EXPECT_EQ(leftover->deployer, "k8s");
  EXPECT_TRUE(leftover->preserved);
  EXPECT_EQ(RemoveLeftover(*leftover), absl::OkStatus());
}

TEST_F(K8sClusterTest, CfgsyncMayBeLostInTheMiddle) {
  ASSERT_EQ(Provision(nomos::Topology::Star().Validators(2)), absl::OkStatus());
  Kube({"exec", "cfgsync", "--", "/bin/sh", "-c", "kill -9 $(pidof cfgsync-server)"});
  EXPECT_EQ(cluster_->control().Restart(1), absl::OkStatus());
  EXPECT_EQ(cluster_->control().Add({}).status(), absl::OkStatus());
  const int64_t height = HeightOf(0) + 3;
  for (const NodeIndex node : {0, 1, 2}) AwaitHeight(node, height);
  EXPECT_EQ(exits().size(), 0u);
}

}  // namespace
}  // namespace gtestnet::k8s

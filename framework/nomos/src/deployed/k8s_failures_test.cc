// SPDX-License-Identifier: Apache-2.0
// What people meet when a run is deployed to a real cluster: it ends at once, and says why. Nodes
// would have ten minutes to become ready, far more than CTest allows these tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "core/src/base/wait.h"
#include "core/src/cluster/ledger.h"
#include "core/src/deployer/k8s/testing/real_cluster.h"
#include "core/src/guardian/run_processes.h"
#include "gtestnet/k8s_deployer.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string Text(const absl::Status& status) { return std::string(status.message()); }

class K8sFailuresTest : public RealClusterTest {
 protected:
  void TearDown() override {
    EXPECT_THAT(FindRunProcesses(run_id_), IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(RunDirectory(run_id_)));
    RealClusterTest::TearDown();
  }
  absl::StatusOr<std::unique_ptr<BackendCluster>> Provision() {
    K8sDeployer deployer({.ready_timeout = 600s});
    return deployer.Provision({.topology = nomos::Topology::Star().Validators(2),
                               .seed = 7,
                               .run_id = run_id_,
                               .test = "K8sFailuresTest"});
  }
  // What of the run is in a namespace; Kubernetes' own things are not.
  std::string LeftIn(const std::string& name_space) {
    return Kubectl({"get", "pods,services,statefulsets,configmaps,secrets", "--output=name",
                    "--selector=gtestnet.run=" + run_id_, "--namespace=" + name_space});
  }
  void AddQuota(const std::string& name_space, int pods) {
    Apply(R"({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few", )"
          R"("namespace": ")" +
          name_space + R"("}, "spec": {"hard": {"pods": ")" + std::to_string(pods) + R"("}}})");
    // It holds once the controller has seen it.
    const std::string wanted = std::to_string(pods);
    const absl::Status holds =
        WaitFor("the quota",
                [&]() -> absl::Status {
                  const std::string now =
                      Kubectl({"get", "resourcequota", "few", "--namespace=" + name_space,
                               "--output=jsonpath={.status.hard.pods}"});
                  return now == wanted ? absl::OkStatus() : absl::UnavailableError(now);
                },
                {.timeout = Scaled(30s)});
    EXPECT_EQ(holds, absl::OkStatus());
  }

  const std::string run_id_ = MakeRunId();
};

TEST_F(K8sFailuresTest, AnImageThatIsNotInTheCluster) {
  const ScopedVariable image("NOMOS_TESTNET_IMAGE", "no/such:1");
  const ScopedVariable never("NOMOS_TESTNET_IMAGE_PULL_POLICY", "Never");
  const absl::Status status = Provision().status();
  EXPECT_THAT(Text(status),
              AllOf(StartsWith("k8s: "), HasSubstr("no/such:1 is not on the cluster's machine")));
  EXPECT_NE(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
}

// cfgsync's own pod is part of the release.
TEST_F(K8sFailuresTest, AQuotaThatAllowsNoPod) {
  const std::string name_space = MakeNamespace();
  const ScopedVariable chosen("K8S_RUNNER_NAMESPACE", name_space);
  AddQuota(name_space, 0);
  const absl::Status status = Provision().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(Text(status),
              AllOf(StartsWith("k8s: helm install: "), HasSubstr("have it raised, use fewer nodes"),
                    HasSubstr("exceeded quota: few")));
  EXPECT_EQ(LeftIn(name_space), "");
}

// The pods of nodes are made, or not, by Kubernetes itself.
TEST_F(K8sFailuresTest, AQuotaThatAllowsTooFewPods) {
  const std::string name_space = MakeNamespace();
  const ScopedVariable chosen("K8S_RUNNER_NAMESPACE", name_space);
  AddQuota(name_space, 2);
  const absl::Status status = Provision().status();
  EXPECT_NE(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  EXPECT_THAT(Text(status), AllOf(HasSubstr("validator-"), HasSubstr("exceeded quota: few")));
  EXPECT_EQ(LeftIn(name_space), "");
}

TEST_F(K8sFailuresTest, ANamespaceThatAnotherRunHas) {
  const std::string name_space = MakeNamespace();
  const ScopedVariable chosen("K8S_RUNNER_NAMESPACE", name_space);
  Apply(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "gtestnet-run", )"
        R"("namespace": ")" +
        name_space +
        R"(", "labels": {"gtestnet.run": "another"}, "annotations": )"
        R"({"gtestnet.test": "Some.Test"}}})");
  const absl::Status status = Provision().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << status;
  EXPECT_THAT(Text(status),
              HasSubstr("namespace " + name_space + " is in use by run another of Some.Test"));
  EXPECT_EQ(LeftIn(name_space), "");
}

// Who may do nothing outside a namespace can have runs in it all the same.
TEST_F(K8sFailuresTest, RightsInOneNamespaceAreEnough) {
  const std::string name_space = MakeNamespace();
  const std::string somebody = KubeconfigOfSomebody(name_space);
  Kubectl({"create", "rolebinding", "somebody", "--namespace=" + name_space, "--clusterrole=admin",
           "--serviceaccount=" + name_space + ":somebody"});
  {
    const ScopedVariable required("GTESTNET_REQUIRE", "k8s");
    const ScopedVariable chosen("K8S_RUNNER_NAMESPACE", name_space);
    const ScopedVariable kubeconfig("KUBECONFIG", somebody);
    const auto cluster = Provision();
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    EXPECT_TRUE((*cluster)->IsUp(1));
    EXPECT_EQ((*cluster)->TearDown(false), absl::OkStatus());
  }
  EXPECT_EQ(LeftIn(name_space), "");
}

}  // namespace
}  // namespace gtestnet::k8s

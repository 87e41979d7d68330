// SPDX-License-Identifier: Apache-2.0
// Removal of what a run has in a real cluster.
#include "core/src/deployer/k8s/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/deployer/k8s/claim.h"
#include "core/src/deployer/k8s/k8s_leftovers.h"
#include "core/src/deployer/k8s/testing/real_cluster.h"
#include "core/src/deployer/k8s/testing/test_run.h"
#include "core/src/guardian/run_processes.h"
#include "gtestnet/leftovers.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

class SweepTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string why_not;
    std::optional<Tools> found = ClusterForTests(why_not);
    if (!found) {
      if (IsRequired("k8s")) FAIL() << why_not;
      GTEST_SKIP() << why_not;
    }
    tools_ = *std::move(found);
  }

  std::string Remaining(const SweepTarget& target) const {
    const absl::StatusOr<Remains> remains = FindRemains(target);
    return remains.ok() ? remains->ToString() : remains.status().ToString();
  }

  Tools tools_;
};

void KillAllOf(const std::string& run_id) {
  for (const RunProcess& process : FindRunProcesses(run_id)) kill(process.pid, SIGKILL);
  const absl::Status gone = WaitFor(
      "end of the run's processes",
      [&] { return FindRunProcesses(run_id).empty() ? absl::OkStatus() : Unavailable("some run"); },
      {.timeout = Scaled(milliseconds(20000)), .poll_interval = milliseconds(1)});
  ASSERT_EQ(gone, absl::OkStatus());
}

// Somebody's namespace, with something of theirs in it, which goes with the test.
class SomebodysNamespace {
 public:
  SomebodysNamespace(const Tools& tools, const std::string& name) : tools_(tools), name_(name) {
    Run({"create", "namespace", name_});
    Run({"--namespace", name_, "create", "configmap", "theirs"});
  }
  ~SomebodysNamespace() { Run({"delete", "namespace", name_, "--wait=false"}); }

  std::string Run(const std::vector<std::string>& arguments) const {
    const auto output = Kubectl(tools_, "somebody", arguments, milliseconds(20000));
    EXPECT_TRUE(output.ok()) << output.status();
    return output.value_or("");
  }
  const std::string& name() const { return name_; }

 private:
  const Tools tools_;
  const std::string name_;
};

TEST_F(SweepTest, TheRunsOwnNamespaceGoesWithAllInIt) {
  TestRun run(tools_);
  ASSERT_EQ(run.Claim(), absl::OkStatus());
  run.Create(WorkloadOf(run.target().run_id));
  run.Do({"create", "configmap", "by-hand"});
  EXPECT_EQ(Remaining(run.target()), "namespace " + run.target().name_space);
  EXPECT_EQ(EndPods(run.target()), absl::OkStatus());
  EXPECT_THAT(Remaining(run.target()), HasSubstr(", being deleted"));
  EXPECT_EQ(AwaitGone(run.target(), milliseconds(60000)), absl::OkStatus());
  EXPECT_EQ(Sweep(run.target(), {}), absl::OkStatus());
  EXPECT_EQ(EndPods(run.target()), absl::OkStatus());
}

TEST_F(SweepTest, InANamespaceOfSomebodyOnlyWhatTheRunHasGoes) {
  TestRun run(tools_);
  const SomebodysNamespace theirs(tools_, "qa-" + std::to_string(getpid()));
  TestRun here(tools_, theirs.name());
  TestRun late(tools_, theirs.name());
  ASSERT_EQ(here.Claim("FirstTest.Here"), absl::OkStatus());
  const absl::Status taken = late.Claim("SecondTest.Here");
  EXPECT_EQ(taken.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(MessageOf(taken),
              HasSubstr("namespace " + theirs.name() + " is in use by run " + here.target().run_id +
                        " of FirstTest.Here: choose another one"));
  here.Create(WorkloadOf(here.target().run_id));
  here.Create(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "release.v1",
                  "labels": {"owner": "helm", "name": "gtestnet"}}})");
  EXPECT_THAT(Remaining(here.target()), HasSubstr("statefulset.apps/some"));
  EXPECT_THAT(Remaining(here.target()), HasSubstr("in namespace " + theirs.name()));
  EXPECT_EQ(Sweep(late.target(), {}), absl::OkStatus());
  EXPECT_THAT(Remaining(here.target()), HasSubstr("statefulset.apps/some"));

  EXPECT_EQ(Sweep(here.target(), {}), absl::OkStatus());
  EXPECT_EQ(Remaining(here.target()), "");
  EXPECT_EQ(theirs.Run({"--namespace", theirs.name(), "get", "statefulsets,pods,services",
                        "--output=name"}),
            "");
  EXPECT_THAT(theirs.Run({"--namespace", theirs.name(), "get", "secrets", "--output=name"}),
              Not(HasSubstr("release.v1")));
  EXPECT_THAT(theirs.Run({"--namespace", theirs.name(), "get", "configmaps", "--output=name"}),
              HasSubstr("configmap/theirs"));
  EXPECT_EQ(late.Claim("SecondTest.Here"), absl::OkStatus());
}

TEST_F(SweepTest, ANamespaceThatIsHeldUpIsToldOf) {
  TestRun run(tools_);
  ASSERT_EQ(run.Claim(), absl::OkStatus());
  run.Create(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held",
                 "finalizers": ["example.com/hold"]}})");
  const absl::Status held = Sweep(run.target(), {.timeout = milliseconds(12000)});
  EXPECT_EQ(held.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(MessageOf(held), HasSubstr("run " + run.target().run_id + ": not gone in 12 s: "));
  EXPECT_THAT(MessageOf(held), HasSubstr("example.com/hold"));
  EXPECT_THAT(MessageOf(held), HasSubstr("remove the finalizer that it names"));
  TestRun next(tools_, run.target().name_space);
  const absl::Status refused = next.Claim("NextTest.Here", milliseconds(1000));
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(refused), HasSubstr("is being deleted, and is not gone in "));
  EXPECT_THAT(MessageOf(refused), HasSubstr("example.com/hold"));
  run.Do({"patch", "configmap", "held", "--type=merge", "--patch",
          R"({"metadata": {"finalizers": null}})"});
  EXPECT_EQ(AwaitGone(run.target(), milliseconds(60000)), absl::OkStatus());
}

TEST_F(SweepTest, TheGuardianSweepsAlsoWhereTheKubeconfigsPathIsRelative) {
  const auto files = VariableValue("KUBECONFIG");
  if (!files) GTEST_SKIP() << "KUBECONFIG is not set";
  const std::filesystem::path before = std::filesystem::current_path();
  const std::filesystem::path path = std::filesystem::absolute(*files);
  std::filesystem::current_path(path.parent_path());
  setenv("KUBECONFIG", path.filename().c_str(), 1);
  {
    TestRun run(tools_);
    EXPECT_EQ(run.Claim(), absl::OkStatus());
    EXPECT_EQ(Remaining(run.target()), "namespace " + run.target().name_space);
    EXPECT_EQ(run.guardian().End(), absl::OkStatus());
    EXPECT_EQ(Remaining(run.target()), "");
  }
  setenv("KUBECONFIG", files->c_str(), 1);
  std::filesystem::current_path(before);
}

TEST_F(SweepTest, WhatIsNoNameIsRefused) {
  for (const char* bad : {"", "-n", "a b", "a/b", "a,b=c", "a\tb", "ä"}) {
    EXPECT_EQ(Sweep({tools_, bad, "fine"}, {}).code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_EQ(EndPods({tools_, "fine", bad}).code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

std::optional<Leftover> FindOf(const std::string& run_id) {
  for (Leftover& leftover : FindLeftovers()) {
    if (leftover.run_id == run_id) return std::move(leftover);
  }
  return std::nullopt;
}

TEST_F(SweepTest, WhatARunWithoutAGuardianLeftIsFoundAndRemoved) {
  TestRun run(tools_);
  const std::string& run_id = run.target().run_id;
  ASSERT_EQ(run.Claim(), absl::OkStatus());
  run.Create(WorkloadOf(run_id));
  EXPECT_FALSE(FindOf(run_id));  // it is under way
  Leftover claimed;
  claimed.run_id = run_id;
  EXPECT_EQ(RemoveLeftover(claimed).code(), absl::StatusCode::kFailedPrecondition);
  KillAllOf(run_id);
  const std::optional<Leftover> leftover = FindOf(run_id);
  ASSERT_TRUE(leftover);
  EXPECT_EQ(leftover->deployer, "k8s");
  EXPECT_EQ(leftover->test, "SomeTest.Here");
  EXPECT_THAT(leftover->ToString(), HasSubstr("0 processes, namespace " + run.target().name_space));
  EXPECT_EQ(RemoveLeftover(*leftover), absl::OkStatus());
  EXPECT_EQ(Remaining(run.target()), "");
  EXPECT_FALSE(FindOf(run_id));
}

TEST_F(SweepTest, AClaimOfARunThatIsOverIsFoundAndRemoved) {
  const SomebodysNamespace theirs(tools_, "qa2-" + std::to_string(getpid()));
  TestRun run(tools_, theirs.name());
  const std::string& run_id = run.target().run_id;
  ASSERT_EQ(run.Claim(), absl::OkStatus());
  KillAllOf(run_id);
  const std::optional<Leftover> leftover = FindOf(run_id);
  ASSERT_TRUE(leftover);
  EXPECT_THAT(leftover->ToString(), HasSubstr("its part of namespace " + theirs.name()));
  EXPECT_EQ(RemoveLeftover(*leftover), absl::OkStatus());
  EXPECT_FALSE(FindOf(run_id));
  EXPECT_THAT(theirs.Run({"--namespace", theirs.name(), "get", "configmaps", "--output=name"}),
              HasSubstr("configmap/theirs"));
}

TEST(K8sTracesTest, WithoutAClusterThereAreNone) {
  const auto files = VariableValue("KUBECONFIG");
  setenv("KUBECONFIG", "/nonexistent/kubeconfig", 1);
  EXPECT_TRUE(FindTraces().empty());
  if (files) {
    setenv("KUBECONFIG", files->c_str(), 1);
  } else {
    unsetenv("KUBECONFIG");
  }
}

}  // namespace
}  // namespace gtestnet::k8s

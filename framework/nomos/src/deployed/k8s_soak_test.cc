// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "core/src/cluster/ledger.h"
#include "core/src/deployer/k8s/labels.h"
#include "core/src/deployer/k8s/run_namespaces.h"
#include "core/src/deployer/k8s/sweep.h"
#include "core/src/guardian/testing/soak.h"
#include "gtestnet/k8s_deployer.h"
#include "gtestnet/variables.h"

namespace gtestnet::nomos {
namespace {

// Kills a program at random instants of provisioning a cluster, also in the middle of what helm
// does for it, and of every verb of node control. No process (so no proxy and no port-forward), no
// directory and no namespace is left.
TEST(K8sSoakTest, AProgramThatIsKilledAtAnyInstantLeavesNothing) {
  const Availability here = K8sDeployer().Probe();
  if (!here.available) {
    if (IsRequired("k8s")) FAIL() << here.reason;
    GTEST_SKIP() << here.reason;
  }
  const absl::StatusOr<k8s::Tools> tools = k8s::FindTools();
  ASSERT_TRUE(tools.ok()) << tools.status();
  SoakPlan plan;
  plan.command = [](const std::string& run_id) {
    return std::vector<std::string>{GTESTNET_SOAK_RUNNER, "k8s", run_id};
  };
  plan.leftovers = [&](const std::string& run_id) {
    const std::string directory = RunDirectory(run_id);
    // It is the last that goes.
    if (std::filesystem::exists(directory)) return " " + directory;
    const absl::StatusOr<k8s::Remains> remains =
        k8s::FindRemains({*tools, run_id, k8s::NamespaceOf(run_id)});
    return remains.ok() ? remains->ToString() : remains.status().ToString();
  };
  plan.patience = std::chrono::seconds(60);
  plan.poll_interval = std::chrono::milliseconds(100);
  // From the namespace to the end of helm's installation, …
  plan.rounds = 7;
  plan.longest_delay_us = 4000000;
  EXPECT_EQ(Soak("k8s-up", plan), "");
  // … and at any time.
  plan.rounds = 6;
  plan.longest_delay_us = 16000000;
  EXPECT_EQ(Soak("k8s-run", plan), "");
  // Nor did anything come to be later.
  const std::string prefix = "soak-" + std::to_string(getpid()) + "-k8s";
  const auto all =
      k8s::FindRunNamespaces(*tools, k8s::kRunLabel, "", std::chrono::milliseconds(10000));
  ASSERT_TRUE(all.ok()) << all.status();
  for (const k8s::RunNamespace& one : *all) EXPECT_NE(one.run_id.rfind(prefix, 0), 0u) << one.name;
}

}  // namespace
}  // namespace gtestnet::nomos

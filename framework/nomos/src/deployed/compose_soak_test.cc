// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "core/src/cluster/ledger.h"
#include "core/src/deployer/compose/sweep.h"
#include "core/src/deployer/container/testing/inmates.h"
#include "core/src/guardian/testing/soak.h"
#include "gtestnet/compose_deployer.h"
#include "gtestnet/variables.h"

namespace gtestnet::nomos {
namespace {

// Kills a program at random instants of provisioning a cluster, also in the middle of what Compose
// does for it, and of every verb of node control.
TEST(ComposeSoakTest, AProgramThatIsKilledAtAnyInstantLeavesNothing) {
  const Availability here = ComposeDeployer().Probe();
  if (!here.available) {
    if (IsRequired("compose")) FAIL() << here.reason;
    GTEST_SKIP() << here.reason;
  }
  docker::Engine engine(*docker::FindEngineHost());
  ASSERT_TRUE(engine.Negotiate(std::chrono::milliseconds(10000)).ok());
  SoakPlan plan;
  plan.command = [](const std::string& run_id) {
    return std::vector<std::string>{GTESTNET_SOAK_RUNNER, "compose", run_id};
  };
  plan.leftovers = [&](const std::string& run_id) {
    const std::string directory = RunDirectory(run_id);
    std::string left = std::filesystem::exists(directory) ? " " + directory : std::string();
    const absl::StatusOr<compose::Remains> remains = compose::FindRemains(engine, run_id);
    return left + (remains.ok() ? remains->ToString() : remains.status().ToString());
  };
  // While Compose makes the containers, which takes about half a second, …
  plan.rounds = 10;
  plan.longest_delay_us = 1200000;
  EXPECT_EQ(Soak("compose-up", plan), "");
  // … and at any time.
  plan.rounds = 8;
  plan.longest_delay_us = 6000000;
  EXPECT_EQ(Soak("compose-run", plan), "");
  // Nor did anything come to be later.
  const std::string prefix = "soak-" + std::to_string(getpid());
  const auto all = compose::FindAllRemains(engine);
  ASSERT_TRUE(all.ok()) << all.status();
  for (const auto& [run_id, remains] : *all) {
    EXPECT_NE(run_id.rfind(prefix, 0), 0u) << run_id << ": " << remains.ToString();
  }
}

}  // namespace
}  // namespace gtestnet::nomos

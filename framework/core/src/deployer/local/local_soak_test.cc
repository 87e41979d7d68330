// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "core/src/cluster/ledger.h"
#include "core/src/guardian/guardian.h"
#include "core/src/guardian/testing/soak.h"

namespace gtestnet {
namespace {

// Kills a program at random instants of provisioning a cluster and of every verb of node control.
class LocalSoakTest : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(All, LocalSoakTest, testing::Values("namespace", "subreaper"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(LocalSoakTest, AProgramThatIsKilledAtAnyInstantLeavesNothing) {
  const std::string confinement = GetParam();
  if (confinement == "namespace") {
    const auto trial = Guardian::Start(
        {.run_id = "soak-trial-local", .confinement = guardian::Confinement::kNamespace});
    if (!trial.ok()) GTEST_SKIP() << trial.status();
  }
  SoakPlan plan;
  plan.rounds = 25;
  plan.longest_delay_us = 300000;
  plan.command = [&](const std::string& run_id) {
    return std::vector<std::string>{GTESTNET_LOCAL_SOAK_RUNNER, run_id, confinement};
  };
  // Leases and ports go with the guardian, which is one of the processes.
  plan.leftovers = [](const std::string& run_id) {
    const std::string directory = RunDirectory(run_id);
    return std::filesystem::exists(directory) ? " " + directory : std::string();
  };
  EXPECT_EQ(Soak("local-" + confinement, plan), "");
}

}  // namespace
}  // namespace gtestnet

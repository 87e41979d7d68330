// SPDX-License-Identifier: Apache-2.0
#include "core/src/guardian/testing/soak.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "core/src/guardian/guardian.h"
#include "core/src/guardian/run_processes.h"

namespace gtestnet {
namespace {

// Kills a runner at random instants, from before its guardian is up to the middle of its work.
class GuardianSoakTest : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(All, GuardianSoakTest, testing::Values("namespace", "subreaper"),
                         [](const auto& parameter) { return std::string(parameter.param); });

std::string DirectoryOf(const std::string& run_id) {
  return std::filesystem::temp_directory_path() / ("gtestnet." + run_id);
}

TEST_P(GuardianSoakTest, ARunnerThatIsKilledAtAnyInstantLeavesNothing) {
  const std::string confinement = GetParam();
  if (confinement == "namespace") {
    const auto trial = Guardian::Start({.run_id = "soak-trial-" + std::to_string(getpid()),
                                        .confinement = guardian::Confinement::kNamespace});
    if (!trial.ok()) GTEST_SKIP() << trial.status();
  }
  SoakPlan plan;
  plan.command = [&](const std::string& run_id) {
    return std::vector<std::string>{GTESTNET_SOAK_RUNNER, run_id, confinement, DirectoryOf(run_id)};
  };
  plan.leftovers = [](const std::string& run_id) {
    std::string left;
    if (std::filesystem::exists(DirectoryOf(run_id))) left += " " + DirectoryOf(run_id);
    if (IsLeased("gtestnet-soak/" + run_id)) left += " lease";
    return left;
  };
  EXPECT_EQ(Soak(confinement, plan), "");
}

}  // namespace
}  // namespace gtestnet

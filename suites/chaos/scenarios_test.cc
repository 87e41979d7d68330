// SPDX-License-Identifier: Apache-2.0
// Scenarios as files, run as GoogleTests.
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

TEST_P(ScenarioTest, Holds) { RunScenario(); }

INSTANTIATE_TEST_SUITE_P(Files, ScenarioTest,
                         Scenarios(ScenarioFile(SCENARIOS "consensus.json"),
                                   ScenarioFile(SCENARIOS "transactions.json"),
                                   ScenarioFile(SCENARIOS "chaos.json")),
                         ScenarioName);

}  // namespace
}  // namespace gtestnet

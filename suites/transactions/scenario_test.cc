// SPDX-License-Identifier: Apache-2.0
// The suite's example of a scenario as a file, run as a GoogleTest.
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

TEST_P(ScenarioTest, Holds) { RunScenario(); }

INSTANTIATE_TEST_SUITE_P(Files, ScenarioTest,
                         Scenarios(ScenarioFile(SCENARIOS "transactions.json")), ScenarioName);

}  // namespace
}  // namespace gtestnet

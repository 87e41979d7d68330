// SPDX-License-Identifier: Apache-2.0
// Blobs beside transactions, as a file.
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

TEST_P(ScenarioTest, Holds) { RunScenario(); }

INSTANTIATE_TEST_SUITE_P(Files, ScenarioTest,
                         Scenarios(ScenarioFile(SCENARIOS "data_availability.json")), ScenarioName);

}  // namespace
}  // namespace gtestnet

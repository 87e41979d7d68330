// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/scenario_builder.h"

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "core/src/run/nothing_expected.h"

namespace gtestnet {
namespace {

absl::Status CheckDuration(Timespan duration) {
  if (duration.IsZero()) {
    return absl::InvalidArgumentError(
        "scenario: it runs for no time; say how long with .RunFor(Blocks(40)) or .RunFor(90s)");
  }
  if (duration.IsNegative()) {
    return absl::InvalidArgumentError(
        absl::StrCat("scenario: it runs for ", duration.ToString(), "; that must be above zero"));
  }
  return absl::OkStatus();
}

absl::Status CheckWorkload(const WorkloadSpec& workload) {
  if (workload.start) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("scenario: workload \"", workload.name, "\" has no function that starts it"));
}

absl::Status CheckExpectation(const RunExpectation& expectation) {
  if (expectation.judge) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("scenario: expectation \"", expectation.name,
                                                 "\" has no function that judges it"));
}

}  // namespace

absl::Status CheckScenario(const Scenario& scenario, const std::vector<ScenarioCheck>& checks) {
  if (scenario.name.empty()) return absl::InvalidArgumentError("scenario: its name is empty");
  GTESTNET_RETURN_IF_ERROR(scenario.topology.Validate());
  GTESTNET_RETURN_IF_ERROR(CheckDuration(scenario.duration));
  for (const WorkloadSpec& workload : scenario.workloads) {
    GTESTNET_RETURN_IF_ERROR(CheckWorkload(workload));
  }
  for (const RunExpectation& expectation : scenario.expectations) {
    GTESTNET_RETURN_IF_ERROR(CheckExpectation(expectation));
  }
  for (const ScenarioCheck& check : checks) {
    GTESTNET_RETURN_IF_ERROR(check(scenario.topology));
  }
  return CheckThatSomethingIsExpected(scenario);
}

}  // namespace gtestnet

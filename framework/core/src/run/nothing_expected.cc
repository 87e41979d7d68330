// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/nothing_expected.h"

namespace gtestnet {

absl::Status CheckThatSomethingIsExpected(const Scenario& scenario) {
  if (!scenario.expectations.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "scenario: it expects nothing, so that it would pass whatever its nodes did; say what must "
      "hold with .Expect(HasNoUnexpectedExits()), in a file with "
      "\"expect\": [\"HasNoUnexpectedExits\"]");
}

}  // namespace gtestnet

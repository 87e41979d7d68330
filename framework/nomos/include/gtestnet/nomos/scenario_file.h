// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SCENARIO_FILE_H_
#define GTESTNET_NOMOS_SCENARIO_FILE_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gtestnet/expectation.h"
#include "gtestnet/scenario.h"

namespace gtestnet::nomos {

// Reads the text form of an expectation, e.g. "IncludesTransactions(Ge(0.9))"; matchers/ has one.
using ExpectationParser = std::function<absl::StatusOr<RunExpectation>(std::string_view text)>;

// A scenario from JSON (schema: framework/SCENARIO.md), of the default kind or of one that is known
// by its name (RegisterKind). Errors name the line and column.
absl::StatusOr<Scenario> ParseScenario(std::string_view json, const ExpectationParser& parser);
// The same of a regular file of at most a megabyte: "scenario.json:3:17: …".
absl::StatusOr<Scenario> ParseScenarioFile(const std::string& path,
                                           const ExpectationParser& parser);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SCENARIO_FILE_H_

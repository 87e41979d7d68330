// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_PARSE_EXPECTATION_H_
#define GTESTNET_NOMOS_PARSE_EXPECTATION_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/expectation.h"
#include "gtestnet/expectation_table.h"

namespace gtestnet::nomos {

// Those of this kind alone: over its lottery of leaders and data availability.
void AddExpectations(ExpectationTable& table);

// Reads an expectation from its text form, which is how it is written in C++; a duration is one in
// quotes or in protocol time:
//
//   ConsensusIsLive
//   IncludesTransactions(Ge(0.9))
//   MetricIs("consensus_tip_height", Gt(0))
//   Eventually(AllNodes(HasHeight(Ge(5))), Within(Blocks(20)))
//
// kInvalidArgument names the column, what was expected there and, for a name, the nearest one.
absl::StatusOr<RunExpectation> ParseExpectation(std::string_view text);

// All that can be written: those of a run first, then what goes inside them.
const std::vector<ExpectationForm>& ExpectationForms();

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_PARSE_EXPECTATION_H_

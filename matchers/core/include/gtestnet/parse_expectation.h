// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_PARSE_EXPECTATION_H_
#define GTESTNET_PARSE_EXPECTATION_H_

#include <iosfwd>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/expectation.h"

namespace gtestnet {

// Reads an expectation from its text form, which is how it is written in C++; a duration is one in
// quotes or in protocol time:
//
//   ConsensusIsLive          IncludesTransactions(Ge(0.9))     MetricIs("consensus_tip_height",
//   Gt(0)) RecoversWithin("10s")    Eventually(AllNodes(HasHeight(Ge(5))), Within(Blocks(20)))
//
// kInvalidArgument names the column, what was expected there and, for a name, the nearest one.
absl::StatusOr<RunExpectation> ParseExpectation(std::string_view text);

// One thing that can be written, for a help page.
struct ExpectationForm {
  std::string_view form;  // "IncludesTransactions(fraction)"
  std::string_view help;  // one line
};
// Those of a run first, then what goes inside them.
const std::vector<ExpectationForm>& ExpectationForms();

std::ostream& operator<<(std::ostream& os, const ExpectationForm& form);

}  // namespace gtestnet

#endif  // GTESTNET_PARSE_EXPECTATION_H_

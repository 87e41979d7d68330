// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SUITES_RUNNER_REPEAT_H_
#define GTESTNET_SUITES_RUNNER_REPEAT_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/expectation.h"
#include "gtestnet/expectation_table.h"
#include "gtestnet/record.h"

namespace gtestnet::command {

// Finds the expectation that a description, which is all that a record keeps of one, is of: the one
// among those that can be written as text which describes itself so.
class ExpectationFinder {
 public:
  using Parser = std::function<absl::StatusOr<RunExpectation>(std::string_view text)>;
  ExpectationFinder(Parser parser, std::vector<ExpectationForm> forms);

  // Its text: "IncludesTransactions(Ge(0.9))". Nothing: it has none, or one with parts that are not
  // looked for (AllOf and AnyOf).
  std::optional<std::string> TextOf(const std::string& description) const;

 private:
  Parser parser_;
  std::vector<ExpectationForm> forms_;
};

// The verdicts of a record, judged again.
struct Repetition {
  std::vector<VerdictRecord> again;     // in the order of the record
  std::vector<VerdictRecord> recorded;  // the same, as they are in the record
  std::vector<VerdictRecord> rest;      // that could not be repeated, as they are in the record

  // Each of `again` came out as it is recorded.
  bool confirmed() const;
};
Repetition Repeat(const RunRecord& record, const ExpectationFinder::Parser& parser,
                  const std::vector<ExpectationForm>& forms);

// Of each workload that did nothing, less than it had to, or failed, which a run itself notes among
// its verdicts.
std::vector<VerdictRecord> BadWorkloads(const RunRecord& record);

}  // namespace gtestnet::command

#endif  // GTESTNET_SUITES_RUNNER_REPEAT_H_

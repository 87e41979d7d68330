// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>
#include <iterator>
#include <utility>

#include "gtestnet/chain/record.h"
#include "gtestnet/expectation.h"
#include "gtestnet/nomos/default_matchers.h"
#include "gtestnet/printable.h"
#include "runner/commands.h"
#include "runner/report.h"

namespace gtestnet::command {
namespace {

// What the run itself expected and is not asked again: such as have no text form.
void PrintOthers(const std::vector<VerdictRecord>& recorded,
                 const std::vector<RunExpectation>& asked) {
  std::vector<VerdictRecord> others;
  std::copy_if(recorded.begin(), recorded.end(), std::back_inserter(others),
               [&](const VerdictRecord& verdict) {
                 return std::none_of(asked.begin(), asked.end(), [&](const RunExpectation& e) {
                   return e.name == verdict.expectation;
                 });
               });
  if (others.empty()) return;
  std::cout << "Others, as recorded:\n";
  PrintVerdicts(others);
}

}  // namespace

int Judge(const std::string& record_file, const std::vector<std::string>& expectations) {
  chain::RegisterRecord();
  absl::StatusOr<RunRecord> record = RunRecord::FromFile(record_file);
  if (!record.ok()) return Refuse(record.status());
  std::vector<RunExpectation> parsed;
  for (const std::string& text : expectations) {
    absl::StatusOr<RunExpectation> expectation = ParseExpectation(text);
    if (!expectation.ok()) return Refuse(expectation.status());
    parsed.push_back(*std::move(expectation));
  }

  std::cout << *record << '\n';
  if (!record->broken.empty())
    std::cout << "The run ended early: " << Printable(record->broken) << '\n';
  const std::vector<VerdictRecord> recorded = record->verdicts;
  const std::vector<VerdictRecord> verdicts =
      parsed.empty() ? recorded : gtestnet::Judge(*record, parsed);
  if (parsed.empty()) std::cout << "Verdicts as recorded:\n";
  PrintVerdicts(verdicts);
  if (!parsed.empty()) PrintOthers(recorded, parsed);
  const bool met = std::all_of(verdicts.begin(), verdicts.end(),
                               [](const VerdictRecord& v) { return v.judged && v.met; });
  return met && !verdicts.empty() ? kPassed : kFailed;
}

}  // namespace gtestnet::command

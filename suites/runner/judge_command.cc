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
#include "runner/repeat.h"
#include "runner/report.h"

namespace gtestnet::command {
namespace {

bool IsMet(const VerdictRecord& verdict) { return verdict.judged && verdict.met; }

std::vector<StandingExpectation> StandingSetFor(const RunRecord& record) {
  return record.sections.Find("chain") != nullptr ? nomos::StandingSet() : StandingSet();
}

std::string OutcomeOf(const VerdictRecord& verdict) {
  if (!verdict.judged) return "NOT JUDGED";
  return verdict.met ? "MET" : verdict.nothing ? "NOTHING TO JUDGE" : "NOT MET";
}

void PrintChange(const VerdictRecord& recorded, const VerdictRecord& again) {
  if (OutcomeOf(again) == OutcomeOf(recorded)) return;
  std::cout << "  Not what is recorded, which is " << OutcomeOf(recorded) << ": "
            << Printable(recorded.expectation)
            << "\n      the record was changed, or the expectation means another thing now\n";
}

// What every run is judged by, whether the record has verdicts of it or not. False: one fails, or
// came out otherwise than is recorded.
bool JudgeStandingAgain(const RunRecord& record) {
  RunRecord copy = record;
  std::vector<std::string> allowed;
  std::erase_if(copy.verdicts, [&](const VerdictRecord& verdict) {
    if (verdict.standing && verdict.allowed) allowed.push_back(verdict.expectation);
    return verdict.standing;
  });
  const std::vector<VerdictRecord> verdicts =
      gtestnet::JudgeStanding(copy, StandingSetFor(record), allowed);
  PrintVerdicts(verdicts);
  bool sound = true;
  for (const VerdictRecord& verdict : verdicts) {
    sound = sound && !Fails(verdict);
    for (const VerdictRecord& recorded : record.verdicts) {
      if (!recorded.standing || recorded.expectation != verdict.expectation) continue;
      PrintChange(recorded, verdict);
      sound = sound && OutcomeOf(recorded) == OutcomeOf(verdict);
    }
  }
  return sound;
}

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

// What the record itself says against them comes after what was asked.
bool PrintIdle(const RunRecord& record, const std::vector<VerdictRecord>& told) {
  std::vector<VerdictRecord> idle = BadWorkloads(record);
  std::erase_if(idle, [&](const VerdictRecord& verdict) {
    return std::any_of(told.begin(), told.end(), [&](const VerdictRecord& other) {
      return other.expectation == verdict.expectation && !IsMet(other);
    });
  });
  PrintVerdicts(idle);
  return !idle.empty();
}

bool JudgeAsked(RunRecord record, const std::vector<RunExpectation>& asked) {
  const std::vector<VerdictRecord> recorded = record.verdicts;
  const std::vector<VerdictRecord> verdicts = gtestnet::Judge(record, asked);
  PrintVerdicts(verdicts);
  const bool idle = PrintIdle(record, {});
  PrintOthers(recorded, asked);
  return !idle && std::all_of(verdicts.begin(), verdicts.end(), IsMet);
}

bool JudgeRecorded(const RunRecord& record) {
  RunRecord asked = record;
  std::erase_if(asked.verdicts, [](const VerdictRecord& verdict) { return verdict.standing; });
  const Repetition repetition = Repeat(asked, ParseExpectation, ExpectationForms());
  if (!repetition.again.empty()) std::cout << "Verdicts of the record, judged again:\n";
  PrintVerdicts(repetition.again);
  const bool idle = PrintIdle(record, repetition.rest);
  for (size_t i = 0; i < repetition.again.size(); ++i) {
    PrintChange(repetition.recorded[i], repetition.again[i]);
  }
  if (!repetition.rest.empty()) {
    std::cout << "Could not be judged again, as they have no text form; as recorded:\n";
    PrintVerdicts(repetition.rest);
  }
  if (record.verdicts.empty()) {
    std::cout << "The record has no verdicts; say what must hold with --expect\n";
  }
  const bool standing = JudgeStandingAgain(record);
  return !record.verdicts.empty() && !idle && standing && repetition.confirmed() &&
         std::all_of(repetition.again.begin(), repetition.again.end(), IsMet) &&
         std::all_of(repetition.rest.begin(), repetition.rest.end(), IsMet);
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
  const bool met = parsed.empty() ? JudgeRecorded(*record) : JudgeAsked(*std::move(record), parsed);
  return met ? kPassed : kFailed;
}

}  // namespace gtestnet::command

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/expectation.h"

#include <exception>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/derived.h"

namespace gtestnet {
namespace {

// A user's matcher may throw; that is a failed verdict and no end of the test program.
Verdict JudgeOne(const RunRecord& record, const RunExpectation& expectation) {
  if (!expectation.judge) {
    return {false, expectation.name, "the expectation has no function that judges it"};
  }
  try {
    return expectation.judge(record);
  } catch (const std::exception& e) {
    return {false, expectation.name, absl::StrCat("judging it threw an exception: ", e.what())};
  } catch (...) {
    return {false, expectation.name, "judging it threw something that is no std::exception"};
  }
}

// The log lines that may follow are told once, with the run's own error.
std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string Place(const SourceLocation& where) {
  if (where.file == nullptr || *where.file == '\0') return "";
  return absl::StrCat(where.file, ":", where.line);
}

}  // namespace

std::vector<VerdictRecord> Judge(RunRecord& record,
                                 const std::vector<RunExpectation>& expectations) {
  std::vector<VerdictRecord> verdicts;
  verdicts.reserve(expectations.size());
  const DerivedScope scope(record);
  for (const RunExpectation& expectation : expectations) {
    VerdictRecord verdict;
    verdict.expectation = expectation.name;
    verdict.where = Place(expectation.where);
    if (record.broken.empty()) {
      Verdict outcome = JudgeOne(record, expectation);
      verdict.met = outcome.met;
      verdict.required = outcome.required.empty() ? expectation.name : std::move(outcome.required);
      verdict.observed = std::move(outcome.observed);
    } else {
      verdict.judged = false;
      verdict.required = expectation.name;
      verdict.observed =
          absl::StrCat("not judged, as the run ended early: ", FirstLine(record.broken));
    }
    verdicts.push_back(std::move(verdict));
  }
  record.verdicts = verdicts;
  return verdicts;
}

std::ostream& operator<<(std::ostream& os, const Verdict& verdict) {
  return os << "Verdict{" << (verdict.met ? "met" : "not met") << ", required: " << verdict.required
            << ", observed: " << verdict.observed << "}";
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/expectation.h"

#include <algorithm>
#include <exception>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/status.h"
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

VerdictRecord VerdictOn(const RunRecord& record, const RunExpectation& expectation) {
  VerdictRecord verdict;
  verdict.expectation = expectation.name;
  verdict.where = Place(expectation.where);
  if (record.broken.empty()) {
    Verdict outcome = JudgeOne(record, expectation);
    verdict.met = outcome.met;
    verdict.nothing = outcome.nothing;
    verdict.required = outcome.required.empty() ? expectation.name : std::move(outcome.required);
    verdict.observed = std::move(outcome.observed);
  } else {
    verdict.judged = false;
    verdict.required = expectation.name;
    verdict.observed =
        absl::StrCat("not judged, as the run ended early: ", FirstLine(record.broken));
  }
  return verdict;
}

}  // namespace

std::vector<VerdictRecord> Judge(RunRecord& record,
                                 const std::vector<RunExpectation>& expectations) {
  std::vector<VerdictRecord> verdicts;
  verdicts.reserve(expectations.size());
  const DerivedScope scope(record);
  for (const RunExpectation& expectation : expectations) {
    verdicts.push_back(VerdictOn(record, expectation));
  }
  record.verdicts = verdicts;
  return verdicts;
}

std::vector<VerdictRecord> JudgeStanding(RunRecord& record,
                                         const std::vector<StandingExpectation>& standing,
                                         const std::vector<std::string>& allowed) {
  std::vector<VerdictRecord> verdicts;
  verdicts.reserve(standing.size());
  const DerivedScope scope(record);
  const auto is_judged = [&](const StandingExpectation& one) {
    return std::ranges::any_of(record.verdicts, [&](const VerdictRecord& verdict) {
      return verdict.expectation == one.expectation.name;
    });
  };
  for (const StandingExpectation& one : standing) {
    if (is_judged(one)) continue;
    VerdictRecord& verdict = verdicts.emplace_back(VerdictOn(record, one.expectation));
    verdict.expectation = one.name;
    verdict.standing = true;
    verdict.allowed = std::ranges::find(allowed, one.name) != allowed.end();
  }
  record.verdicts.insert(record.verdicts.end(), verdicts.begin(), verdicts.end());
  return verdicts;
}

bool Fails(const VerdictRecord& verdict) {
  if (verdict.met) return false;
  return !verdict.standing || (verdict.judged && !verdict.nothing && !verdict.allowed);
}

absl::Status CheckAllowed(const std::vector<StandingExpectation>& standing, std::string_view name) {
  std::vector<std::string> names;
  names.reserve(standing.size());
  for (const StandingExpectation& one : standing) {
    if (one.name == name) return absl::OkStatus();
    names.push_back(one.name);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("Allow: \"", ToAbsl(name.substr(0, 60)), "\" is none of the standing set",
                   names.empty() ? ", which is empty here"
                                 : absl::StrCat(", which is ", absl::StrJoin(names, ", "))));
}

std::ostream& operator<<(std::ostream& os, const Verdict& verdict) {
  return os << "Verdict{" << (verdict.met ? "met" : "not met") << ", required: " << verdict.required
            << ", observed: " << verdict.observed << "}";
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/expectation_from.h"

#include <string>
#include <string_view>

#include "gtestnet/three_values.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/names.h"

namespace gtestnet::internal {
namespace {

Verdict VerdictOf(const testing::Matcher<const RunRecord&>& matcher, const RunRecord& record) {
  testing::StringMatchResultListener listener;
  Verdict verdict;
  const matching::NamesInView names(record);
  const Judgement judgement = JudgeBy(matcher, record, &listener);
  verdict.met = judgement.met();
  verdict.nothing = judgement.outcome == Outcome::kNothingToJudge;
  verdict.required = matching::Description(matcher);
  verdict.observed = listener.str();
  // A verdict stands alone, and not behind the value that is matched.
  constexpr std::string_view kBehindAValue = "in which ";
  if (verdict.observed.compare(0, kBehindAValue.size(), kBehindAValue) == 0) {
    verdict.observed.erase(0, kBehindAValue.size());
  }
  if (judgement.outcome == Outcome::kNothingToJudge &&
      verdict.observed.find(judgement.why) == std::string::npos) {
    verdict.observed = judgement.why;
  }
  if (verdict.observed.empty()) verdict.observed = testing::PrintToString(record);
  return verdict;
}

}  // namespace

RunExpectation MakeExpectation(testing::Matcher<const RunRecord&> matcher, WatchMaker watch,
                               SourceLocation where) {
  RunExpectation expectation;
  expectation.name = matching::Description(matcher);
  expectation.where = where;
  expectation.watch = std::move(watch);
  expectation.judge = [matcher = std::move(matcher)](const RunRecord& record) {
    return VerdictOf(matcher, record);
  };
  return expectation;
}

}  // namespace gtestnet::internal

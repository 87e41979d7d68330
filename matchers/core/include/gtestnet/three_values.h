// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_THREE_VALUES_H_
#define GTESTNET_THREE_VALUES_H_

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "gtestnet/record.h"

namespace gtestnet {

// A matcher of gMock says yes or no. One of what a run left has a third answer: that there is
// nothing to judge. Not, AnyOf, AllOf and Conditional know of no third one, and yet must not make a
// yes of it.
//
// So whoever judges (expectations of a run, the matchers over time, Await) asks by JudgeBy: as
// often as there are ways in which those matchers that have nothing to judge might have answered.
// If all of them come to the same, that is the outcome, as what is not known makes no difference;
// else there is nothing to judge:
//
//   there is nothing for B to judge   and A is met       and A is not met
//   B, Not(B)                         nothing to judge   nothing to judge
//   AnyOf(A, B), AnyOf(B, A)          met                nothing to judge
//   AllOf(A, B), AllOf(B, A)          nothing to judge   not met
//   Not(AllOf(A, B))                  nothing to judge   met
//   Conditional(true, A, B)           met                not met
enum class Outcome { kMet, kNotMet, kNothingToJudge };

struct Judgement {
  Outcome outcome = Outcome::kNotMet;
  // "there is nothing to judge: …", of the first matcher that had nothing; empty if all had.
  std::string why = {};

  bool met() const { return outcome == Outcome::kMet; }
};

// How a matcher says it, one of yours, too:
//
//   if (arg.operations.empty()) {
//     return NothingToJudge("no operation was recorded", result_listener);
//   }
//
// What it returns is its answer. Where nobody asked by JudgeBy that is no, which a Not around it
// makes yes of: EXPECT_THAT(record, Judged(Not(m))) does not.
bool NothingToJudge(std::string_view why, testing::MatchResultListener* listener);

// `match` is called once for each way; it has to be pure.
Judgement JudgeEachWay(const std::function<bool()>& match);

// What the matcher says at first goes to the listener, if there is one.
template <class T>
Judgement JudgeBy(const testing::Matcher<const T&>& matcher, const T& value,
                  testing::MatchResultListener* listener = nullptr) {
  return JudgeEachWay([&, listener]() mutable {
    if (listener == nullptr) return matcher.Matches(value);
    return matcher.MatchAndExplain(value, std::exchange(listener, nullptr));
  });
}

// Matches a RunRecord for which the outcome is kMet:
//
//   EXPECT_THAT(record, Judged(Not(HasNoUnexpectedExits())));
[[nodiscard]] testing::Matcher<const RunRecord&> Judged(testing::Matcher<const RunRecord&> matcher);

}  // namespace gtestnet

#endif  // GTESTNET_THREE_VALUES_H_

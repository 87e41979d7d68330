// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/three_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "gtestnet/expectation_from.h"
#include "gtestnet/expectation_table.h"
#include "gtestnet/node_matchers.h"
#include "gtestnet/operation_matchers.h"
#include "gtestnet/sample_matchers.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using std::chrono_literals::operator""ms;
using testing::_;
using testing::AllOf;
using testing::AnyOf;
using testing::Conditional;
using testing::Ge;
using testing::HasSubstr;
using testing::Not;

using Matcher = testing::Matcher<const RunRecord&>;

MATCHER(Met, negation ? "isn't met" : "is met") { return true; }
MATCHER(NotMet, "") { return false; }
MATCHER_P(Nothing, what, (negation ? "hasn't " : "has ") + std::string(what)) {
  return gtestnet::NothingToJudge("there is no " + std::string(what), result_listener);
}

Verdict Judge(Matcher matcher) {
  return ExpectationFrom<Matcher>::Make(std::move(matcher)).judge(RunRecord());
}

// "met", "not met", or what there is nothing to judge for.
std::string OutcomeOf(Matcher matcher) {
  const Judgement judgement = JudgeBy(matcher, RunRecord());
  const Verdict verdict = Judge(matcher);
  EXPECT_EQ(verdict.met, judgement.met());
  if (judgement.outcome != Outcome::kNothingToJudge) return judgement.met() ? "met" : "not met";
  EXPECT_THAT(verdict.observed, HasSubstr(judgement.why));
  return judgement.why;
}

constexpr char kNoA[] = "there is nothing to judge: there is no a";
constexpr char kNoB[] = "there is nothing to judge: there is no b";

TEST(ThreeValuesTest, NothingStaysNothingThroughNot) {
  EXPECT_EQ(OutcomeOf(Nothing("a")), kNoA);
  EXPECT_EQ(OutcomeOf(Not(Nothing("a"))), kNoA);
  EXPECT_EQ(OutcomeOf(Not(Not(Nothing("a")))), kNoA);
  EXPECT_EQ(Judge(Not(Nothing("a"))).observed, kNoA);
  EXPECT_EQ(Judge(Not(Nothing("a"))).required, "hasn't a");
}

TEST(ThreeValuesTest, AnyOfIsMetByOneThatIsMet) {
  EXPECT_EQ(OutcomeOf(AnyOf(Met(), Nothing("a"))), "met");
  EXPECT_EQ(OutcomeOf(AnyOf(Nothing("a"), Met())), "met");
  EXPECT_EQ(OutcomeOf(AnyOf(NotMet(), Nothing("a"))), kNoA);
  EXPECT_EQ(OutcomeOf(AnyOf(Nothing("a"), NotMet())), kNoA);
  EXPECT_EQ(OutcomeOf(AnyOf(Nothing("a"), Nothing("b"))), kNoA);
  EXPECT_EQ(OutcomeOf(AnyOf(Nothing("a"), Not(Nothing("b")))), kNoA) << "two of one kind differ";
  EXPECT_EQ(OutcomeOf(Not(AnyOf(Met(), Nothing("a")))), "not met");
  EXPECT_EQ(OutcomeOf(Not(AnyOf(NotMet(), Nothing("a")))), kNoA);
}

TEST(ThreeValuesTest, AllOfIsNotMetByOneThatIsNot) {
  EXPECT_EQ(OutcomeOf(AllOf(Met(), Nothing("a"))), kNoA);
  EXPECT_EQ(OutcomeOf(AllOf(Nothing("a"), Met())), kNoA);
  EXPECT_EQ(OutcomeOf(AllOf(NotMet(), Nothing("a"))), "not met");
  EXPECT_EQ(OutcomeOf(AllOf(Nothing("a"), NotMet())), "not met");
  EXPECT_EQ(OutcomeOf(Not(AllOf(Nothing("a"), NotMet()))), "met");
  EXPECT_EQ(OutcomeOf(Not(AllOf(Nothing("a"), Met()))), kNoA);
  EXPECT_EQ(OutcomeOf(Not(AllOf(Met(), Nothing("b")))), kNoB);
}

TEST(ThreeValuesTest, ConditionalIsWhatItChose) {
  EXPECT_EQ(OutcomeOf(Conditional(true, Met(), Nothing("a"))), "met");
  EXPECT_EQ(OutcomeOf(Conditional(false, Met(), Nothing("a"))), kNoA);
  EXPECT_EQ(OutcomeOf(Not(Conditional(true, Nothing("a"), Met()))), kNoA);
}

TEST(ThreeValuesTest, ManyOfThemEndToo) {
  std::vector<Matcher> many(1000, Nothing("a"));
  EXPECT_EQ(OutcomeOf(testing::AnyOfArray(many)), kNoA);
  EXPECT_EQ(OutcomeOf(testing::AllOfArray(many)), kNoA);
  many.push_back(Met());
  EXPECT_EQ(OutcomeOf(testing::AllOfArray(many)), kNoA);
}

TEST(ThreeValuesTest, OursSayIt) {
  const char* const none = "there is nothing to judge: no put operation was recorded";
  EXPECT_EQ(OutcomeOf(Not(OperationsSucceed("put", Ge(0.5)))), none);
  EXPECT_EQ(OutcomeOf(Not(OperationLatency("put", 95, _))), none);
  EXPECT_THAT(OutcomeOf(Not(NoAcknowledgedWriteIsLost("put", "get"))),
              HasSubstr("nothing to judge"));
  EXPECT_THAT(OutcomeOf(Not(HasNoUnexpectedExits())), HasSubstr("nothing to judge"));
  EXPECT_THAT(OutcomeOf(Not(AtEnd(AllNodes(IsReachable())))), HasSubstr("nothing to judge"));
  EXPECT_THAT(OutcomeOf(Not(Eventually(AllNodes(_), Within(1ms)))), HasSubstr("nothing to judge"));
}

TEST(ThreeValuesTest, JudgedFailsAnAssertion) {
  EXPECT_THAT(RunRecord(), Not(Nothing("a"))) << "gMock's own";
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(RunRecord(), Judged(Not(Nothing("a")))), kNoA);
  EXPECT_THAT(RunRecord(), Judged(Not(NotMet())));
  EXPECT_EQ(Describe<RunRecord>(Judged(Met())), "is met");
  EXPECT_EQ(DescribeNot<RunRecord>(Judged(Met())), "isn't met");
  EXPECT_EQ(OutcomeOf(Not(Judged(Nothing("a")))), kNoA);
}

// ----- of snapshots -----

RunRecord OfOneNode() {
  RunRecord record;
  record.nodes.emplace_back().name = "member-0";
  for (RunTime at{0}; at <= 1000ms; at += 100ms) {
    NodeSample& sample = record.samples.emplace_back();
    sample.at = at;
    sample.reachable = true;
  }
  record.closed = record.samples.back().at;
  return record;
}

std::string ObservedOf(std::string_view text) {
  ExpectationTable table;
  AddExpectations(table);
  absl::StatusOr<RunExpectation> expectation = table.Parse(text);
  if (!expectation.ok()) return expectation.status().ToString();
  const Verdict verdict = expectation->judge(OfOneNode());
  return (verdict.met ? "met: " : "not met: ") + verdict.observed;
}

TEST(ThreeValuesTest, ANodeThatIsNotThereIsNothingToJudgeOverTime) {
  const std::string there_is =
      "there is nothing to judge: it has no node membr-0; did you mean member-0?";
  const std::string at_first = "not met: in the snapshot at 0.000 s " + there_is;
  for (const char* snapshot :
       {"NodeNamed(\"membr-0\", IsReachable)", "Not(NodeNamed(\"membr-0\", IsReachable))",
        "AllOf(AnyNode(IsReachable), Not(NodeNamed(\"membr-0\", IsReachable)))"}) {
    const std::string s = snapshot;
    EXPECT_EQ(ObservedOf("Always(" + s + ")"), at_first);
    EXPECT_EQ(ObservedOf("Never(" + s + ")"), at_first);
    EXPECT_EQ(ObservedOf("Eventually(" + s + ", Within(\"1s\"))"), at_first);
    EXPECT_EQ(ObservedOf("StaysTrueFor(" + s + ", For(\"300ms\"))"), at_first);
    EXPECT_EQ(ObservedOf("LeadsTo(AnyNode(IsReachable), " + s + ", Within(\"300ms\"))"), at_first);
    EXPECT_EQ(ObservedOf("LeadsTo(" + s + ", AnyNode(Not(IsReachable)), Within(\"300ms\"))"),
              at_first);
    EXPECT_THAT(ObservedOf("AtEnd(" + s + ")"), HasSubstr(there_is));
  }
  EXPECT_THAT(ObservedOf("Never(AnyOf(Not(AnyNode(IsReachable)), "
                         "AllOf(Not(AnyNode(IsReachable)), NodeNamed(\"x\", IsReachable))))"),
              HasSubstr("met: each of 11 snapshots matches"))
      << "what it is makes no difference";
}

TEST(ThreeValuesTest, AWatchSaysNothingOfNothing) {
  const SnapshotWatch never = Never(NodeNamed("membr-0", IsReachable())).Watch({});
  const SnapshotWatch always = Always(NodeNamed("membr-0", IsReachable())).Watch({});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(never(OfOneNode().AtEnd()), "");
    EXPECT_EQ(always(OfOneNode().AtEnd()), "");
  }
}

}  // namespace
}  // namespace gtestnet::matching

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/parse_expectation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "gtestnet/nomos/default_matchers.h"
#include "matchers/chain/src/testing/record_builder.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using namespace chain;  // NOLINT: what is tested
using namespace nomos;  // NOLINT: what is tested

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::AllOf;
using testing::Ge;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::Not;

// The name of what is read: its description.
std::string Read(std::string_view text) {
  const absl::StatusOr<RunExpectation> parsed = nomos::ParseExpectation(text);
  return parsed.ok() ? parsed->name : parsed.status().ToString();
}

std::string Error(std::string_view text) {
  const absl::StatusOr<RunExpectation> parsed = nomos::ParseExpectation(text);
  return parsed.ok()
             ? ""
             : std::string(parsed.status().message().data(), parsed.status().message().size());
}

TEST(ParseExpectationTest, ReadsWhatCppWrites) {
  EXPECT_EQ(Read("ConsensusIsLive"), Describe<RunRecord>(ConsensusIsLive()));
  EXPECT_EQ(Read(" ConsensusIsLive ( ) "), Describe<RunRecord>(ConsensusIsLive()));
  EXPECT_EQ(Read("AgreesOnChain"), Describe<RunRecord>(AgreesOnChain()));
  EXPECT_EQ(Read("FinalityAdvances"), Describe<RunRecord>(FinalityAdvances()));
  EXPECT_EQ(Read("FinalityAdvances(Ge(20))"), Describe<RunRecord>(FinalityAdvances(Ge(20))));
  EXPECT_EQ(Read("Reorganises(Ge(2))"), Describe<RunRecord>(Reorganises(Ge(2))));
  EXPECT_EQ(Read("ForksAtMost(2)"), Describe<RunRecord>(ForksAtMost(2)));
  EXPECT_EQ(Read("LeadsByStake"), Describe<RunRecord>(LeadsByStake()));
  EXPECT_EQ(Read("RecoversWithin(\"10s\")"), Describe<RunRecord>(RecoversWithin(10s)));
  EXPECT_EQ(Read("RecoversWithin(Blocks(9))"), Describe<RunRecord>(RecoversWithin(Blocks(9))));
  EXPECT_EQ(Read("IncludesTransactions(Ge(0.9))"),
            Describe<RunRecord>(IncludesTransactions(Ge(0.9))));
  EXPECT_EQ(Read("InclusionLatency(95, Gt(3))"), Describe<RunRecord>(InclusionLatency(95, Gt(3))));
  EXPECT_EQ(Read("IncludesTransactions(1, Of(\"mine\"))"),
            Describe<RunRecord>(IncludesTransactions(1, Of("mine"))));
  EXPECT_EQ(Read("FinalisesTransactions(Ge(0.9))"),
            Describe<RunRecord>(FinalisesTransactions(Ge(0.9))));
  EXPECT_EQ(Read("InclusionLatency(95, Seconds(Le(2.5)), Of(\"mine\"))"),
            Describe<RunRecord>(InclusionLatency(95, Seconds(Le(2.5)), Of("mine"))));
  EXPECT_EQ(Read("ReachesEveryMempool"), Describe<RunRecord>(ReachesEveryMempool()));
  EXPECT_EQ(Read("ReachesEveryMempool(Of(\"mine\"))"),
            Describe<RunRecord>(ReachesEveryMempool(Of("mine"))));
  EXPECT_EQ(Read("ReachesEveryMempool(Ge(0.9))"),
            Describe<RunRecord>(ReachesEveryMempool(Ge(0.9))));
  EXPECT_EQ(Read("RefusesInvalidTransactions"), Describe<RunRecord>(RefusesInvalidTransactions()));
  EXPECT_EQ(Read("ConservesSupply(Of(\"mine\"))"),
            Describe<RunRecord>(ConservesSupply(Of("mine"))));
  EXPECT_EQ(Read("SpendsEachNoteOnce"), Describe<RunRecord>(SpendsEachNoteOnce()));
  EXPECT_EQ(Read("ConservesSupply"), Describe<RunRecord>(ConservesSupply()));
  EXPECT_EQ(Read("MempoolDrains"), Describe<RunRecord>(MempoolDrains()));
  EXPECT_EQ(Read("HasNoUnexpectedExits"), Describe<RunRecord>(HasNoUnexpectedExits()));
  EXPECT_EQ(Read("OperationsSucceed(\"put\", Ge(0.9), Of(\"mine\"))"),
            Describe<RunRecord>(OperationsSucceed("put", Ge(0.9), Of("mine"))));
  EXPECT_EQ(Read("OperationLatency(\"put\", 95, AllOf(Gt(\"1ms\"), Le(\"2s\")))"),
            Describe<RunRecord>(OperationLatency("put", 95, AllOf(Gt(1ms), Le(2000ms)))));
  EXPECT_EQ(Read("NoAcknowledgedWriteIsLost(\"put\", \"get\")"),
            Describe<RunRecord>(NoAcknowledgedWriteIsLost("put", "get")));
  EXPECT_EQ(Read("MetricIs(\"http_requests_total{method=\\\"GET\\\"}\", Gt(0))"),
            Describe<RunRecord>(MetricIs("http_requests_total{method=\"GET\"}", Gt(0))));
}

TEST(ParseExpectationTest, ReadsSnapshotsAndNodes) {
  EXPECT_EQ(Read("AtEnd(AllNodes(HasHeight(Ge(5))))"),
            Describe<RunRecord>(AtEnd(AllNodes(HasHeight(Ge(5))))));
  EXPECT_EQ(Read("Eventually(AnyNode(HasPeers(3)), Within(Blocks(20)))"),
            Describe<RunRecord>(Eventually(AnyNode(HasPeers(3)), Within(Blocks(20)))));
  EXPECT_EQ(Read("Always(ReachableNodes(HasMode(\"Online\")), For(\"10s\"))"),
            Describe<RunRecord>(Always(ReachableNodes(HasMode("Online")), For(10s))));
  EXPECT_EQ(Read("Always(NodeNamed(\"validator-0\", IsReachable))"),
            Describe<RunRecord>(Always(NodeNamed("validator-0", IsReachable()))));
  EXPECT_EQ(Read("Never(AnyNode(HasPeers(0)))"), Describe<RunRecord>(Never(AnyNode(HasPeers(0)))));
  EXPECT_EQ(Read("Never(AnyNode(HasPeers(0)), For(\"3s\"))"),
            Describe<RunRecord>(Never(AnyNode(HasPeers(0)), For(3s))));
  EXPECT_EQ(Read("StaysTrueFor(NodesAreLevel(1), For(Blocks(9)))"),
            Describe<RunRecord>(StaysTrueFor(NodesAreLevel(1), For(Blocks(9)))));
  EXPECT_EQ(
      Read("LeadsTo(AnyNode(HasPeers(0)), AllNodes(HasPeers(Ge(1))), Within(\"3s\"))"),
      Describe<RunRecord>(LeadsTo(AnyNode(HasPeers(0)), AllNodes(HasPeers(Ge(1))), Within(3s))));
  EXPECT_EQ(Read("AtEnd(NodesAreLevel(2))"), Describe<RunRecord>(AtEnd(NodesAreLevel(2))));
  EXPECT_THAT(Read("AtEnd(Not(AnyNode(AllOf(HasSlot(Gt(1)), HasMempool(0), "
                   "AnyOf(HasFinalisedHeight(Ne(2)), Not(IsReachable()))))))"),
              HasSubstr("has a last snapshot that has only nodes each of which ("));
  EXPECT_EQ(Read("IncludesTransactions(AllOf(Ge(0.5), Not(Gt(1))))"),
            "includes a fraction of the submitted transactions that (is >= 0.5) and (isn't > 1)");
}

TEST(ParseExpectationTest, WhatIsReadJudges) {
  RecordBuilder builder(3);
  builder.Grow(20);
  EXPECT_TRUE(ParseExpectation("ConsensusIsLive")->judge(builder.Build()).met);
  EXPECT_TRUE(ParseExpectation("AtEnd(AllNodes(HasHeight(20)))")->judge(builder.Build()).met);
  EXPECT_FALSE(ParseExpectation("AtEnd(AllNodes(HasHeight(Lt(20))))")->judge(builder.Build()).met);
  EXPECT_TRUE(ParseExpectation("Always(AllNodes(IsReachable))")->watch);
  EXPECT_TRUE(ParseExpectation("Never(AllNodes(HasHeight(99)))")->watch);
}

TEST(ParseExpectationTest, NamesTheColumnAndTheNearestName) {
  EXPECT_EQ(Error("ConsensusIsLife"),
            "column 1: ConsensusIsLife is no expectation; did you mean ConsensusIsLive?");
  EXPECT_EQ(Error("Zzz"), "column 1: Zzz is no expectation");
  EXPECT_EQ(Error("IncludesTransactions(Gee(0.9))"),
            "column 22: Gee is no matcher of a number; did you mean Ge?");
  EXPECT_EQ(Error("AtEnd(AllNode(HasHeight(1)))"),
            "column 7: AllNode is no matcher of a snapshot; did you mean AllNodes?");
  EXPECT_EQ(Error("AtEnd(AllNodes(HasHeigth(1)))"),
            "column 16: HasHeigth is no matcher of a node; did you mean HasHeight?");
}

TEST(ParseExpectationTest, SaysWhatIsMissingOrTooMuch) {
  EXPECT_EQ(Error("IncludesTransactions"),
            "column 1: IncludesTransactions needs a matcher of a number like Ge(1)");
  EXPECT_EQ(Error("ForksAtMost(2, 3)"), "column 16: ForksAtMost takes no more arguments");
  EXPECT_EQ(Error("ForksAtMost(2.5)"), "column 13: expected a whole number");
  EXPECT_EQ(Error("ForksAtMost(-1)"), "column 13: it must not be negative");
  EXPECT_EQ(Error("ForksAtMost(0)"), "");
  EXPECT_EQ(Error("AtEnd(NodesAreLevel(-1))"), "column 21: it must not be negative");
  EXPECT_EQ(Error("ForksAtMost(Ge(2))"), "column 13: expected a whole number");
  EXPECT_EQ(Read("MetricIs(\"height{node=~\\\"validator-.*\\\"}\", Gt(0))"),
            Describe<RunRecord>(MetricIs("height{node=~\"validator-.*\"}", Gt(0))));
  EXPECT_EQ(Error("MetricIs(height, 3)"), "column 10: expected a string in quotes");
  EXPECT_EQ(Error("MetricIs(\"height\")"),
            "column 1: MetricIs needs a matcher of a number like Ge(1)");
  EXPECT_EQ(Error("OperationLatency(\"put\", 95)"),
            "column 1: OperationLatency needs a matcher of a duration like Le(\"200ms\")");
  EXPECT_EQ(Error("OperationLatency(\"put\", 95, Le(200))"),
            "column 32: expected a duration in quotes like \"200ms\"");
  EXPECT_EQ(Error("OperationLatency(\"put\", 95, Le(\"soon\"))"),
            "column 32: expected a duration in quotes like \"200ms\"");
  EXPECT_EQ(Error("NoAcknowledgedWriteIsLost(\"put\")"),
            "column 1: NoAcknowledgedWriteIsLost needs a string in quotes");
  EXPECT_EQ(Error("SpendsEachNoteOnce(Of(3))"),
            "column 20: expected Of(\"…\") with the name of a workload");
  EXPECT_EQ(Error("InclusionLatency(95, Seconds())"), "column 22: Seconds needs one number");
  EXPECT_EQ(Error("IncludesTransactions(Ge())"), "column 22: Ge needs one number");
  EXPECT_EQ(Error("IncludesTransactions(\"0.9\")"), "column 22: expected a number");
  EXPECT_EQ(Error("IncludesTransactions(AllOf())"), "column 22: AllOf needs matchers");
  EXPECT_EQ(Error("AtEnd(AllNodes(HasHeight(Ge(0.5))))"), "column 29: expected a whole number");
  EXPECT_EQ(Error("RecoversWithin(\"10 parsecs\")"),
            "column 16: expected a duration like \"10s\", Blocks(20), Slots(20) or Epochs(1)");
  EXPECT_EQ(Error("Eventually(AnyNode(IsReachable), \"10s\")"),
            "column 34: expected Within(…) with a duration");
  EXPECT_EQ(Error("Always(AnyNode(IsReachable), Within(\"10s\"))"),
            "column 30: expected For(…) with a duration");
  EXPECT_EQ(Error("ConsensusIsLive(1)"), "column 17: ConsensusIsLive takes no more arguments");
}

TEST(ParseExpectationTest, SaysWhereTheTextIsBroken) {
  EXPECT_EQ(Error(""), "column 1: expected the name of an expectation, found the end");
  EXPECT_EQ(Error("3"), "column 1: expected the name of an expectation");
  EXPECT_EQ(Error("ForksAtMost(2"),
            "column 14: expected a comma or a closing bracket, found the end");
  EXPECT_EQ(Error("ForksAtMost(2) x"), "column 16: expected the end, found 'x'");
  EXPECT_EQ(Error("ForksAtMost(,)"), "column 13: expected a name, a number or a string, found ','");
  EXPECT_EQ(Error("MetricIs(\"a"), "column 10: the string has no closing quote");
  EXPECT_EQ(Error("ForksAtMost(-)"), "column 13: this is no number");
  EXPECT_THAT(Error(std::string(100, '(')), HasSubstr("column 1: expected the name"));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "Not(";
  EXPECT_THAT(Error(deep), HasSubstr("more than 16 brackets are open"));
  EXPECT_THAT(Error(std::string(5000, 'a')), HasSubstr("at most 4096 characters"));
}

TEST(ParseExpectationTest, NoPrefixOfAValidTextCrashes) {
  const std::string text =
      "Eventually(AllNodes(AllOf(HasHeight(Ge(5)), HasMode(\"a\"))), Within(Blocks(20)))";
  ASSERT_THAT(ParseExpectation(text), IsOk());
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_THAT(Error(text.substr(0, length)), HasSubstr("column ")) << length;
  }
}

TEST(ExpectationFormsTest, EachHasALineOfHelp) {
  for (const ExpectationForm& form : ExpectationForms()) {
    EXPECT_THAT(std::string(form.form), Not(IsEmpty()));
    EXPECT_THAT(std::string(form.help), AllOf(Not(IsEmpty()), Not(HasSubstr("\n"))));
  }
  EXPECT_EQ(testing::PrintToString(ExpectationForms().front()).substr(0, 24),
            "ConsensusIsLive  every n");
}

}  // namespace
}  // namespace gtestnet::matching

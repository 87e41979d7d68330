// SPDX-License-Identifier: Apache-2.0
#include "runner/repeat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "gtestnet/nomos/default_matchers.h"

namespace gtestnet::command {
namespace {

using testing::ElementsAre;
using testing::Field;

std::string NameOf(const std::string& text) {
  const absl::StatusOr<RunExpectation> parsed = ParseExpectation(text);
  EXPECT_TRUE(parsed.ok()) << text << ": " << parsed.status();
  return parsed.ok() ? parsed->name : "";
}

TEST(ExpectationFinderTest, FindsWhatCanBeWritten) {
  const ExpectationFinder finder(ParseExpectation, ExpectationForms());
  for (const char* text : {
           "ConsensusIsLive",
           "AgreesOnChain",
           "FinalityAdvances",
           "FinalityAdvances(Ge(20))",
           "ForksAtMost(2)",
           "Reorganises(Gt(1))",
           "LeadsByStake",
           "RecoversWithin(\"10s\")",
           "RecoversWithin(Blocks(60))",
           "IncludesTransactions(Ge(0.9))",
           "IncludesTransactions(Eq(1))",
           "FinalisesTransactions(Ge(0.9), Of(\"transactions\"))",
           "InclusionLatency(95, Le(4))",
           "InclusionLatency(99.5, Seconds(Le(4)))",
           "ReachesEveryMempool",
           "ReachesEveryMempool(Ge(0.9))",
           "SpendsEachNoteOnce",
           "ConservesSupply",
           "RefusesInvalidTransactions",
           "MempoolDrains",
           "IncludesInscriptions(Ge(0.8))",
           "IncludesBlobs(Ne(0))",
           "BlobsAreRetrievable",
           "BlobsAreRetrievable(Of(\"blobs\"))",
           "SamplingSucceeds(Ge(0.95))",
           "OperationsSucceed(\"put\", Ge(0.3))",
           "OperationsSucceed(\"put\", Ge(0.3), Of(\"writers\"))",
           "NoAcknowledgedWriteIsLost(\"put\", \"get\")",
           "HasNoUnexpectedExits",
           "MetricsAreSound",
           "MetricIs(\"consensus_tip_height\", Gt(0))",
           "MetricIs(\"{__name__=~\\\"a_(b|c)_total\\\", role=\\\"x\\\"}\", Eq(0))",
           "AtEnd(NodesAreLevel(2))",
           "AtEnd(AnyNode(HasValue(\"term\", Lt(3))))",
           "Eventually(AllNodes(HasHeight(Ge(100))), Within(Blocks(200)))",
           "Eventually(AllNodes(HasMode(\"Online\")), Within(\"10s\"))",
           "Always(AllNodes(IsReachable))",
           "Always(NodeNamed(\"validator-1\", IsReachable), For(\"1.5s\"))",
           "Never(AllNodes(Not(IsReachable)))",
           "Never(AnyNode(HasPeers(Gt(9))))",
           "Never(NodeNamed(\"validator-1\", HasWord(\"leader\", \"validator-2\")), "
           "For(\"250ms\"))",
           "StaysTrueFor(NodesAreLevel(2), For(Blocks(500)))",
           "LeadsTo(AnyNode(HasHeight(Ge(10))), NodesAreLevel(2), Within(Epochs(2)))",
       }) {
    const std::string name = NameOf(text);
    const std::optional<std::string> found = finder.TextOf(name);
    ASSERT_TRUE(found.has_value()) << text << ", " << name;
    EXPECT_EQ(NameOf(*found), name);
  }
}

TEST(ExpectationFinderTest, FindsNothingOfWhatCannot) {
  const ExpectationFinder finder(ParseExpectation, ExpectationForms());
  EXPECT_EQ(finder.TextOf("has two nodes"), std::nullopt);
  EXPECT_EQ(finder.TextOf(""), std::nullopt);
  EXPECT_EQ(finder.TextOf("workload transactions acted"), std::nullopt);
  EXPECT_EQ(finder.TextOf(NameOf("HasNoUnexpectedExits") + "."), std::nullopt);
  EXPECT_EQ(finder.TextOf(std::string(100'000, '"') + " 1 2 3 4 5 of \""), std::nullopt);
}

RunRecord OfOneNode() {
  RunRecord record;
  record.nodes.push_back({.name = "validator-0"});
  for (RunTime at{0}; at <= RunTime(1000); at += RunTime(100)) {
    record.samples.push_back({.at = at, .reachable = true, .status = "Online"});
  }
  record.closed = RunTime(1000);
  record.workloads.push_back({.name = "pings", .actions = 7});
  return record;
}

VerdictRecord Recorded(const std::string& name, bool met) {
  return {.expectation = name, .where = "x_test.cc:7", .met = met, .required = name};
}

TEST(RepeatTest, SaysWhatComesOutOtherwiseAndWhatCannotBeRepeated) {
  RunRecord record = OfOneNode();
  const std::string exits = NameOf("HasNoUnexpectedExits");
  const std::string live = NameOf("Never(AnyNode(HasMode(\"Bootstrapping\")))");
  record.verdicts = {Recorded(exits, true), Recorded("has two nodes", true), Recorded(live, true)};
  Repetition honest = Repeat(record, ParseExpectation, ExpectationForms());
  EXPECT_TRUE(honest.confirmed());
  EXPECT_THAT(honest.again, ElementsAre(Field(&VerdictRecord::expectation, exits),
                                        Field(&VerdictRecord::expectation, live)));
  EXPECT_EQ(honest.again[0].where, "x_test.cc:7");
  EXPECT_THAT(honest.rest, ElementsAre(Field(&VerdictRecord::expectation, "has two nodes")));

  record.events.push_back({.at = RunTime(500), .kind = NodeEventKind::kExited, .detail = "1"});
  const Repetition forged = Repeat(record, ParseExpectation, ExpectationForms());
  EXPECT_FALSE(forged.confirmed());
  EXPECT_FALSE(forged.again[0].met);
  EXPECT_TRUE(forged.recorded[0].met);
  EXPECT_TRUE(forged.again[1].met);

  record = OfOneNode();
  record.verdicts = {Recorded(exits, false)};
  EXPECT_FALSE(Repeat(record, ParseExpectation, ExpectationForms()).confirmed());
  record.verdicts[0].met = true;
  record.broken = "validator-0 exited";
  EXPECT_FALSE(Repeat(record, ParseExpectation, ExpectationForms()).confirmed())
      << "nothing is judged of such a run";
}

TEST(BadWorkloadsTest, AreThoseThatDidTooLittleOrFailed) {
  RunRecord record = OfOneNode();
  EXPECT_THAT(BadWorkloads(record), testing::IsEmpty());
  record.workloads.push_back({.name = "idle", .stopped = RunTime(2500)});
  record.workloads.push_back({.name = "failed", .actions = 3, .error = "no wallet"});
  record.workloads.push_back({.name = "slow", .actions = 269, .due = 863, .at_least = 0.9});
  record.workloads.push_back({.name = "fast", .actions = 800, .due = 863, .at_least = 0.9});
  const std::vector<VerdictRecord> bad = BadWorkloads(record);
  ASSERT_EQ(bad.size(), 3u);
  EXPECT_EQ(bad[0].expectation, "workload idle acted");
  EXPECT_EQ(bad[0].observed, "none in 2.500 s");
  EXPECT_EQ(bad[1].expectation, "workload slow did what was due");
  EXPECT_EQ(bad[1].observed, "269 of 863");
  EXPECT_EQ(bad[2].expectation, "workload failed did not fail");
  EXPECT_EQ(bad[2].observed, "it failed after 3: no wallet");
  EXPECT_FALSE(bad[0].met || bad[1].met || bad[2].met);
}

}  // namespace
}  // namespace gtestnet::command

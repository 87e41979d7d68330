// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "gtestnet/expectation_table.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using std::chrono_literals::operator""ms;
using testing::HasSubstr;

TEST(SlipOfTest, IsOfFewEditsThatAreNotOfDigits) {
  const std::set<std::string> known = {"Bootstrapping", "Online", "up", "state-1"};
  EXPECT_EQ(SlipOf("Bootstraping", known), "Bootstrapping");
  EXPECT_EQ(SlipOf("Botstraping", known), "Bootstrapping");
  EXPECT_EQ(SlipOf("onlin", known), "") << "two of five characters";
  EXPECT_EQ(SlipOf("Onlin", known), "Online");
  EXPECT_EQ(SlipOf("ok", known), "");
  EXPECT_EQ(SlipOf("state-2", known), "");
  EXPECT_EQ(SlipOf("stat-1", known), "state-1");
}

// Two members, a leader and a follower, the words of which are not there all the time.
RunRecord Members() {
  RunRecord record;
  for (const char* name : {"member-0", "member-1"}) {
    record.nodes.push_back({.name = name, .role = "member"});
  }
  for (RunTime at{0}; at <= 1000ms; at += 100ms) {
    for (NodeIndex node = 0; node < 2; ++node) {
      NodeSample sample{.at = at, .node = node, .reachable = true};
      sample.status = node == 0 ? "leader" : "follower";
      sample.numbers["term"] = 3;
      if (at > 500ms) sample.words["voted"] = "member-0";
      record.samples.push_back(std::move(sample));
      record.metrics.push_back({at, node, "height{path=\"/\"}", 5});
    }
  }
  record.closed = record.samples.back().at;
  record.workloads.push_back({.name = "writers", .actions = 1});
  record.operations.push_back({.workload = "writers", .kind = "put", .outcome = {}});
  return record;
}

// "met", "not met" or what there is nothing to judge for.
std::string Judged(std::string_view text) {
  ExpectationTable table;
  AddExpectations(table);
  absl::StatusOr<RunExpectation> expectation = table.Parse(text);
  if (!expectation.ok()) return expectation.status().ToString();
  const Verdict verdict = expectation->judge(Members());
  const size_t at = verdict.observed.find("nothing to judge: ");
  if (at == std::string::npos) return verdict.met ? "met" : "not met";
  EXPECT_FALSE(verdict.met);
  return verdict.observed.substr(at + 18);
}

// In both ways, over time and at the end.
void ExpectNothing(const std::string& node, const std::string& why) {
  for (const std::string& snapshot : {"AnyNode(" + node + ")", "AllNodes(" + node + ")",
                                      "NodeNamed(\"member-1\", Not(" + node + "))"}) {
    for (const char* form : {"Never(%)", "Always(%)", "Always(Not(%))", "AtEnd(%)", "AtEnd(Not(%))",
                             "Eventually(%, Within(\"1s\"))"}) {
      std::string text = form;
      text.replace(text.find('%'), 1, snapshot);
      EXPECT_THAT(Judged(text), testing::StartsWith(why)) << text;
    }
  }
}

TEST(NamesTest, AStatusThatIsASlipIsNothingToJudge) {
  const std::string why = "no node ever had the status \"folower\"; did you mean follower?";
  ExpectNothing("HasStatus(\"folower\")", why);
  EXPECT_EQ(Judged("Never(AnyNode(HasStatus(\"candidate\")))"), "met") << "none had it";
  EXPECT_EQ(Judged("Never(AnyNode(HasStatus(\"follower\")))"), "not met");
  EXPECT_EQ(Judged("Never(AnyNode(AllOf(HasStatus(\"candidate\"), HasStatus(\"folower\"))))"),
            "met")
      << "whatever it was meant to be";
}

TEST(NamesTest, ANumberOrWordThatNoSampleHasIsNothingToJudge) {
  ExpectNothing("HasValue(\"tern\", 3)", "no node ever had a number \"tern\"; did you mean term?");
  ExpectNothing("HasWord(\"vote\", \"x\")",
                "no node ever had a word \"vote\"; did you mean voted?");
  ExpectNothing("HasWord(\"term\", \"x\")", "no node ever had a word \"term\"");
  EXPECT_EQ(Judged("Never(AnyNode(HasWord(\"voted\", \"member-1\")))"), "met")
      << "one that is there now and then";
  EXPECT_EQ(Judged("Always(AllNodes(HasWord(\"voted\", \"member-0\")))"), "not met");
}

TEST(NamesTest, AWorkloadOrAKindOfOperationIsSuggested) {
  EXPECT_EQ(Judged("OperationsSucceed(\"put\", Ge(0), Of(\"writer\"))"),
            "no put operation of \"writer\" (there is no such workload; did you mean writers?) was "
            "recorded");
  EXPECT_EQ(Judged("OperationsSucceed(\"putt\", Ge(0), Of(\"writers\"))"),
            "no putt operation of \"writers\" was recorded; did you mean put?");
  EXPECT_EQ(Judged("OperationsSucceed(\"put\", Ge(0), Of(\"writers\"))"), "met");
}

TEST(NamesTest, ASlipInASelectorIsNothingToJudge) {
  EXPECT_EQ(Judged("MetricIs(\"height\", 5)"), "met");
  EXPECT_THAT(Judged("MetricIs(\"hight\", 5)"), HasSubstr("did you mean height?"));
  EXPECT_EQ(Judged("MetricIs(\"height{role!=\\\"memer\\\"}\", 5)"),
            "there is no role memer; did you mean member?");
  EXPECT_EQ(Judged("MetricIs(\"height{node=\\\"membr-1\\\"}\", 5)"),
            "there is no node membr-1; did you mean member-1?");
  EXPECT_EQ(Judged("MetricIs(\"height{instanc!=\\\"x\\\"}\", 5)"),
            "no sample has a label instanc; did you mean instance?");
  EXPECT_EQ(Judged("MetricIs(\"height{paht!=\\\"x\\\"}\", 5)"), "met") << "not so near";
  EXPECT_EQ(Judged("MetricIs(\"height{role!=\\\"executor\\\",code!=\\\"5\\\"}\", 5)"), "met");
}

}  // namespace
}  // namespace gtestnet::matching

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/expectation_from.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gtestnet/nomos/default_matchers.h"
#include "matchers/chain/src/testing/record_builder.h"

namespace gtestnet::matching {
namespace {

using namespace chain;  // NOLINT: what is tested
using namespace nomos;  // NOLINT: what is tested

using testing::AllOf;
using testing::Field;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;

MATCHER(HasTwoNodes, "has two nodes") { return arg.nodes.size() == 2; }
MATCHER_P(IsNamed, name, "") {
  *result_listener << "whose name is " << arg.test;
  return arg.test == name;
}

template <class M>
RunExpectation From(M matcher) {
  return ExpectationFrom<M>::Make(std::move(matcher));
}

RunRecord Two() {
  RecordBuilder builder(2);
  builder.Grow(20);
  return builder.Build();
}

TEST(ExpectationFromTest, TakesOurMatchers) {
  const int line = __LINE__ + 1;
  const RunExpectation live = ExpectationFrom<ConsensusIsLiveMatcher>::Make(ConsensusIsLive());
  EXPECT_EQ(live.where.line, line);
  EXPECT_THAT(live.where.file, HasSubstr("expectation_from_test.cc"));
  EXPECT_THAT(live.name, HasSubstr("is live: each node"));
  const Verdict verdict = live.judge(Two());
  EXPECT_TRUE(verdict.met);
  EXPECT_EQ(verdict.required, live.name);
  EXPECT_EQ(verdict.observed,
            "the slowest, validator-0 grew by 20 blocks in 20 slots (expected 18, required 9)");
}

TEST(ExpectationFromTest, TakesAnyMatcherOfARecord) {
  EXPECT_TRUE(From(HasTwoNodes()).judge(Two()).met);
  EXPECT_EQ(From(HasTwoNodes()).name, "has two nodes");
  EXPECT_EQ(
      From(HasTwoNodes()).judge(Two()).observed,
      "the record of Suite.Test (local, star_2v, 2 nodes, 4.000 s, 20 blocks, 0 transactions)");
  EXPECT_EQ(From(IsNamed("x")).judge(Two()).observed, "whose name is Suite.Test");
  EXPECT_TRUE(From(Field(&RunRecord::layout, IsEmpty())).judge(Two()).met);
  EXPECT_TRUE(From(testing::Matcher<RunRecord>(HasTwoNodes())).judge(Two()).met);
  EXPECT_TRUE(From(testing::Matcher<const RunRecord&>(HasTwoNodes())).judge(Two()).met);
  EXPECT_TRUE(From(testing::Not(IsNamed("x"))).judge(Two()).met);
}

TEST(ExpectationFromTest, TakesCombinations) {
  const RunExpectation all =
      From(AllOf(AgreesOnChain(), IncludesTransactions(Ge(0.5)), HasTwoNodes()));
  const Verdict verdict = all.judge(Two());
  EXPECT_FALSE(verdict.met);
  EXPECT_EQ(verdict.observed, "there is nothing to judge: no transaction was submitted");
  EXPECT_THAT(all.name, HasSubstr(") and (has two nodes)"));
}

TEST(ExpectationFromTest, NamesThatTheRunDoesNotKnowAreNothingToJudge) {
  const Verdict mode = From(Never(AnyNode(HasMode("Bootstraping")))).judge(Two());
  EXPECT_FALSE(mode.met);
  EXPECT_EQ(mode.observed,
            "in the snapshot at 0.000 s there is nothing to judge: no node ever had the mode "
            "\"Bootstraping\"; did you mean Bootstrapping?");
  EXPECT_TRUE(From(Never(AnyNode(HasMode("Bootstrapping")))).judge(Two()).met);
  RunRecord record = Two();
  record.workloads.push_back({.name = "transactions", .actions = 1});
  EXPECT_EQ(
      From(testing::Not(IncludesTransactions(Ge(0.5), Of("transaktions")))).judge(record).observed,
      "there is nothing to judge: no transaction of \"transaktions\" (there is no such "
      "workload; did you mean transactions?) was submitted");
}

TEST(ExpectationFromTest, OnlyWhatSaysSoIsWatched) {
  EXPECT_FALSE(From(ConsensusIsLive()).watch);
  EXPECT_FALSE(From(HasTwoNodes()).watch);
  const RunExpectation always = From(Always(AllNodes(IsReachable())));
  ASSERT_TRUE(always.watch);
  const SnapshotWatch watch = always.watch({});
  Snapshot snapshot = Two().AtEnd();
  EXPECT_EQ(watch(snapshot), "");
  snapshot.nodes[1].reachable = false;
  EXPECT_THAT(watch(snapshot), HasSubstr("validator-1 is a node which does not answer"));
  EXPECT_EQ(always.watch({})(snapshot), "") << "each run begins anew";
}

TEST(ExpectationFromTest, GoesThroughJudge) {
  RunRecord record = Two();
  const auto verdicts = Judge(record, {From(ConsensusIsLive()), From(MempoolDrains())});
  EXPECT_TRUE(verdicts[0].met);
  EXPECT_FALSE(verdicts[1].met);
  const absl::StatusOr<RunRecord> again = RunRecord::FromJson(record.ToJson());
  EXPECT_THAT(again, IsOkAndHolds(record));
}

}  // namespace
}  // namespace gtestnet::matching

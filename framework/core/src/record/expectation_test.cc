// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/expectation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace gtestnet {
namespace {

using testing::HasSubstr;

RunExpectation Returning(bool met, std::string observed) {
  return {.name = "holds",
          .judge =
              [=](const RunRecord&) {
                return Verdict{met, "it to hold", observed};
              },
          .where = {"suite.cc", 7},
          .watch = {}};
}

TEST(JudgeTest, JudgesAllAndNotesThemInOrder) {
  RunRecord record;
  const std::vector<VerdictRecord> verdicts =
      Judge(record, {Returning(false, "one"), Returning(true, "two"), Returning(false, "three")});
  ASSERT_EQ(verdicts.size(), 3u);
  EXPECT_EQ(record.verdicts, verdicts);
  EXPECT_FALSE(verdicts[0].met);
  EXPECT_TRUE(verdicts[1].met);
  EXPECT_EQ(verdicts[2].observed, "three");
  EXPECT_EQ(verdicts[2].required, "it to hold");
  EXPECT_EQ(verdicts[2].where, "suite.cc:7");
  EXPECT_TRUE(verdicts[2].judged);
}

TEST(JudgeTest, AnExceptionIsAFailedVerdict) {
  RunRecord record;
  RunExpectation throws{
      .name = "throws",
      .judge = [](const RunRecord&) -> Verdict { throw std::runtime_error("ouch"); },
      .where = {},
      .watch = {}};
  RunExpectation throws_int = throws;
  throws_int.judge = [](const RunRecord&) -> Verdict { throw 3; };
  const std::vector<VerdictRecord> verdicts =
      Judge(record, {throws, throws_int, RunExpectation{}, Returning(true, "fine")});
  EXPECT_FALSE(verdicts[0].met);
  EXPECT_EQ(verdicts[0].observed, "judging it threw an exception: ouch");
  EXPECT_EQ(verdicts[0].where, "");
  EXPECT_FALSE(verdicts[1].met);
  EXPECT_THAT(verdicts[1].observed, HasSubstr("no std::exception"));
  EXPECT_FALSE(verdicts[2].met);
  EXPECT_THAT(verdicts[2].observed, HasSubstr("no function that judges"));
  EXPECT_TRUE(verdicts[3].met);
}

TEST(JudgeTest, ARunThatEndedEarlyIsNotJudged) {
  RunRecord record;
  record.broken = "member-1 exited\nlast line of its log";
  const std::vector<VerdictRecord> verdicts = Judge(record, {Returning(true, "never asked")});
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_FALSE(verdicts[0].judged);
  EXPECT_FALSE(verdicts[0].met);
  EXPECT_EQ(verdicts[0].observed, "not judged, as the run ended early: member-1 exited");
}

TEST(JudgeTest, ForgetsEarlierVerdicts) {
  RunRecord record;
  Judge(record, {Returning(true, "a"), Returning(true, "b")});
  Judge(record, {Returning(false, "c")});
  EXPECT_EQ(record.verdicts.size(), 1u);
}

StandingExpectation Standing(const std::string& name, Verdict verdict) {
  StandingExpectation one;
  one.name = name;
  one.expectation.name = "what " + name + " says";
  one.expectation.judge = [verdict](const RunRecord&) { return verdict; };
  return one;
}

TEST(JudgeStandingTest, WhatIsAllowedOrHasNothingToJudgeDoesNotFail) {
  const Verdict bad{false, "", "member-1 did it"};
  Verdict nothing{false, "", "there is nothing to judge: no node came back"};
  nothing.nothing = true;
  RunRecord record;
  const std::vector<VerdictRecord> verdicts =
      JudgeStanding(record,
                    {Standing("Met", {true, "", "fine"}), Standing("NotMet", bad),
                     Standing("Allowed", bad), Standing("Nothing", nothing)},
                    {"Allowed"});
  ASSERT_EQ(verdicts.size(), 4u);
  EXPECT_EQ(record.verdicts, verdicts);
  EXPECT_FALSE(Fails(verdicts[0]));
  EXPECT_TRUE(Fails(verdicts[1]));
  EXPECT_EQ(verdicts[1].expectation, "NotMet");
  EXPECT_EQ(verdicts[1].required, "what NotMet says");
  EXPECT_TRUE(verdicts[1].standing);
  EXPECT_FALSE(Fails(verdicts[2]));
  EXPECT_TRUE(verdicts[2].allowed);
  EXPECT_EQ(verdicts[2].observed, "member-1 did it");
  EXPECT_FALSE(Fails(verdicts[3]));
  EXPECT_TRUE(verdicts[3].nothing);
}

TEST(JudgeStandingTest, WhatTheRunExpectsItselfIsJudgedOnce) {
  RunRecord record;
  const StandingExpectation one = Standing("Same", {false, "", "no"});
  Judge(record, {one.expectation});
  JudgeStanding(record, {one, Standing("Other", {true, "", "yes"})}, {});
  ASSERT_EQ(record.verdicts.size(), 2u);
  EXPECT_FALSE(record.verdicts[0].standing);
  EXPECT_TRUE(Fails(record.verdicts[0]));
  EXPECT_EQ(record.verdicts[1].expectation, "Other");
}

TEST(JudgeStandingTest, ARunThatEndedEarlyIsNotJudgedAndFailsByThatAlone) {
  RunRecord record;
  record.broken = "member-1 exited";
  const std::vector<VerdictRecord> verdicts =
      JudgeStanding(record, {Standing("Any", {false, "", "no"})}, {});
  EXPECT_FALSE(verdicts[0].judged);
  EXPECT_FALSE(Fails(verdicts[0]));
}

TEST(JudgeStandingTest, WhatNobodyAskedForMustBeKnownToBeAllowed) {
  const std::vector<StandingExpectation> set = {Standing("KeepsItsData", {}),
                                                Standing("StaysReachable", {})};
  EXPECT_TRUE(CheckAllowed(set, "StaysReachable").ok());
  EXPECT_EQ(CheckAllowed(set, "KeepsData").message(),
            "Allow: \"KeepsData\" is none of the standing set, which is KeepsItsData, "
            "StaysReachable");
  EXPECT_EQ(CheckAllowed({}, "A").message(),
            "Allow: \"A\" is none of the standing set, which is empty here");
}

TEST(JudgeTest, AVerdictPrintsItself) {
  EXPECT_EQ(testing::PrintToString(Verdict{false, "x", "y"}),
            "Verdict{not met, required: x, observed: y}");
}

}  // namespace
}  // namespace gtestnet

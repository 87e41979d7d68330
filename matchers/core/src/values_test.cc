// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "gtestnet/expectation_table.h"
#include "gtestnet/node_matchers.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using testing::Ge;
using testing::Not;
using testing::StartsWith;

NodeSample Follower() {
  return {.reachable = true,
          .status = "follower",
          .numbers = {{"term", 3}, {"load", 0.25}},
          .words = {{"leader", "member-1"}}};
}

TEST(HasValueTest, IsTestedFourWays) {
  EXPECT_THAT(Follower(), HasValue("term", Ge(3)));
  EXPECT_THAT(Follower(), HasValue("load", 0.25));
  EXPECT_EQ(Explain(HasValue("term", Ge(4)), Follower()), "whose term is 3");
  EXPECT_EQ(Explain(HasValue("load", Ge(1)), Follower()), "whose load is 0.25");
  EXPECT_EQ(Describe<NodeSample>(HasValue("term", Ge(4))), "has a term that is >= 4");
  EXPECT_EQ(DescribeNot<NodeSample>(HasValue("term", Ge(4))), "has a term that isn't >= 4");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(Follower(), HasValue("term", Ge(4))), "whose term is 3");
}

TEST(HasValueTest, ANameThatIsNotThereIsAMismatchThatListsThoseThatAre) {
  EXPECT_THAT(Follower(), Not(HasValue("terms", Ge(0))));
  EXPECT_EQ(Explain(HasValue("terms", Ge(0)), Follower()),
            "which has no number \"terms\"; did you mean term?; there are load, term");
  EXPECT_EQ(Explain(HasValue("leader", Ge(0)), Follower()),
            "which has no number \"leader\"; did you mean load?; there are load, term");
  EXPECT_EQ(Explain(HasValue("term", Ge(0)), NodeSample{.reachable = true}),
            "which has no number \"term\"; there are none");
  EXPECT_EQ(Explain(HasValue("term", Ge(0)), NodeSample{}), "which does not answer");
}

TEST(HasWordTest, IsTestedFourWays) {
  EXPECT_THAT(Follower(), HasWord("leader", "member-1"));
  EXPECT_THAT(Follower(), HasWord("leader", StartsWith("member")));
  EXPECT_EQ(Explain(HasWord("leader", "member-2"), Follower()), "whose leader is \"member-1\"");
  EXPECT_EQ(Explain(HasWord("lender", "x"), Follower()),
            "which has no word \"lender\"; did you mean leader?; there is leader");
  EXPECT_EQ(Explain(HasWord("leader", "x"), NodeSample{}), "which does not answer");
  EXPECT_EQ(Describe<NodeSample>(HasWord("leader", "x")), "has a leader that is equal to \"x\"");
  EXPECT_EQ(DescribeNot<NodeSample>(HasWord("leader", "x")),
            "has a leader that isn't equal to \"x\"");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(Follower(), HasWord("leader", "x")),
                          "whose leader is \"member-1\"");
}

TEST(HasStatusTest, IsTestedFourWays) {
  EXPECT_THAT(Follower(), HasStatus("follower"));
  EXPECT_THAT(Follower(), Not(HasStatus("leader")));
  EXPECT_EQ(Explain(HasStatus("leader"), Follower()), "whose status is \"follower\"");
  EXPECT_EQ(Explain(HasStatus("leader"), NodeSample{}), "which does not answer");
  EXPECT_EQ(Describe<NodeSample>(HasStatus("leader")), "has a status that is equal to \"leader\"");
  EXPECT_EQ(DescribeNot<NodeSample>(HasStatus("leader")),
            "has a status that isn't equal to \"leader\"");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(Follower(), HasStatus("leader")), "is \"follower\"");
}

TEST(ValuesTest, AreWrittenInExpectationsToo) {
  ExpectationTable table;
  AddExpectations(table);
  RunRecord record;
  record.nodes = {{.name = "member-0"}};
  record.samples = {Follower()};
  for (const auto& [text, met] :
       {std::pair<const char*, bool>{"AtEnd(AllNodes(HasValue(\"term\", Ge(3))))", true},
        {"AtEnd(AllNodes(HasValue(\"term\", Ge(4))))", false},
        {"AtEnd(AllNodes(HasWord(\"leader\", \"member-1\")))", true},
        {"AtEnd(AnyNode(HasStatus(\"leader\")))", false}}) {
    const auto expectation = table.Parse(text);
    ASSERT_TRUE(expectation.ok()) << expectation.status();
    EXPECT_EQ(expectation->judge(record).met, met) << text;
  }
}

}  // namespace
}  // namespace gtestnet::matching

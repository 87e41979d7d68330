// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/expectation_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "gtestnet/node_matchers.h"
#include "gtestnet/operation_matchers.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using testing::HasSubstr;
using testing::Not;

MATCHER(HasALeader, "has a leader") { return !arg.nodes.empty(); }
MATCHER(Leads, "leads") { return arg.reachable; }

std::string Error(const ExpectationTable& table, std::string_view text) {
  const absl::StatusOr<RunExpectation> parsed = table.Parse(text);
  return parsed.ok()
             ? ""
             : std::string(parsed.status().message().data(), parsed.status().message().size());
}

class ExpectationTableTest : public testing::Test {
 protected:
  ExpectationTableTest() { AddExpectations(table_); }
  ExpectationTable table_;
};

TEST_F(ExpectationTableTest, KnowsOfAnyKindWhatEveryKindHas) {
  const auto parsed = table_.Parse("NoAcknowledgedWriteIsLost(\"put\", \"get\")");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->name, Describe<RunRecord>(NoAcknowledgedWriteIsLost("put", "get")));
  EXPECT_EQ(Error(table_, "AgreesOnChain"), "column 1: AgreesOnChain is no expectation");
  EXPECT_EQ(Error(table_, "AtEnd(AllNodes(HasHeight(1)))"),
            "column 16: HasHeight is no matcher of a node; there are AllOf, AnyOf, Not, HasValue, "
            "HasWord, HasStatus, IsReachable");
}

TEST_F(ExpectationTableTest, TakesFormsOfATeam) {
  table_.Add("HasALeader", "a member leads",
             [](ExpectationArguments&) { return ExpectationFromText(HasALeader()); });
  table_.AddNodeMatcher(
      "Leads", [](ExpectationArguments&) { return testing::Matcher<const NodeSample&>(Leads()); });
  const auto parsed = table_.Parse("HasALeader");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->name, "has a leader");
  EXPECT_EQ(Error(table_, "AtEnd(AnyNode(Not(Leads)))"), "");
  EXPECT_EQ(Error(table_, "HasALeader(1)"), "column 12: HasALeader takes no more arguments");
  EXPECT_EQ(Error(table_, "HasLeader"),
            "column 1: HasLeader is no expectation; did you mean HasALeader?");
  const std::vector<ExpectationForm> forms = table_.Forms();
  EXPECT_TRUE(std::ranges::any_of(forms, [](const ExpectationForm& form) {
    return form.form == "HasALeader" && form.help == "a member leads";
  }));
}

TEST_F(ExpectationTableTest, OfTwoWithOneNameTheLaterOneStands) {
  const size_t forms = table_.Forms().size();
  table_.Add("HasNoUnexpectedExits", "another one",
             [](ExpectationArguments&) { return ExpectationFromText(HasALeader()); });
  EXPECT_EQ(table_.Forms().size(), forms);
  const auto parsed = table_.Parse("HasNoUnexpectedExits");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->name, "has a leader");
}

}  // namespace
}  // namespace gtestnet::matching

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/node_matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "gtestnet/chain/node_matchers.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/metric_matchers.h"
#include "matchers/chain/src/testing/record_builder.h"
#include "matchers/core/src/testing/four_ways.h"

namespace gtestnet::matching {
namespace {

using namespace chain;  // NOLINT: what is tested

using testing::AllOf;
using testing::Each;
using testing::Eq;
using testing::Field;
using testing::Ge;
using testing::Gt;
using testing::HasSubstr;
using testing::Lt;
using testing::Not;

NodeSample AtHeight3() {
  NodeSample node;
  node.reachable = true;
  node.status = "Online";
  SetState(node, {.slot = 4, .height = 3, .finalised_height = 1, .peers = 2, .mempool = 9});
  return node;
}

// ----- of one node -----

TEST(HasHeightTest, IsTestedFourWays) {
  EXPECT_THAT(AtHeight3(), HasHeight(3));
  EXPECT_THAT(AtHeight3(), Not(HasHeight(Ge(5))));
  EXPECT_EQ(Explain(HasHeight(Ge(5)), AtHeight3()), "whose height is 3");
  EXPECT_EQ(Explain(HasHeight(Gt(5)), NodeSample{}), "which does not answer");
  EXPECT_THAT(NodeSample{}, Not(HasHeight(0)));
  EXPECT_EQ(Describe<NodeSample>(HasHeight(Ge(5))), "has a height that is >= 5");
  EXPECT_EQ(DescribeNot<NodeSample>(HasHeight(Ge(5))), "has a height that isn't >= 5");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(AtHeight3(), HasHeight(Ge(5))), "whose height is 3");
}

TEST(NodeNumberTest, ReadsEachNumber) {
  EXPECT_THAT(AtHeight3(), AllOf(HasFinalisedHeight(1), HasSlot(4), HasPeers(2), HasMempool(9)));
  EXPECT_EQ(Explain(HasFinalisedHeight(2), AtHeight3()), "whose finalised height is 1");
  EXPECT_EQ(Explain(HasSlot(2), AtHeight3()), "whose slot is 4");
  EXPECT_EQ(Explain(HasPeers(Ge(3)), AtHeight3()), "whose number of peers is 2");
  EXPECT_EQ(Explain(HasMempool(0), AtHeight3()), "whose number of waiting transactions is 9");
  EXPECT_EQ(Describe<NodeSample>(HasPeers(Ge(3))), "has a number of peers that is >= 3");
  EXPECT_EQ(DescribeNot<NodeSample>(HasMempool(0)),
            "has a number of waiting transactions that isn't equal to 0");
}

TEST(HasModeTest, IsTestedFourWays) {
  EXPECT_THAT(AtHeight3(), HasMode("Online"));
  EXPECT_EQ(Explain(HasMode("Bootstrapping"), AtHeight3()), "whose mode is \"Online\"");
  EXPECT_EQ(Explain(HasMode(""), NodeSample{}), "which does not answer");
  EXPECT_EQ(Describe<NodeSample>(HasMode("Online")), "has a mode that is equal to \"Online\"");
  EXPECT_EQ(DescribeNot<NodeSample>(HasMode("Online")),
            "has a mode that isn't equal to \"Online\"");
}

TEST(IsReachableTest, IsTestedFourWays) {
  EXPECT_THAT(AtHeight3(), IsReachable());
  EXPECT_THAT(NodeSample{}, Not(IsReachable()));
  EXPECT_EQ(Explain(IsReachable(), NodeSample{}), "which does not answer");
  EXPECT_EQ(Describe<NodeSample>(IsReachable()), "is reachable");
  EXPECT_EQ(DescribeNot<NodeSample>(IsReachable()), "isn't reachable");
}

// ----- of all nodes at one instant -----

Snapshot Four() {
  RecordBuilder builder(4);
  builder.Grow(3).Grow(3, {2}).Kill(3).Idle(1);
  return builder.Build().AtEnd();
}

TEST(AllNodesTest, NamesThoseThatDoNot) {
  EXPECT_THAT(Four(), Not(AllNodes(HasHeight(Ge(5)))));
  EXPECT_EQ(
      Explain(AllNodes(HasHeight(Ge(5))), Four()),
      "in which validator-2 is a node whose height is 3, validator-3 is a node which does not "
      "answer");
  EXPECT_EQ(Describe<Snapshot>(AllNodes(HasHeight(Ge(5)))),
            "has only nodes each of which has a height that is >= 5");
  EXPECT_EQ(DescribeNot<Snapshot>(AllNodes(HasHeight(Ge(5)))),
            "has a node that has a height that isn't >= 5");
  EXPECT_EQ(Explain(AllNodes(HasHeight(0)), Snapshot{}),
            "in which there is nothing to judge: it has no nodes");
  EXPECT_THAT(Snapshot{}, Not(AllNodes(HasHeight(0))));
}

TEST(ReachableNodesTest, LeavesOutThoseThatAreDown) {
  EXPECT_THAT(Four(), ReachableNodes(HasHeight(Ge(3))));
  EXPECT_EQ(Explain(ReachableNodes(HasHeight(Ge(5))), Four()),
            "in which validator-2 is a node whose height is 3");
  Snapshot down = Four();
  for (NodeSample& node : down.nodes) node.reachable = false;
  EXPECT_EQ(Explain(ReachableNodes(HasHeight(0)), down),
            "in which there is nothing to judge: none of its nodes answers");
  EXPECT_EQ(Describe<Snapshot>(ReachableNodes(HasPeers(1))),
            "has nodes that answer, each of which has a number of peers that is equal to 1");
  EXPECT_EQ(DescribeNot<Snapshot>(ReachableNodes(HasPeers(1))),
            "has no node that answers, or one that has a number of peers that isn't equal to 1");
}

TEST(AnyNodeTest, NamesTheOneThatDoes) {
  EXPECT_EQ(Explain(AnyNode(HasHeight(3)), Four()),
            "in which validator-2 is a node whose height is 3");
  EXPECT_THAT(Four(), AnyNode(HasHeight(3)));
  EXPECT_THAT(Four(), Not(AnyNode(HasHeight(9))));
  EXPECT_EQ(Describe<Snapshot>(AnyNode(HasHeight(3))),
            "has a node that has a height that is equal to 3");
  EXPECT_EQ(DescribeNot<Snapshot>(AnyNode(HasHeight(3))),
            "has only nodes each of which has a height that isn't equal to 3");
}

TEST(NodeNamedTest, FindsItByName) {
  EXPECT_THAT(Four(), NodeNamed("validator-2", HasHeight(3)));
  EXPECT_EQ(Explain(NodeNamed("validator-1", HasHeight(3)), Four()),
            "in which validator-1 is a node whose height is 6");
  EXPECT_EQ(Explain(NodeNamed("validatr-1", HasHeight(3)), Four()),
            "in which there is nothing to judge: it has no node validatr-1; did you mean "
            "validator-1?");
  EXPECT_EQ(Describe<Snapshot>(NodeNamed("validator-1", HasHeight(3))),
            "has a node validator-1 that has a height that is equal to 3");
  EXPECT_EQ(DescribeNot<Snapshot>(NodeNamed("validator-1", HasHeight(3))),
            "has no node validator-1, or one that has a height that isn't equal to 3");
}

TEST(AllNodesTest, TakesAnyMatcherOfANode) {
  EXPECT_THAT(Explain(AllNodes(Field(&NodeSample::node, 1)), Four()),
              HasSubstr("in which validator-0 is a node whose given field is 0 (of type int)"));
  EXPECT_THAT(Four(), Field(&Snapshot::names, Each(HasSubstr("validator"))));
}

// ----- of a record -----

TEST(AtEndTest, IsOverTheLastSnapshot) {
  RecordBuilder builder(3);
  builder.Grow(5).Grow(2, {1});
  EXPECT_THAT(builder.Build(), AtEnd(AllNodes(HasHeight(Ge(5)))));
  EXPECT_EQ(
      Explain(AtEnd(AllNodes(HasHeight(7))), builder.Build()),
      "in which the snapshot at 1.400 s is one in which validator-1 is a node whose height is "
      "5");
  EXPECT_EQ(Describe<RunRecord>(AtEnd(AnyNode(IsReachable()))),
            "has a last snapshot that has a node that is reachable");
  EXPECT_EQ(DescribeNot<RunRecord>(AtEnd(AnyNode(IsReachable()))),
            "has a last snapshot that has only nodes each of which isn't reachable");
  EXPECT_EQ(Explain(AtEnd(AllNodes(HasHeight(0))), RunRecord{}),
            "in which there is nothing to judge: the record has no samples");
}

TEST(NodesTest, IsOverEachNodeOfTheTopology) {
  RecordBuilder builder(3);
  builder.Grow(5).Kill(1);
  EXPECT_THAT(builder.Build(), Nodes(Field(&NodeRecord::role, "validator")));
  EXPECT_EQ(
      Explain(Nodes(Field(&NodeRecord::up_at_end, true)), builder.Build()),
      "in which validator-1 is NodeRecord{validator-1, role=validator, stake=1000, down at the "
      "end}, whose given field is false (of type bool)");
  EXPECT_EQ(
      Describe<RunRecord>(Nodes(Field("role", &NodeRecord::role, "validator"))),
      "has only nodes each of which is an object whose field `role` is equal to \"validator\"");
  EXPECT_EQ(DescribeNot<RunRecord>(Nodes(Field("role", &NodeRecord::role, "validator"))),
            "has a node that is an object whose field `role` isn't equal to \"validator\"");
  EXPECT_THAT(Explain(Nodes(Field(&NodeRecord::up_at_end, true)), RunRecord{}),
              HasSubstr("nothing to judge: the record has no nodes"));
}

TEST(HasNoUnexpectedExitsTest, NamesEachExit) {
  RecordBuilder builder(3);
  builder.Grow(5).Kill(2).Grow(1);
  EXPECT_THAT(builder.Build(), HasNoUnexpectedExits()) << "a kill was asked for";
  EXPECT_EQ(Explain(HasNoUnexpectedExits(), builder.Build()),
            "in which none of 3 nodes exited unasked");
  builder.Exit(1, "exit status 3\nlast line").Grow(1);
  EXPECT_EQ(Explain(HasNoUnexpectedExits(), builder.Build()),
            "in which validator-1 exited at 1.200 s: exit status 3");
  EXPECT_EQ(Describe<RunRecord>(HasNoUnexpectedExits()),
            "has no node that exited or restarted without being asked to");
  EXPECT_EQ(DescribeNot<RunRecord>(HasNoUnexpectedExits()),
            "has a node that exited or restarted without being asked to");
  EXPECT_THAT(Explain(HasNoUnexpectedExits(), RunRecord{}), HasSubstr("nothing to judge"));
}

// ----- MetricIs -----

RunRecord WithMetrics() {
  RecordBuilder builder(2);
  builder.Metric(0, "height", 1).Metric(1, "height", 1).Grow(2);
  builder.Metric(0, "height", 7).Metric(1, "height", 6.5);
  builder.Metric(0, "requests{method=\"GET\",path=\"/a,b\"}", 3);
  builder.Metric(0, "requests{method=\"POST\",path=\"/\"}", 4);
  builder.Metric(1, "requests{method=\"GET\",path=\"/\"}", 5);
  return builder.Build();
}

TEST(MetricIsTest, JudgesTheLastValueOfEachNode) {
  EXPECT_THAT(WithMetrics(), MetricIs("height", Gt(6)));
  EXPECT_EQ(Explain(MetricIs("height", Gt(6)), WithMetrics()),
            "in which validator-0's height is 7; validator-1's height is 6.5");
  EXPECT_THAT(WithMetrics(), Not(MetricIs("height", Gt(6.5))));
  EXPECT_EQ(Explain(MetricIs("height", Gt(6.5)), WithMetrics()),
            "in which validator-1's height is 6.5 at 0.400 s");
}

TEST(MetricIsTest, SelectsByLabels) {
  EXPECT_THAT(WithMetrics(), MetricIs("requests{method=\"GET\"}", Ge(3)));
  EXPECT_EQ(Explain(MetricIs("requests{method!=\"GET\"}", Ge(9)), WithMetrics()),
            "in which validator-0's requests{method=\"POST\",path=\"/\"} is 4 at 0.400 s; "
            "validator-1 has no sample of requests{method!=\"GET\"}");
  EXPECT_EQ(Explain(MetricIs("requests{path=\"/a,b\", method=\"GET\"}", 3), WithMetrics()),
            "in which validator-1 has no sample of requests{path=\"/a,b\", method=\"GET\"}");
}

TEST(MetricIsTest, SelectsByRegularExpressionsOfTheWholeValue) {
  EXPECT_THAT(WithMetrics(), MetricIs("requests{method=~\"GET|PUT\"}", Ge(3)));
  EXPECT_EQ(
      Explain(MetricIs("requests{method!~\"G.*\",node=\"validator-0\"}", Gt(4)), WithMetrics()),
      "in which validator-0's requests{method=\"POST\",path=\"/\"} is 4 at 0.400 s");
  EXPECT_THAT(Explain(MetricIs("requests{method=~\"GE\"}", Ge(3)), WithMetrics()),
              HasSubstr("only ones with other labels"));
  // A label that is not there is empty.
  EXPECT_THAT(WithMetrics(), MetricIs("height{method=~\"|x\", method!=\"y\"}", Gt(6)));
  EXPECT_THAT(WithMetrics(), MetricIs("{__name__=~\"heig.*\"}", Gt(6)));
  EXPECT_THAT(WithMetrics(), MetricIs("{__name__='height'}", Gt(6)));
}

TEST(MetricIsTest, SelectsNodesByTheLabelsThatPrometheusAdds) {
  EXPECT_EQ(Explain(MetricIs("height{node=\"validator-1\"}", Gt(6)), WithMetrics()),
            "in which validator-1's height is 6.5");
  EXPECT_EQ(Explain(MetricIs("height{index=\"0\",role=~\"val.*\",instance!=\"x\"}", Lt(7)),
                    WithMetrics()),
            "in which validator-0's height is 7 at 0.400 s");
  EXPECT_EQ(Explain(MetricIs("height{node=\"validator-7\"}", Gt(6)), WithMetrics()),
            "in which there is nothing to judge: height{node=\"validator-7\"} selects no node that "
            "is up at the end; there are validator-0, validator-1");
}

TEST(MetricIsTest, SaysWhenThereIsNoSuchMetric) {
  EXPECT_EQ(
      Explain(MetricIs("heigth", Gt(6)), WithMetrics()),
      "in which there is nothing to judge: no sample of heigth was taken; did you mean height?");
  EXPECT_EQ(Explain(MetricIs("height{a=\"b\"}", Gt(6)), WithMetrics()),
            "in which there is nothing to judge: no sample of height{a=\"b\"} was taken, only ones "
            "with other labels");
  EXPECT_EQ(
      Explain(MetricIs("x", Gt(6)), RunRecord{}),
      "in which there is nothing to judge: no sample of x was taken, nor of any other metric");
}

TEST(MetricIsTest, MatchesPatternsInLinearTime) {
  const RunRecord record =
      RecordBuilder(1).Grow(2).Metric(0, "m{e=\"" + std::string(4000, 'a') + "\"}", 1).Build();
  EXPECT_THAT(record, Not(MetricIs("m{e=~\"(a+)+b\"}", Eq(1))));
  EXPECT_THAT(Explain(MetricIs("m{e=~\"(a{1000}){1000}\"}", Eq(1)), record),
              HasSubstr("cannot be read at column 6: expected a regular expression"));
}

TEST(MetricIsTest, APatternIsOfTheWholeValueAndAllOfItsLines) {
  const RunRecord record = RecordBuilder(1).Grow(2).Metric(0, "m{e=\"one\\ntwo\"}", 1).Build();
  for (const char* pattern : {"one.two", "on.*", "(?i)ONE.TWO"}) {
    EXPECT_THAT(Explain(MetricIs(std::string("m{e=~\"") + pattern + "\"}", Eq(2)), record),
                HasSubstr("is 1"))
        << pattern;
  }
  for (const char* pattern : {"one", "two", "n"}) {
    EXPECT_THAT(Explain(MetricIs(std::string("m{e=~\"") + pattern + "\"}", Eq(2)), record),
                HasSubstr("no sample"))
        << pattern;
  }
}

TEST(MetricIsTest, SaysWhereASelectorCannotBeRead) {
  EXPECT_EQ(Explain(MetricIs("height{a=b}", Gt(6)), WithMetrics()),
            "in which the selector height{a=b} cannot be read at column 10: "
            "expected a value in quotes");
  EXPECT_EQ(
      Explain(MetricIs("height{a=~\"[\"}", Gt(6)), WithMetrics()),
      "in which the selector height{a=~\"[\"} cannot be read at column 11: expected a regular "
      "expression");
  for (const char* wrong : {"", "{}", "{,}", "a{", "a{b}", "a{b=}", "a{b=\"c}", "a b",
                            "a{b=\"c\"}x", "a{b!\"c\"}", "a{b~\"c\"}", "a{b==\"c\"}",
                            "a{b=\"c\" d=\"e\"}", "a{b= ~\"c\"}", "a{b=~\"(\"}", "a{b=\"\\"}) {
    EXPECT_THAT(Explain(MetricIs(wrong, Gt(6)), WithMetrics()), HasSubstr("cannot be read"))
        << wrong;
  }
}

TEST(MetricIsTest, DescribesItself) {
  EXPECT_EQ(Describe<RunRecord>(MetricIs("height", Gt(6))),
            "has, on each node that is up, a last height that is > 6");
  EXPECT_EQ(DescribeNot<RunRecord>(MetricIs("height", Gt(6))),
            "has, on a node that is up, a last height that isn't > 6");
}

}  // namespace
}  // namespace gtestnet::matching

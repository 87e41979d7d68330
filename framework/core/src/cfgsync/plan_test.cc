// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/src/cfgsync/plan_nodes.h"
#include "core/src/cfgsync/setup_json.h"
#include "core/src/node/testing/fake_kind.h"

namespace gtestnet::cfgsync {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

Plan SomePlan() {
  Plan plan;
  plan.run_id = "r";
  plan.port = 4401;
  plan.start_delay = 2s;
  plan.hold_start = true;
  plan.start = 1'795'529'236'513;
  plan.metrics = {9100, "/m"};
  const std::string shared(2000, 's');
  for (const char* name : {"a-0", "a-1"}) {
    PlannedNode node{.name = name, .role = "a", .directory = "/d", .start_file = "/d/start"};
    node.late = plan.nodes.size() == 1;
    node.setup = {.program = "/bin/a",
                  .arguments = {"--x", "y z"},
                  .environment = {{"A", "\"b\"\n"}},
                  .files = {{"own", name}, {"bytes", "\xff\0\1"s}, {"all", shared}}};
    plan.nodes.push_back(node);
  }
  return plan;
}

TEST(PlanTest, SurvivesItsFile) {
  const Plan plan = SomePlan();
  const std::string text = WritePlan(plan);
  const absl::StatusOr<Plan> read = ReadPlan(text);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(WritePlan(*read), text);
  EXPECT_EQ(read->run_id, "r");
  EXPECT_EQ(read->port, 4401);
  EXPECT_EQ(read->start_delay, 2000ms);
  EXPECT_TRUE(read->hold_start);
  EXPECT_EQ(read->start, plan.start);
  EXPECT_EQ(read->metrics, plan.metrics);
  EXPECT_THAT(read->names(), ElementsAre("a-0", "a-1"));
  EXPECT_TRUE(read->Find("a-1")->late);
  const NodeSetup& setup = read->nodes[0].setup;
  EXPECT_EQ(setup.environment.at("A"), "\"b\"\n");
  EXPECT_EQ(setup.files[1].content, "\xff\0\1"s);
  EXPECT_EQ(setup.files[2].content, std::string(2000, 's'));
}

TEST(PlanTest, HasOnceWhatSeveralNodesShare) {
  const std::string text = WritePlan(SomePlan());
  EXPECT_LT(text.size(), 4000u);
  EXPECT_EQ(text.find("ssss"), text.rfind(std::string(2000, 's')));
}

TEST(PlanTest, EachErrorSaysWhereAndWhat) {
  const std::pair<std::string, const char*> bad[] = {
      {"", "1:1: "},
      {"[]", "1:1: \"the plan\" must be an object"},
      {R"({"run": "r"})", "1:1: \"nodes\" is missing in the plan"},
      {R"({"run": "r", "port": 70000, "nodes": []})", "1:22: \"port\" is 70000"},
      {R"({"run": "r", "nodes": [{"name": "a"}]})", "\"role\" is missing in nodes"},
      {R"({"run": "r", "shared": {"00": {"content": "x"}}, "nodes": []})",
       "\"00\" is not the hash of what is there"},
  };
  for (const auto& [text, sentence] : bad) {
    EXPECT_THAT(Message(ReadPlan(text).status()), HasSubstr(sentence)) << text;
  }
  Plan twice = SomePlan();
  twice.nodes[1].name = "a-0";
  EXPECT_THAT(Message(ReadPlan(WritePlan(twice)).status()),
              HasSubstr("there are two nodes \"a-0\""));
  std::string lacking = WritePlan(SomePlan());
  lacking.replace(lacking.find("\"hash\":\"") + 8, 1, "!");
  EXPECT_THAT(Message(ReadPlan(lacking).status()), HasSubstr("is no hash"));
  EXPECT_THAT(Message(ReadPlanFile("/nowhere/plan.json").status()),
              StartsWith("/nowhere/plan.json: No such file"));
}

TEST(PlanTest, TokensAreFoundAndFilledWhole) {
  NodeSetup setup;
  setup.arguments = {HostToken("a-1") + ":1," + HostToken("a-11") + ":2", "a-1 node.gtestnet",
                     ".node.gtestnet"};
  EXPECT_THAT(TokensIn(setup, {"a-0", "a-1", "a-11", "b-a-1"}), ElementsAre("a-1", "a-11"));
  const NodeSetup filled = WithHosts(setup, {{"a-1", "10.0.0.1"}, {"a-11", "fd00::1"}});
  EXPECT_EQ(filled.arguments[0], "10.0.0.1:1,[fd00::1]:2");
  EXPECT_EQ(filled.arguments[1], "a-1 node.gtestnet");
  EXPECT_EQ(filled.arguments[2], ".node.gtestnet");
}

// The placement's own addresses, directories and start files are each node's.
TEST(PlanNodesTest, EachNodeIsSetUpByItsKindInItsPlace) {
  ClusterSpec cluster{.topology = FakeTopology::Star().Members(2).Late(1).Argument(1, "--more")};
  Placement placement;
  placement.added_roles = {"member"};
  for (const char* host : {"h0", "h1", "h2"}) placement.addresses.push_back({.host = host});
  Plan plan;
  const absl::Status planned = PlanNodes(
      cluster, placement,
      [](std::string_view role, const std::string& name) -> absl::StatusOr<NodePlace> {
        EXPECT_EQ(role, "member");
        return NodePlace{.program = "/bin/fake",
                         .directory = "/data/" + name,
                         .environment = {{"FAKE", "no"}, {"MORE", "1"}}};
      },
      &plan);
  ASSERT_TRUE(planned.ok()) << planned;
  EXPECT_THAT(plan.names(), ElementsAre("member-0", "member-1", "member-2"));
  EXPECT_FALSE(plan.nodes[0].late);
  EXPECT_TRUE(plan.nodes[1].late);
  EXPECT_TRUE(plan.nodes[2].late);
  const PlannedNode& one = plan.nodes[1];
  EXPECT_EQ(one.directory, "/data/member-1");
  EXPECT_EQ(one.start_file, "/data/member-1/start");
  EXPECT_EQ(one.setup.program, "/bin/fake");
  EXPECT_THAT(one.setup.arguments, ElementsAre("--listen=h1:18080", "--peers=1",
                                               "--start-file=/data/member-1/start", "--more"));
  EXPECT_THAT(one.setup.environment,
              ElementsAre(testing::Pair("FAKE", "yes"), testing::Pair("MORE", "1")));
}

}  // namespace
}  // namespace gtestnet::cfgsync

// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/cfgsync/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/cfgsync/plan.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/random.h"
#include "nomos/src/cfgsync/yaml_tree.h"
#include "nomos/src/scenario/topology_writer.h"

namespace gtestnet::nomos {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// A file with that topology, and more lines.
std::string FileOf(const TopologySpec& topology, const std::string& more = {}) {
  const absl::StatusOr<std::string> text = WriteTopology(topology);
  EXPECT_TRUE(text.ok()) << text.status();
  return absl::StrCat(
      "run: r1\nseed: 77\ntest: \"a \\\"test\\\": x\"\ntopology: ", text.value_or(""), "\n", more);
}

// Everything that any node is given.
std::string AllOfPlan(const Spec& spec) {
  const absl::StatusOr<cfgsync::Plan> plan = PlanOf(spec);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? cfgsync::WritePlan(*plan) : "";
}

// What is read says the same of every node as the topology itself.
Spec Read(const TopologySpec& topology, const std::string& more = {}) {
  const std::string text = FileOf(topology, more);
  const absl::StatusOr<Spec> read = ReadSpec(text);
  EXPECT_TRUE(read.ok()) << read.status() << "\n" << text;
  if (!read.ok()) return {};
  Spec own = *read;
  own.cluster.topology = topology;
  EXPECT_EQ(AllOfPlan(*read), AllOfPlan(own)) << text;
  EXPECT_EQ(read->cluster.topology.late, topology.late);
  EXPECT_EQ(read->cluster.topology.layout, topology.layout);
  return *read;
}

TEST(CfgsyncSpecTest, ATopologyWithNothingSaid) {
  const Spec read = Read(Topology::Star().Validators(3).Executors(1));
  EXPECT_EQ(read.cluster.seed, 77u);
  EXPECT_EQ(read.cluster.run_id, "r1");
  EXPECT_EQ(read.cluster.test, "a \"test\": x");
  EXPECT_EQ(read.port, 4400);
  EXPECT_EQ(read.listen, "0.0.0.0");
}

TEST(CfgsyncSpecTest, EveryThingThatATopologySays) {
  const std::vector<Edge> edges = {{1, 0}, {2, 1}, {3, 2}, {0, 3}};
  const Spec read =
      Read(Topology::Custom(edges)
               .Validators(3)
               .Executors(1)
               .Wallets(12)
               .NotesPerWallet(7)
               .Slot(1500ms)
               .ActiveSlotCoefficient("0.75")
               .SecurityParameter(5)
               .MinPeers(0)
               .Stake(0, 2500)
               .Stake(3, 0)
               .DataAvailability({.replication = 3, .samples = 5, .check_slots = 40})
               .Late(2)
               .Misbehave(1, "stall@10")
               .Argument(1, "--check-config")
               .Named("all_of_it")
               .Seed(UINT64_MAX),
           "added: [{role: validator, dials: [validator-0, validator-2]}, {role: executor, dials: "
           "[validator-3]}, {role: validator}]\n"
           "hosts: {validator-0: 10.0.0.7, validator-3: 'fd00::1'}\nlisten: ''\n"
           "directory: '/data/{name}'\nport: 4401\nstart_delay: 2s\nhold_start: true\n"
           "start: 1795529236513\n");
  EXPECT_EQ(read.cluster.topology.seed, UINT64_MAX);
  EXPECT_EQ(read.cluster.topology.Name(), "all_of_it");
  const absl::StatusOr<cfgsync::Plan> plan = PlanOf(read);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->start, 1'795'529'236'513);
  EXPECT_EQ(plan->port, 4401);
  EXPECT_EQ(plan->start_delay, 2000ms);
  EXPECT_TRUE(plan->hold_start);
  EXPECT_THAT(plan->names(), ElementsAre("validator-0", "validator-1", "validator-2", "executor-0",
                                         "validator-3", "executor-1", "validator-4"));
  EXPECT_EQ(plan->nodes[1].directory, "/data/validator-1");
  EXPECT_EQ(plan->nodes[1].setup.program, "nomos-node");
  EXPECT_EQ(plan->nodes[3].setup.program, "nomos-executor");
  const std::string config = plan->nodes[5].setup.files[0].content;
  EXPECT_THAT(config, HasSubstr("\"[fd00::1]:3000\""));
  EXPECT_THAT(plan->nodes[4].setup.files[0].content,
              testing::AllOf(HasSubstr("\"10.0.0.7:3000\""),
                             HasSubstr("\"validator-2.node.gtestnet:3000\"")));
}

TEST(CfgsyncSpecTest, EachLayout) {
  for (const Topology& topology : {Topology::Star(), Topology::Chain(), Topology::Ring(),
                                   Topology::FullMesh(), Topology::Custom({{0, 1}, {0, 2}})}) {
    Read(Topology(topology).Validators(3));
  }
}

TEST(CfgsyncSpecTest, TopologiesOfEverySort) {
  Random random(20261124);
  const auto below = [&](int bound) {
    return static_cast<int>(random.Below(static_cast<uint64_t>(bound)));
  };
  int valid = 0;
  for (int i = 0; i < 40; ++i) {
    const Layout layouts[] = {Layout::Star(), Layout::Chain(), Layout::FullMesh()};
    Topology topology(layouts[below(3)]);
    const int validators = 1 + below(5);
    topology.Validators(validators).Executors(below(3)).Wallets(below(4));
    if (below(2)) topology.NotesPerWallet(1 + below(30));
    if (below(2)) topology.Slot(std::chrono::milliseconds(100 + below(3000)));
    if (below(2)) topology.ActiveSlotCoefficient(absl::StrCat("0.", 1 + below(99)));
    if (below(2)) topology.SecurityParameter(1 + below(40));
    if (below(2)) topology.MinPeers(below(2));
    if (below(2)) topology.Stake(below(validators), 1 + random.Below(1'000'000));
    if (below(3) == 0) topology.DataAvailability({.samples = 1 + below(128)});
    if (below(3) == 0) topology.Late(validators - 1);
    if (below(3) == 0) topology.Misbehave(below(validators), "stall@3,slow-api=5");
    if (below(4) == 0) topology.Seed(random.Next());
    if (!topology.spec().Validate().ok()) continue;
    ++valid;
    std::string added = "added: [";
    for (int more = below(3); more > 0; --more) added += "{role: validator, dials: validator-0},";
    Read(topology, added + "]\n");
    if (HasFailure()) return;
  }
  EXPECT_GT(valid, 15);
}

TEST(CfgsyncSpecTest, ABareYamlFileWillDo) {
  const absl::StatusOr<Spec> spec = ReadSpec(
      "# a comment\nrun: r\nseed: 0\ntopology:\n  validators: 2\n  active_slot_coefficient: 0.5\n"
      "added:\n  - role: validator\n    dials: [validator-0]\n");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(NomosParametersOf(spec->cluster.topology).active_slot_coefficient, "0.5");
  EXPECT_THAT(PlanOf(*spec)->names(), ElementsAre("validator-0", "validator-1", "validator-2"));
}

// cfgsync is given either.
TEST(CfgsyncSpecTest, AFileHoldsASpecOrAPlan) {
  const std::string path = testing::TempDir() + "spec_test.file";
  const auto names_in = [&](const std::string& text) {
    std::ofstream(path) << text;
    const absl::StatusOr<cfgsync::Plan> plan = ReadSpecOrPlanFile(path);
    return plan.ok() ? absl::StrJoin(plan->names(), " ") : Message(plan.status());
  };
  EXPECT_EQ(names_in(R"({"run": "r", "seed": 1, "topology": {"validators": 1}})"), "validator-0");
  cfgsync::Plan plan;
  plan.nodes.emplace_back().name = "member-0";
  EXPECT_EQ(names_in(cfgsync::WritePlan(plan)), "member-0");
  EXPECT_EQ(names_in(R"({"nodes": []})"), path + ":1:1: \"run\" is missing in the plan");
  EXPECT_EQ(names_in("seed: 1"), path + ":1:1: \"run\" is missing in cfgsync.yaml");
  std::filesystem::remove(path);
}

struct Bad {
  const char* text;
  const char* sentence;
};

TEST(CfgsyncSpecTest, EachErrorSaysWhereAndWhat) {
  const Bad bad[] = {
      {"", "1:1: \"cfgsync.yaml\" must be an object, not null"},
      {"run: r\nseed: 1\n", "1:1: \"topology\" is missing in cfgsync.yaml"},
      {"run: r\nseed: -1\ntopology: {validators: 1}\n",
       "2:7: \"seed\" must be a whole number that is not negative, not the number -1"},
      {"run: ''\nseed: 1\ntopology: {validators: 1}\n", "1:6: \"run\" must not be empty"},
      {"run: r\nseed: 1\ntopology: {validator: 1}\n", "3:12: unknown field \"validator\""},
      {"run: r\nseed: 1\nseed: 2\n", "3:1: \"seed\" is there twice"},
      {"run: r\nseed: 1\ntopology: {validators: 0}\n", "3:11: "},
      {"run: r\nseed: 1\ntopology: {validators: 1}\nports: 1\n", "4:1: unknown field \"ports\""},
      {"run: r\nseed: 1\ntopology: {validators: 1}\nport: 70000\n", "4:7: \"port\" is 70000"},
      {"run: r\nseed: 1\ntopology: {validators: 1}\nstart_delay: 3 blocks\n",
       "4:14: \"start_delay\" must be a real time"},
      {"run: r\nseed: 1\ntopology: {validators: 1}\nstart: soon\n", "4:8: \"start\" must be"},
      {"run: r\nseed: 1\ntopology: {validators: 1}\ndirectory: here\n",
       "4:12: \"directory\" must be an absolute path"},
      {"run: r\nseed: 1\ntopology: {validators: 1}\nadded: [{role: miner}]\n",
       "4:16: there is no role \"miner\""},
      {"run: r\nseed: 1\ntopology: {validators: 1}\nadded: [{role: validator, dials: [x]}]\n",
       "4:35: there is no node \"x\"; there are validator-0"},
      {"run: r\nseed: 1\ntopology: {validators: 1}\nhosts: {validator-7: a}\n",
       "4:9: there is no node \"validator-7\""},
      {"run: [\n", "not YAML: "},
  };
  for (const Bad& one : bad) {
    const absl::StatusOr<Spec> spec = ReadSpec(one.text);
    EXPECT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument) << one.text;
    EXPECT_THAT(Message(spec.status()), HasSubstr(one.sentence)) << one.text;
  }
  EXPECT_THAT(Message(ReadSpecOrPlanFile("/nowhere/cfgsync.yaml").status()),
              StartsWith("/nowhere/cfgsync.yaml: No such file"));
}

TEST(YamlTreeTest, TellsTextsFromNumbersAndTruthValues) {
  const absl::StatusOr<JsonTree> tree =
      ParseYamlTree("{a: 1, b: '1', c: true, d: \"true\", e: ~, f: 1.5e3, g: 200ms, h: -, i: 0x1}");
  ASSERT_TRUE(tree.ok()) << tree.status();
  std::string words;
  for (const JsonTree::Member& member : tree->members) words += Describe(member.value) + "; ";
  EXPECT_EQ(words,
            "the number 1; the text \"1\"; true; the text \"true\"; null; the number 1.5e3; the "
            "text \"200ms\"; the text \"-\"; the text \"0x1\"; ");
  EXPECT_EQ(ToString(tree->members[1].value.position), "1:11: ");
}

TEST(YamlTreeTest, IsBounded) {
  for (const size_t bytes : {kMostYamlBytes - 1, kMostYamlBytes}) {
    EXPECT_TRUE(ParseYamlTree(std::string(bytes, 'x')).ok());
  }
  EXPECT_THAT(Message(ParseYamlTree(std::string(kMostYamlBytes + 1, 'x')).status()),
              HasSubstr("at most 262144 are read"));
  EXPECT_THAT(Message(ParseYamlTree(std::string(40, '[') + std::string(40, ']')).status()),
              EndsWith("nested too deeply"));
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'h'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) bomb += "*" + before + ", ";
    bomb += "]\n";
  }
  EXPECT_THAT(Message(ParseYamlTree(bomb).status()), EndsWith("there are too many values"));
  EXPECT_THAT(Message(ParseYamlTree("[a]: b").status()), HasSubstr("a name must be a text"));
}

TEST(YamlTreeTest, BoundsWhatAliasesStandFor) {
  const auto with_aliases = [](size_t times) {
    // A thousand bytes, and as many again for each alias; the names take three.
    std::string text = "a: &x " + std::string(1000, 'y') + "\nbc: [";
    for (size_t i = 0; i < times; ++i) text += "*x, ";
    return ParseYamlTree(text + "]\n").status();
  };
  constexpr size_t kMost = (2 * kMostYamlBytes - 3) / 1000;  // of all texts
  EXPECT_TRUE(with_aliases(kMost - 2).ok());
  EXPECT_TRUE(with_aliases(kMost - 1).ok()) << with_aliases(kMost - 1);
  EXPECT_THAT(Message(with_aliases(kMost)),
              HasSubstr("with what its aliases stand for there are more than 524288 bytes"));
}

TEST(YamlTreeTest, RefusesANulAndANameThatIsThereTwice) {
  EXPECT_EQ(Message(ParseYamlTree("a: \"b\\0c\"").status()), "1:4: \"b…\" has a NUL character");
  EXPECT_EQ(Message(ParseYamlTree("{a: 1, a: 2}").status()), "1:8: \"a\" is there twice");
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "n" + std::to_string(i) + ": 1\n";
  EXPECT_TRUE(ParseYamlTree(many).ok());
}

TEST(CfgsyncSpecTest, HasAsManyNodesAsATopology) {
  const auto with_added = [](int added) {
    std::string text = "run: r\nseed: 1\ntopology: {validators: 990, executors: 1}\nadded:\n";
    for (int i = 0; i < added; ++i) text += "  - {role: validator, dials: [validator-0]}\n";
    return ReadSpec(text);
  };
  ASSERT_TRUE(with_added(8).ok());
  const absl::StatusOr<Spec> most = with_added(9);
  ASSERT_TRUE(most.ok()) << most.status();
  EXPECT_EQ(most->added.size(), 9u);
  EXPECT_THAT(Message(with_added(10).status()),
              EndsWith("with added ones there are more than 1000 nodes"));
}

}  // namespace
}  // namespace gtestnet::nomos

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>
#include <string>

#include "gtestnet/known_kinds.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/nomos/scenario_builder.h"
#include "gtestnet/nomos/scenario_file.h"

namespace gtestnet::nomos {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;

absl::StatusOr<RunExpectation> FakeParser(std::string_view text) {
  if (text == "Nonsense") return absl::InvalidArgumentError("column 1: there is no Nonsense");
  RunExpectation expectation;
  expectation.name = std::string(text);
  expectation.judge = [](const RunRecord&) { return Verdict{true, "", ""}; };
  return expectation;
}

// One that says nothing of what it expects does so behind all else.
absl::StatusOr<Scenario> Parse(const std::string& json) {
  absl::StatusOr<Scenario> scenario = ParseScenario(json, FakeParser);
  if (scenario.status().message().find("it expects nothing") == std::string::npos) return scenario;
  std::string expecting = json;
  return ParseScenario(expecting.insert(json.rfind('}'), R"(, "expect": ["ConsensusIsLive"])"),
                       FakeParser);
}

std::string ErrorOf(const std::string& json) { return std::string(Parse(json).status().message()); }

// A scenario with `topology` in the middle of its second line.
std::string ErrorOfTopology(const std::string& topology) {
  return ErrorOf("{\n\"topology\": " + topology + ", \"duration\": \"9s\"}");
}

std::string ErrorBeside(const std::string& more) {
  return ErrorOf("{\"topology\": {\"validators\": 2, \"wallets\": 9}, \"duration\": \"9s\",\n" +
                 more + "}");
}

TEST(ParseScenarioTest, ReadsTheExampleOfTheDocumentation) {
  std::ifstream file(GTESTNET_SCENARIO_DOC);
  std::stringstream text;
  text << file.rdbuf();
  const std::string fence = "```json\n";
  const size_t begin = text.str().find(fence);
  ASSERT_NE(begin, std::string::npos);
  const size_t end = text.str().find("```", begin + fence.size());
  absl::StatusOr<Scenario> scenario =
      Parse(text.str().substr(begin + fence.size(), end - begin - fence.size()));
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(scenario->name, "stays_live_while_validators_restart");
  EXPECT_EQ(scenario->topology.Name(), "star_3v1e");
  EXPECT_EQ(NomosParametersOf(scenario->topology).wallets, 50);
  EXPECT_EQ(scenario->duration, Timespan(Blocks(40)));
  EXPECT_THAT(scenario->workloads, SizeIs(2));
  EXPECT_THAT(scenario->expectations, SizeIs(3));
  EXPECT_EQ(scenario->expectations[2].name, "IncludesTransactions(Ge(0.9))");
  EXPECT_EQ(scenario->required, Capabilities(Capability::kNodeControl));
}

// A kind of somebody's own.
class OwnKind final : public NodeKind {
 public:
  std::string_view name() const override { return "own"; }
  std::vector<PortSpec> Ports() const override { return {}; }
  absl::StatusOr<std::string> Program(std::string_view) const override { return "/bin/true"; }
  absl::StatusOr<NodeSetup> Setup(const ClusterSpec&, const Placement&, NodeIndex) const override {
    return NodeSetup{};
  }
  absl::StatusOr<NodeSample> Probe(const NodeInfo&, std::chrono::milliseconds) const override {
    return absl::UnavailableError("there is none");
  }
};

TEST(ParseScenarioTest, ReadsAScenarioOfAnyKindThatIsKnown) {
  static const OwnKind kind;
  const std::string text = R"({"topology": {"kind": "own", "layout": "mesh",
    "roles": {"member": 3, "scout": 1}, "late": ["scout-0"], "arguments": {"member-1": "--a"},
    "name": "mine", "seed": 5}, "kills": {"targets": ["member-2"]}, "duration": "3s"})";
  EXPECT_THAT(std::string(Parse(text).status().message()),
              HasSubstr("1:23: there is no kind of node \"own\"; there are nomos"));
  ASSERT_TRUE(RegisterKind(kind).ok());
  EXPECT_TRUE(RegisterKind(kind).ok());
  const absl::StatusOr<Scenario> scenario = Parse(text);
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  const TopologySpec& topology = scenario->topology;
  EXPECT_EQ(topology.kind, &kind);
  EXPECT_EQ(topology.layout, Layout::FullMesh());
  EXPECT_EQ(topology.roles, (std::vector<Role>{{"member", 3}, {"scout", 1}}));
  EXPECT_TRUE(topology.IsLate(3));
  EXPECT_EQ(topology.seed, 5u);
  EXPECT_EQ(topology.Name(), "mine");
  EXPECT_THAT(scenario->workloads, SizeIs(1));
  // What is the default kind's, it has not.
  const auto refusal = [](const std::string& json) {
    return std::string(Parse(json).status().message());
  };
  EXPECT_THAT(refusal(R"({"topology": {"kind": "own", "validators": 1}, "duration": "1s"})"),
              HasSubstr("unknown field \"validators\""));
  EXPECT_THAT(refusal(R"({"topology": {"kind": "own"}, "duration": "1s"})"),
              HasSubstr("\"roles\" is missing in topology"));
  EXPECT_THAT(refusal(R"({"topology": {"kind": "own", "roles": {"member": 0}}, "duration": "1s"})"),
              HasSubstr("it has no nodes"));
  EXPECT_THAT(refusal(R"({"topology": {"kind": "own", "roles": {"member": 1}}, "transactions": {},
                          "duration": "1s"})"),
              HasSubstr("unknown field \"transactions\""));
  // And nobody takes its name.
  static const OwnKind other;
  EXPECT_EQ(RegisterKind(other).message(),
            "there are two kinds of node with the name \"own\": name one of them otherwise");
  EXPECT_TRUE(Parse(R"({"topology": {"kind": "nomos", "validators": 1}, "duration": "1s"})").ok());
}

TEST(ParseScenarioTest, ReadsEveryFieldOfATopology) {
  absl::StatusOr<Scenario> scenario = Parse(R"({"duration": "1m", "topology": {
    "late": ["validator-2"], "stake": {"validator-0": 2000}, "misbehave": {"executor-0": "censor"},
    "arguments": {"validator-1": ["--a", "--b"]},
    "layout": {"edges": [[1, 0], [2, 1], [3, 0]]}, "validators": 3, "executors": 1, "wallets": 5,
    "notes_per_wallet": 7, "slot": "300ms", "active_slot_coefficient": 0.50,
    "security_parameter": 6, "min_peers": 1, "name": "mine", "seed": 18446744073709551615}})");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  const TopologySpec& topology = scenario->topology;
  const NomosParameters& parameters = NomosParametersOf(topology);
  EXPECT_EQ(topology.layout, Layout::Custom({{1, 0}, {2, 1}, {3, 0}}));
  EXPECT_THAT(topology.late, ElementsAre(2));
  EXPECT_THAT(topology.extra_arguments, ElementsAre(std::pair(3, "--misbehave=censor"),
                                                    std::pair(1, "--a"), std::pair(1, "--b")));
  EXPECT_EQ(topology.seed, UINT64_MAX);
  EXPECT_EQ(topology.Name(), "mine");
  EXPECT_EQ(parameters.stake.at(0), 2000u);
  EXPECT_EQ(parameters.notes_per_wallet, 7);
  EXPECT_EQ(parameters.slot, std::chrono::milliseconds(300));
  EXPECT_EQ(parameters.active_slot_coefficient, "0.50");
  EXPECT_EQ(parameters.security_parameter, 6);
}

TEST(ParseScenarioTest, ReadsSeveralWorkloadsOfOneSort) {
  absl::StatusOr<Scenario> scenario =
      Parse(R"({"topology": {"validators": 3, "wallets": 9}, "duration": "3 epochs",
                "transactions": [{"name": "a", "rate_per_second": 2, "spread": "one_node",
                                  "node": "validator-1"},
                                 {"name": "b", "rate_per_block": 0.5}],
                "invalid_transactions": {"flaws": ["bad signature", "too large"], "users": 2},
                "restarts": {"targets": ["validator-0"], "kill": true, "target_cooldown": "3s"}})");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  ASSERT_THAT(scenario->workloads, SizeIs(4));
  EXPECT_EQ(scenario->workloads[1].name, "b");
}

TEST(ParseScenarioTest, ReadsDataAvailability) {
  absl::StatusOr<Scenario> scenario =
      Parse(R"({"duration": "1m", "topology": {"validators": 4, "executors": 1,
                "data_availability": {"replication": 1, "samples": 5, "check_slots": 7,
                                      "retention_slots": 70}},
                "data_availability": {"channel_rate": 0.5, "blob_rate": 2, "headroom": 50,
                                      "payload": {"min": 62, "max": 620}, "cores": 2,
                                      "taken": 0.8,
                                      "name": "blobs"}})");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  const auto& da = NomosParametersOf(scenario->topology).data_availability;
  ASSERT_TRUE(da.has_value());
  EXPECT_EQ(da->replication, 1);
  EXPECT_EQ(da->samples, 5);
  EXPECT_EQ(da->check_slots, 7);
  EXPECT_EQ(da->retention_slots, 70);
  ASSERT_THAT(scenario->workloads, SizeIs(1));
  EXPECT_EQ(scenario->workloads[0].name, "blobs");
}

TEST(ParseScenarioTest, SaysWhereBlobsCannotBeHeld) {
  const auto error = [](const std::string& topology, const std::string& blobs) {
    return ErrorOf("{\"duration\": \"9s\", \"topology\": " + topology +
                   ",\n\"data_availability\": " + blobs + "}");
  };
  const std::string sound = R"({"validators": 2, "executors": 1})";
  EXPECT_THAT(error(sound, R"({"blob_rate": -1})"),
              HasSubstr("2:22: data availability \"data_availability\": blob_rate is -1"));
  EXPECT_THAT(error(sound, R"({"payload": {"max": 9999999}})"),
              HasSubstr("2:22: data availability \"data_availability\": payload.max is 9999999 "
                        "bytes; a blob has at most 126976"));
  EXPECT_THAT(error(sound, R"({"taken": 2})"),
              HasSubstr("2:22: data availability \"data_availability\": taken is 2; it must be"));
  EXPECT_THAT(error(R"({"validators": 2})", "{}"), HasSubstr("the topology has no executors"));
  EXPECT_THAT(error(R"({"validators": 2, "executors": 1, "slot": "200ms"})", "{}"),
              HasSubstr("with data availability it must be at least 1000 ms"));
}

TEST(ParseScenarioTest, ReadsEveryFieldOfAFault) {
  absl::StatusOr<Scenario> scenario = Parse(R"({"duration": "1m",
    "topology": {"layout": "mesh", "validators": 4, "executors": 3},
    "restarts": {"min_delay": "1 blocks", "max_delay": "2 blocks", "target_cooldown": "0s",
                 "roles": ["validator", "executor"], "at_once": 3, "kill": true, "name": "r"},
    "kills": [{"min_down": "1s", "max_down": "2s", "targets": ["validator-1"]},
              {"at_once": 7, "beyond_tolerance": true, "name": "all"}],
    "pauses": {"min_pause": "1 slots", "max_pause": "1 epochs", "roles": "executor"},
    "churn": {"min_delay": "1s", "max_delay": "1s", "min_stay": "1s", "max_stay": "2s",
              "role": "executor", "name": "c"}})");
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  std::vector<std::string> names;
  for (const WorkloadSpec& workload : scenario->workloads) {
    names.push_back(workload.name);
    EXPECT_EQ(workload.required, Capability::kNodeControl);
  }
  EXPECT_THAT(names, ElementsAre("r", "kills", "all", "pauses", "c"));
  EXPECT_EQ(scenario->required, Capability::kNodeControl);
}

TEST(ParseScenarioTest, SaysWhereAFaultIsWrong) {
  EXPECT_THAT(ErrorBeside("\"kills\": {\"min_down\": \"3s\", \"max_down\": \"2s\"}"),
              HasSubstr("2:10: kills \"kills\": min_down (3 s) is above max_down (2 s)"));
  EXPECT_THAT(ErrorBeside("\"pauses\": {\"max_delay\": \"0s\", \"min_delay\": \"0s\"}"),
              HasSubstr("2:11: pauses \"pauses\": max_delay (0 s) must be above zero"));
  EXPECT_THAT(ErrorBeside("\"restarts\": {\"min_delay\": \"-4 blocks\"}"),
              HasSubstr("2:27: \"min_delay\" must be a time such as"));
  EXPECT_THAT(ErrorBeside("\"kills\": {\"roles\": [\"king\"]}"),
              HasSubstr("2:10: kills \"kills\": roles: there is no node of role \"king\""));
  EXPECT_THAT(ErrorBeside("\"kills\": {\"at_once\": 2}"),
              HasSubstr("2:10: kills \"kills\": at_once (2) is more than the topology tolerates"));
  EXPECT_THAT(ErrorBeside("\"churn\": {\"role\": \"king\"}"),
              HasSubstr("2:10: churn \"churn\": role: there is no role \"king\""));
  EXPECT_THAT(ErrorBeside("\"churn\": {\"at_once\": 2}"),
              HasSubstr("2:11: unknown field \"at_once\"; churn has min_delay"));
}

TEST(ParseScenarioTest, SaysWhereAnUnknownFieldIs) {
  EXPECT_THAT(ErrorOfTopology("{\"validators\": 2,\n  \"wallet\": 3}"),
              HasSubstr("3:3: unknown field \"wallet\"; topology has kind, layout, validators"));
  EXPECT_THAT(ErrorBeside("\"durations\": 3"),
              HasSubstr("2:1: unknown field \"durations\"; the scenario has topology, name"));
  EXPECT_THAT(ErrorBeside("\"transactions\": {\"rate\": 3}"),
              HasSubstr("2:18: unknown field \"rate\"; transactions has rate_per_block, rate_per"));
}

TEST(ParseScenarioTest, SaysWhereAValueIsOfTheWrongType) {
  EXPECT_EQ(ErrorOfTopology("{\"validators\": \"three\"}"),
            "2:28: \"validators\" must be a whole number, not the text \"three\"");
  EXPECT_EQ(ErrorOfTopology("{\"validators\": 1.5}"),
            "2:28: \"validators\" must be a whole number, not the number 1.5");
  EXPECT_EQ(ErrorOfTopology("[]"), "2:13: \"topology\" must be an object, not an array");
  EXPECT_THAT(ErrorOfTopology("{\"layout\": \"tree\"}"),
              HasSubstr("2:24: \"layout\" must be \"star\""));
  EXPECT_THAT(ErrorOfTopology("{\"layout\": {\"edges\": [[1]]}}"),
              HasSubstr("2:35: an edge must be"));
  EXPECT_THAT(ErrorBeside("\"restarts\": {\"kill\": 1}"),
              HasSubstr("2:22: \"kill\" must be true or false, not the number 1"));
  EXPECT_THAT(ErrorBeside("\"restarts\": {\"min_delay\": \"4 days\"}"),
              HasSubstr("2:27: \"min_delay\" must be a time such as"));
  EXPECT_EQ(ErrorOf("3"), "1:1: \"the scenario\" must be an object, not the number 3");
}

TEST(ParseScenarioTest, SaysWhereWhatCannotRunIs) {
  EXPECT_THAT(ErrorOfTopology("{}"), HasSubstr("2:13: "));  // no nodes
  EXPECT_THAT(ErrorOfTopology("{\"validators\": 2, \"active_slot_coefficient\": 1.5}"),
              HasSubstr("2:13: topology: the active slot coefficient is \"1.5\""));
  EXPECT_THAT(ErrorOfTopology("{\"validators\": 2, \"layout\": {\"edges\": [[1, 7]]}}"),
              HasSubstr("2:13: "));
  EXPECT_THAT(ErrorBeside("\"transactions\": {\"rate_per_block\": 0}"),
              HasSubstr("2:17: transactions \"transactions\": rate_per_block is 0; it must be"));
  EXPECT_THAT(ErrorBeside("\"transactions\": {\"rate_per_second\": -3}"),
              HasSubstr("2:17: transactions \"transactions\": rate_per_second is -3; it must be"));
  EXPECT_THAT(
      ErrorBeside("\"invalid_transactions\": {\"rate_per_block\": -1}"),
      HasSubstr("2:25: invalid transactions \"invalid transactions\": rate_per_block is -1;"));
  EXPECT_THAT(ErrorBeside("\"transactions\": {\"users\": 60}"),
              HasSubstr("2:17: transactions \"transactions\": 60 users, but the topology has 9"));
  EXPECT_THAT(
      ErrorBeside("\"transactions\": {\"spread\": \"some\"}"),
      HasSubstr("\"spread\" knows round_robin, random and one_node, not the text \"some\""));
  EXPECT_THAT(ErrorBeside("\"invalid_transactions\": {\"flaws\": [\"ugly\"]}"),
              HasSubstr("\"flaws\" knows bad signature"));
  EXPECT_THAT(ErrorBeside("\"restarts\": {\"targets\": [\"validator-2\"]}"),
              HasSubstr("2:26: there is no node \"validator-2\"; there are validator-0"));
  EXPECT_THAT(ErrorBeside("\"expect\": [\"ConsensusIsLive\", \"Nonsense\"]"),
              HasSubstr("2:31: column 1: there is no Nonsense"));
  EXPECT_THAT(ErrorBeside("\"require\": \"wings\""), HasSubstr("2:12: \"require\" knows"));
}

TEST(ParseScenarioTest, SaysWhatIsMissingOrZero) {
  EXPECT_EQ(ErrorOf("{\"duration\": \"9s\"}"), "1:1: \"topology\" is missing in the scenario");
  EXPECT_EQ(ErrorOf("{\"topology\": {\"validators\": 1}}"),
            "1:1: \"duration\" is missing in the scenario");
  EXPECT_EQ(ErrorOf("{\"topology\": {\"validators\": 1}, \"duration\": \"0 blocks\"}"),
            "1:45: \"duration\" must be above zero");
}

TEST(ParseScenarioTest, NamesAreReadAsQuicklyAsTheyAreMany) {
  std::string late;
  std::string stake;
  for (int i = 0; i < 999; ++i) {
    const std::string name = "\"validator-" + std::to_string(i) + "\"";
    late += (i == 0 ? "" : ",") + name;
    stake += (i == 0 ? "" : ",") + name + ":5";
  }
  const std::string topology = "{\"validators\": 1000, \"stake\": {" + stake + "}, \"late\": [";
  EXPECT_EQ(ErrorOfTopology(topology + late + "]}"), "");
  EXPECT_THAT(ErrorOfTopology(topology + late + ", \"validator-7\"]}"),
              EndsWith("\"validator-7\" is there twice"));
  EXPECT_THAT(ErrorOfTopology(topology + "\"validator-1000\"]}"),
              EndsWith("validator-19 and 980 more"));
  EXPECT_THAT(ErrorOfTopology(topology + "\"validator-007\"]}"), HasSubstr("there is no node"));
}

TEST(ParseScenarioTest, PlansFaultsOfALargeMesh) {
  EXPECT_EQ(ErrorOf(R"({"topology": {"layout": "mesh", "validators": 1000}, "duration": "9s",
                        "kills": {"at_once": 499}})"),
            "");
  EXPECT_THAT(ErrorOfTopology(R"({"layout": "mesh", "validators": 1001})"),
              EndsWith("it has 1001 nodes; at most 1000 are possible"));
}

TEST(ParseScenarioTest, BoundsWhatItRuns) {
  const auto with = [](const std::string& field, const std::string& element, int count) {
    std::string list;
    for (int i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + element;
    return ErrorOf("{\"topology\": {\"validators\": 4}, \"duration\": \"9s\", \"" + field +
                   "\": [" + list + "]}");
  };
  EXPECT_EQ(with("kills", "{}", 99), "");
  EXPECT_EQ(with("kills", "{}", 100), "");
  EXPECT_THAT(with("kills", "{}", 101),
              EndsWith("\"kills\" has 101 elements; at most 100 are possible"));
  EXPECT_EQ(with("expect", "\"A\"", 1000), "");
  EXPECT_THAT(with("expect", "\"A\"", 1001),
              EndsWith("\"expect\" has 1001 elements; at most 1000 are possible"));
}

TEST(ParseScenarioTest, IsReadFromAFile) {
  const ExpectationParser none;
  EXPECT_EQ(std::string(ParseScenarioFile("/dev/zero", none).status().message()),
            "/dev/zero: it is no regular file");
  EXPECT_EQ(std::string(ParseScenarioFile("no/such.json", none).status().message()),
            "no/such.json: No such file or directory");
}

}  // namespace
}  // namespace gtestnet::nomos

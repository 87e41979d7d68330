// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "core/src/record/json_pieces.h"

namespace gtestnet {
namespace {

using std::chrono_literals::operator""ms;
using testing::AllOf;
using testing::HasSubstr;
using testing::PrintToString;

NodeSample Sample(RunTime at, NodeIndex node, int64_t height, const std::string& tip) {
  NodeSample s;
  s.at = at;
  s.node = node;
  s.reachable = true;
  s.mode = "Online";
  s.tip = tip;
  s.slot = height;
  s.height = height;
  s.finalised = "g";
  s.peers = 1;
  s.mempool = 3;
  return s;
}

// Every field has a value that is not its default.
RunRecord FullRecord() {
  RunRecord r;
  r.run_id = "r1";
  r.test = "Star/ConsensusTest.Lives/local_star_2v";
  r.deployer = "local";
  r.topology = "star_2v";
  r.layout = "star";
  r.seed = std::numeric_limits<uint64_t>::max();
  r.begun = -1500ms;
  r.ended = 900ms;
  r.closed = 1000ms;
  r.broken = "validator-1 exited: \"signal 6\"\n\tlast line \xE2\x9C\x93";
  r.nodes = {{"validator-0", "validator", 1000, "aa", {1}, true},
             {"validator-1", "validator", 500, "bb", {0}, false}};
  r.events = {{-1000ms, 0, NodeEventKind::kStarted, "deployer", ""},
              {700ms, 1, NodeEventKind::kExited, "", "signal 6 (SIGABRT)"}};
  r.samples = {Sample(10ms, 0, 0, "g"), Sample(20ms, 1, 0, "g"), Sample(300ms, 0, 1, "b1")};
  r.metrics = {{5ms, 0, "up{node=\"validator-0\"}", 0.1},
               {6ms, 1, "rate", std::numeric_limits<double>::infinity()},
               {7ms, 1, "rate", 1e-300}};
  r.workloads = {{"transactions", 1ms, 900ms, 12, "5 per block", "failed"}};
  r.faults = {{"kills", "kill", 1, 200ms, 300ms, 80ms}, {"kills", "kill", 0, 600ms, 0ms, {}}};
  r.operations = {
      {"writes", 3, 1, "put", "k1", "v1", 100ms, 120ms, OperationOutcome::kOk, ""},
      {"writes", 2, 0, "put", "k2", "", 100ms, 130ms, OperationOutcome::kRefused, "503 no leader"},
      {"reads", 0, -1, "get", "k1", {}, 140ms, {}, OperationOutcome::kUnknown, "no answer"}};
  r.clock = {{400ms, 450ms, ClockEventKind::kSet, -8000ms},
             {500ms, 550ms, ClockEventKind::kSuspended, 3'600'000ms},
             {600ms, 3000ms, ClockEventKind::kStopped, 2400ms}};
  ChainRecord chain;
  chain.parameters.pace = {200ms, 0.9, 300};
  chain.parameters.active_slot_coefficient = "0.9";
  chain.parameters.security_parameter = 10;
  chain.parameters.total_stake = 1500;
  chain.parameters.min_peers = 0;
  chain.parameters.genesis = "g";
  chain.blocks = {{"b1", "g", 1, 1, 0, {"t1"}, 210ms}, {"b2", "b1", 3, 2, -1, {}, 610ms}};
  chain.transactions = {{"t1",
                         "transactions",
                         1,
                         100ms,
                         "",
                         {{"n0", 100}},
                         {{"n1", 60}, {"n2", 40}},
                         "bad signature",
                         2,
                         110ms,
                         130ms,
                         1},
                        {"t2", "transactions", 1, 150ms, "400 unbalanced", {}, {}}};
  chain.inscriptions = {{"t3", "c1", "blobs", 1, 90ms, ""}, {"t4", "c2", "blobs", 0, 95ms, "500"}};
  chain.blobs = {
      {"i1", "c1", "t5", "blobs", 62, "d1", 1, 200ms, 400ms, "", BlobRetrieval{0, 96, "d1", ""}},
      {"i2", "c1", "t6", "blobs", 31, "d2", 1, 250ms, 450ms, "",
       BlobRetrieval{1, 63, "", "too few columns"}},
      {"", "c2", "", "blobs", 31, "d3", 1, 300ms, 1ms, "500 busy", {}}};
  chain.supply = 1'000'000'000'000'000'000;
  r.chain = chain;
  r.verdicts = {{"is live", "a.cc:3", true, true, "is live", "it was"}};
  return r;
}

std::string Changed(const std::string& from, const std::string& to) {
  std::string json = FullRecord().ToJson();
  const size_t at = json.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return json.replace(at, from.size(), to);
}

std::string ErrorOf(const std::string& json) {
  return std::string(RunRecord::FromJson(json).status().message());
}

TEST(RecordTest, IsTheSameAfterJson) {
  const RunRecord record = FullRecord();
  const absl::StatusOr<RunRecord> back = RunRecord::FromJson(record.ToJson());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, record);
  EXPECT_EQ(back->ToJson(), record.ToJson());
}

TEST(RecordTest, NeedsNoChain) {
  RunRecord record = FullRecord();
  record.chain.reset();
  const absl::StatusOr<RunRecord> back = RunRecord::FromJson(record.ToJson());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, record);
}

TEST(RecordTest, SaysNothingOfAClockThatWasRight) {
  RunRecord record = FullRecord();
  record.clock.clear();
  EXPECT_THAT(record.ToJson(), testing::Not(HasSubstr("\"clock\"")));
  const absl::StatusOr<RunRecord> back = RunRecord::FromJson(record.ToJson());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, record);
}

TEST(RecordTest, NeedsNoOperations) {
  RunRecord record = FullRecord();
  record.operations.clear();
  EXPECT_THAT(record.ToJson(), testing::Not(HasSubstr("\"operations\"")));
  const absl::StatusOr<RunRecord> back = RunRecord::FromJson(record.ToJson());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, record);
}

TEST(RecordTest, RefusesOperationsThatCannotBe) {
  const auto error_of = [](size_t i, auto change) {
    RunRecord record = FullRecord();
    change(record.operations.at(i));
    return ErrorOf(record.ToJson());
  };
  EXPECT_EQ(error_of(0, [](Operation& o) { o.node = 2; }),
            "run record: operations[0].node: 2 is no node of this record, which has 2");
  EXPECT_EQ(error_of(2, [](Operation& o) { o.node = -2; }),
            "run record: operations[2].node: -2 is no node of this record, which has 2");
  EXPECT_EQ(error_of(1, [](Operation& o) { o.ended = 99ms; }),
            "run record: operations[1].ended_ms: is before begun_ms");
  EXPECT_EQ(error_of(1, [](Operation& o) { o.ended = 100ms; }), "");
  EXPECT_EQ(error_of(1, [](Operation& o) { o.ended = {}; }),
            "run record: operations[1].ended_ms: must not be null where the outcome is known");
  EXPECT_EQ(error_of(2, [](Operation& o) { o.begun = 99ms; }),
            "run record: operations[2].begun_ms: 99 is before the one of the entry before it");
  EXPECT_EQ(
      ErrorOf(Changed("\"outcome\":\"refused\"", "\"outcome\":\"lost\"")),
      "run record: operations[1].outcome: \"lost\" is no outcome; expected ok, refused or unknown");
  EXPECT_EQ(ErrorOf(Changed("\"client\":2,", "")), "run record: operations[1].client: is missing");
}

TEST(RecordTest, DoublesSurviveExactly) {
  RunRecord record = FullRecord();
  record.metrics.clear();
  for (int i = 1; i < 2000; ++i) {
    record.metrics.push_back({7ms, 0, "x", 1.0 / i});
    record.metrics.push_back({7ms, 0, "x", 1e18 / 7 * i});
  }
  const absl::StatusOr<RunRecord> back = RunRecord::FromJson(record.ToJson());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, record);
}

TEST(RecordTest, BytesThatAreNoUtf8AreReplaced) {
  RunRecord record = FullRecord();
  record.broken = "log: \xFF\xC3 and \xED\xA0\x80 end";
  const absl::StatusOr<RunRecord> back = RunRecord::FromJson(record.ToJson());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->broken,
            "log: \xEF\xBF\xBD\xEF\xBF\xBD and \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD end");
}

TEST(RecordTest, KnowsTheNodesOfBlobs) {
  RunRecord record = FullRecord();
  record.chain->blobs[1].node = 9;
  EXPECT_THAT(ErrorOf(record.ToJson()),
              HasSubstr("chain.blobs[1].node: 9 is no node of this record, which has 2"));
  record = FullRecord();
  record.chain->blobs[0].retrieval->node = -1;
  EXPECT_THAT(ErrorOf(record.ToJson()), HasSubstr("chain.blobs[0].retrieval.node: -1 is no node"));
  record = FullRecord();
  record.chain->inscriptions[0].node = 2;
  EXPECT_THAT(ErrorOf(record.ToJson()), HasSubstr("chain.inscriptions[0].node: 2 is no node"));
}

TEST(RecordTest, SaysWhereJsonIsMalformed) {
  EXPECT_EQ(ErrorOf("{\"schema\":2,\n\"test\": nope}"),
            "run record: line 2, column 9: syntax error");
  EXPECT_THAT(ErrorOf("{}"), HasSubstr("schema: is missing"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("expected an object"));
  EXPECT_THAT(ErrorOf(FullRecord().ToJson() + "x"), HasSubstr("more after the end"));
}

TEST(RecordTest, SaysWhereItIsCutShort) {
  const std::string json = FullRecord().ToJson();
  EXPECT_THAT(ErrorOf(""), HasSubstr("cut short at line 1, column 1"));
  for (size_t length = 0; length + 2 < json.size(); ++length) {
    ASSERT_THAT(ErrorOf(json.substr(0, length)), HasSubstr("cut short")) << length;
  }
}

TEST(RecordTest, RefusesANameThatIsThereTwice) {
  EXPECT_EQ(ErrorOf(Changed("\"schema\":2", "\"schema\":2,\"schema\":2")),
            "run record: line 1, column 20: \"schema\" is there twice");
  EXPECT_THAT(ErrorOf(Changed("\"stake\":500", "\"stake\":500,\"st\\u0061ke\":5")),
              HasSubstr("\"stake\" is there twice"));
  std::string fields = "{\"schema\":2";
  for (int i = 0; i < 63; ++i) fields += ",\"f" + std::to_string(i) + "\":0";
  EXPECT_THAT(ErrorOf(fields + "}"), HasSubstr("run_id: is missing"));
  EXPECT_THAT(ErrorOf(fields + ",\"g\":0}"), HasSubstr("an object has more than 64 fields"));
}

TEST(RecordTest, RefusesNamesWithANul) {
  EXPECT_EQ(ErrorOf(Changed("\"validator-1\"", "\"validator\\u0000\"")),
            "run record: nodes[1]: its name or role has a NUL character");
  RunRecord record = FullRecord();
  record.workloads[0].name = std::string("a\0b", 3);
  EXPECT_EQ(ErrorOf(record.ToJson()), "run record: workloads[0].name: has a NUL character");
}

TEST(RecordTest, RefusesACoefficientThatNoTopologyHas) {
  RunRecord record = FullRecord();
  record.chain->parameters.pace.active_slot_coefficient = 1e-18;
  record.chain->parameters.active_slot_coefficient = "0.000000000000000001";
  EXPECT_EQ(ErrorOf(record.ToJson()), "");
  record.chain->parameters.pace.active_slot_coefficient = 0.9e-18;
  EXPECT_THAT(ErrorOf(record.ToJson()), HasSubstr("active_slot_coefficient: must be from 1e-18"));
  record.chain->parameters.pace.active_slot_coefficient = 1;
  record.chain->parameters.active_slot_coefficient = "1e-320";
  EXPECT_THAT(ErrorOf(record.ToJson()), HasSubstr("must be a decimal from 1e-18"));
}

TEST(RecordTest, TakesNoMemoryForWhatIsNoRecord) {
  // Sixty megabytes of it took five gigabytes.
  std::string zeros = "{\"schema\":2,\"samples\":[0";
  for (int i = 0; i < 1'000'000; ++i) zeros += ",0";
  std::string json = FullRecord().ToJson();
  const size_t samples = json.find("\"samples\":[");
  json.replace(samples, 12, "\"samples\":[" + zeros.substr(zeros.find("[0") + 1) + ",");
  EXPECT_EQ(ErrorOf(json), "run record: samples[0]: expected an object");
}

TEST(RecordTest, BoundsWhatIsReadAtOnce) {
  const auto with_detail = [](size_t bytes) {
    RunRecord record = FullRecord();
    record.broken = std::string(bytes - 2, 'x');  // with its quotes
    return ErrorOf(record.ToJson());
  };
  EXPECT_EQ(with_detail((1 << 20) - 1), "");
  EXPECT_EQ(with_detail(1 << 20), "");
  EXPECT_EQ(with_detail((1 << 20) + 1),
            "run record: broken: has 1048577 bytes; at most 1048576 are read");
}

TEST(RecordTest, IsReadFromAFile) {
  EXPECT_EQ(std::string(RunRecord::FromFile("/dev/zero").status().message()),
            "/dev/zero: it is no regular file");
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("record-test-" + std::to_string(getpid()));
  std::ofstream(path) << FullRecord().ToJson();
  const absl::StatusOr<RunRecord> record = RunRecord::FromFile(path);
  std::ofstream(path) << "{}";
  const absl::Status wrong = RunRecord::FromFile(path).status();
  std::filesystem::remove(path);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(*record, FullRecord());
  EXPECT_THAT(std::string(wrong.message()),
              AllOf(HasSubstr(path.string() + ": run record: schema"), HasSubstr("is missing")));
}

TEST(JsonPiecesTest, BoundsTheEntriesOfListsTogether) {
  using internal::CheckJson;
  const std::string six = R"({"a":[0,"",[]],"b":[1],"c":{"d":[[], []]}})";
  EXPECT_EQ(CheckJson(six, 7).what, "");
  EXPECT_EQ(CheckJson(six, 6).what, "");
  EXPECT_EQ(CheckJson(six, 5).what, "lists have more than 5 entries in all");
  EXPECT_EQ(CheckJson(six).what, "");
}

TEST(JsonPiecesTest, CutsObjectsAndLists) {
  using internal::MembersOf;
  EXPECT_TRUE(MembersOf("{ }").empty());
  const auto members = MembersOf("{ \"a\" : [1, \"]\\\"\"] ,\"b\":{\"c\":[]}, \"d\":-1.5e3 }");
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[0].name, "a");
  EXPECT_EQ(members[0].value, "[1, \"]\\\"\"]");
  EXPECT_EQ(members[1].value, "{\"c\":[]}");
  EXPECT_EQ(members[2].value, "-1.5e3");
  internal::JsonElements elements(members[0].value);
  std::string_view element;
  EXPECT_TRUE(elements.Next(element));
  EXPECT_EQ(element, "1");
  EXPECT_TRUE(elements.Next(element));
  EXPECT_EQ(element, "\"]\\\"\"");
  EXPECT_FALSE(elements.Next(element));
  EXPECT_FALSE(internal::JsonElements("[ ]").Next(element));
}

TEST(RecordTest, RefusesAnotherSchema) {
  EXPECT_EQ(ErrorOf(Changed("\"schema\":2", "\"schema\":3")),
            "run record: schema: is 3, and this program reads 2");
}

TEST(RecordTest, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(ErrorOf(Changed("\"stake\":500", "\"stake\":-5")),
            "run record: nodes[1].stake: expected a whole number from 0 to 2^64 - 1");
  EXPECT_EQ(ErrorOf(Changed("\"stake\":500,", "")), "run record: nodes[1].stake: is missing");
  EXPECT_EQ(ErrorOf(Changed("\"stake\":500,", "\"stake\":500,\"steak\":1,")),
            "run record: nodes[1].steak: is not a field of a record");
  EXPECT_EQ(
      ErrorOf(Changed("\"value\":\"0.1\"", "\"value\":0.1")),
      "run record: metrics[0].value: expected a number in a string, like \"0.25\" or \"+Inf\"");
  EXPECT_THAT(ErrorOf(Changed("\"exited\"", "\"eaten\"")),
              HasSubstr("events[1].kind: \"eaten\" is no event"));
  EXPECT_THAT(ErrorOf(Changed("\"suspended\"", "\"eaten\"")),
              HasSubstr("clock[1].kind: expected set, suspended or stopped"));
  EXPECT_THAT(ErrorOf(Changed("\"up_at_end\":true", "\"up_at_end\":1")),
              HasSubstr("nodes[0].up_at_end: expected true or false"));
  EXPECT_THAT(ErrorOf(Changed("\"min_peers\":0", "\"min_peers\":1e3")),
              HasSubstr("chain.parameters.min_peers: expected a whole number"));
}

TEST(RecordTest, RefusesWhatContradictsItself) {
  EXPECT_EQ(ErrorOf(Changed("\"at_ms\":300,\"node\":0", "\"at_ms\":300,\"node\":7")),
            "run record: samples[2].node: 7 is no node of this record, which has 2");
  EXPECT_THAT(ErrorOf(Changed("\"at_ms\":300,\"node\":0", "\"at_ms\":15,\"node\":0")),
              HasSubstr("samples[2].at_ms: 15 is before the one of the entry before it"));
  EXPECT_THAT(ErrorOf(Changed("\"neighbours\":[1]", "\"neighbours\":[0]")),
              HasSubstr("nodes[0].neighbours: 0 is no other node"));
  EXPECT_THAT(ErrorOf(Changed("\"seen_by\":2", "\"seen_by\":3")),
              HasSubstr("chain.transactions[0].seen_by: 3 of the 2 nodes"));
  EXPECT_THAT(ErrorOf(Changed("\"seen_by\":2", "\"seen_by\":0")),
              HasSubstr("chain.transactions[0].first_seen_ms: it and last_seen_ms must be null"));
  EXPECT_THAT(ErrorOf(Changed("\"last_seen_ms\":130", "\"last_seen_ms\":100")),
              HasSubstr("chain.transactions[0].last_seen_ms: is before first_seen_ms"));
  EXPECT_THAT(ErrorOf(Changed("\"lost\":1", "\"lost\":-1")),
              HasSubstr("chain.transactions[0].lost: must not be negative"));
  EXPECT_EQ(
      ErrorOf(Changed("\"parent\":\"b1\"", "\"parent\":\"b9\"")),
      "run record: chain.blocks[1].parent: b9 is neither genesis nor a block before this one");
  EXPECT_EQ(ErrorOf(Changed("\"slot\":3,\"height\":2", "\"slot\":3,\"height\":3")),
            "run record: chain.blocks[1].height: 3, but the parent's is 1");
  EXPECT_THAT(ErrorOf(Changed("\"id\":\"b2\"", "\"id\":\"b1\"")), HasSubstr("b1 is there twice"));
  EXPECT_THAT(ErrorOf(Changed("\"slot_ms\":200", "\"slot_ms\":0")), HasSubstr("must be positive"));
  EXPECT_THAT(ErrorOf(Changed("\"closed_ms\":1000", "\"closed_ms\":10")),
              HasSubstr("closed_ms: is before ended_ms"));
}

TEST(RecordTest, SnapshotHasTheLatestSampleOfEachNode) {
  const RunRecord record = FullRecord();
  const Snapshot early = record.At(15ms);
  EXPECT_TRUE(early.nodes[0].reachable);
  EXPECT_FALSE(early.nodes[1].reachable) << "was not sampled yet";
  EXPECT_EQ(early.nodes[1].node, 1);
  const Snapshot last = record.AtEnd();
  EXPECT_EQ(last.at, 1000ms);
  EXPECT_EQ(last.nodes[0].height, 1);
  EXPECT_EQ(last.nodes[1].height, 0);
  EXPECT_EQ(last.names, (std::vector<std::string>{"validator-0", "validator-1"}));
}

TEST(RecordTest, EveryPartPrintsItself) {
  const RunRecord r = FullRecord();
  EXPECT_EQ(PrintToString(r.samples[2]),
            "NodeSample{at=0.300 s, node=0, mode=Online, height=1, tip=b1, slot=1, "
            "finalised_height=0, peers=1, mempool=3}");
  EXPECT_EQ(PrintToString(NodeSample{}), "NodeSample{at=0.000 s, node=0, unreachable}");
  EXPECT_EQ(PrintToString(r.events[1]),
            "NodeEvent{at=0.700 s, node=1, exited, signal 6 (SIGABRT)}");
  EXPECT_EQ(PrintToString(NodeEventKind::kPaused), "paused");
  EXPECT_EQ(PrintToString(r.nodes[1]),
            "NodeRecord{validator-1, role=validator, stake=500, down at the end}");
  EXPECT_THAT(PrintToString(r),
              HasSubstr("the record of Star/ConsensusTest.Lives/local_star_2v "
                        "(local, star_2v, 2 nodes, 2.500 s, 3 operations, "
                        "2 blocks, 2 transactions) that ended early: validator-1 exited"));
  EXPECT_THAT(PrintToString(r.At(15ms)), HasSubstr("validator-1: unreachable"));
  EXPECT_THAT(PrintToString(r.chain->blocks[0]), HasSubstr("height=1"));
  EXPECT_THAT(PrintToString(r.chain->transactions[1]), HasSubstr("refused: 400 unbalanced"));
  EXPECT_THAT(PrintToString(r.metrics[0]), HasSubstr("up{node=\"validator-0\"} 0.1"));
  EXPECT_THAT(PrintToString(r.workloads[0]), HasSubstr("actions=12"));
  EXPECT_THAT(PrintToString(r.faults[0]), HasSubstr("recovered after 0.08"));
  EXPECT_EQ(PrintToString(r.operations[0]),
            "Operation{put of \"k1\" with \"v1\" by client 3 of writes, node=1, begun=0.100 s, "
            "ended=0.120 s, ok}");
  EXPECT_EQ(PrintToString(r.operations[2]),
            "Operation{get of \"k1\" by client 0 of reads, begun=0.140 s, unknown: no answer}");
  EXPECT_EQ(PrintToString(r.clock[0]),
            "the clock of this machine was set back by 8 s, 0.450 s after the chain's start");
  EXPECT_THAT(PrintToString(r.clock[1]), HasSubstr("this machine was suspended for 3600 s"));
  EXPECT_THAT(PrintToString(r.clock[2]),
              HasSubstr("this program did not run for 2.4 s, between 0.600 s and 3.000 s"));
  EXPECT_THAT(PrintToString(r.verdicts[0]), HasSubstr("is live: met"));
}

}  // namespace
}  // namespace gtestnet

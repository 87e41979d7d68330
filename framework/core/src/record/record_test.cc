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
#include "gtestnet/values.h"

namespace gtestnet {
namespace {

using std::chrono_literals::operator""ms;
using testing::AllOf;
using testing::HasSubstr;
using testing::PrintToString;

NodeSample Sample(RunTime at, NodeIndex node, int64_t height, const std::string& tip) {
  return {.at = at,
          .node = node,
          .reachable = true,
          .status = "Online",
          .numbers = {{"height", static_cast<double>(height)}, {"load", 0.25}},
          .words = {{"tip", tip}}};
}

// Every field has a value that is not its default.
RunRecord FullRecord() {
  RunRecord r;
  r.run_id = "r1";
  r.test = "Star/ConsensusTest.Lives/local_star_2";
  r.deployer = "local";
  r.topology = "star_2";
  r.layout = "star";
  r.seed = std::numeric_limits<uint64_t>::max();
  r.begun = -1500ms;
  r.ended = 900ms;
  r.closed = 1000ms;
  r.broken = "member-1 exited: \"signal 6\"\n\tlast line \xE2\x9C\x93";
  r.nodes = {
      {"member-0",
       "member",
       {{"weight", 1000}},
       {{"key", "aa"}},
       {1},
       true,
       "height",
       {{"info", 300}, {"unknown", 1}, {"warn", 2}},
       {{"info", 100}}},
      {"member-1", "member", {{"weight", 500}}, {{"key", "bb"}}, {0}, false, "", {{"warn", 1}}}};
  r.events = {{-1000ms, 0, NodeEventKind::kStarted, "test", "", 40ms},
              {700ms, 1, NodeEventKind::kExited, "", "signal 6 (SIGABRT)"}};
  r.samples = {Sample(10ms, 0, 0, "g"), Sample(20ms, 1, 0, "g"), Sample(300ms, 0, 1, "b1")};
  r.metrics = {{5ms, 0, "up{node=\"member-0\"}", 0.1},
               {6ms, 1, "rate", std::numeric_limits<double>::infinity()},
               {7ms, 1, "rate", 1e-300}};
  r.resources = {{8ms, 0, {{"memory", 1 << 20}, {"open_files", 12}}}};
  r.logs = {{9ms, 1, LogLevel::kWarn, "a peer is \x1b[31mgone\x1b[0m"},
            {11ms, 0, LogLevel::kUnknown, ""}};
  r.workloads = {{"transactions", 1ms, 900ms, 12, "5 per block", "failed"}};
  r.faults = {{"kills", "kill", 1, 200ms, 300ms, 80ms}, {"kills", "kill", 0, 600ms, 0ms, {}}};
  r.operations = {
      {"writes", 3, 1, "put", "k1", "v1", 100ms, 120ms, OperationOutcome::kOk, ""},
      {"writes", 2, 0, "put", "k2", "", 100ms, 130ms, OperationOutcome::kRefused, "503 no leader"},
      {"reads", 0, -1, "get", "k1", {}, 140ms, {}, OperationOutcome::kUnknown, "no answer"}};
  r.clock = {{400ms, 450ms, ClockEventKind::kSet, -8000ms},
             {500ms, 550ms, ClockEventKind::kSuspended, 3'600'000ms},
             {600ms, 3000ms, ClockEventKind::kStopped, 2400ms}};
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

TEST(RecordTest, SaysWhereJsonIsMalformed) {
  EXPECT_EQ(ErrorOf("{\"schema\":3,\n\"test\": nope}"),
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
  EXPECT_EQ(ErrorOf(Changed("\"schema\":3", "\"schema\":3,\"schema\":3")),
            "run record: line 1, column 20: \"schema\" is there twice");
  EXPECT_THAT(ErrorOf(Changed("\"weight\":500", "\"weight\":500,\"w\\u0065ight\":5")),
              HasSubstr("\"weight\" is there twice"));
  std::string fields = "{\"schema\":3";
  for (int i = 0; i < 63; ++i) fields += ",\"f" + std::to_string(i) + "\":0";
  EXPECT_THAT(ErrorOf(fields + "}"), HasSubstr("run_id: is missing"));
  EXPECT_THAT(ErrorOf(fields + ",\"g\":0}"), HasSubstr("an object has more than 64 fields"));
}

TEST(RecordTest, RefusesNamesWithANul) {
  EXPECT_EQ(ErrorOf(Changed("\"member-1\"", "\"member\\u0000\"")),
            "run record: nodes[1]: its name or role has a NUL character");
  RunRecord record = FullRecord();
  record.workloads[0].name = std::string("a\0b", 3);
  EXPECT_EQ(ErrorOf(record.ToJson()), "run record: workloads[0].name: has a NUL character");
}

TEST(RecordTest, TakesNoMemoryForWhatIsNoRecord) {
  // Sixty megabytes of it took five gigabytes.
  std::string zeros = "{\"schema\":3,\"samples\":[0";
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

TEST(RecordTest, ReadsTheSchemaBefore) {
  const char* const text = R"({"schema":2,"run_id":"r","test":"t","deployer":"local",
"topology":"star_2v","layout":"star","seed":1,"begun_ms":0,"ended_ms":1,"closed_ms":1,"broken":"",
"nodes":[{"name":"member-0","role":"member","stake":18446744073709551615,"public_key":"aa",
"neighbours":[],"up_at_end":true}],"events":[],
"samples":[{"at_ms":1,"node":0,"reachable":true,"mode":"Online","tip":"b1","slot":7,"height":3,
"finalised":"g","finalised_height":1,"peers":2,"mempool":4}],
"metrics":[],"workloads":[],"faults":[],"chain":null,"verdicts":[]})";
  const absl::StatusOr<RunRecord> record = RunRecord::FromJson(text);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->nodes[0].numbers, (Numbers{{"stake", 18446744073709551616.0}}));
  EXPECT_EQ(record->nodes[0].words, (Words{{"public_key", "aa"}}));
  EXPECT_EQ(record->samples[0].status, "Online");
  EXPECT_EQ(
      record->samples[0].numbers,
      (Numbers{{"finalised_height", 1}, {"height", 3}, {"mempool", 4}, {"peers", 2}, {"slot", 7}}));
  EXPECT_EQ(record->samples[0].words, (Words{{"finalised", "g"}, {"tip", "b1"}}));
  EXPECT_EQ(record->sections, RecordSections());
  EXPECT_THAT(record->ToJson(), HasSubstr("\"schema\":3"));
  std::string wrong = text;
  wrong.replace(wrong.find("\"slot\":7"), 8, "\"slot\":[]");
  EXPECT_EQ(ErrorOf(wrong),
            "run record: samples[0].slot: expected a whole number from -9007199254740992 to "
            "9007199254740992");
}

TEST(RecordTest, NumbersSurviveExactly) {
  RunRecord record = FullRecord();
  for (const double number : {0.1, -3.0, 9007199254740992.0, 9007199254740994.0, 1e300, -1e-300,
                              std::numeric_limits<double>::infinity()}) {
    record.samples[0].numbers["x"] = number;
    const absl::StatusOr<RunRecord> back = RunRecord::FromJson(record.ToJson());
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(*back, record) << number;
  }
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
  EXPECT_EQ(ErrorOf(Changed("\"schema\":3", "\"schema\":4")),
            "run record: schema: is 4, and this program reads 3");
  EXPECT_EQ(ErrorOf(Changed("\"schema\":3", "\"schema\":1")),
            "run record: schema: is 1, and this program reads 3");
}

TEST(RecordTest, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(ErrorOf(Changed("\"weight\":500", "\"weight\":0.5")),
            "run record: nodes[1].numbers.weight: expected a number in a string, like \"0.25\" or "
            "\"+Inf\"");
  EXPECT_EQ(ErrorOf(Changed("\"load\":\"0.25\"", "\"load\":\"much\"")),
            "run record: samples[0].numbers.load: expected a number in a string, like \"0.25\" or "
            "\"+Inf\"");
  EXPECT_EQ(ErrorOf(Changed("\"key\":\"bb\"", "\"key\":7")),
            "run record: nodes[1].words.key: expected a string");
  EXPECT_EQ(ErrorOf(Changed("\"status\":\"Online\",", "")),
            "run record: samples[0].status: is missing");
  EXPECT_EQ(ErrorOf(Changed("\"status\":", "\"steak\":1,\"status\":")),
            "run record: samples[0].steak: is not a field of a record");
  EXPECT_EQ(ErrorOf(Changed("\"broken\":", "\"steak\":1,\"broken\":")),
            "run record: steak: is not a field of a record, nor a section, which is an object");
  EXPECT_EQ(
      ErrorOf(Changed("\"value\":\"0.1\"", "\"value\":0.1")),
      "run record: metrics[0].value: expected a number in a string, like \"0.25\" or \"+Inf\"");
  EXPECT_THAT(ErrorOf(Changed("\"exited\"", "\"eaten\"")),
              HasSubstr("events[1].kind: \"eaten\" is no event"));
  EXPECT_THAT(ErrorOf(Changed("\"suspended\"", "\"eaten\"")),
              HasSubstr("clock[1].kind: expected set, suspended or stopped"));
  EXPECT_THAT(ErrorOf(Changed("\"up_at_end\":true", "\"up_at_end\":1")),
              HasSubstr("nodes[0].up_at_end: expected true or false"));
}

TEST(RecordTest, RefusesLinesAndSizesOfNoNodeOrOutOfOrder) {
  RunRecord record = FullRecord();
  record.logs = {{std::chrono::milliseconds(2), 0, LogLevel::kInfo, "a"},
                 {std::chrono::milliseconds(1), 7, LogLevel::kInfo, "b"}};
  EXPECT_EQ(ErrorOf(record.ToJson()),
            "run record: logs[1].node: 7 is no node of this record, which has 2");
  record.logs[1].node = 1;
  EXPECT_EQ(ErrorOf(record.ToJson()),
            "run record: logs[1].at_ms: 1 is before the one of the entry before it");
  record.logs.pop_back();
  record.resources = {{std::chrono::milliseconds(2), -1, {{"log", 1}}}};
  EXPECT_EQ(ErrorOf(record.ToJson()),
            "run record: resources[0].node: -1 is no node of this record, which has 2");
}

TEST(RecordTest, RefusesWhatContradictsItself) {
  EXPECT_EQ(ErrorOf(Changed("\"at_ms\":300,\"node\":0", "\"at_ms\":300,\"node\":7")),
            "run record: samples[2].node: 7 is no node of this record, which has 2");
  EXPECT_THAT(ErrorOf(Changed("\"at_ms\":300,\"node\":0", "\"at_ms\":15,\"node\":0")),
              HasSubstr("samples[2].at_ms: 15 is before the one of the entry before it"));
  EXPECT_THAT(ErrorOf(Changed("\"neighbours\":[1]", "\"neighbours\":[0]")),
              HasSubstr("nodes[0].neighbours: 0 is no other node"));
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
  EXPECT_EQ(last.nodes[0].numbers.Get("height"), 1);
  EXPECT_EQ(last.nodes[1].numbers.Get("height"), 0);
  EXPECT_EQ(last.names, (std::vector<std::string>{"member-0", "member-1"}));
}

TEST(RecordTest, ASnapshotForgetsWhatWasSeenOfANodeBeforeItsLastEvent) {
  RunRecord record;
  record.nodes.resize(2);
  record.events = {{10ms, 0, NodeEventKind::kStarted, "deployer"},
                   {20ms, 0, NodeEventKind::kPaused, "test"}};
  record.samples = {{.at = 5ms, .node = 0, .reachable = true, .status = "Online"},
                    {.at = 6ms, .node = 1, .reachable = true, .status = "Online"},
                    {.at = 25ms, .node = 0}};
  EXPECT_TRUE(record.At(19ms).nodes[0].reachable);
  EXPECT_TRUE(record.At(19ms).unseen.empty());
  const Snapshot after = record.At(20ms);
  EXPECT_EQ(after.nodes[0], (NodeSample{.at = 5ms, .node = 0}));
  EXPECT_TRUE(after.nodes[1].reachable);
  EXPECT_EQ(after.unseen, std::vector<NodeIndex>{0});
  EXPECT_TRUE(record.At(25ms).unseen.empty());
}

TEST(RecordTest, EveryPartPrintsItself) {
  const RunRecord r = FullRecord();
  EXPECT_EQ(PrintToString(r.samples[2]),
            "NodeSample{at=0.300 s, node=0, status=Online, height=1, load=0.25, tip=b1}");
  EXPECT_EQ(PrintToString(NodeSample{}), "NodeSample{at=0.000 s, node=0, unreachable}");
  EXPECT_EQ(PrintToString(r.events[1]),
            "NodeEvent{at=0.700 s, node=1, exited, signal 6 (SIGABRT)}");
  EXPECT_EQ(PrintToString(NodeEventKind::kPaused), "paused");
  EXPECT_EQ(PrintToString(r.nodes[1]),
            "NodeRecord{member-1, role=member, weight=500, key=bb, down at the end}");
  EXPECT_THAT(PrintToString(r), HasSubstr("the record of Star/ConsensusTest.Lives/local_star_2 "
                                          "(local, star_2, 2 nodes, 2.500 s, 3 operations) "
                                          "that ended early: member-1 exited"));
  EXPECT_THAT(PrintToString(r.At(15ms)), HasSubstr("member-1: unreachable"));
  EXPECT_THAT(PrintToString(r.metrics[0]), HasSubstr("up{node=\"member-0\"} 0.1"));
  EXPECT_THAT(PrintToString(r.workloads[0]), HasSubstr("actions=12"));
  EXPECT_THAT(PrintToString(r.faults[0]), HasSubstr("recovered after 0.08"));
  EXPECT_EQ(PrintToString(r.operations[0]),
            "Operation{put of \"k1\" with \"v1\" by client 3 of writes, node=1, begun=0.100 s, "
            "ended=0.120 s, ok}");
  EXPECT_EQ(PrintToString(r.operations[2]),
            "Operation{get of \"k1\" by client 0 of reads, begun=0.140 s, unknown: no answer}");
  EXPECT_EQ(PrintToString(r.clock[0]),
            "the clock of this machine was set back by 8 s, 0.450 s after the start");
  EXPECT_THAT(PrintToString(r.clock[1]), HasSubstr("this machine was suspended for 3600 s"));
  EXPECT_THAT(PrintToString(r.clock[2]),
              HasSubstr("this program did not run for 2.4 s, between 0.600 s and 3.000 s"));
  EXPECT_THAT(PrintToString(r.verdicts[0]), HasSubstr("is live: met"));
}

}  // namespace
}  // namespace gtestnet

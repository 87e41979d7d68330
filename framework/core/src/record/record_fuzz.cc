// SPDX-License-Identifier: Apache-2.0
// Records of runs: what is taken is the same after it was written and read again.
#include "core/src/base/testing/fuzz.h"
#include "gtestnet/record.h"

namespace gtestnet::fuzz {

std::vector<std::string> Seeds() {
  using std::chrono::milliseconds;
  RunRecord record;
  record.run_id = "r";
  record.test = "A.B/local_star_2v";
  record.ended = record.closed = milliseconds(1000);
  record.nodes.resize(2);
  record.nodes[0].name = "member-0";
  record.nodes[0].neighbours = {1};
  record.nodes[1].name = "member-1";
  NodeEvent event;
  event.at = milliseconds(5);
  event.kind = NodeEventKind::kKilled;
  event.took = milliseconds(1);
  record.nodes[0].up_at_end = false;
  record.events = {event};
  NodeSample sample;
  sample.at = milliseconds(7);
  sample.numbers = {{"term", 3}, {"load", 0.5}};
  sample.words = {{"leader", "member-0"}};
  record.samples = {sample};
  MetricSample metric;
  metric.series = "up{node=\"member-0\"}";
  record.metrics = {metric};
  record.workloads.resize(1);
  FaultRecord fault;
  fault.fault = "kill";
  record.faults = {fault};
  Operation operation;
  operation.key = "k";
  operation.value = "v";
  record.operations = {operation};
  operation.begun = milliseconds(3);
  operation.ended = milliseconds(4);
  operation.outcome = OperationOutcome::kOk;
  record.operations.push_back(operation);
  std::string plain = record.ToJson();
  // The schema before, in which values were fields.
  std::string before = plain;
  before.replace(before.find("\"schema\":3"), 10, "\"schema\":2");
  const size_t status = before.find("\"status\"");
  before.replace(status, 8, "\"height\":3,\"tip\":\"b\",\"mode\"");
  std::string with_section = plain;
  with_section.insert(with_section.find("\"verdicts\""), R"("strange":{"a":[1, 2.5]},)");
  return {plain,
          with_section,
          R"({"schema":3,"schema":3})",
          R"({"schema":3,"samples":[0,0,0,0]})",
          R"({"schema":3,"run_id":"a\u0000b"})",
          before,
          "",
          "[]"};
}

void Try(std::string_view input) {
  const absl::StatusOr<RunRecord> record = RunRecord::FromJson(input);
  if (!record.ok()) return;
  const std::string text = record->ToJson();
  const absl::StatusOr<RunRecord> again = RunRecord::FromJson(text);
  Demand(again.ok(), "what was written can be read");
  Demand(again->ToJson() == text, "a record is the same again");
}

}  // namespace gtestnet::fuzz

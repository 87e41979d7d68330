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
  record.nodes[0].name = "validator-0";
  record.nodes[0].neighbours = {1};
  record.nodes[1].name = "validator-1";
  NodeEvent event;
  event.at = milliseconds(5);
  record.events = {event};
  NodeSample sample;
  sample.at = milliseconds(7);
  record.samples = {sample};
  MetricSample metric;
  metric.series = "up{node=\"validator-0\"}";
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
  ChainRecord chain;
  chain.parameters.pace.slot = milliseconds(200);
  chain.parameters.active_slot_coefficient = "0.9";
  chain.parameters.security_parameter = 5;
  chain.parameters.genesis = "g";
  BlockRecord block;
  block.id = "b1";
  block.parent = "g";
  block.slot = block.height = 1;
  chain.blocks = {block};
  chain.transactions.resize(1);
  chain.inscriptions.resize(1);
  chain.blobs.resize(1);
  record.chain = chain;
  std::string with_chain = record.ToJson();
  return {plain,
          with_chain,
          R"({"schema":2,"schema":2})",
          R"({"schema":2,"samples":[0,0,0,0]})",
          R"({"schema":2,"run_id":"a\u0000b"})",
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

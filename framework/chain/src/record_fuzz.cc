// SPDX-License-Identifier: Apache-2.0
// Records of runs with a chain: what is taken is the same after it was written and read again.
#include "core/src/base/testing/fuzz.h"
#include "gtestnet/chain/record.h"

namespace gtestnet::fuzz {

std::vector<std::string> Seeds() {
  using std::chrono::milliseconds;
  RunRecord record;
  record.run_id = "r";
  record.ended = record.closed = milliseconds(1000);
  record.nodes.resize(2);
  chain::ChainRecord& chain = chain::MutableChainOf(record);
  chain.parameters.pace.slot = milliseconds(200);
  chain.parameters.pace.active_slot_coefficient = 0.9;
  chain.parameters.active_slot_coefficient = "0.9";
  chain.parameters.security_parameter = 5;
  chain.parameters.genesis = "g";
  chain::BlockRecord block;
  block.id = "b1";
  block.parent = "g";
  block.slot = block.height = 1;
  chain.blocks = {block};
  chain.transactions.resize(1);
  chain.inscriptions.resize(1);
  chain.blobs.resize(1);
  return {record.ToJson(), "", "[]"};
}

void Try(std::string_view input) {
  chain::RegisterRecord();
  const absl::StatusOr<RunRecord> record = RunRecord::FromJson(input);
  if (!record.ok()) return;
  const std::string text = record->ToJson();
  const absl::StatusOr<RunRecord> again = RunRecord::FromJson(text);
  Demand(again.ok(), "what was written can be read");
  Demand(again->ToJson() == text, "a record is the same again");
}

}  // namespace gtestnet::fuzz

// SPDX-License-Identifier: Apache-2.0
// What nodes answer.
#include "core/src/base/testing/fuzz.h"
#include "core/src/observe/metrics_text.h"
#include "nomos/src/client/da_json.h"
#include "nomos/src/client/json.h"

namespace gtestnet::fuzz {

std::vector<std::string> Seeds() {
  const std::string hash(64, 'a');
  const std::string numbers = nomos::IdNumbers(hash);
  return {
      R"({"lib":")" + hash + R"(","tip":")" + hash +
          R"(","slot":1,"height":1,"mode":"Online","lib_height":0})",
      "[\"" + hash + "\"]",
      "null",
      numbers,
      "true",
      "[\"validator-0\"]",
      R"({"pending_items":1,"last_item_timestamp":2})",
      R"({"listen_addresses":[],"peer_id":"a","n_peers":1,"n_connections":1,"n_pending_connections":0})",
      R"({"header":{"parent":")" + hash + R"(","slot":1,"block_root":")" + hash +
          R"(","proof_of_leadership":{"leader_key":")" + hash +
          R"("}},"transactions":[{"mantle_tx":{"hash":")" + hash +
          R"(","ops":[],"ledger_tx":{"inputs":[")" + hash + R"("],"outputs":[{"value":1,"pk":")" +
          hash + R"("}]}}}]})",
      R"({"rows_commitments":[[)" + std::string("1,2") + "]]}",
      "# TYPE a gauge\na{b=\"c\"} 1\na{b=\"c\",d=\"e\"} 2.5e3\nx +Inf\n",
      R"([{"height":1,"block":null}])"};
}

void Try(std::string_view input) {
  const std::string id(64, 'b');
  (void)nomos::ParseInfo(input).ok();
  (void)nomos::ParseHashes(input, 100).ok();
  (void)nomos::ParseBlock(id, input).ok();
  (void)nomos::ParseStreamedBlock(input).ok();
  (void)nomos::ParseStreamedBlocks(input).ok();
  (void)nomos::ParseFinalised(input).ok();
  (void)nomos::ParseStatuses(input, 2).ok();
  (void)nomos::ParseMempool(input).ok();
  (void)nomos::ParseNetwork(input).ok();
  (void)ParseMetrics(input).ok();
  (void)nomos::ParseBlobId(input).ok();
  (void)nomos::ParseCommitment(input).ok();
  (void)nomos::ParseShare(input).ok();
  (void)nomos::ParseShareLines(input).ok();
  (void)nomos::ParseReconstruction(input).ok();
  (void)nomos::ParseBool(input).ok();
  (void)nomos::ParseNames(input).ok();
  (void)nomos::ParseBalancer(input).ok();
  (void)nomos::ParseMonitor(input).ok();
  (void)nomos::ParseMembership(input).ok();
}

}  // namespace gtestnet::fuzz

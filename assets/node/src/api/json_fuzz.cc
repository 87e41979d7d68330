// SPDX-License-Identifier: Apache-2.0
// Bodies of the API's requests.
#include "api/da_json.h"
#include "api/json.h"
#include "core/test_support.h"
#include "telemetry/otlp_json.h"
#include "testing/fuzz.h"

namespace gtestnet::node::fuzz {

std::vector<std::string> Seeds() {
  using testing_support::Filled;
  const std::string hash = Filled(3).Hex();
  std::vector<std::string> seeds = {
      "\"" + hash + "\"",
      "[\"" + hash + "\"]",
      "\"text\"",
      "17",
      BlobIdJson(Filled(4)),
      CommitmentJson({}),
      ShareJson(Share{}),
      R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"no"}})",
      R"({"blob_id":[1,2],"requested_shares":[[0,1]],"filter_shares":[[0,2]],"return_available":true})",
      R"({"mantle_tx":{"ops":[{"opcode":0,"payload":{"channel_id":")" + hash +
          R"(","inscription":[1,2],"parent":")" + hash + R"(","signer":")" + hash +
          R"("}}],"ledger_tx":{"inputs":[],"outputs":[{"value":1,"pk":")" + hash +
          R"("}]},"execution_gas_price":0,"storage_gas_price":0},"ops_proofs":[{"Ed25519Sig":[1]}],"ledger_tx_proof":{"signatures":[]}})",
      R"({"channel_id":")" + hash + R"(","parent_msg_id":")" + hash + R"(","data":[1,2,3]})"};
  seeds.push_back(std::string(200, '['));
  return seeds;
}

void Try(std::string_view input) {
  if (const auto tx = ParseSignedTx(input); tx.ok() && CheckShape(*tx).ok()) {
    const Bytes bytes = EncodeSignedTx(*tx);
    if (bytes.size() <= kMaxTransactionBytes) {
      const auto back = DecodeSignedTx(bytes);
      Demand(back.ok() && *back == *tx, "a transaction of a sound shape is the same again");
    }
  }
  (void)ParseHash(input).ok();
  (void)ParseHashes(input).ok();
  (void)ParseDisperse(input).ok();
  (void)ParseBlobId(input).ok();
  (void)ParseShareRequest(input).ok();
  (void)ParseSampling(input).ok();
  (void)ParseNewShare(input).ok();
  (void)ParseHistoric(input).ok();
  (void)ParseText(input).ok();
  (void)ParseNumber(input).ok();
  (void)ReadPartialSuccess(input);
}

}  // namespace gtestnet::node::fuzz

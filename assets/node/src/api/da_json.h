// SPDX-License-Identifier: Apache-2.0
//
// The JSON of data availability's routes. Errors as in json.h.
#ifndef GTESTNET_NODE_API_DA_JSON_H_
#define GTESTNET_NODE_API_DA_JSON_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "config.h"
#include "core/da_engine.h"

namespace gtestnet::node {

struct DisperseBody {
  ChannelId channel;
  MsgId parent;
  Bytes data;
};
[[nodiscard]] absl::StatusOr<DisperseBody> ParseDisperse(std::string_view text);

// {"blob_id":[32]}, with or without a session (which must be 0).
[[nodiscard]] absl::StatusOr<BlobId> ParseBlobId(std::string_view text);

struct ShareBody {
  BlobId blob;
  std::size_t column = 0;  // of any value that two bytes have
};
[[nodiscard]] absl::StatusOr<ShareBody> ParseShareRequest(std::string_view text);

struct SamplingBody {
  BlobId blob;
  std::vector<std::size_t> requested;  // those that there are, each once
  ColumnSet filter;
  bool all = false;
};
[[nodiscard]] absl::StatusOr<SamplingBody> ParseSampling(std::string_view text);

struct NewShare {
  Commitment commitment{};
  Share share;
};
[[nodiscard]] absl::StatusOr<NewShare> ParseNewShare(std::string_view text);

struct HistoricBody {
  HeaderId block;
  std::vector<std::pair<BlobId, std::uint64_t>> blobs;  // with their sessions
};
[[nodiscard]] absl::StatusOr<HistoricBody> ParseHistoric(std::string_view text);

[[nodiscard]] absl::StatusOr<std::string> ParseText(std::string_view text);
[[nodiscard]] absl::StatusOr<std::uint64_t> ParseNumber(std::string_view text);

[[nodiscard]] std::string BlobIdJson(const BlobId& blob);
[[nodiscard]] std::string CommitmentJson(const Commitment& commitment);
[[nodiscard]] std::string ShareJson(const Share& share);
[[nodiscard]] std::string ReconstructedJson(const Reconstructed& blob);
[[nodiscard]] std::string NamesJson(const std::vector<std::string>& names);
[[nodiscard]] std::string BalancesJson(const std::array<Balance, kColumns>& balances);
[[nodiscard]] std::string FailuresJson(const std::map<std::string, FailureRates>& failures);
[[nodiscard]] std::string MembershipJson(const std::vector<PeerConfig>& members,
                                         const Placement& placement);

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_API_DA_JSON_H_

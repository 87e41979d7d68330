// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_CLIENT_JSON_H_
#define GTESTNET_NOMOS_SRC_CLIENT_JSON_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/nomos/node_client.h"

// The answers of a node's API. All of it comes from outside: an answer that is not as it must be is
// kInternal, with the place, what was expected and the beginning of the answer.
namespace gtestnet::nomos {

absl::StatusOr<ConsensusInfo> ParseInfo(std::string_view body);
// ["<hash>", …], of at most `most`.
absl::StatusOr<std::vector<std::string>> ParseHashes(std::string_view body, size_t most);
// Nothing for null. The answer has no id: it is the one that was asked for.
absl::StatusOr<std::optional<Block>> ParseBlock(std::string_view id, std::string_view body);
absl::StatusOr<StreamedBlock> ParseStreamedBlock(std::string_view line);
absl::StatusOr<std::vector<StreamedBlock>> ParseStreamedBlocks(std::string_view body);
absl::StatusOr<FinalisedBlock> ParseFinalised(std::string_view line);
// Of so many transactions.
absl::StatusOr<std::vector<TransactionStatus>> ParseStatuses(std::string_view body, size_t count);
absl::StatusOr<MempoolInfo> ParseMempool(std::string_view body);
absl::StatusOr<NetworkInfo> ParseNetwork(std::string_view body);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_CLIENT_JSON_H_

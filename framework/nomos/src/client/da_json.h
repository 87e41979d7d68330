// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_CLIENT_DA_JSON_H_
#define GTESTNET_NOMOS_SRC_CLIENT_DA_JSON_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/nomos/da_client.h"

// Bodies of the routes of data availability. As in json.h, an answer that is not as it must be is
// kInternal.
namespace gtestnet::nomos {

// "[1,2,3]".
std::string NumberList(std::string_view bytes);
// The same of an id, which must be one.
std::string IdNumbers(std::string_view id);
// "[lo,hi]".
std::string ColumnJson(int column);
std::string ToJson(const Share& share, std::string_view commitment);

// 32 numbers, as hexadecimal digits.
absl::StatusOr<std::string> ParseBlobId(std::string_view body);
// {"rows_commitments":[[48 numbers]]}, or null.
absl::StatusOr<std::optional<std::string>> ParseCommitment(std::string_view body);
absl::StatusOr<std::optional<Share>> ParseShare(std::string_view body);
// One a line.
absl::StatusOr<std::vector<Share>> ParseShareLines(std::string_view body);
absl::StatusOr<std::optional<Reconstruction>> ParseReconstruction(std::string_view body);
absl::StatusOr<bool> ParseBool(std::string_view body);
absl::StatusOr<std::vector<std::string>> ParseNames(std::string_view body);
absl::StatusOr<std::map<int, ColumnPeers>> ParseBalancer(std::string_view body);
absl::StatusOr<std::map<std::string, PeerFailures>> ParseMonitor(std::string_view body);
absl::StatusOr<DaMembership> ParseMembership(std::string_view body);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_CLIENT_DA_JSON_H_

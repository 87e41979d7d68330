// SPDX-License-Identifier: Apache-2.0
//
// The API's JSON: what the node's README and the real node say of each type.
#ifndef GTESTNET_NODE_API_JSON_H_
#define GTESTNET_NODE_API_JSON_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/engine.h"

namespace gtestnet::node {

// Errors of what comes in: kInvalidArgument when the text is not JSON, kFailedPrecondition when it
// is JSON of another shape; the message names the place.
[[nodiscard]] absl::StatusOr<SignedMantleTx> ParseSignedTx(std::string_view text);
[[nodiscard]] absl::StatusOr<Hash> ParseHash(std::string_view text);
[[nodiscard]] absl::StatusOr<std::vector<Hash>> ParseHashes(std::string_view text);

[[nodiscard]] std::string InfoJson(const ChainInfo& info);
[[nodiscard]] std::string HashesJson(const std::vector<Hash>& hashes);
// As POST /storage/block has it: without an id.
[[nodiscard]] std::string BlockJson(const Block& block);
// As the block explorer's routes have it; with the height when it is known.
[[nodiscard]] std::string ApiBlockJson(const Block& block);
// The same as a line of /cryptarchia/blocks/stream, without its end: with the block's height, and
// the node's tip and LIB.
[[nodiscard]] std::string StreamedBlockJson(const Block& block, Height height,
                                            const ChainInfo& info);
[[nodiscard]] std::string LibJson(const Finalised& finalised);
[[nodiscard]] std::string StatusesJson(const std::vector<TxStatus>& statuses);

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_API_JSON_H_

// SPDX-License-Identifier: Apache-2.0
// What nodes say to each other once a connection stands. Framing, handshake and ping are the
// shell's.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "block.h"
#include "types.h"

namespace gtestnet::node {

// No message is longer when encoded, so that a shell may refuse a longer frame unread.
inline constexpr std::size_t kMaxMessageBytes = kMaxBlockBytes + 64 * 1024;
inline constexpr std::size_t kMaxLocatorIds = 64;
inline constexpr std::size_t kMaxBatchBlocks = 256;
inline constexpr std::size_t kMaxBatchTransactions = 1024;

// "My tip is this." Sent at once on a new connection, when asked, and when the tip moved by other
// means than a block that is being relayed.
struct Tip {
  HeaderId id;
  Height height = 0;
  bool operator==(const Tip&) const = default;
};

// "Tell me your tip."
struct GetTip {
  bool operator==(const GetTip&) const = default;
};

// "Send me the blocks that lead to `target` (or to your tip, if you do not know it), from the
// newest block of `locator` that is among its ancestors." The locator runs from new to old and ends
// with the genesis block.
struct GetBlocks {
  std::uint32_t request = 0;
  HeaderId target;
  std::vector<HeaderId> locator;
  bool operator==(const GetBlocks&) const = default;
};

// The answer, oldest first, bounded in number and bytes: who wants the rest asks again. Empty if
// there is nothing.
struct Blocks {
  std::uint32_t request = 0;
  std::vector<BlockPtr> blocks;
};

// A new block, whole. Passed on once, after it was found valid.
struct NewBlock {
  BlockPtr block;
};

// Passed on once, when a transaction is new to the mempool.
struct Transactions {
  std::vector<SignedMantleTx> transactions;
  bool operator==(const Transactions&) const = default;
};

// On the network of data availability only, and nothing else there: see da_message.h.
struct DataMessage {
  Bytes bytes;
  bool operator==(const DataMessage&) const = default;
};

using Message = std::variant<Tip, GetTip, GetBlocks, Blocks, NewBlock, Transactions, DataMessage>;

Bytes EncodeMessage(const Message& message);
absl::StatusOr<Message> DecodeMessage(ByteSpan bytes);
const char* MessageName(const Message& message);

}  // namespace gtestnet::node

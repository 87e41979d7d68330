// SPDX-License-Identifier: Apache-2.0
// Blobs in transactions and blocks.
#pragma once

#include <vector>

#include "block.h"
#include "transaction.h"

namespace gtestnet::node {

// The transaction by which an executor brings a blob of `size` bytes into a channel, signed with
// the key of the seed of 32 zero bytes.
SignedMantleTx MakeBlobTx(const ChannelId& channel, const MsgId& parent, const Hash& blob,
                          std::uint64_t size);

// The blobs that are brought, in their order.
std::vector<Hash> BlobsOf(const SignedMantleTx& tx);
std::vector<Hash> BlobsOf(const Block& block);

}  // namespace gtestnet::node

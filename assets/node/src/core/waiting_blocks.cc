// SPDX-License-Identifier: Apache-2.0
#include "waiting_blocks.h"

#include <algorithm>

namespace gtestnet::node {

bool WaitingBlocks::Add(const BlockPtr& block, std::optional<std::uint64_t> from) {
  const std::size_t bytes = EncodedSize(*block);
  if (bytes > max_bytes_ || Contains(block->id)) return false;
  while (blocks_.size() >= max_blocks_ || bytes_ + bytes > max_bytes_) {
    bytes_ -= blocks_.front().bytes;
    blocks_.pop_front();
  }
  blocks_.push_back({block, from, bytes});
  bytes_ += bytes;
  return true;
}

bool WaitingBlocks::Contains(const HeaderId& id) const {
  return std::any_of(blocks_.begin(), blocks_.end(),
                     [&](const WaitingBlock& one) { return one.block->id == id; });
}

}  // namespace gtestnet::node

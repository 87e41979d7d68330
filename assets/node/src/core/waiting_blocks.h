// SPDX-License-Identifier: Apache-2.0
// Blocks that cannot be judged yet: their parent is unknown, or their slot has not begun. Bounded
// in number and bytes; the oldest make room.
#pragma once

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "block.h"

namespace gtestnet::node {

struct WaitingBlock {
  BlockPtr block;
  std::optional<std::uint64_t> from;  // the peer that sent it
  std::size_t bytes = 0;
};

class WaitingBlocks {
 public:
  WaitingBlocks(std::size_t max_blocks, std::size_t max_bytes)
      : max_blocks_(max_blocks), max_bytes_(max_bytes) {}

  // False if it is there already or is larger than all of them may be.
  bool Add(const BlockPtr& block, std::optional<std::uint64_t> from);
  bool Contains(const HeaderId& id) const;

  // Takes out those for which `predicate` is true, oldest first.
  template <typename Predicate>
  std::vector<WaitingBlock> Take(Predicate predicate) {
    std::vector<WaitingBlock> taken;
    std::deque<WaitingBlock> left;
    for (WaitingBlock& one : blocks_) {
      if (predicate(std::as_const(one))) {
        bytes_ -= one.bytes;
        taken.push_back(std::move(one));
      } else {
        left.push_back(std::move(one));
      }
    }
    blocks_ = std::move(left);
    return taken;
  }

  const std::deque<WaitingBlock>& all() const { return blocks_; }

 private:
  std::size_t max_blocks_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::deque<WaitingBlock> blocks_;
};

}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
// In which block of the canonical chain a transaction is. Remembers the newest million; older ones
// are forgotten.
#pragma once

#include <deque>
#include <unordered_map>

#include "block.h"

namespace gtestnet::node {

class TxIndex {
 public:
  void Join(const Block& block) {
    for (const TxHash& hash : block.tx_hashes) {
      // A transaction without any effect can be in several blocks: the first one counts.
      if (blocks_.emplace(hash, block.id).second) order_.push_back(hash);
    }
    for (; order_.size() > kMost; order_.pop_front()) blocks_.erase(order_.front());
  }

  void Leave(const Block& block) {
    for (const TxHash& hash : block.tx_hashes) {
      const auto found = blocks_.find(hash);
      if (found != blocks_.end() && found->second == block.id) blocks_.erase(found);
    }
  }

  const HeaderId* Find(const TxHash& hash) const {
    const auto found = blocks_.find(hash);
    return found == blocks_.end() ? nullptr : &found->second;
  }

 private:
  static constexpr std::size_t kMost = 1'000'000;
  std::unordered_map<TxHash, HeaderId> blocks_;
  std::deque<TxHash> order_;
};

}  // namespace gtestnet::node

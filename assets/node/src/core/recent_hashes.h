// SPDX-License-Identifier: Apache-2.0
// A bounded set of hashes, which forgets the oldest half when it is full.
#pragma once

#include <unordered_set>
#include <utility>

#include "types.h"

namespace gtestnet::node {

class RecentHashes {
 public:
  bool Contains(const Hash& key) const { return recent_.contains(key) || older_.contains(key); }
  void Insert(const Hash& key) {
    if (recent_.size() >= kHalf) older_ = std::exchange(recent_, {});
    recent_.insert(key);
  }

 private:
  static constexpr std::size_t kHalf = 16384;
  std::unordered_set<Hash> recent_;
  std::unordered_set<Hash> older_;
};

}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_SRC_TESTING_FAKE_FEED_H_
#define GTESTNET_CHAIN_SRC_TESTING_FAKE_FEED_H_

#include <map>
#include <mutex>
#include <string>

#include "core/src/run/testing/fake_cluster.h"
#include "gtestnet/chain/block_feed.h"

namespace gtestnet::testing_support {

// Watches a fake cluster whose chain has what a test puts into it.
class FakeFeed : public FakeObserver, public chain::BlockFeed {
 public:
  using FakeObserver::FakeObserver;

  void Include(const std::string& transaction, chain::FeedInclusion inclusion) {
    const std::lock_guard lock(mutex_);
    included_[transaction] = std::move(inclusion);
  }

  chain::ChainView view() const override { return {}; }
  std::optional<chain::BlockRecord> Find(std::string_view) const override { return std::nullopt; }
  std::optional<chain::FeedInclusion> InclusionOf(std::string_view transaction) const override {
    const std::lock_guard lock(mutex_);
    const auto it = included_.find(std::string(transaction));
    return it == included_.end() ? std::nullopt : std::optional(it->second);
  }
  int64_t blocks_seen() const override { return 0; }
  int64_t reorganisations() const override { return 0; }
  int64_t deepest_reorganisation() const override { return 0; }
  chain::FeedSubscription Subscribe(std::function<void(const chain::ChainUpdate&)>) override {
    return {};
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, chain::FeedInclusion> included_;
};

}  // namespace gtestnet::testing_support

#endif  // GTESTNET_CHAIN_SRC_TESTING_FAKE_FEED_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_BLOCK_FEED_H_
#define GTESTNET_CHAIN_BLOCK_FEED_H_

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtestnet/chain/record.h"
#include "gtestnet/record.h"

namespace gtestnet::chain {

// The chain that most nodes have: the highest block that at least half of the nodes that are up
// have in their chain (of two such blocks the one with the lower id), and all before it.
struct ChainView {
  std::string tip = {};  // genesis' id, or empty while nothing is known
  int64_t height = 0;
  // At least half of the nodes that are up have finalised so much of it.
  int64_t finalised_height = 0;

  friend bool operator==(const ChainView&, const ChainView&) = default;
};

// A change of that chain.
struct ChainUpdate {
  RunTime at{0};
  ChainView view = {};                    // after the change
  std::vector<BlockRecord> added = {};    // canonical now and not before, lowest first
  std::vector<BlockRecord> removed = {};  // not canonical any more, highest first: a reorganisation
};

// Where a transaction is in the canonical chain.
struct FeedInclusion {
  std::string block = {};
  int64_t height = 0;
  bool finalised = false;
};

// Ends a subscription when it goes; then no call is under way.
class FeedSubscription {
 public:
  FeedSubscription() = default;
  explicit FeedSubscription(std::function<void()> end) : end_(std::move(end)) {}
  FeedSubscription(FeedSubscription&& other) noexcept : end_(std::exchange(other.end_, nullptr)) {}
  FeedSubscription& operator=(FeedSubscription&& other) noexcept {
    std::swap(end_, other.end_);
    return *this;
  }
  ~FeedSubscription() {
    if (end_) end_();
  }

 private:
  std::function<void()> end_;
};

// The blocks of all nodes of a run, each once, and what follows from them. It outlives the death of
// any node: what one node does not tell, another one does. Any thread may call.
//
//   BlockFeed& feed = context.block_feed();
//   FeedSubscription s = feed.Subscribe([&](const ChainUpdate& update) { … });
class BlockFeed {
 public:
  virtual ~BlockFeed() = default;

  virtual ChainView view() const = 0;
  // On whichever branch; nothing for genesis and for a block that no node showed.
  virtual std::optional<BlockRecord> Find(std::string_view id) const = 0;
  // In the canonical chain; nothing if it is not there (now).
  virtual std::optional<FeedInclusion> InclusionOf(std::string_view transaction) const = 0;
  // How many blocks were seen, on whichever branch.
  virtual int64_t blocks_seen() const = 0;
  // How many times a node's tip went to another branch, and the most blocks it gave up then.
  virtual int64_t reorganisations() const = 0;
  virtual int64_t deepest_reorganisation() const = 0;

  // `handler` is called for each update from now on, in order, on a thread of the feed: it must be
  // quick, and must not call Subscribe or end a subscription.
  [[nodiscard]] virtual FeedSubscription Subscribe(
      std::function<void(const ChainUpdate&)> handler) = 0;
};

std::ostream& operator<<(std::ostream& os, const ChainView& view);

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_BLOCK_FEED_H_

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/chain/context.h"

#include <chrono>
#include <functional>
#include <optional>

namespace gtestnet::chain {
namespace {

class NoFeed final : public BlockFeed {
 public:
  ChainView view() const override { return {}; }
  std::optional<BlockRecord> Find(std::string_view) const override { return std::nullopt; }
  std::optional<FeedInclusion> InclusionOf(std::string_view) const override { return std::nullopt; }
  int64_t blocks_seen() const override { return 0; }
  int64_t reorganisations() const override { return 0; }
  int64_t deepest_reorganisation() const override { return 0; }
  FeedSubscription Subscribe(std::function<void(const ChainUpdate&)>) override { return {}; }
};

}  // namespace

BlockFeed& BlockFeedOf(const RunContext& context) {
  static NoFeed none;
  auto* feed = dynamic_cast<BlockFeed*>(context.observer());
  return feed != nullptr ? *feed : none;
}

double ExpectedBlocks(const RunContext& context) {
  const std::optional<RunTime> begun = context.begun();
  if (!begun) return 0;
  return std::chrono::duration<double, std::milli>(context.now() - *begun) /
         context.pace().block_interval();
}

}  // namespace gtestnet::chain

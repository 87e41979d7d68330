// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_CONTEXT_H_
#define GTESTNET_CHAIN_CONTEXT_H_

#include "gtestnet/chain/block_feed.h"
#include "gtestnet/run_context.h"

namespace gtestnet::chain {

// The blocks of a run's nodes. Of a kind without blocks, and before the capture begins, it never
// has any.
BlockFeed& BlockFeedOf(const RunContext& context);
// How many blocks the chain should have made since the capture began, if all leaders were up.
double ExpectedBlocks(const RunContext& context);

// A running cluster whose nodes keep a chain.
class Context : public RunContext {
 public:
  using RunContext::RunContext;

  BlockFeed& block_feed() const { return BlockFeedOf(*this); }
  double expected_blocks() const { return ExpectedBlocks(*this); }
};

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_CONTEXT_H_

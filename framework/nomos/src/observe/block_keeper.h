// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_OBSERVE_BLOCK_KEEPER_H_
#define GTESTNET_NOMOS_SRC_OBSERVE_BLOCK_KEEPER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/src/base/thread.h"
#include "gtestnet/nomos/node_client.h"
#include "gtestnet/run_context.h"
#include "nomos/src/observe/chain_watch.h"

namespace gtestnet::nomos {

// Keeps a stream of blocks, and one of final blocks, open to each node that is up (and opens one
// that says nothing anew), asks for the blocks that no stream told (from any node, so that the
// chain survives the death of each), and delivers the feed's updates. One thread, and one for each
// stream.
class BlockKeeper {
 public:
  BlockKeeper(RunContext& context, ChainWatch& watch);
  ~BlockKeeper();

  // kResourceExhausted when it has no thread. (One that is missing later breaks the run.)
  const absl::Status& status() const { return thread_.status(); }
  // Fetches what is missing, delivers what is left, and ends. Idempotent.
  void Stop();

 private:
  struct Subscription;
  // Of a block that nobody had when it was asked for.
  struct Attempts {
    int count = 0;
    Clock::TimePoint next{};
  };

  void Run(std::stop_token stop);
  void Subscribe(const std::vector<NodeInfo>& nodes);
  void FetchWanted(const std::vector<NodeInfo>& nodes);
  // Asks for those that are due; how many were had.
  int FetchDue(const std::vector<NodeInfo>& nodes);
  bool Fetch(const std::string& id, const std::vector<NodeInfo>& nodes);

  RunContext& context_;
  ChainWatch& watch_;
  // Of the thread alone.
  std::map<NodeIndex, std::unique_ptr<Subscription>> subscriptions_;
  std::map<std::string, Attempts> attempts_;
  size_t next_to_ask_ = 0;
  Thread thread_;
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_OBSERVE_BLOCK_KEEPER_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_OBSERVE_TESTIMONY_H_
#define GTESTNET_NOMOS_SRC_OBSERVE_TESTIMONY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chain/src/chain_tracker.h"
#include "chain/src/contradictions.h"
#include "gtestnet/nomos/node_client.h"
#include "gtestnet/record.h"

namespace gtestnet::nomos {

// What a node is asked about the end of its final chain, where all answers are known before.
struct FinalQuestion {
  std::string block = {};  // the last final one; empty: nothing can be asked
  // The final blocks of these slots, in order.
  int64_t slot_from = 0;
  int64_t slot_to = 0;
  std::vector<std::string> blocks = {};
  // Their transactions, and the block that each is in.
  std::vector<std::string> transactions = {};
  std::vector<std::string> in = {};
};

// Of few blocks, and of as many transactions as can be asked for every second. Nothing if a block
// is not known, or has more than that.
FinalQuestion QuestionOf(const std::string& last_final, const chain::ChainTracker& chain);

// What one node told, in the order in which it was asked. What is not there was not asked for, or
// the node has no such route.
struct Testimony {
  ConsensusInfo before = {};
  std::optional<NetworkInfo> network_before = {};
  std::optional<MempoolInfo> mempool_before = {};
  std::optional<std::vector<MetricValue>> metrics = {};
  std::optional<MempoolInfo> mempool_after = {};
  std::optional<NetworkInfo> network_after = {};
  std::optional<std::vector<std::string>> headers = {};
  ConsensusInfo after = {};
  FinalQuestion question = {};
  std::optional<std::optional<Block>> block = {};
  std::optional<std::vector<StreamedBlock>> blocks = {};
  std::optional<std::vector<TransactionStatus>> statuses = {};
  // How many peers it may have by the layout, and how many of these are up and answer.
  std::optional<int> most_peers = {};
  std::optional<int> least_peers = {};
};

// Looks for what cannot be so: in one answer against another, and in each against the blocks.
//
// A number that only grows (a height) lies between what it was before and after. One that goes up
// and down (peers, what waits in the mempool) is compared only where it was the same before and
// after, and, of the mempool, where nothing came meanwhile. `patience` is how long a node may be
// Bootstrapping that is level with the network and has all its neighbours as peers, or may lack
// neighbours that are up and answer.
void Examine(NodeIndex node, const Testimony& testimony, const chain::ChainTracker& chain,
             RunTime at, RunTime patience, chain::Contradictions& notes);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_OBSERVE_TESTIMONY_H_

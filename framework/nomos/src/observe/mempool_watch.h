// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_OBSERVE_MEMPOOL_WATCH_H_
#define GTESTNET_NOMOS_SRC_OBSERVE_MEMPOOL_WATCH_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/node_client.h"
#include "gtestnet/record.h"

namespace gtestnet::nomos {

// Follows the transactions of a run through the mempools of its nodes: which nodes have one, and
// since when. For each it keeps who had it, and the first and the last sight. Thread-safe; asks
// only when told to.
class MempoolWatch {
 public:
  // The transactions recorded so far, without the first n.
  using Source = std::function<std::vector<chain::TransactionRecord>(size_t)>;
  // What a node knows of these.
  using Question = std::function<absl::StatusOr<std::vector<TransactionStatus>>(
      const std::vector<std::string>& hashes)>;

  // One that a node does not have so long after its submission is not looked for any more.
  MempoolWatch(Source source, RunTime patience) : source_(std::move(source)), patience_(patience) {}

  // Asks the node for what it was not seen to have yet. One thread a node.
  void AskAfter(NodeIndex node, RunTime now, const Question& ask);
  // The sights of these, which are those of the source.
  void Fill(std::vector<chain::TransactionRecord>& transactions) const;

 private:
  struct Entry {
    std::string hash;
    RunTime submitted_at{0};
    chain::NodeSet seen_by = {};
    RunTime first_seen{0};
    RunTime last_seen{0};
  };
  struct Node {
    size_t next = 0;             // the first entry that is not in `unseen` yet
    std::vector<size_t> unseen;  // entries that it was not seen to have
  };

  void TakeNew();
  std::vector<std::string> Batch(const Node& node, size_t from) const;

  const Source source_;
  const RunTime patience_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;  // as the source has them
  std::map<NodeIndex, Node> nodes_;
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_OBSERVE_MEMPOOL_WATCH_H_

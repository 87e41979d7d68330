// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CHAIN_SRC_RUN_VIEW_H_
#define GTESTNET_MATCHERS_CHAIN_SRC_RUN_VIEW_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtestnet/chain/chain_index.h"
#include "gtestnet/derived.h"
#include "gtestnet/record.h"
#include "matchers/core/src/uptime.h"

namespace gtestnet::matching {

// What several matchers work out of a record: its chains, when each node was up, and how high each
// sample was in the record's block tree. The record must outlive it.
class RunView {
 public:
  // A node is level with the highest when it is at most so many blocks below.
  static constexpr int64_t kLevel = 2;

  explicit RunView(const RunRecord& record);

  const RunRecord& record() const { return record_; }
  const chain::ChainIndex& chains() const { return *chains_; }
  const Uptime& uptime() const { return uptime_; }
  const Snapshot& at_end() const { return at_end_; }
  const std::string& NameOf(NodeIndex node) const {
    return record_.nodes[static_cast<size_t>(node)].name;
  }

  // Of a sample's tip; −1 for one that does not answer, or whose tip no node showed.
  int64_t HeightOf(const NodeSample& sample) const {
    return height_[static_cast<size_t>(&sample - record_.samples.data())];
  }
  // The highest that any node was at that sample or before.
  int64_t HighestBy(const NodeSample& sample) const {
    return highest_[static_cast<size_t>(&sample - record_.samples.data())];
  }
  // Whether the sample shows the node Online and level with the highest. (In a record in which no
  // node ever says Online, a mode is another kind's word, and none but Bootstrapping is known.)
  bool IsSynced(const NodeSample& sample) const;
  // Those of one node that answered and whose height is known, in order.
  const std::vector<const NodeSample*>& SamplesOf(NodeIndex node) const {
    return of_node_[static_cast<size_t>(node)];
  }
  // The node's height at that time by its latest sample; nothing if there is none yet.
  std::optional<int64_t> HeightAt(NodeIndex node, RunTime at) const;
  // Of its tip at the end; −1 if it did not answer.
  int64_t HeightAtEnd(NodeIndex node) const { return end_height_[static_cast<size_t>(node)]; }
  // Whose tip at the end is the highest, of the nodes that are up; nothing if none is known.
  std::optional<NodeIndex> HighestAtEnd() const;
  // The nodes that are up at the end.
  const std::vector<NodeIndex>& up_at_end() const { return up_at_end_; }
  // Those that were taken down on purpose and how: "validator-1 (killed by restarts at 12.000 s)",
  // or were never started.
  std::vector<std::string> DownOnPurpose() const;
  // Those that are down at the end and nobody asked it: "validator-1 exited at 3.000 s: signal 6".
  std::vector<std::string> DownUnasked() const;
  // "validator-2 did not answer since 3.2 s".
  std::string Silence(NodeIndex node) const;

 private:
  const RunRecord& record_;
  std::shared_ptr<const chain::ChainIndex> chains_;
  Uptime uptime_;
  Snapshot at_end_;
  bool has_online_ = false;
  std::vector<int64_t> height_;
  std::vector<int64_t> highest_;
  std::vector<std::vector<const NodeSample*>> of_node_;
  std::vector<int64_t> end_height_;
  std::vector<NodeIndex> up_at_end_;
};

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CHAIN_SRC_RUN_VIEW_H_

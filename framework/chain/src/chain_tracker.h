// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_SRC_CHAIN_TRACKER_H_
#define GTESTNET_CHAIN_SRC_CHAIN_TRACKER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "gtestnet/chain/block_feed.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/record.h"

namespace gtestnet::chain {

// What the nodes of a run tell of their blocks and tips, put together: the block tree, the
// canonical chain, reorganisations. Fed with facts in any order; asks no node and reads no clock.
// For one thread at a time.
class ChainTracker {
 public:
  // More blocks than this are not kept, whoever tells them.
  static constexpr size_t kMostBlocks = 1'000'000;

  explicit ChainTracker(std::string genesis);

  const std::string& genesis() const { return genesis_; }

  // A block that a node showed; its height is worked out here. Whether it is new.
  bool AddBlock(BlockRecord block);
  // A node that is up has this tip, and has this block as its last final one. How high these are is
  // worked out here.
  void SetTip(NodeIndex node, const std::string& tip, const std::string& finalised);
  // A node that is down has no say.
  void SetDown(NodeIndex node);
  // The canonical chain anew: what has changed since the last call, if anything has.
  std::optional<ChainUpdate> Update(RunTime at);

  // A block was named otherwise than as a parent or a tip.
  void Name(const std::string& id) { Want(id); }

  // Blocks that were named, as a parent or a tip, and not shown.
  std::vector<std::string> Wanted() const { return {wanted_.begin(), wanted_.end()}; }
  bool AnyWanted() const { return !wanted_.empty(); }
  // No node has it: it is not asked for again until it is named again.
  void GiveUp(const std::string& id) { wanted_.erase(id); }

  const ChainView& view() const { return view_; }
  // Connected with genesis or not.
  const BlockRecord* Find(std::string_view id) const;
  // Genesis is 0; −1 for what is not known to be connected with it.
  int64_t HeightOf(std::string_view id) const;
  std::optional<FeedInclusion> InclusionOf(std::string_view transaction) const;
  // What every node that is up has finalised.
  int64_t finalised_by_all() const;
  // Of the node's last tip that is connected with genesis; nothing while no node has shown one.
  std::optional<int64_t> HeightOfNode(NodeIndex node) const;
  size_t size() const { return blocks_.size(); }
  int64_t reorganisations() const { return reorganisations_; }
  int64_t deepest_reorganisation() const { return deepest_; }
  // Those that are connected with genesis, by height and then by time.
  std::vector<BlockRecord> Blocks() const;

 private:
  struct Block {
    BlockRecord record;
    bool connected = false;  // with genesis: its height is known
    const Block* parent = nullptr;
  };
  struct NodeState {
    bool up = false;
    std::string tip;               // as it said last
    const Block* known = nullptr;  // the last of its tips that is connected; null: genesis
    std::string finalised;         // as it said last
    int64_t finalised_height = 0;  // of the last one that is connected
  };

  Block* FindBlock(std::string_view id);
  void Connect(Block& block, const Block* parent);
  void Want(const std::string& id);
  // Takes note of what is connected by now of what the node said.
  void Look(NodeState& state);
  // The node's tip is (now) known to be this block.
  void MoveTip(NodeState& node, const Block* tip);
  const Block* ChooseTip() const;
  int64_t ChooseFinalised(int64_t height) const;

  const std::string genesis_;
  std::unordered_map<std::string, Block> blocks_;                 // references stay valid
  std::unordered_map<std::string, std::vector<Block*>> orphans_;  // by the parent they wait for
  std::unordered_set<std::string> wanted_;
  std::map<NodeIndex, NodeState> nodes_;

  std::vector<const Block*> canonical_;  // canonical_[h − 1] has height h
  std::unordered_map<std::string_view, const Block*> canonical_transactions_;
  ChainView view_;
  bool any_known_ = false;  // some node's tip was connected once
  int64_t reorganisations_ = 0;
  int64_t deepest_ = 0;
};

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_SRC_CHAIN_TRACKER_H_

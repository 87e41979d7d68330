// SPDX-License-Identifier: Apache-2.0
// The blocks that may still be on the chain, the chain that is chosen among them, and what is
// final.
//
// The longest chain wins, then the lower header id: a rule of the blocks alone, so that nodes that
// know the same blocks agree, in whichever order they came. The last immutable block (LIB) is the
// tip's k-th ancestor, the genesis block while there is none, and never goes back; the tree's root
// is the LIB, and what leaves the chain below it is cut off. This holds also while a node is
// Bootstrapping: what it downloads is final as soon as k blocks are upon it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "block.h"
#include "epoch.h"
#include "leadership.h"
#include "ledger.h"
#include "options.h"

namespace gtestnet::node {

struct TreeNode {
  BlockPtr block;
  Height height = 0;
  TreeNode* parent = nullptr;  // null for the root
  std::vector<TreeNode*> children;
  LedgerDelta delta;  // empty for the root, whose changes are in the base
  ChainState state;

  const HeaderId& id() const { return block->id; }
  Slot slot() const { return block->header.slot; }
};

// Whether a tip of this height and id is chosen before the other.
inline bool IsBetter(Height height, const HeaderId& id, Height other_height,
                     const HeaderId& other_id) {
  return height != other_height ? height > other_height : id < other_id;
}

// What a block changed.
struct TreeChange {
  const TreeNode* added = nullptr;
  bool is_tip = false;
  bool equivocates = false;      // its leader made another one for its slot
  std::vector<BlockPtr> left;    // of the former chain, newest first
  std::vector<BlockPtr> joined;  // of the new one, oldest first
  std::vector<std::pair<Height, HeaderId>> finalised;
  std::vector<HeaderId> pruned;
};

class BlockTree {
 public:
  // Of one leader and slot; the real node has no bound, and a leader without scruples could fill
  // the memory.
  static constexpr unsigned kMaxEquivocations = 16;

  BlockTree(const ConsensusOptions& options, const Genesis& genesis);

  // Errors: AlreadyExists; NotFound: the parent is unknown; FailedPrecondition: it would leave the
  // chain below the LIB; ResourceExhausted: one equivocation too many; InvalidArgument: it breaks a
  // rule of the protocol.
  absl::StatusOr<TreeChange> Add(const BlockPtr& block, Signatures signatures);

  const TreeNode& tip() const { return *tip_; }
  const TreeNode& lib() const { return *root_; }
  const TreeNode* Find(const HeaderId& id) const;
  bool Knows(const HeaderId& id) const { return HeightOf(id).has_value(); }
  std::optional<Height> HeightOf(const HeaderId& id) const;
  std::size_t leaves() const;

  // Ids of final blocks, genesis and LIB included.
  std::optional<Height> ImmutableHeight(const HeaderId& id) const;
  const HeaderId& ImmutableAt(Height height) const { return immutable_[height].id; }
  std::vector<HeaderId> ImmutableBetween(Slot from, Slot to, std::size_t limit) const;
  // Of the chain of `node`, final or not; `height` is at most the node's.
  const HeaderId& AncestorId(const TreeNode& node, Height height) const;

  LedgerView ViewAt(const TreeNode& node);
  // Misbehaviour: what its ledger does with the transactions of blocks.
  enum class Ledger { kHonest, kTakesAnything, kIgnores };
  void set_ledger(Ledger ledger) { ledger_ = ledger; }
  EpochState EpochAt(const TreeNode& parent, Slot slot) const {
    return rules_.At(parent.state, slot);
  }
  Thresholds& thresholds() { return thresholds_; }

 private:
  struct Immutable {
    HeaderId id;
    Slot slot = 0;
  };

  absl::StatusOr<TreeNode*> FindParent(const Block& block) const;
  absl::StatusOr<LedgerDelta> Execute(const Block& block, const TreeNode& parent,
                                      Signatures signatures);
  void ChooseTip(TreeNode* candidate, TreeChange* change);
  void Finalise(TreeChange* change);
  void Cut(TreeNode* node, TreeChange* change);

  ConsensusOptions options_;
  EpochRules rules_;
  Thresholds thresholds_;
  LedgerBase base_;  // the state after the root
  Ledger ledger_ = Ledger::kHonest;
  SignatureCache signatures_;
  std::unordered_map<HeaderId, std::unique_ptr<TreeNode>> nodes_;
  TreeNode* root_ = nullptr;
  TreeNode* tip_ = nullptr;
  std::vector<Immutable> immutable_;  // by height
  std::unordered_map<HeaderId, Height> immutable_heights_;
  std::map<std::pair<Slot, PublicKey>, unsigned> leaders_;  // blocks of a leader in a slot
};

}  // namespace gtestnet::node

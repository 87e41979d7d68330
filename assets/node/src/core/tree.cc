// SPDX-License-Identifier: Apache-2.0
#include "tree.h"

#include <algorithm>
#include <unordered_set>

#include "text.h"

namespace gtestnet::node {

BlockTree::BlockTree(const ConsensusOptions& options, const Genesis& genesis)
    : options_(options),
      rules_(options, genesis),
      thresholds_(options.active_slot_coeff),
      base_(genesis) {
  auto root = std::make_unique<TreeNode>();
  root->block = MakeGenesisBlock(genesis);
  root->state = rules_.genesis();
  root_ = tip_ = root.get();
  immutable_.push_back({root->id(), 0});
  immutable_heights_.emplace(root->id(), 0);
  nodes_.emplace(root->id(), std::move(root));
}

absl::StatusOr<TreeChange> BlockTree::Add(const BlockPtr& block, Signatures signatures) {
  absl::StatusOr<TreeNode*> parent = FindParent(*block);
  if (!parent.ok()) return parent.status();
  const Header& header = block->header;
  if (header.slot <= (*parent)->slot()) {
    return Invalid("its slot ", header.slot, " is not behind its parent's, ", (*parent)->slot());
  }
  const auto maker = leaders_.find({header.slot, header.leader_key});
  const unsigned others = maker == leaders_.end() ? 0 : maker->second;
  if (others >= kMaxEquivocations) {
    return absl::ResourceExhaustedError("its leader made too many blocks for its slot");
  }
  absl::Status status =
      CheckLeader(header, EpochAt(**parent, header.slot), thresholds_, signatures);
  if (status.ok()) status = CheckBlock(*block, signatures);
  if (!status.ok()) return status;
  absl::StatusOr<LedgerDelta> delta = Execute(*block, **parent, signatures);
  if (!delta.ok()) return delta.status();

  auto node = std::make_unique<TreeNode>();
  node->block = block;
  node->height = (*parent)->height + 1;
  node->parent = *parent;
  node->state = rules_.After((*parent)->state, header, *delta);
  node->delta = *std::move(delta);
  (*parent)->children.push_back(node.get());
  ++leaders_[{header.slot, header.leader_key}];

  TreeChange change;
  change.added = node.get();
  change.equivocates = others > 0;
  TreeNode* const added = nodes_.emplace(block->id, std::move(node)).first->second.get();
  if (IsBetter(added->height, added->id(), tip_->height, tip_->id())) {
    ChooseTip(added, &change);
    Finalise(&change);
  }
  return change;
}

absl::StatusOr<TreeNode*> BlockTree::FindParent(const Block& block) const {
  if (Knows(block.id)) return absl::AlreadyExistsError("it is known");
  const auto parent = nodes_.find(block.header.parent);
  if (parent != nodes_.end()) return parent->second.get();
  if (immutable_heights_.contains(block.header.parent) || block.header.slot <= root_->slot()) {
    return absl::FailedPreconditionError(
        absl::StrCat("it leaves the chain below the final block at height ", root_->height));
  }
  return absl::NotFoundError("its parent is unknown");
}

absl::StatusOr<LedgerDelta> BlockTree::Execute(const Block& block, const TreeNode& parent,
                                               Signatures signatures) {
  if (ledger_ == Ledger::kIgnores) return LedgerDelta();
  LedgerView view = ViewAt(parent);
  std::unordered_set<TxHash> seen;
  for (std::size_t i = 0; i < block.transactions.size(); ++i) {
    if (!seen.insert(block.tx_hashes[i]).second) {
      return Invalid("transaction ", i, " is in it twice");
    }
    const absl::Status status = view.Apply(block.transactions[i], block.tx_hashes[i], signatures);
    if (!status.ok()) return Invalid("transaction ", i, ": ", status.message());
  }
  return view.TakeChanges();
}

void BlockTree::ChooseTip(TreeNode* candidate, TreeChange* change) {
  TreeNode* from = tip_;
  TreeNode* to = candidate;
  while (from != to) {
    if (to->height >= from->height) {
      change->joined.push_back(to->block);
      to = to->parent;
    } else {
      change->left.push_back(from->block);
      from = from->parent;
    }
  }
  std::reverse(change->joined.begin(), change->joined.end());
  change->is_tip = true;
  tip_ = candidate;
}

void BlockTree::Finalise(TreeChange* change) {
  const Height k = options_.security_param;
  if (tip_->height < k || tip_->height - k <= root_->height) return;
  std::vector<TreeNode*> path;  // to the new root, newest first
  for (TreeNode* node = tip_; node != root_; node = node->parent) {
    if (node->height + k <= tip_->height) path.push_back(node);
  }
  for (; !path.empty(); path.pop_back()) {
    TreeNode* const next = path.back();
    for (TreeNode* child : root_->children) {
      if (child != next) Cut(child, change);
    }
    const HeaderId old = root_->id();
    root_ = next;
    root_->parent = nullptr;
    base_.Absorb(root_->delta);
    root_->delta = {};
    nodes_.erase(old);
    immutable_.push_back({root_->id(), root_->slot()});
    immutable_heights_.emplace(root_->id(), root_->height);
    change->finalised.emplace_back(root_->height, root_->id());
  }
  leaders_.erase(leaders_.begin(), leaders_.lower_bound({root_->slot(), PublicKey{}}));
}

void BlockTree::Cut(TreeNode* node, TreeChange* change) {
  std::vector<TreeNode*> left = {node};
  while (!left.empty()) {
    TreeNode* const next = left.back();
    left.pop_back();
    left.insert(left.end(), next->children.begin(), next->children.end());
    const HeaderId id = next->id();
    change->pruned.push_back(id);
    nodes_.erase(id);
  }
}

const TreeNode* BlockTree::Find(const HeaderId& id) const {
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : found->second.get();
}

std::optional<Height> BlockTree::HeightOf(const HeaderId& id) const {
  if (const TreeNode* node = Find(id)) return node->height;
  return ImmutableHeight(id);
}

std::size_t BlockTree::leaves() const {
  std::size_t count = 0;
  for (const auto& [id, node] : nodes_) count += node->children.empty() ? 1 : 0;
  return count;
}

std::optional<Height> BlockTree::ImmutableHeight(const HeaderId& id) const {
  const auto found = immutable_heights_.find(id);
  if (found == immutable_heights_.end()) return std::nullopt;
  return found->second;
}

std::vector<HeaderId> BlockTree::ImmutableBetween(Slot from, Slot to, std::size_t limit) const {
  std::vector<HeaderId> ids;
  auto at = std::lower_bound(immutable_.begin() + 1, immutable_.end(), from,
                             [](const Immutable& one, Slot slot) { return one.slot < slot; });
  for (; at != immutable_.end() && at->slot <= to && ids.size() < limit; ++at) {
    ids.push_back(at->id);
  }
  return ids;
}

const HeaderId& BlockTree::AncestorId(const TreeNode& node, Height height) const {
  if (height <= root_->height) return immutable_[height].id;
  const TreeNode* at = &node;
  while (at->height > height) at = at->parent;
  return at->id();
}

LedgerView BlockTree::ViewAt(const TreeNode& node) {
  std::vector<const LedgerDelta*> path;
  for (const TreeNode* at = &node; at != root_; at = at->parent) path.push_back(&at->delta);
  LedgerView view(&base_, std::move(path), &signatures_);
  if (ledger_ == Ledger::kTakesAnything) view.TakeAnything();
  return view;
}

}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
#include "chain/src/chain_tracker.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "chain/src/canonical.h"

namespace gtestnet::chain {
namespace {

int64_t HeightOfBlock(const BlockRecord* block) { return block == nullptr ? 0 : block->height; }

}  // namespace

ChainTracker::ChainTracker(std::string genesis) : genesis_(std::move(genesis)) {
  view_.tip = genesis_;
}

ChainTracker::Block* ChainTracker::FindBlock(std::string_view id) {
  auto it = blocks_.find(std::string(id));
  return it == blocks_.end() ? nullptr : &it->second;
}

const BlockRecord* ChainTracker::Find(std::string_view id) const {
  auto it = blocks_.find(std::string(id));
  return it == blocks_.end() ? nullptr : &it->second.record;
}

int64_t ChainTracker::HeightOf(std::string_view id) const {
  if (id == genesis_) return 0;
  auto it = blocks_.find(std::string(id));
  return it == blocks_.end() || !it->second.connected ? -1 : it->second.record.height;
}

void ChainTracker::Want(const std::string& id) {
  if (!id.empty() && id != genesis_ && blocks_.count(id) == 0 && blocks_.size() < kMostBlocks) {
    wanted_.insert(id);
  }
}

bool ChainTracker::AddBlock(BlockRecord block) {
  if (block.id.empty() || block.id == genesis_ || blocks_.size() >= kMostBlocks) return false;
  auto [it, is_new] = blocks_.try_emplace(block.id);
  if (!is_new) return false;
  wanted_.erase(block.id);
  Block& added = it->second;
  added.record = std::move(block);
  const std::string& parent = added.record.parent;
  if (parent == genesis_) {
    Connect(added, nullptr);
  } else if (Block* known = FindBlock(parent); known != nullptr && known->connected) {
    Connect(added, known);
  } else {
    orphans_[parent].push_back(&added);
    Want(parent);
  }
  return true;
}

void ChainTracker::Connect(Block& block, const Block* parent) {
  std::vector<std::pair<Block*, const Block*>> todo{{&block, parent}};
  while (!todo.empty()) {
    auto [child, above] = todo.back();
    todo.pop_back();
    child->connected = true;
    child->parent = above;
    child->record.height = HeightOfBlock(above == nullptr ? nullptr : &above->record) + 1;
    auto waiting = orphans_.find(child->record.id);
    if (waiting == orphans_.end()) continue;
    for (Block* next : waiting->second) todo.emplace_back(next, child);
    orphans_.erase(waiting);
  }
}

void ChainTracker::SetTip(NodeIndex node, const std::string& tip, const std::string& finalised) {
  if (tip.empty()) return;
  NodeState& state = nodes_[node];
  state.up = true;
  state.tip = tip;
  state.finalised = finalised;
  Want(tip);
}

void ChainTracker::SetDown(NodeIndex node) { nodes_[node].up = false; }

void ChainTracker::MoveTip(NodeState& node, const Block* tip) {
  const Block* old = std::exchange(node.known, tip);
  const Block* a = old;
  const Block* b = tip;
  while (a != b) {
    const int64_t height_a = HeightOfBlock(a == nullptr ? nullptr : &a->record);
    const int64_t height_b = HeightOfBlock(b == nullptr ? nullptr : &b->record);
    if (height_a >= height_b) a = a->parent;
    if (height_b >= height_a) b = b->parent;
  }
  // A node that comes back with an earlier tip of the same chain has not changed its mind.
  if (a == old || a == tip) return;
  const int64_t depth = old->record.height - HeightOfBlock(a == nullptr ? nullptr : &a->record);
  ++reorganisations_;
  deepest_ = std::max(deepest_, depth);
}

const ChainTracker::Block* ChainTracker::ChooseTip() const {
  int nodes = 0;
  std::vector<const Block*> tips;
  for (const auto& [node, state] : nodes_) {
    if (!state.up) continue;
    ++nodes;
    if (state.known != nullptr) tips.push_back(state.known);
  }
  const auto parent_of = [](const Block* block) {
    return block->parent == nullptr ? std::nullopt : std::optional(block->parent);
  };
  const auto before = [](const Block* a, const Block* b) {
    if (a->record.height != b->record.height) return a->record.height > b->record.height;
    return a->record.id < b->record.id;
  };
  return CanonicalTip(tips, nodes, parent_of, before).value_or(nullptr);
}

int64_t ChainTracker::ChooseFinalised(int64_t height) const {
  std::vector<int64_t> heights;
  for (const auto& [node, state] : nodes_) {
    if (state.up) heights.push_back(state.finalised_height);
  }
  if (heights.empty()) return 0;
  std::sort(heights.begin(), heights.end(), std::greater<>());
  // The height that at least half have reached.
  return std::min(heights[(heights.size() + 1) / 2 - 1], height);
}

int64_t ChainTracker::finalised_by_all() const {
  int64_t lowest = view_.height;
  for (const auto& [node, state] : nodes_) {
    if (state.up) lowest = std::min(lowest, state.finalised_height);
  }
  return lowest;
}

std::optional<int64_t> ChainTracker::HeightOfNode(NodeIndex node) const {
  if (!any_known_) return std::nullopt;
  const auto state = nodes_.find(node);
  if (state == nodes_.end() || state->second.known == nullptr) return 0;
  return state->second.known->record.height;
}

void ChainTracker::Look(NodeState& state) {
  const Block* tip = FindBlock(state.tip);
  const bool known = state.tip == genesis_ || (tip != nullptr && tip->connected);
  any_known_ = any_known_ || known;
  if (known && tip != state.known) MoveTip(state, tip);
  const int64_t finalised = HeightOf(state.finalised);
  if (finalised >= 0) state.finalised_height = finalised;
}

std::optional<ChainUpdate> ChainTracker::Update(RunTime at) {
  bool any_up = false;
  for (auto& [node, state] : nodes_) {
    any_up = any_up || state.up;
    Look(state);
  }
  // With nobody there to ask, the chain is what it was.
  if (!any_up) return std::nullopt;
  const Block* tip = ChooseTip();
  ChainUpdate update{.at = at, .view = {}, .added = {}, .removed = {}};
  std::vector<const Block*> added;
  for (const Block* block = tip; block != nullptr; block = block->parent) {
    const auto i = static_cast<size_t>(block->record.height - 1);
    if (i < canonical_.size() && canonical_[i] == block) break;
    added.push_back(block);
  }
  const auto kept = static_cast<size_t>(
      tip == nullptr ? 0 : tip->record.height - static_cast<int64_t>(added.size()));
  while (canonical_.size() > kept) {
    const Block* block = canonical_.back();
    canonical_.pop_back();
    for (const std::string& hash : block->record.transactions) canonical_transactions_.erase(hash);
    update.removed.push_back(block->record);
  }
  for (auto it = added.rbegin(); it != added.rend(); ++it) {
    canonical_.push_back(*it);
    for (const std::string& hash : (*it)->record.transactions) {
      canonical_transactions_[hash] = *it;
    }
    update.added.push_back((*it)->record);
  }
  view_.tip = tip == nullptr ? genesis_ : tip->record.id;
  view_.height = tip == nullptr ? 0 : tip->record.height;
  const int64_t finalised = ChooseFinalised(view_.height);
  const bool finalised_more = finalised > view_.finalised_height;
  view_.finalised_height = std::max(finalised, view_.finalised_height);
  if (update.added.empty() && update.removed.empty() && !finalised_more) return std::nullopt;
  update.view = view_;
  return update;
}

std::optional<FeedInclusion> ChainTracker::InclusionOf(std::string_view transaction) const {
  auto it = canonical_transactions_.find(transaction);
  if (it == canonical_transactions_.end()) return std::nullopt;
  const BlockRecord& block = it->second->record;
  return FeedInclusion{block.id, block.height, block.height <= view_.finalised_height};
}

std::vector<BlockRecord> ChainTracker::Blocks() const {
  std::vector<BlockRecord> records;
  records.reserve(blocks_.size());
  for (const auto& [id, block] : blocks_) {
    if (block.connected) records.push_back(block.record);
  }
  std::sort(records.begin(), records.end(), [](const BlockRecord& a, const BlockRecord& b) {
    if (a.height != b.height) return a.height < b.height;
    if (a.first_seen != b.first_seen) return a.first_seen < b.first_seen;
    return a.id < b.id;
  });
  return records;
}

}  // namespace gtestnet::chain

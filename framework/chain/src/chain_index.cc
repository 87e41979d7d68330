// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/chain/chain_index.h"

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "chain/src/canonical.h"
#include "gtestnet/chain/sample.h"

namespace gtestnet::chain {

ChainIndex::ChainIndex(const RunRecord& record) : record_(&record), chain_(ChainOf(record)) {
  if (chain_ == nullptr) return;
  IndexBlocks();
  ChooseCanonical();
  IndexCanonical();
}

int ChainIndex::Position(std::string_view id) const {
  const auto found = position_.find(id);
  return found == position_.end() ? kNone : found->second;
}

bool ChainIndex::IsGenesis(std::string_view id) const {
  return chain_ != nullptr && id == chain_->parameters.genesis;
}

void ChainIndex::IndexBlocks() {
  const std::vector<BlockRecord>& blocks = chain_->blocks;
  position_.reserve(blocks.size());
  parent_.reserve(blocks.size());
  height_.reserve(blocks.size());
  for (size_t i = 0; i < blocks.size(); ++i) {
    // Parents come before their children, so one pass is enough.
    const int parent = Position(blocks[i].parent);
    parent_.push_back(parent);
    int64_t height = -1;
    if (IsGenesis(blocks[i].parent)) {
      height = 1;
    } else if (parent != kNone && height_[static_cast<size_t>(parent)] >= 0) {
      height = height_[static_cast<size_t>(parent)] + 1;
    }
    height_.push_back(height);
    position_.emplace(blocks[i].id, static_cast<int>(i));
  }
}

void ChainIndex::ChooseCanonical() {
  const std::vector<BlockRecord>& blocks = chain_->blocks;
  const auto height_of = [this](int block) { return height_[static_cast<size_t>(block)]; };
  int nodes = 0;
  std::vector<int> tips;
  for (const NodeSample& sample : record_->AtEnd().nodes) {
    if (!sample.reachable || !record_->nodes[static_cast<size_t>(sample.node)].up_at_end) continue;
    ++nodes;
    const int tip = Position(TipOf(sample));
    if (tip != kNone && height_of(tip) >= 0) tips.push_back(tip);
  }
  if (nodes == 0) {
    for (size_t i = 0; i < blocks.size(); ++i) {
      if (height_[i] >= 0) tips.push_back(static_cast<int>(i));
    }
  }
  const auto parent_of = [this](int block) {
    const int parent = parent_[static_cast<size_t>(block)];
    return parent == kNone ? std::nullopt : std::optional(parent);
  };
  const auto before = [&](int a, int b) {
    if (height_of(a) != height_of(b)) return height_of(a) > height_of(b);
    return blocks[static_cast<size_t>(a)].id < blocks[static_cast<size_t>(b)].id;
  };
  std::optional<int> block = CanonicalTip(tips, nodes, parent_of, before);
  for (; block; block = parent_of(*block)) {
    canonical_.push_back(&blocks[static_cast<size_t>(*block)]);
  }
  std::reverse(canonical_.begin(), canonical_.end());
}

void ChainIndex::IndexCanonical() {
  size_t transactions = 0;
  for (const BlockRecord* block : canonical_) transactions += block->transactions.size();
  block_of_transaction_.reserve(transactions);
  for (const BlockRecord* block : canonical_) {
    for (const std::string& hash : block->transactions) block_of_transaction_.emplace(hash, block);
  }
  for (const NodeSample& sample : record_->AtEnd().nodes) {
    const int64_t height = HeightOf(FinalisedOf(sample));
    if (height <= canonical_finalised_ || height > static_cast<int64_t>(canonical_.size()))
      continue;
    if (canonical_[static_cast<size_t>(height - 1)]->id != FinalisedOf(sample)) continue;
    canonical_finalised_ = height;
  }
}

const BlockRecord* ChainIndex::Find(std::string_view id) const {
  const int position = Position(id);
  return position == kNone ? nullptr : &chain_->blocks[static_cast<size_t>(position)];
}

int64_t ChainIndex::HeightOf(std::string_view id) const {
  if (IsGenesis(id)) return 0;
  const int position = Position(id);
  return position == kNone ? -1 : height_[static_cast<size_t>(position)];
}

std::vector<const BlockRecord*> ChainIndex::ChainTo(std::string_view tip) const {
  std::vector<const BlockRecord*> chain;
  for (int i = Position(tip); i != kNone; i = parent_[static_cast<size_t>(i)]) {
    chain.push_back(&chain_->blocks[static_cast<size_t>(i)]);
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

const BlockRecord* ChainIndex::AncestorAt(std::string_view tip, int64_t height) const {
  int i = Position(tip);
  while (i != kNone && height_[static_cast<size_t>(i)] > height)
    i = parent_[static_cast<size_t>(i)];
  if (i == kNone || height_[static_cast<size_t>(i)] != height) return nullptr;
  return &chain_->blocks[static_cast<size_t>(i)];
}

std::string ChainIndex::CommonAncestor(std::string_view a, std::string_view b) const {
  int i = Position(a);
  int j = Position(b);
  while (i != kNone && j != kNone && i != j) {
    // The later in the record cannot be an ancestor of the earlier.
    int& later = i > j ? i : j;
    later = parent_[static_cast<size_t>(later)];
  }
  if (i != kNone && i == j) return chain_->blocks[static_cast<size_t>(i)].id;
  return chain_ != nullptr ? chain_->parameters.genesis : "";
}

Inclusion ChainIndex::FindTransaction(std::string_view hash) const {
  const auto found = block_of_transaction_.find(hash);
  if (found == block_of_transaction_.end()) return {};
  return {found->second, height_[static_cast<size_t>(found->second - chain_->blocks.data())] <=
                             canonical_finalised_};
}

std::vector<Reorganisation> ChainIndex::Reorganisations() const {
  std::vector<Reorganisation> all;
  if (chain_ == nullptr) return all;
  struct Node {
    const NodeSample* last = nullptr;
    bool was_down = false;  // since `last`
  };
  std::vector<Node> nodes(record_->nodes.size());
  auto event = record_->events.begin();
  for (const NodeSample& sample : record_->samples) {
    for (; event != record_->events.end() && event->at <= sample.at; ++event) {
      const bool down =
          event->kind != NodeEventKind::kPaused && event->kind != NodeEventKind::kResumed;
      if (down) nodes[static_cast<size_t>(event->node)].was_down = true;
    }
    Node& node = nodes[static_cast<size_t>(sample.node)];
    if (!sample.reachable) node.was_down = true;
    if (!sample.reachable || HeightOf(TipOf(sample)) < 0) continue;
    const NodeSample* before = std::exchange(node.last, &sample);
    const bool was_down = std::exchange(node.was_down, false);
    if (before == nullptr || TipOf(*before) == TipOf(sample)) continue;
    const std::string common = CommonAncestor(TipOf(*before), TipOf(sample));
    // A node that was down may come back a few blocks lower on the same chain: it did not change
    // its mind.
    if (was_down && common == TipOf(sample)) continue;
    const int64_t depth = HeightOf(TipOf(*before)) - HeightOf(common);
    if (depth > 0) all.push_back({sample.at, sample.node, depth, TipOf(*before), TipOf(sample)});
  }
  return all;
}

std::ostream& operator<<(std::ostream& os, const Reorganisation& r) {
  return os << "Reorganisation{at=" << r.at.count() << " ms, node=" << r.node
            << ", depth=" << r.depth << ", from=" << r.from << ", to=" << r.to << "}";
}

}  // namespace gtestnet::chain

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/chain/chain_index.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>

namespace gtestnet::chain {

ChainIndex::ChainIndex(const RunRecord& record)
    : record_(&record), chain_(record.chain ? &*record.chain : nullptr) {
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
  // How many nodes have a block in their chain, and how high the chains above it reach.
  std::vector<int> nodes(blocks.size(), 0);
  std::vector<int64_t> reach = height_;
  for (const NodeSample& sample : record_->AtEnd().nodes) {
    if (!sample.reachable || !record_->nodes[static_cast<size_t>(sample.node)].up_at_end) continue;
    const int tip = Position(sample.tip);
    if (tip != kNone) ++nodes[static_cast<size_t>(tip)];
  }
  for (size_t i = blocks.size(); i-- > 0;) {
    if (parent_[i] == kNone) continue;
    const auto parent = static_cast<size_t>(parent_[i]);
    nodes[parent] += nodes[i];
    reach[parent] = std::max(reach[parent], reach[i]);
  }
  const auto better = [&](size_t a, size_t b) {
    if (nodes[a] != nodes[b]) return nodes[a] > nodes[b];
    if (reach[a] != reach[b]) return reach[a] > reach[b];
    return blocks[a].id < blocks[b].id;
  };
  // The best child of each block; at the end of the vector, that of genesis.
  std::vector<int> best(blocks.size() + 1, kNone);
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (height_[i] < 0) continue;
    int& current = best[parent_[i] == kNone ? blocks.size() : static_cast<size_t>(parent_[i])];
    if (current == kNone || better(i, static_cast<size_t>(current))) current = static_cast<int>(i);
  }
  const bool followed = std::any_of(nodes.begin(), nodes.end(), [](int n) { return n > 0; });
  for (int i = best.back(); i != kNone; i = best[static_cast<size_t>(i)]) {
    // A branch on which no node is any more does not continue a chain on which one is.
    if (followed && nodes[static_cast<size_t>(i)] == 0) break;
    canonical_.push_back(&blocks[static_cast<size_t>(i)]);
  }
}

void ChainIndex::IndexCanonical() {
  size_t transactions = 0;
  for (const BlockRecord* block : canonical_) transactions += block->transactions.size();
  block_of_transaction_.reserve(transactions);
  for (const BlockRecord* block : canonical_) {
    for (const std::string& hash : block->transactions) block_of_transaction_.emplace(hash, block);
  }
  for (const NodeSample& sample : record_->AtEnd().nodes) {
    const int64_t height = HeightOf(sample.finalised);
    if (height <= canonical_finalised_ || height > static_cast<int64_t>(canonical_.size()))
      continue;
    if (canonical_[static_cast<size_t>(height - 1)]->id != sample.finalised) continue;
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
    if (!sample.reachable || HeightOf(sample.tip) < 0) continue;
    const NodeSample* before = std::exchange(node.last, &sample);
    const bool was_down = std::exchange(node.was_down, false);
    if (before == nullptr || before->tip == sample.tip) continue;
    const std::string common = CommonAncestor(before->tip, sample.tip);
    // A node that was down may come back a few blocks lower on the same chain: it did not change
    // its mind.
    if (was_down && common == sample.tip) continue;
    const int64_t depth = HeightOf(before->tip) - HeightOf(common);
    if (depth > 0) all.push_back({sample.at, sample.node, depth, before->tip, sample.tip});
  }
  return all;
}

std::ostream& operator<<(std::ostream& os, const Reorganisation& r) {
  return os << "Reorganisation{at=" << r.at.count() << " ms, node=" << r.node
            << ", depth=" << r.depth << ", from=" << r.from << ", to=" << r.to << "}";
}

}  // namespace gtestnet::chain

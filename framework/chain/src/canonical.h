// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_SRC_CANONICAL_H_
#define GTESTNET_CHAIN_SRC_CANONICAL_H_

#include <map>
#include <optional>
#include <vector>

namespace gtestnet::chain {

// The end of the canonical chain, for a run under way and for a record alike: the highest block
// that at least half of the nodes that answer have in their chain (of two such blocks the one with
// the lower id); nothing: genesis. `tips` are those of nodes, without those that are at genesis or
// at a block that is not known; `nodes` is how many answer. `parent_of` gives nothing for a block
// on genesis; `before` orders blocks: the higher one first, then the one with the lower id.
template <class Block, class ParentOf, class Before>
std::optional<Block> CanonicalTip(const std::vector<Block>& tips, int nodes, ParentOf parent_of,
                                  Before before) {
  // Votes go down from the tips, the highest first, until half of the nodes are together.
  std::map<Block, int, Before> votes(before);
  for (const Block& tip : tips) ++votes[tip];
  while (!votes.empty()) {
    const auto [block, count] = *votes.begin();
    if (count * 2 >= nodes) return block;
    votes.erase(votes.begin());
    if (const std::optional<Block> parent = parent_of(block)) votes[*parent] += count;
  }
  return std::nullopt;
}

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_SRC_CANONICAL_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_CHAIN_INDEX_H_
#define GTESTNET_CHAIN_CHAIN_INDEX_H_

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/record.h"

namespace gtestnet::chain {

// A change of a node's mind about its canonical chain.
struct Reorganisation {
  RunTime at{0};
  NodeIndex node = 0;
  int64_t depth = 0;      // blocks of the old chain that were given up
  std::string from = {};  // old tip
  std::string to = {};    // new tip
};

// Where a transaction is in a chain.
struct Inclusion {
  const BlockRecord* block = nullptr;  // null: nowhere in it
  bool finalised = false;              // by the node whose chain was asked
};

// What follows from a record's blocks and samples: chains, heights, reorganisations, where a
// transaction is. Built once, then read from any thread. The record must outlive it.
class ChainIndex {
 public:
  // A record without a chain section has no blocks.
  explicit ChainIndex(const RunRecord& record);

  // Null when no node showed it; also for genesis.
  const BlockRecord* Find(std::string_view id) const;
  // Genesis is 0; −1 for a block that no node showed.
  int64_t HeightOf(std::string_view id) const;
  // From the first block after genesis to `tip`; empty for genesis or an unknown tip.
  std::vector<const BlockRecord*> ChainTo(std::string_view tip) const;
  // The ancestor of `tip` at `height`, or null.
  const BlockRecord* AncestorAt(std::string_view tip, int64_t height) const;
  // The highest block that both have (their last common ancestor), or genesis' id.
  std::string CommonAncestor(std::string_view a, std::string_view b) const;

  // The chain that most nodes have, as ChainView has it: the highest block that at least half of
  // the nodes that are up and answer at the end have in their chain (of two such blocks the one
  // with the lower id), and all before it. Without any such node, the longest chain.
  const std::vector<const BlockRecord*>& canonical() const { return canonical_; }
  // The highest block of it that a node has as final.
  int64_t finalised_height() const { return canonical_finalised_; }
  // Of a transaction in the canonical chain.
  Inclusion Find(const TransactionRecord& transaction) const {
    return FindTransaction(transaction.hash);
  }
  Inclusion FindTransaction(std::string_view hash) const;
  // In order of time, those of all nodes. One that was down and comes back lower on the same chain
  // did not reorganise.
  std::vector<Reorganisation> Reorganisations() const;

 private:
  static constexpr int kNone = -1;
  // Blocks by their position in the record; kNone for one that no node showed, and for genesis.
  int Position(std::string_view id) const;
  bool IsGenesis(std::string_view id) const;
  void IndexBlocks();
  void ChooseCanonical();
  void IndexCanonical();

  const RunRecord* record_;
  const ChainRecord* chain_ = nullptr;  // null: the record has none
  // A fifth of the time of the standard's.
  template <class T>
  using ById = absl::flat_hash_map<std::string_view, T, std::hash<std::string_view>>;
  ById<int> position_;
  std::vector<int> parent_;
  std::vector<int64_t> height_;  // −1: does not descend from genesis
  std::vector<const BlockRecord*> canonical_;
  int64_t canonical_finalised_ = 0;
  ById<const BlockRecord*> block_of_transaction_;
};

std::ostream& operator<<(std::ostream& os, const Reorganisation& reorganisation);

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_CHAIN_INDEX_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_NODE_SET_H_
#define GTESTNET_CHAIN_NODE_SET_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gtestnet/topology.h"

namespace gtestnet::chain {

// Some nodes of a run, by their indices. Takes a bit a node.
class NodeSet {
 public:
  NodeSet() = default;
  NodeSet(std::initializer_list<NodeIndex> nodes);
  // The first `count` nodes.
  static NodeSet FirstOf(int count);
  // So many nodes of which nobody knows which they are, as records had them that only counted.
  static NodeSet Unnamed(int count);

  // `node` is not negative. Whether it is new.
  bool Add(NodeIndex node);
  bool Has(NodeIndex node) const;
  // How many there are, named or not.
  size_t size() const;
  bool empty() const { return words_.empty() && unnamed_ == 0; }
  int unnamed() const { return unnamed_; }
  // The highest index; −1 for none.
  NodeIndex Highest() const;

  // "0-3,7", and with nodes that nobody knows "0-3,7+2" or "+2". Empty for none.
  std::string ToString() const;
  // Nothing for what is no such text, is not in ascending order, or has an index that no record
  // has (10,000 or above).
  static std::optional<NodeSet> FromString(std::string_view text);

  friend bool operator==(const NodeSet&, const NodeSet&) = default;

 private:
  std::vector<uint64_t> words_;  // the last one is not 0
  int unnamed_ = 0;
};

std::ostream& operator<<(std::ostream& os, const NodeSet& nodes);

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_NODE_SET_H_

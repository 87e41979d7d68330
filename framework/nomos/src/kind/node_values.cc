// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/node_values.h"

#include <utility>

namespace gtestnet::nomos {

uint64_t StakeOf(const NodeRecord& node) {
  return static_cast<uint64_t>(node.numbers.Get("stake"));
}

const std::string& PublicKeyOf(const NodeRecord& node) { return node.words.Get("public_key"); }

void SetLeader(NodeRecord& node, uint64_t stake, std::string public_key) {
  node.numbers["stake"] = static_cast<double>(stake);
  node.words["public_key"] = std::move(public_key);
}

}  // namespace gtestnet::nomos

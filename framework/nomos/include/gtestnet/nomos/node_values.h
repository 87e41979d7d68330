// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_NODE_VALUES_H_
#define GTESTNET_NOMOS_NODE_VALUES_H_

#include <cstdint>
#include <string>

#include "gtestnet/record.h"

namespace gtestnet::nomos {

// What the record of a node tells of it as a leader, by the names "stake" and "public_key".

// Of its leader notes at genesis; 0 for a node that never leads.
uint64_t StakeOf(const NodeRecord& node);
// By which blocks name it as their leader; empty if it never leads.
const std::string& PublicKeyOf(const NodeRecord& node);
void SetLeader(NodeRecord& node, uint64_t stake, std::string public_key);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_NODE_VALUES_H_

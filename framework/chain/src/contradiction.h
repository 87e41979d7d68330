// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_SRC_CONTRADICTION_H_
#define GTESTNET_CHAIN_SRC_CONTRADICTION_H_

#include <string>

#include "gtestnet/chain/record.h"
#include "gtestnet/record.h"

namespace gtestnet::chain {

// What cannot be in the chains of this record, in one sentence that begins with the place; else "".
std::string Contradiction(const ChainRecord& chain, const RunRecord& record);

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_SRC_CONTRADICTION_H_

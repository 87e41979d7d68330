// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CHAIN_SRC_NO_CHAIN_H_
#define GTESTNET_MATCHERS_CHAIN_SRC_NO_CHAIN_H_

#include "matchers/core/src/finding.h"

namespace gtestnet::matching {

// Of a kind of node without one.
inline Finding NoChain() { return NothingToJudge("the record has no chain"); }

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CHAIN_SRC_NO_CHAIN_H_

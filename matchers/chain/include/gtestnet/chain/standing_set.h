// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_STANDING_SET_H_
#define GTESTNET_CHAIN_STANDING_SET_H_

#include <vector>

#include "gtestnet/standing_set.h"

namespace gtestnet::chain {

// What every run of nodes that have a chain is judged by without a word: gtestnet::StandingSet, and
// what a chain adds.
std::vector<StandingExpectation> StandingSet();

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_STANDING_SET_H_

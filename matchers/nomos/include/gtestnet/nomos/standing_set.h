// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_STANDING_SET_H_
#define GTESTNET_NOMOS_STANDING_SET_H_

#include <vector>

#include "gtestnet/chain/standing_set.h"
#include "gtestnet/topology.h"

namespace gtestnet::nomos {

// What every run of the default kind of node is judged by without a word: that of chains, and what
// its lottery of leaders lets expect.
std::vector<StandingExpectation> StandingSet();

// The set for nodes of a topology's kind, among those that are known here: of another one than the
// default, what holds for every kind of node.
std::vector<StandingExpectation> StandingSetOf(const TopologySpec& topology);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_STANDING_SET_H_

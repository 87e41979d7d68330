// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CHAIN_SRC_LEADERS_H_
#define GTESTNET_MATCHERS_CHAIN_SRC_LEADERS_H_

#include <string>
#include <vector>

#include "matchers/chain/src/run_view.h"

namespace gtestnet::matching {

// What blocks tell of their leaders that cannot be so, a sentence each.

// Keys with which two blocks were made for one slot, so that two nodes use them, or one does what
// it must not; of each the first such slot, and who they are that showed the blocks.
std::vector<std::string> TwoBlocksInASlot(const RunView& view);

// Leaders that were down for the whole of a slot for which a block is by their key; of each the
// first, and who showed the most of them first. What a node that is taken down may still do, and
// what one does before the run knows that it is up, does not count: kWindDown after a kill or a
// pause, kStop after a stop, kStart before a start.
std::vector<std::string> LedWhileDown(const RunView& view);

// Blocks whose slot is not after their parent's: the first, and how many more.
std::vector<std::string> SlotsOutOfOrder(const RunView& view);

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CHAIN_SRC_LEADERS_H_

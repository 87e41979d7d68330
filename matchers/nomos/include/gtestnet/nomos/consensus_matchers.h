// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_CONSENSUS_MATCHERS_H_
#define GTESTNET_NOMOS_CONSENSUS_MATCHERS_H_

#include <gmock/gmock.h>

#include <iosfwd>

#include "gtestnet/record.h"

namespace gtestnet::nomos {

// Both are over a RunRecord, and what the lottery of leaders lets expect of it. A record without a
// chain, or with too little of one for the claim, does not match, and the explanation says what
// would be needed. Heights come from the record's own block tree, never from what a node says of
// itself.

// Matches if each node
//  - grew, over the slots for which it took part, by at least the smaller of half of the blocks
//    that are expected and their 1e-6 quantile,
//  - never stood still, while it took part, for so many slots that a live chain does so with a
//    chance of at most 1e-6 in the whole run (the product of the chances that each slot has no
//    block, times the slots in which that may begin); neither did all together; and
//  - is, after the drain, within two blocks of the highest. One that was taken down on purpose was,
//    at that moment, within two blocks of where those that it was connected with had been a second
//    before.
//
// Expected is the sum over slots of 1 - (1 - f)^a, where a is the stake of the leaders that took
// part in that slot and could reach the node, over the total. A node takes part while it is up, as
// the recorded events have it, and at least min_peers of its neighbours are (none is needed if it
// has no neighbours). When that begins anew during the run (a start, a restart, a resume, a
// neighbour that comes back), it has time to sync: it takes part again from the first sample that
// shows it Online, with min_peers connected and within two blocks of the highest, or after
// 10 s + 10 block intervals, whichever is earlier. Slots that are not wholly inside do not count.
//
// A standstill lasts from the sample that shows the last growth (or from when growth begins to be
// expected) to the last that shows the same height, at the end to the record's close; its last
// second is left out, for blocks on their way, and so is what the run's own program slept through
// (RunRecord::clock). One of all nodes is told once.
//
// Nodes that are down on purpose are named, and judged for the time that they were up. A run in
// which even a live chain may have made no block (the quantile is 0) does not match; the
// explanation says how long it should be.
//
// False alarms: of each of the two bounds at most 1e-6 per node and run, and 1e-6 for all nodes
// together, as long as blocks reach all nodes within a slot (for a standstill: and a second).
class ConsensusIsLiveMatcher {
 public:
  using is_gtest_matcher = void;
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;
};
[[nodiscard]] ConsensusIsLiveMatcher ConsensusIsLive();

// Matches if the number of blocks in the chain by each leader is one that its stake explains, over
// the slots for which it took part (as in ConsensusIsLive).
//
// A leader wins a slot with probability phi = 1 - (1 - f)^stake; when several win, who has the
// block depends on the network. So its blocks lie between a binomial of the slots that it alone
// wins (a tenth off for blocks that a fork lost) and one of all that it wins; both tails are exact.
// False alarms: at most 1e-6 per run. Sees more the smaller f is: at f = 0.9 with three equal
// leaders anything from a tenth to a half of the slots is explained.
//
// Needs two leaders, and a run so long that the one with the most stake must have a block.
class LeadsByStakeMatcher {
 public:
  using is_gtest_matcher = void;
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;
};
[[nodiscard]] LeadsByStakeMatcher LeadsByStake();

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_CONSENSUS_MATCHERS_H_

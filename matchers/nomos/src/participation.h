// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_NOMOS_SRC_PARTICIPATION_H_
#define GTESTNET_MATCHERS_NOMOS_SRC_PARTICIPATION_H_

#include <cstdint>
#include <vector>

#include "gtestnet/chain/record.h"
#include "matchers/chain/src/run_view.h"
#include "matchers/nomos/src/statistics.h"

namespace gtestnet::matching {

// A stretch of whole slots in which the same nodes take part in the same way.
struct Stretch {
  int64_t first_slot = 0;
  int64_t end_slot = 0;  // one past the last
  // By node. Takes part: up, synced, connected with enough neighbours.
  std::vector<bool> takes_part;
  // The part of the network that it is in: nodes that are up and reach each other.
  std::vector<int> part;
  // Of the leaders that take part in the same part, over the total stake.
  std::vector<double> stake;

  int64_t slots() const { return end_slot - first_slot; }
};

// Who could propose when, by the rule in consensus_matchers.h (ConsensusIsLive). The view must
// outlive it.
class Participation {
 public:
  explicit Participation(const RunView& view);

  double active_slot_coefficient() const { return f_; }
  // The chance that a leader with this stake wins a slot.
  double WinChance(double stake) const;
  double StakeOf(NodeIndex node) const;
  // When the node took part.
  const std::vector<Interval>& Windows(NodeIndex node) const {
    return windows_[static_cast<size_t>(node)];
  }
  const std::vector<Stretch>& stretches() const { return stretches_; }
  // The slots that are wholly within the time, by the chance that one has a block on the node's
  // part of the network.
  std::vector<Trials> SlotsOf(NodeIndex node, RunTime from, RunTime to) const;
  // The same of the best part of the network, for all slots and for those wholly within the time.
  std::vector<Trials> AllSlots() const;
  std::vector<Trials> NetworkSlots(RunTime from, RunTime to) const;
  // Whether the two were up and could reach each other for the whole of that time.
  bool WereConnected(NodeIndex a, NodeIndex b, RunTime from, RunTime to) const;
  // When slots begin to be judged.
  RunTime start() const { return start_; }
  // The time that a node that came up has to sync, at most.
  RunTime SyncAllowance() const;

 private:
  // The slots wholly within the time, by the chance that the stake has which each stretch gives.
  template <class StakeIn>
  std::vector<Trials> Within(RunTime from, RunTime to, StakeIn stake) const;
  // The instants at which a node comes up or goes down, and the ends of the record.
  std::vector<RunTime> Cuts(const std::vector<std::vector<Interval>>& intervals) const;
  std::vector<std::vector<Interval>> AbleIntervals() const;
  Interval Credited(NodeIndex node, Interval able) const;
  int NeededPeers(NodeIndex node) const;
  void FindStretches();
  Stretch StretchOf(RunTime from, RunTime to) const;

  const RunView& view_;
  const RunRecord& record_;
  const chain::ChainRecord& chain_;  // of the record
  RunTime start_;                    // the begin of the run, but not before the chain's start
  double f_ = 1;
  RunTime slot_;
  std::vector<std::vector<NodeIndex>> connected_;  // by node: neighbours, whoever named them
  std::vector<std::vector<Interval>> windows_;
  std::vector<Stretch> stretches_;
};

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_NOMOS_SRC_PARTICIPATION_H_

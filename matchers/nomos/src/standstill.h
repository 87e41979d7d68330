// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_NOMOS_SRC_STANDSTILL_H_
#define GTESTNET_MATCHERS_NOMOS_SRC_STANDSTILL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gtestnet/record.h"
#include "matchers/chain/src/run_view.h"
#include "matchers/nomos/src/participation.h"

namespace gtestnet::matching {

// A time in which heights that were looked at did not grow, and that is longer than a live chain
// explains.
struct Standstill {
  RunTime from{0};     // when the last growth was seen, or growth began to be expected
  RunTime to{0};       // the last look that still shows it, or the record's close
  int64_t height = 0;  // at which it stood
  int64_t slots = 0;   // that are wholly within
  int64_t most = 0;    // slots for which a live chain may stand still

  // "grow after height 31 at 41.200 s, until 60.800 s: 98 slots (a live chain needs more than 13
  // once in a million runs)", which follows "did not".
  std::string Words() const;
};

// The longest standstills of a run, by the rule in consensus_matchers.h (ConsensusIsLive). What was
// not looked at is no standstill, but for the end of the run: each holds a look against the node
// only until the last sample that shows the old height. Both arguments must outlive it.
class Standstills {
 public:
  // What a block may need, beyond its slot, until it shows at every node.
  static constexpr RunTime kDelivery{1000};

  Standstills(const RunView& view, const Participation& participation, double alpha);

  // In which no node that took part grew.
  const std::optional<Standstill>& of_network() const { return of_network_; }
  // In which the node did not, while it took part. What the network's explains is left out.
  std::optional<Standstill> Of(NodeIndex node) const;

 private:
  // Of one node: a look that shows that it grew, or that it did not.
  struct Look {
    RunTime at{0};
    int64_t height = 0;
    bool grew = false;
  };
  // One window and the looks in it.
  struct Watch {
    Interval window;
    int64_t height = 0;  // when it began
    std::vector<Look> looks;
  };
  std::vector<Watch> WatchesOf(NodeIndex node) const;
  std::vector<Interval> Watched(NodeIndex node) const;
  void FindNetworks();
  // How far all that take part until then were looked at, after no growth since `from`.
  RunTime AllSeenUntil(RunTime from, RunTime to) const;
  // Nothing where a live chain explains it. `node` is −1 for the network.
  std::optional<Standstill> Weigh(NodeIndex node, RunTime from, RunTime to, int64_t height) const;
  std::vector<Trials> SlotsOf(NodeIndex node, RunTime from, RunTime to) const;
  bool IsExplained(NodeIndex node, const Standstill& standstill) const;

  const RunView& view_;
  const Participation& participation_;
  double alpha_ = 0;                         // for each slot in which a standstill may begin
  std::vector<std::vector<Watch>> watches_;  // by node
  std::optional<Standstill> of_network_;
};

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_NOMOS_SRC_STANDSTILL_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CORE_SRC_COVER_H_
#define GTESTNET_MATCHERS_CORE_SRC_COVER_H_

#include <string>
#include <vector>

#include "gtestnet/protocol_time.h"
#include "gtestnet/record.h"

namespace gtestnet::matching {

// How much of a run was seen. A claim about all of a time needs that each node, while it was up,
// was seen to answer in it again and again: at most half of that time may pass in between, but not
// more than 8 s, and in any case 3 s, 2 block intervals, or a 200th of the time (long records are
// thinned out) if that is more. A node that came up may take 8 s more. What the node was down for
// does not count, nor what the run's own program did not run for (RunRecord::clock).
//
//   if (std::string lack = Derived<Cover>(record)->Lack(); !lack.empty()) {
//     return NothingToJudge(lack);
//   }
class Cover {
 public:
  explicit Cover(const RunRecord& record);

  // What was not seen of a time: "validator-1, which was up, was not seen to answer from 0.200 s to
  // 9.000 s (at most 4.500 s may pass)". "" if enough was.
  std::string Lack(RunTime from, RunTime to) const;
  // The same of the whole run.
  std::string Lack() const;
  // The same of what is up when the record ends, and was not seen until then.
  std::string LackAtEnd() const;
  // The longest that may pass between two samples of a node's metrics in a time that is so long.
  RunTime MostBetweenMetrics(RunTime time) const;

 private:
  // Between two answers of a node that was up meanwhile.
  struct Gap {
    size_t node = 0;
    RunTime from{0};
    RunTime to{0};
    RunTime extra{0};  // that it may take
  };
  RunTime MostBetween(RunTime time) const;
  std::string Words(const std::vector<Gap>& gaps, RunTime from, RunTime to) const;

  std::vector<std::string> names_;
  std::vector<ClockEvent> clock_;
  RunTime begun_;
  RunTime closed_;
  RunTime block_;
  std::vector<Gap> gaps_;  // those of more than a second
};

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CORE_SRC_COVER_H_

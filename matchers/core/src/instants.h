// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CORE_SRC_INSTANTS_H_
#define GTESTNET_MATCHERS_CORE_SRC_INSTANTS_H_

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "gtestnet/protocol_time.h"
#include "gtestnet/record.h"
#include "gtestnet/three_values.h"
#include "matchers/core/src/finding.h"

namespace gtestnet::matching {

// The instants of a record, one after the other: the first is that at which each node that was up
// at the begin of the run has been sampled, then one for each time at which there are samples. What
// was seen of a node before something was done to it, or before it ended, is not in those after
// that: it is unseen there, as in what the run itself watches. Each has the lines that were logged
// since the one before, the last one also those that came later. The record must outlive it.
class Instants {
 public:
  explicit Instants(const RunRecord& record);

  // False if the record has not one sample of each node that was up at the begin.
  bool any() const { return awaited_.empty() && !record_.samples.empty(); }
  const Snapshot& now() const { return now_; }
  bool Advance();
  // Why there is not any.
  std::string Missing() const;

 private:
  // False if there is no later time.
  bool Step();
  void TakeLines();
  // Takes out of `now_` what is from before the events until then.
  void Forget(RunTime until);

  const RunRecord& record_;
  Snapshot now_;
  size_t next_ = 0;        // of the samples
  size_t next_event_ = 0;  // of the events
  size_t next_line_ = 0;   // of the log
  std::vector<NodeIndex> awaited_;
};

// Why a snapshot does or does not match: "one in which …".
std::string Explanation(const Snapshot& snapshot, const testing::Matcher<const Snapshot&>& inner);
// "in the snapshot at 1.200 s there is nothing to judge: …".
Finding NothingToJudgeAt(const Snapshot& snapshot, const Judgement& judgement);
// The faults that were active then: "; at that moment validator-2 was down (paused by pauses at
// 1.200 s)". Empty if there were none.
std::string FaultsAt(const RunRecord& record, RunTime at);

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CORE_SRC_INSTANTS_H_

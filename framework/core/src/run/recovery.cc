// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <sstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/clock_watch.h"
#include "core/src/run/run_state.h"
#include "gtestnet/run_context.h"
#include "gtestnet/variables.h"
#include "gtestnet/workload.h"

namespace gtestnet {
namespace {

constexpr std::chrono::milliseconds kLook{20};

// One that is waited for.
struct Pending {
  size_t place;  // among those that were asked for
  NodeIndex node;
  RunTime came_up;
  std::string lacks = {};
};

// Whether it has recovered, by a sample that was taken since it came up; else what it lacks.
bool HasRecovered(const RunContext& context, const Snapshot& snapshot, Pending& pending,
                  RunTime& took) {
  const auto sample = std::ranges::find(snapshot.nodes, pending.node, &NodeSample::node);
  if (sample == snapshot.nodes.end() || sample->at < pending.came_up) {
    pending.lacks = "not seen since";
    return false;
  }
  if (!sample->reachable) {
    pending.lacks = "it does not answer";
    return false;
  }
  const std::string behind = context.kind().Behind(context.topology(), *sample, snapshot);
  if (behind.empty()) {
    took = sample->at - pending.came_up;
    return true;
  }
  std::ostringstream words;
  words << *sample << "; " << behind;
  pending.lacks = words.str();
  return false;
}

std::string Late(const RunContext& context, const Pending& pending) {
  const NodeInfo node = context.node(pending.node);
  return absl::StrCat(node.name, " has not caught up ", InSeconds(context.now() - pending.came_up),
                      " after it came up; last seen: ", pending.lacks,
                      node.log.empty() ? "" : "; log: ", node.log);
}

}  // namespace

Recovery WorkloadRun::AwaitRecovery(const std::vector<NodeIndex>& nodes, Timespan within) {
  const RunTime begun = context_.now();
  Clock::TimePoint end = context_.clock().Now() + Scaled(within.At(context_.pace()));
  // While this program stood still, nobody could see that a node had recovered.
  Clock::TimePoint::duration stood_still{0};
  Recovery recovery;
  recovery.took.resize(nodes.size());
  std::vector<Pending> pending;
  for (size_t i = 0; i < nodes.size(); ++i) {
    pending.push_back({i, nodes[i], context_.state_->CameUp(nodes[i]).value_or(begun)});
  }
  while (true) {
    const Snapshot snapshot = context_.snapshot();
    std::erase_if(pending, [&](Pending& one) {
      RunTime took{0};
      if (!HasRecovered(context_, snapshot, one, took)) return false;
      recovery.took[one.place] =
          std::max(took - std::chrono::floor<RunTime>(stood_still), RunTime(0));
      return true;
    });
    if (pending.empty()) return recovery;
    if (context_.clock().Now() >= end) break;
    const Clock::TimePoint until = context_.clock().Now() + kLook;
    if (!SleepFor(kLook)) return recovery;
    const auto still = StoodStill(until, context_.clock().Now());
    stood_still += still;
    end += still;
  }
  recovery.status = absl::DeadlineExceededError(absl::StrJoin(
      pending, "; and ",
      [&](std::string* out, const Pending& one) { out->append(Late(context_, one)); }));
  return recovery;
}

}  // namespace gtestnet

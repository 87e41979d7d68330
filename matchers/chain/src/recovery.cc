// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/consensus_matchers.h"
#include "gtestnet/chain/sample.h"
#include "matchers/chain/src/no_chain.h"
#include "matchers/chain/src/run_view.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/uptime.h"

namespace gtestnet::chain {
namespace {

using matching::Finding;
using matching::InSeconds;
using matching::Interval;
using matching::RunView;
using matching::TimeRun;

// What the kind says, of one without a chain.
const std::string& LackOf(const NodeSample& sample) { return sample.words.Get(kLacksWord); }

// When the node was back, counted from its coming up; nothing if it never was while it was up.
std::optional<RunTime> RecoveryTime(const RunView& view, NodeIndex node, const Interval& up) {
  if (ChainOf(view.record()) == nullptr) {
    for (const NodeSample& sample : view.record().samples) {
      if (sample.node != node || sample.at < up.from || sample.at > up.to) continue;
      if (sample.reachable && LackOf(sample).empty())
        return TimeRun(view.record().clock, up.from, sample.at);
    }
    return std::nullopt;
  }
  for (const NodeSample* sample : view.SamplesOf(node)) {
    if (sample->at < up.from || sample->at > up.to) continue;
    if (view.IsSynced(*sample)) return TimeRun(view.record().clock, up.from, sample->at);
  }
  return std::nullopt;
}

std::string StateAt(const RunView& view, NodeIndex node, RunTime at) {
  const Snapshot snapshot = view.record().At(at);
  const NodeSample& sample = snapshot.nodes[static_cast<size_t>(node)];
  if (!sample.reachable) return "it did not answer";
  if (ChainOf(view.record()) == nullptr) {
    return absl::StrCat("it was ", sample.status, ": ", LackOf(sample));
  }
  return absl::StrCat("it was ", sample.status, " at height ",
                      view.chains().HeightOf(TipOf(sample)));
}

Finding Judge(const RunRecord& record, Timespan within) {
  if (HasUnreadChain(record)) return matching::NoChain(record);
  const auto shared_view = Derived<RunView>(record);
  const RunView& view = *shared_view;
  const RunTime limit = within.At(record.pace());
  std::vector<std::string> wrong;
  std::vector<std::string> left_out;
  int64_t judged = 0;
  RunTime slowest{-1};
  std::string slowest_node;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    const auto node = static_cast<NodeIndex>(i);
    for (const Interval& up : view.uptime().Of(node)) {
      if (up.begun_by == nullptr) continue;
      const std::string who =
          absl::StrCat(view.NameOf(node), ", ", matching::View(ToString(up.begun_by->kind)), " at ",
                       InSeconds(up.from));
      const std::optional<RunTime> took = RecoveryTime(view, node, up);
      if (took && *took <= limit) {
        ++judged;
        if (*took > slowest) {
          slowest = *took;
          slowest_node = who;
        }
      } else if (up.from + limit > up.to) {
        left_out.push_back(absl::StrCat(who, ", had only ", InSeconds(up.to - up.from)));
      } else if (took) {
        wrong.push_back(absl::StrCat(who, ", needed ", InSeconds(*took)));
      } else {
        wrong.push_back(absl::StrCat(who, ", never recovered; ", InSeconds(limit), " later ",
                                     StateAt(view, node, up.from + limit)));
      }
    }
  }
  const std::string rest =
      left_out.empty() ? "" : absl::StrCat("; left out: ", matching::Joined(left_out));
  if (!wrong.empty()) return {false, absl::StrCat(matching::Joined(wrong), rest)};
  if (judged == 0) {
    return matching::NothingToJudge(
        left_out.empty() ? "no node was started, restarted, resumed or added during the run"
                         : absl::StrCat("nobody that came up had time enough", rest));
  }
  return {true, absl::StrCat("the slowest of ", judged, " took ", InSeconds(slowest), " (",
                             slowest_node, ")", rest)};
}

}  // namespace

RecoversWithinMatcher::RecoversWithinMatcher(Timespan within) : within_(within) {}

bool RecoversWithinMatcher::MatchAndExplain(const RunRecord& record,
                                            testing::MatchResultListener* listener) const {
  return matching::Tell(Judge(record, within_), listener);
}

void RecoversWithinMatcher::DescribeTo(std::ostream* os) const {
  *os << "recovers within " << within_ << ": each node that comes up takes part again by then";
}

void RecoversWithinMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "doesn't recover within " << within_
      << ": a node that comes up does not take part again by then";
}

RecoversWithinMatcher RecoversWithin(Timespan within) { return RecoversWithinMatcher(within); }

}  // namespace gtestnet::chain

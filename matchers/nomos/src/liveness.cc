// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "gtestnet/nomos/consensus_matchers.h"
#include "matchers/chain/src/no_chain.h"
#include "matchers/chain/src/run_view.h"
#include "matchers/core/src/finding.h"
#include "matchers/nomos/src/participation.h"
#include "matchers/nomos/src/statistics.h"

namespace gtestnet::nomos {
namespace {

using matching::Counted;
using matching::Finding;
using matching::Interval;
using matching::Participation;
using matching::Rounded;
using matching::RunView;
using matching::Trials;

// The chance that a live chain misses its bound, for one node.
constexpr double kFalseAlarm = 1e-6;

// How one node grew over the time in which it took part.
struct Growth {
  int64_t blocks = 0;
  std::vector<Trials> slots;

  double expected() const { return matching::Mean(slots); }
  double required() const { return matching::LiveBound(slots, kFalseAlarm); }
  bool enough() const { return static_cast<double>(blocks) >= required(); }
  std::string Words() const {
    return absl::StrCat("grew by ", Counted(blocks, "block"), " in ",
                        Counted(matching::Count(slots), "slot"), " (expected ", Rounded(expected()),
                        ", required ", Rounded(required()), ")");
  }
};

// A sample shows a height a little late. The end of a window that a fault ended is not held against
// the node: it counts up to its last sample there, or to two slots before the end.
RunTime EndOfEvidence(const RunView& view, NodeIndex node, const Interval& window) {
  if (window.to >= view.record().closed) return window.to;
  const auto& samples = view.SamplesOf(node);
  const auto later = std::lower_bound(samples.begin(), samples.end(), window.to,
                                      [](const NodeSample* s, RunTime t) { return s->at < t; });
  const RunTime grace = window.to - 2 * chain::ChainOf(view.record())->parameters.pace.slot;
  return later == samples.begin() ? grace : std::max((*(later - 1))->at, grace);
}

Growth GrowthOf(const RunView& view, const Participation& participation, NodeIndex node) {
  Growth growth;
  for (Interval window : participation.Windows(node)) {
    std::optional<int64_t> before = view.HeightAt(node, window.from);
    if (!before) {
      // The first sample of all is where its growth starts to be known.
      const auto& samples = view.SamplesOf(node);
      if (samples.empty() || samples.front()->at >= window.to) continue;
      window.from = std::max(window.from, samples.front()->at);
      before = view.HeightOf(*samples.front());
    }
    const RunTime end = EndOfEvidence(view, node, window);
    growth.blocks += std::max<int64_t>(0, view.HeightAt(node, window.to).value_or(0) - *before);
    for (const Trials& t : participation.SlotsOf(node, window.from, end)) {
      growth.slots.push_back(t);
    }
  }
  return growth;
}

// "" if the run is long enough to say anything, else why it is not.
std::string TooShort(const Participation& participation) {
  const std::vector<Trials> slots = participation.AllSlots();
  if (matching::LowerQuantile(slots, kFalseAlarm) > 0) return "";
  const int64_t count = matching::Count(slots);
  const double mean = matching::Mean(slots);
  if (count > 0 && mean <= 0) {
    return absl::StrCat("in none of its ", Counted(count, "slot"),
                        " could any leader propose, by the recorded faults and the layout");
  }
  const double f = participation.active_slot_coefficient();
  const double chance = count > 0 ? mean / static_cast<double>(count) : f;
  const double needed = chance >= 1 ? 1 : std::ceil(std::log(kFalseAlarm) / std::log1p(-chance));
  // One more at each end, as only whole slots count.
  const int64_t blocks = matching::RoundedUp((needed + 2) * f);
  return absl::StrCat("the run is too short: in its ", Counted(count, "slot"),
                      " even a live chain may have made no block; Blocks(", blocks,
                      ") would be enough");
}

Finding Judge(const RunRecord& record) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  const auto shared_view = Derived<RunView>(record);
  const RunView& view = *shared_view;
  if (view.up_at_end().empty()) return matching::NothingToJudge("no node is up at the end");
  const Participation participation(view);
  if (const std::string why = TooShort(participation); !why.empty()) {
    return matching::NothingToJudge(why);
  }
  const std::optional<NodeIndex> highest = view.HighestAtEnd();
  std::vector<std::string> wrong = view.DownUnasked();
  std::string slowest;
  double least = 0;
  for (NodeIndex node : view.up_at_end()) {
    if (view.HeightAtEnd(node) < 0) {
      wrong.push_back(view.Silence(node));
      continue;
    }
    const Growth growth = GrowthOf(view, participation, node);
    const std::string words = absl::StrCat(view.NameOf(node), " ", growth.Words());
    if (!growth.enough()) wrong.push_back(words);
    const double margin = static_cast<double>(growth.blocks) - growth.required();
    if (slowest.empty() || margin < least) {
      slowest = words;
      least = margin;
    }
    if (highest && view.HeightAtEnd(node) < view.HeightAtEnd(*highest) - RunView::kLevel) {
      wrong.push_back(
          absl::StrCat(view.NameOf(node), " ended at height ", view.HeightAtEnd(node), ", ",
                       Counted(view.HeightAtEnd(*highest) - view.HeightAtEnd(node), "block"),
                       " below ", view.NameOf(*highest)));
    }
  }
  std::string left_out = matching::Joined(view.DownOnPurpose(), ", ");
  if (!left_out.empty()) left_out = absl::StrCat("; left out as down on purpose: ", left_out);
  if (!wrong.empty()) return {false, absl::StrCat(matching::Joined(wrong), left_out)};
  return {true, absl::StrCat("the slowest, ", slowest, left_out)};
}

}  // namespace

bool ConsensusIsLiveMatcher::MatchAndExplain(const RunRecord& record,
                                             testing::MatchResultListener* listener) const {
  return matching::Tell(Judge(record), listener);
}

void ConsensusIsLiveMatcher::DescribeTo(std::ostream* os) const {
  *os << "is live: each node that is up grew by at least the smaller of half of the blocks that "
         "are expected and their 1e-6 quantile, and ends within 2 blocks of the highest";
}

void ConsensusIsLiveMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "isn't live: a node that is up grew by less than the smaller of half of the blocks that "
         "are expected and their 1e-6 quantile, or ends more than 2 blocks below the highest";
}

ConsensusIsLiveMatcher ConsensusIsLive() { return {}; }

}  // namespace gtestnet::nomos

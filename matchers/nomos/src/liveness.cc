// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "gtestnet/nomos/consensus_matchers.h"
#include "matchers/chain/src/no_chain.h"
#include "matchers/chain/src/run_view.h"
#include "matchers/core/src/finding.h"
#include "matchers/nomos/src/participation.h"
#include "matchers/nomos/src/standstill.h"
#include "matchers/nomos/src/statistics.h"

namespace gtestnet::nomos {
namespace {

using matching::Counted;
using matching::Finding;
using matching::Interval;
using matching::Participation;
using matching::Rounded;
using matching::RunView;
using matching::Standstill;
using matching::Standstills;
using matching::Trials;

// The chance that a live chain misses one of its bounds, for one node or the network.
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

// The latest sample of the node before that time; null if there is none.
const NodeSample* LastBefore(const RunView& view, NodeIndex node, RunTime at) {
  const auto& samples = view.SamplesOf(node);
  const auto later = std::lower_bound(samples.begin(), samples.end(), at,
                                      [](const NodeSample* s, RunTime t) { return s->at < t; });
  return later == samples.begin() ? nullptr : *(later - 1);
}

// `at`; but where the run's own program stood still before, and nobody looked at the node since,
// the beginning of that.
RunTime SeenUntil(const RunView& view, NodeIndex node, RunTime at) {
  const NodeSample* last = LastBefore(view, node, at);
  RunTime until = at;
  for (const ClockEvent& event : view.record().clock) {
    const bool stood = event.kind != ClockEventKind::kSet && event.since < at;
    if (stood && (last == nullptr || last->at < event.at)) until = std::min(until, event.since);
  }
  return until;
}

// A sample shows a height a little late. The end of a window that a fault ended is not held against
// the node: it counts up to its last sample there, or to two slots before the end.
RunTime EndOfEvidence(const RunView& view, NodeIndex node, const Interval& window) {
  if (window.to >= view.record().closed) return window.to;
  const NodeSample* last = LastBefore(view, node, window.to);
  const RunTime grace =
      std::min(window.to - 2 * chain::ChainOf(view.record())->parameters.pace.slot,
               SeenUntil(view, node, window.to));
  return last == nullptr ? grace : std::max(last->at, grace);
}

// Without the slots of `but`, if given.
Growth GrowthOf(const RunView& view, const Participation& participation, NodeIndex node,
                const Standstill* but = nullptr) {
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
    const RunTime end = std::max(window.from, EndOfEvidence(view, node, window));
    growth.blocks += std::max<int64_t>(0, view.HeightAt(node, window.to).value_or(0) - *before);
    const RunTime gap_from = but == nullptr ? end : std::clamp(but->from, window.from, end);
    const RunTime gap_to = but == nullptr ? end : std::clamp(but->to, window.from, end);
    for (const Trials& t : participation.SlotsOf(node, window.from, gap_from)) {
      growth.slots.push_back(t);
    }
    for (const Trials& t : participation.SlotsOf(node, gap_to, end)) growth.slots.push_back(t);
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

// Whether both took part, and could reach each other, for that whole time.
bool WereTogether(const Participation& participation, NodeIndex a, NodeIndex b, RunTime from,
                  RunTime to) {
  const auto covers = [=](const Interval& i) { return i.from <= from && to <= i.to; };
  const auto& windows = participation.Windows(b);
  return std::any_of(windows.begin(), windows.end(), covers) &&
         participation.WereConnected(a, b, from, to);
}

// What is wrong with the last moment of a node that was taken down, "" if nothing: it is held to
// the same distance as those that are up at the end, from what others had so long before that it
// must have come.
std::string LagWhenTakenDown(const RunView& view, const Participation& participation,
                             NodeIndex node) {
  const NodeEvent* const event = view.uptime().TakenDownBy(node);
  const std::vector<Interval>& windows = participation.Windows(node);
  if (event == nullptr || windows.empty() || windows.back().to < event->at) return "";
  const RunTime before = SeenUntil(view, node, event->at) - Standstills::kDelivery;
  const RunTime since = std::max(participation.start(), event->at - participation.SyncAllowance());
  const std::optional<int64_t> height = view.HeightAt(node, event->at);
  if (!height || before < windows.back().from) return "";
  NodeIndex highest = node;
  int64_t most = *height;
  for (size_t i = 0; i < view.record().nodes.size(); ++i) {
    const auto other = static_cast<NodeIndex>(i);
    const int64_t others = view.HeightAt(other, before).value_or(0);
    if (others <= most || !WereTogether(participation, node, other, since, before)) continue;
    most = others;
    highest = other;
  }
  if (most - *height <= RunView::kLevel) return "";
  return absl::StrCat(view.NameOf(node), " was at height ", *height, " when it was ",
                      matching::View(ToString(event->kind)), " at ", matching::InSeconds(event->at),
                      ", ", Counted(most - *height, "block"), " below where ", view.NameOf(highest),
                      " had been ", matching::InSeconds(Standstills::kDelivery), " before");
}

// Where one node ended above several, which are level with each other: that one, and what the
// others have. Else "".
std::string LoneAboveAtEnd(const RunView& view) {
  const std::optional<NodeIndex> highest = view.HighestAtEnd();
  if (!highest) return "";
  int64_t next = 0;
  int64_t lowest = view.HeightAtEnd(*highest);
  std::vector<std::string> others;
  for (NodeIndex node : view.up_at_end()) {
    if (node == *highest || view.HeightAtEnd(node) < 0) continue;
    next = std::max(next, view.HeightAtEnd(node));
    lowest = std::min(lowest, view.HeightAtEnd(node));
    others.push_back(absl::StrCat(view.NameOf(node), " at ", view.HeightAtEnd(node)));
  }
  const int64_t ahead = view.HeightAtEnd(*highest) - next;
  if (others.size() < 2 || ahead <= RunView::kLevel || next - lowest > RunView::kLevel) return "";
  return absl::StrCat(view.NameOf(*highest), " ended at height ", view.HeightAtEnd(*highest), ", ",
                      Counted(ahead, "block"),
                      " above all others: ", matching::Joined(others, ", "));
}

std::string LagAtEnd(const RunView& view, NodeIndex node) {
  const std::optional<NodeIndex> highest = view.HighestAtEnd();
  if (!highest) return "";
  const int64_t lag = view.HeightAtEnd(*highest) - view.HeightAtEnd(node);
  if (lag <= RunView::kLevel) return "";
  return absl::StrCat(view.NameOf(node), " ended at height ", view.HeightAtEnd(node), ", ",
                      Counted(lag, "block"), " below ", view.NameOf(*highest));
}

// Judges node after node, and says of each what the network's standstill does not explain.
class Judgement {
 public:
  Judgement(const RunView& view, const Participation& participation)
      : view_(view), participation_(participation), standstills_(view, participation, kFalseAlarm) {
    wrong_ = view.DownUnasked();
    if (const std::optional<Standstill>& all = standstills_.of_network()) {
      wrong_.push_back(absl::StrCat("all nodes together did not ", all->Words()));
    }
    lone_ = LoneAboveAtEnd(view);
    if (!lone_.empty()) wrong_.push_back(lone_);
  }

  void Take(NodeIndex node) {
    const bool up = view_.record().nodes[static_cast<size_t>(node)].up_at_end;
    const NodeEvent* const down = view_.uptime().TakenDownBy(node);
    if (!up && (participation_.Windows(node).empty() || down == nullptr ||
                down->kind == NodeEventKind::kExited)) {
      return;
    }
    if (up ? view_.HeightAtEnd(node) < 0 : NeverAnswered(node)) {
      wrong_.push_back(view_.Silence(node));
      return;
    }
    const Growth growth = GrowthOf(view_, participation_, node);
    const std::string words = absl::StrCat(view_.NameOf(node), " ", growth.Words());
    const std::optional<Standstill> pause = standstills_.Of(node);
    if (!growth.enough() && !IsExplained(node, growth)) {
      wrong_.push_back(words);
    } else if (pause) {
      wrong_.push_back(absl::StrCat(view_.NameOf(node), " did not ", pause->Words()));
    }
    const double margin = static_cast<double>(growth.blocks) - growth.required();
    if (slowest_.empty() || margin < least_) {
      slowest_ = words;
      least_ = margin;
    }
    std::string lag = up ? LagAtEnd(view_, node) : LagWhenTakenDown(view_, participation_, node);
    if (!lag.empty() && (!up || lone_.empty())) wrong_.push_back(std::move(lag));
  }

  Finding Done() const {
    std::string down = matching::Joined(view_.DownOnPurpose(), ", ");
    if (!down.empty()) {
      down = absl::StrCat("; down on purpose at the end, and judged while up: ", down);
    }
    if (!wrong_.empty()) return {false, absl::StrCat(matching::Joined(wrong_), down)};
    return {true, absl::StrCat("the slowest, ", slowest_, down)};
  }

 private:
  // Of a node that is down at the end: while a live chain would have had a block for it.
  bool NeverAnswered(NodeIndex node) const {
    std::vector<Trials> slots;
    for (const Interval& window : participation_.Windows(node)) {
      for (const Trials& t : participation_.SlotsOf(node, window.from, window.to)) {
        slots.push_back(t);
      }
    }
    return view_.SamplesOf(node).empty() && matching::LowerQuantile(slots, kFalseAlarm) > 0;
  }
  // Whether it grew enough in the slots that are not in the network's standstill.
  bool IsExplained(NodeIndex node, Growth growth) const {
    const std::optional<Standstill>& all = standstills_.of_network();
    if (!all) return false;
    growth.slots = GrowthOf(view_, participation_, node, &*all).slots;
    return growth.enough();
  }

  const RunView& view_;
  const Participation& participation_;
  Standstills standstills_;
  std::string lone_;  // "" or what is told at the end of one node instead of all others
  std::vector<std::string> wrong_;
  std::string slowest_;
  double least_ = 0;
};

Finding Judge(const RunRecord& record) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  const auto shared_view = Derived<RunView>(record);
  const RunView& view = *shared_view;
  if (view.up_at_end().empty()) return matching::NothingToJudge("no node is up at the end");
  const Participation participation(view);
  if (const std::string why = TooShort(participation); !why.empty()) {
    return matching::NothingToJudge(why);
  }
  Judgement judgement(view, participation);
  for (size_t i = 0; i < record.nodes.size(); ++i) judgement.Take(static_cast<NodeIndex>(i));
  return judgement.Done();
}

}  // namespace

bool ConsensusIsLiveMatcher::MatchAndExplain(const RunRecord& record,
                                             testing::MatchResultListener* listener) const {
  return matching::Tell(Judge(record), listener);
}

void ConsensusIsLiveMatcher::DescribeTo(std::ostream* os) const {
  *os << "is live: each node grew, while it was up, by at least the smaller of half of the blocks "
         "that are expected and their 1e-6 quantile, never stood still for longer than a live "
         "chain "
         "does once in a million runs, and ended within 2 blocks of the highest";
}

void ConsensusIsLiveMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "isn't live: a node grew, while it was up, by less than the smaller of half of the blocks "
         "that are expected and their 1e-6 quantile, stood still for longer than a live chain does "
         "once in a million runs, or ended more than 2 blocks below the highest";
}

ConsensusIsLiveMatcher ConsensusIsLive() { return {}; }

}  // namespace gtestnet::nomos

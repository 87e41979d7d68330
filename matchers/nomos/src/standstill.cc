// SPDX-License-Identifier: Apache-2.0
#include "matchers/nomos/src/standstill.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "matchers/core/src/finding.h"
#include "matchers/nomos/src/statistics.h"

namespace gtestnet::matching {
namespace {

constexpr NodeIndex kNetwork = -1;

// The longer, by how far it is beyond what is explained.
void Keep(std::optional<Standstill>& longest, const std::optional<Standstill>& one) {
  if (!one) return;
  if (!longest || one->slots - one->most > longest->slots - longest->most) longest = one;
}

}  // namespace

std::string Standstill::Words() const {
  return absl::StrCat("grow after height ", height, " at ", InSeconds(from), ", until ",
                      InSeconds(to), ": ", Counted(slots, "slot"),
                      " (a live chain needs more than ", most, " once in a million runs)");
}

Standstills::Standstills(const RunView& view, const Participation& participation, double alpha)
    : view_(view), participation_(participation) {
  // A standstill may begin in any slot.
  alpha_ = alpha / static_cast<double>(std::max<int64_t>(1, Count(participation.AllSlots())));
  for (size_t i = 0; i < view_.record().nodes.size(); ++i) {
    watches_.push_back(WatchesOf(static_cast<NodeIndex>(i)));
  }
  FindNetworks();
}

// When the node took part and the run's own program ran.
std::vector<Interval> Standstills::Watched(NodeIndex node) const {
  std::vector<Interval> watched;
  for (Interval window : participation_.Windows(node)) {
    for (const ClockEvent& event : view_.record().clock) {
      if (event.kind == ClockEventKind::kSet) continue;
      if (event.at <= window.from || event.since >= window.to) continue;
      if (window.from < event.since) watched.push_back({window.from, event.since, nullptr});
      window.from = event.at;
    }
    if (window.from < window.to) watched.push_back(window);
  }
  return watched;
}

std::vector<Standstills::Watch> Standstills::WatchesOf(NodeIndex node) const {
  const auto& samples = view_.SamplesOf(node);
  std::vector<Watch> watches;
  for (const Interval& window : Watched(node)) {
    Watch watch{window, 0, {}};
    auto sample = std::upper_bound(samples.begin(), samples.end(), window.from,
                                   [](RunTime t, const NodeSample* s) { return t < s->at; });
    if (sample != samples.begin()) {
      watch.height = view_.HeightOf(**(sample - 1));
    } else if (sample != samples.end()) {
      // The first look of all is where its growth starts to be known.
      watch.window.from = (*sample)->at;
      watch.height = view_.HeightOf(**sample);
    }
    int64_t height = watch.height;
    for (; sample != samples.end() && (*sample)->at <= window.to; ++sample) {
      const bool grew = view_.HeightOf(**sample) > height;
      height = std::max(height, view_.HeightOf(**sample));
      watch.looks.push_back({(*sample)->at, height, grew});
    }
    if (window.to >= view_.record().closed) watch.looks.push_back({window.to, height, false});
    if (watch.window.from < watch.window.to) watches.push_back(std::move(watch));
  }
  return watches;
}

std::vector<Trials> Standstills::SlotsOf(NodeIndex node, RunTime from, RunTime to) const {
  return node == kNetwork ? participation_.NetworkSlots(from, to)
                          : participation_.SlotsOf(node, from, to);
}

std::optional<Standstill> Standstills::Weigh(NodeIndex node, RunTime from, RunTime to,
                                             int64_t height) const {
  if (to - from <= kDelivery) return std::nullopt;
  const std::vector<Trials> judged = SlotsOf(node, from, to - kDelivery);
  const int64_t count = Count(judged);
  const int64_t most = FailuresUntil(judged, alpha_) - 1;
  if (count <= most) return std::nullopt;
  const int64_t slots = Count(SlotsOf(node, from, to));
  return Standstill{from, to, height, slots, most + slots - count};
}

void Standstills::FindNetworks() {
  // When any node grew, and the highest that any was then; and where no look reaches across.
  std::vector<Look> growth;
  RunTime begin = view_.record().closed;
  int64_t highest = 0;
  for (const std::vector<Watch>& watches : watches_) {
    for (const Watch& watch : watches) {
      if (watch.window.from < begin) {
        begin = watch.window.from;
        highest = watch.height;
      }
      std::copy_if(watch.looks.begin(), watch.looks.end(), std::back_inserter(growth),
                   [](const Look& look) { return look.grew; });
    }
  }
  for (const ClockEvent& event : view_.record().clock) {
    if (event.kind == ClockEventKind::kSet) continue;
    growth.push_back({event.since, 0, true});
    growth.push_back({event.at, 0, true});
  }
  std::sort(growth.begin(), growth.end(), [](const Look& a, const Look& b) { return a.at < b.at; });
  growth.push_back({view_.record().closed, 0, true});
  RunTime from = begin;
  for (const Look& next : growth) {
    if (next.at - from > kDelivery) {
      Keep(of_network_, Weigh(kNetwork, from, AllSeenUntil(from, next.at), highest));
    }
    from = std::max(from, next.at);
    highest = std::max(highest, next.height);
  }
}

RunTime Standstills::AllSeenUntil(RunTime from, RunTime to) const {
  RunTime all = RunTime::max();
  for (const std::vector<Watch>& watches : watches_) {
    for (const Watch& watch : watches) {
      if (watch.window.from >= to || watch.window.to < to) continue;
      auto look = std::upper_bound(watch.looks.begin(), watch.looks.end(), to,
                                   [](RunTime t, const Look& one) { return t < one.at; });
      while (look != watch.looks.begin() && (look - 1)->grew && (look - 1)->at > from) --look;
      all = std::min(all, look == watch.looks.begin() ? from : std::max(from, (look - 1)->at));
    }
  }
  return all == RunTime::max() ? from : all;
}

bool Standstills::IsExplained(NodeIndex node, const Standstill& one) const {
  if (!of_network_ || of_network_->to <= one.from || one.to <= of_network_->from) return false;
  return !Weigh(node, one.from, std::max(one.from, of_network_->from), one.height) &&
         !Weigh(node, std::min(one.to, of_network_->to), one.to, one.height);
}

std::optional<Standstill> Standstills::Of(NodeIndex node) const {
  std::optional<Standstill> longest;
  const auto weigh = [&](RunTime from, RunTime to, int64_t height) {
    const std::optional<Standstill> one = Weigh(node, from, to, height);
    if (one && !IsExplained(node, *one)) Keep(longest, one);
  };
  for (const Watch& watch : watches_[static_cast<size_t>(node)]) {
    RunTime from = watch.window.from;
    RunTime to = from;
    int64_t height = watch.height;
    for (const Look& look : watch.looks) {
      if (look.grew) {
        weigh(from, to, height);
        from = look.at;
        height = look.height;
      }
      to = look.at;
    }
    weigh(from, to, height);
  }
  return longest;
}

}  // namespace gtestnet::matching

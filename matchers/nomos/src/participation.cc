// SPDX-License-Identifier: Apache-2.0
#include "matchers/nomos/src/participation.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/nomos/node_values.h"

namespace gtestnet::matching {
namespace {

bool Covers(const std::vector<Interval>& intervals, RunTime from, RunTime to) {
  return std::any_of(intervals.begin(), intervals.end(),
                     [=](const Interval& i) { return i.from <= from && to <= i.to; });
}

}  // namespace

Participation::Participation(const RunView& view)
    : view_(view),
      record_(view.record()),
      chain_(*chain::ChainOf(record_)),
      start_(std::max(record_.begun, RunTime(0))),
      slot_(std::max(chain_.parameters.pace.slot, std::chrono::milliseconds(1))),
      connected_(record_.nodes.size()),
      windows_(record_.nodes.size()) {
  for (size_t i = 0; i < record_.nodes.size(); ++i) {
    for (NodeIndex neighbour : record_.nodes[i].neighbours) {
      connected_[i].push_back(neighbour);
      connected_[static_cast<size_t>(neighbour)].push_back(static_cast<NodeIndex>(i));
    }
  }
  const chain::ChainParameters& parameters = chain_.parameters;
  const double parsed = std::strtod(parameters.active_slot_coefficient.c_str(), nullptr);
  f_ = parsed > 0 && parsed <= 1 ? parsed : parameters.pace.active_slot_coefficient;
  const std::vector<std::vector<Interval>> able = AbleIntervals();
  for (size_t i = 0; i < able.size(); ++i) {
    for (const Interval& interval : able[i]) {
      const Interval credited = Credited(static_cast<NodeIndex>(i), interval);
      if (credited.from < credited.to) windows_[i].push_back(credited);
    }
  }
  FindStretches();
}

double Participation::WinChance(double stake) const {
  // 1 − (1 − f)^stake, of which nothing would be left where 1 − f is 1 as a double.
  return stake > 0 ? -std::expm1(stake * std::log1p(-f_)) : 0;
}

double Participation::StakeOf(NodeIndex node) const {
  const uint64_t total = chain_.parameters.total_stake;
  if (total == 0) return 0;
  return static_cast<double>(nomos::StakeOf(record_.nodes[static_cast<size_t>(node)])) /
         static_cast<double>(total);
}

RunTime Participation::SyncAllowance() const {
  return RunTime(10'000 + RoundedUp(std::floor(10 * static_cast<double>(slot_.count()) / f_)));
}

int Participation::NeededPeers(NodeIndex node) const {
  const bool alone = record_.nodes[static_cast<size_t>(node)].neighbours.empty();
  return alone ? 0 : chain_.parameters.min_peers;
}

std::vector<RunTime> Participation::Cuts(
    const std::vector<std::vector<Interval>>& intervals) const {
  std::vector<RunTime> cuts = {start_, std::max(start_, record_.closed)};
  for (const std::vector<Interval>& of_node : intervals) {
    for (const Interval& i : of_node) {
      cuts.push_back(std::clamp(i.from, cuts[0], cuts[1]));
      cuts.push_back(std::clamp(i.to, cuts[0], cuts[1]));
    }
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  return cuts;
}

std::vector<std::vector<Interval>> Participation::AbleIntervals() const {
  const size_t nodes = record_.nodes.size();
  std::vector<std::vector<Interval>> up;
  for (size_t i = 0; i < nodes; ++i) up.push_back(view_.uptime().Of(static_cast<NodeIndex>(i)));
  std::vector<std::vector<Interval>> able(nodes);
  const std::vector<RunTime> cuts = Cuts(up);
  std::vector<bool> is_up(nodes);
  for (size_t c = 0; c + 1 < cuts.size(); ++c) {
    for (size_t i = 0; i < nodes; ++i) is_up[i] = Covers(up[i], cuts[c], cuts[c + 1]);
    for (size_t i = 0; i < nodes; ++i) {
      const std::vector<NodeIndex>& neighbours = record_.nodes[i].neighbours;
      const auto connected = std::count_if(neighbours.begin(), neighbours.end(), [&](NodeIndex n) {
        return is_up[static_cast<size_t>(n)];
      });
      if (!is_up[i] || connected < NeededPeers(static_cast<NodeIndex>(i))) continue;
      if (!able[i].empty() && able[i].back().to == cuts[c]) {
        able[i].back().to = cuts[c + 1];
      } else {
        able[i].push_back({cuts[c], cuts[c + 1], nullptr});
      }
    }
  }
  return able;
}

// From when on a node that is able to take part is expected to.
Interval Participation::Credited(NodeIndex node, Interval able) const {
  if (able.from <= start_) return able;
  const RunTime latest = able.from + SyncAllowance();
  const auto& samples = view_.SamplesOf(node);
  auto sample = std::lower_bound(samples.begin(), samples.end(), able.from,
                                 [](const NodeSample* s, RunTime t) { return s->at < t; });
  able.from = latest;
  for (; sample != samples.end() && (*sample)->at < latest; ++sample) {
    if (view_.IsSynced(**sample) && chain::PeersOf(**sample) >= NeededPeers(node)) {
      able.from = (*sample)->at;
      break;
    }
  }
  return able;
}

void Participation::FindStretches() {
  std::vector<std::vector<Interval>> all = windows_;
  for (size_t i = 0; i < record_.nodes.size(); ++i) {
    all.push_back(view_.uptime().Of(static_cast<NodeIndex>(i)));
  }
  const std::vector<RunTime> cuts = Cuts(all);
  for (size_t c = 0; c + 1 < cuts.size(); ++c) {
    Stretch stretch = StretchOf(cuts[c], cuts[c + 1]);
    if (stretch.slots() > 0) stretches_.push_back(std::move(stretch));
  }
}

Stretch Participation::StretchOf(RunTime from, RunTime to) const {
  const size_t nodes = record_.nodes.size();
  Stretch s;
  s.first_slot = (from + slot_ - RunTime(1)) / slot_;
  s.end_slot = to / slot_;
  s.takes_part.resize(nodes);
  s.part.assign(nodes, -1);
  s.stake.assign(nodes, 0);
  std::vector<bool> is_up(nodes);
  for (size_t i = 0; i < nodes; ++i) {
    is_up[i] = Covers(view_.uptime().Of(static_cast<NodeIndex>(i)), from, to);
    s.takes_part[i] = Covers(windows_[i], from, to);
  }
  for (size_t i = 0; i < nodes; ++i) {
    if (!is_up[i] || s.part[i] >= 0) continue;
    // Everything that is up and reached from here.
    std::vector<size_t> reached = {i};
    s.part[i] = static_cast<int>(i);
    for (size_t next = 0; next < reached.size(); ++next) {
      for (NodeIndex n : connected_[reached[next]]) {
        const auto neighbour = static_cast<size_t>(n);
        if (!is_up[neighbour] || s.part[neighbour] >= 0) continue;
        s.part[neighbour] = static_cast<int>(i);
        reached.push_back(neighbour);
      }
    }
    double stake = 0;
    for (size_t node : reached) {
      if (s.takes_part[node]) stake += StakeOf(static_cast<NodeIndex>(node));
    }
    for (size_t node : reached) s.stake[node] = stake;
  }
  return s;
}

std::vector<Trials> Participation::SlotsOf(NodeIndex node, RunTime from, RunTime to) const {
  return Within(from, to, [node](const Stretch& s) { return s.stake[static_cast<size_t>(node)]; });
}

std::vector<Trials> Participation::NetworkSlots(RunTime from, RunTime to) const {
  return Within(from, to, [](const Stretch& s) {
    double most = 0;
    for (double stake : s.stake) most = std::max(most, stake);
    return most;
  });
}

std::vector<Trials> Participation::AllSlots() const {
  return NetworkSlots(start_, std::max(start_, record_.closed));
}

bool Participation::WereConnected(NodeIndex a, NodeIndex b, RunTime from, RunTime to) const {
  return std::all_of(stretches_.begin(), stretches_.end(), [&](const Stretch& s) {
    if (s.end_slot * slot_ <= from || to <= s.first_slot * slot_) return true;
    const int part = s.part[static_cast<size_t>(a)];
    return part >= 0 && part == s.part[static_cast<size_t>(b)];
  });
}

template <class StakeIn>
std::vector<Trials> Participation::Within(RunTime from, RunTime to, StakeIn stake) const {
  const int64_t first = (from + slot_ - RunTime(1)) / slot_;
  const int64_t end = to / slot_;
  std::vector<Trials> trials;
  for (const Stretch& s : stretches_) {
    const int64_t slots = std::min(end, s.end_slot) - std::max(first, s.first_slot);
    if (slots > 0) trials.push_back({slots, WinChance(stake(s))});
  }
  return trials;
}

}  // namespace gtestnet::matching

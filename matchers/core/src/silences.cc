// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/silences.h"

#include <algorithm>

namespace gtestnet::matching {
namespace {

constexpr RunTime kShortest{100};

std::vector<Silence> GapsOf(const RunRecord& record, const Uptime& uptime) {
  std::vector<std::vector<const NodeSample*>> samples(record.nodes.size());
  for (const NodeSample& sample : record.samples) {
    const auto node = static_cast<size_t>(sample.node);
    if (node < samples.size()) samples[node].push_back(&sample);
  }
  std::vector<Silence> gaps;
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto node = static_cast<NodeIndex>(i);
    for (const Interval& up : uptime.Of(node)) {
      Silence gap{.node = node, .from = up.from};
      const auto end = [&](RunTime to) {
        gap.to = to;
        if (to - gap.from > kShortest) gaps.push_back(gap);
        gap = {.node = node, .from = to};
      };
      auto sample = std::lower_bound(samples[i].begin(), samples[i].end(), up.from,
                                     [](const NodeSample* s, RunTime at) { return s->at < at; });
      for (; sample != samples[i].end() && (*sample)->at <= up.to; ++sample) {
        if ((*sample)->reachable) {
          end((*sample)->at);
        } else if ((*sample)->at < up.to || up.to >= record.closed) {
          gap.asked = true;
        }
      }
      end(up.to);
    }
  }
  return gaps;
}

// The times in which all nodes that were up, two at least, were silent together, and asked in vain.
class Common {
 public:
  Common(const std::vector<Silence>& gaps, const Uptime& uptime, size_t nodes) {
    std::vector<Edge> edges;
    for (const Silence& gap : gaps) {
      if (!gap.asked) continue;
      edges.push_back({gap.from, 0, 1});
      edges.push_back({gap.to, 0, -1});
    }
    for (size_t i = 0; i < nodes; ++i) {
      for (const Interval& up : uptime.Of(static_cast<NodeIndex>(i))) {
        edges.push_back({up.from, 1, 0});
        edges.push_back({up.to, -1, 0});
      }
    }
    std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) { return a.at < b.at; });
    int up = 0;
    int silent = 0;
    for (size_t i = 0; i < edges.size();) {
      const RunTime at = edges[i].at;
      for (; i < edges.size() && edges[i].at == at; ++i) {
        up += edges[i].up;
        silent += edges[i].silent;
      }
      if (i < edges.size() && up >= 2 && silent >= up) {
        times_.push_back({at, edges[i].at, nullptr});
      }
    }
  }

  // Of the silence, what is left without them, and without what the run's own program did not run
  // for.
  RunTime LengthOf(const Silence& gap, const std::vector<ClockEvent>& clock) const {
    RunTime length = TimeRun(clock, gap.from, gap.to);
    auto time = std::lower_bound(times_.begin(), times_.end(), gap.from,
                                 [](const Interval& t, RunTime at) { return t.to <= at; });
    for (; time != times_.end() && time->from < gap.to; ++time) {
      length -= TimeRun(clock, std::max(time->from, gap.from), std::min(time->to, gap.to));
    }
    return std::max(length, RunTime(0));
  }

 private:
  struct Edge {
    RunTime at{0};
    int up = 0;
    int silent = 0;
  };
  std::vector<Interval> times_;
};

}  // namespace

std::vector<Silence> SilencesOf(const RunRecord& record, const Uptime& uptime) {
  std::vector<Silence> gaps = GapsOf(record, uptime);
  const Common common(gaps, uptime, record.nodes.size());
  for (Silence& gap : gaps) gap.length = common.LengthOf(gap, record.clock);
  return gaps;
}

}  // namespace gtestnet::matching

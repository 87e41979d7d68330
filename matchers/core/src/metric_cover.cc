// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/metric_cover.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "gtestnet/derived.h"
#include "gtestnet/metric_matchers.h"
#include "matchers/core/src/cover.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/judging.h"
#include "matchers/core/src/uptime.h"

namespace gtestnet {
namespace matching {
namespace {

constexpr RunTime kAtEnd{15'000};
constexpr RunTime kInTheMidst{30'000};
// How long a verb may have taken of which the record does not say.
constexpr RunTime kLongVerb{60'000};

bool BeginsAnew(const NodeEvent& event) {
  return event.kind == NodeEventKind::kStarted || event.kind == NodeEventKind::kAdded ||
         event.kind == NodeEventKind::kRestarted;
}

// When each node has metrics, each time once.
std::vector<std::vector<RunTime>> TimesOf(const RunRecord& record) {
  std::vector<std::vector<RunTime>> times(record.nodes.size());
  for (const MetricSample& sample : record.metrics) {
    std::vector<RunTime>& of_node = times[static_cast<size_t>(sample.node)];
    if (of_node.empty() || of_node.back() != sample.at) of_node.push_back(sample.at);
  }
  return times;
}

}  // namespace

std::vector<std::string> MetricGaps(const RunRecord& record) {
  const std::vector<std::vector<RunTime>> times = TimesOf(record);
  const Uptime uptime(record);
  const auto cover = Derived<Cover>(record);
  const RunTime time = record.closed - record.begun;
  const RunTime most = cover->MostBetweenMetrics(time);
  const RunTime at_end = std::max(most, std::min(kAtEnd, time / 2));
  const RunTime in_the_midst = std::max({2 * most, kInTheMidst, time / 20});
  std::vector<std::string> gaps;
  for (size_t i = 0; i < times.size(); ++i) {
    if (times[i].empty()) continue;
    for (const Interval& up : uptime.Of(static_cast<NodeIndex>(i))) {
      RunTime from = up.from;
      for (auto at = std::lower_bound(times[i].begin(), times[i].end(), up.from);; ++at) {
        const bool more = at != times[i].end() && *at < up.to;
        const RunTime to = more ? *at : up.to;
        const RunTime may = !more && up.to == record.closed ? at_end : in_the_midst;
        if (TimeRun(record.clock, from, to) > may) {
          gaps.push_back(absl::StrCat(record.nodes[i].name, ", which was up, has no metrics from ",
                                      InSeconds(from), " to ", InSeconds(to), " (at most ",
                                      InSeconds(may), " may pass)"));
        }
        if (!more) break;
        from = to;
      }
    }
  }
  return gaps;
}

bool IsCounter(std::string_view series) {
  const std::string_view name = series.substr(0, series.find('{'));
  return name.ends_with("_total") || name.ends_with("_bucket");
}

std::vector<std::string> CountersThatFell(const RunRecord& record) {
  std::vector<std::vector<const NodeEvent*>> begins(record.nodes.size());
  for (const NodeEvent& event : record.events) {
    if (BeginsAnew(event)) begins[static_cast<size_t>(event.node)].push_back(&event);
  }
  const auto began_between = [&](NodeIndex node, RunTime from, RunTime to) {
    const auto& of_node = begins[static_cast<size_t>(node)];
    return std::any_of(of_node.begin(), of_node.end(), [&](const NodeEvent* event) {
      return event->at >= from && event->at - event->took.value_or(kLongVerb) <= to;
    });
  };
  std::vector<std::unordered_map<std::string_view, const MetricSample*>> last(record.nodes.size());
  std::unordered_map<std::string_view, bool> counters;
  std::vector<std::string> falls;
  std::vector<bool> told(record.nodes.size());
  for (const MetricSample& sample : record.metrics) {
    const auto [counter, is_new] = counters.try_emplace(sample.series, false);
    if (is_new) counter->second = IsCounter(sample.series);
    if (!counter->second || std::isnan(sample.value)) continue;
    const auto node = static_cast<size_t>(sample.node);
    const MetricSample*& before = last[node][sample.series];
    if (before != nullptr && sample.value < before->value && !told[node] &&
        !began_between(sample.node, before->at, sample.at)) {
      told[node] = true;
      falls.push_back(absl::StrCat(View(sample.series), " of ", record.nodes[node].name,
                                   " fell from ", before->value, " at ", InSeconds(before->at),
                                   " to ", sample.value, " at ", InSeconds(sample.at),
                                   ", though the node did not begin anew"));
    }
    before = &sample;
  }
  return falls;
}

namespace {

Finding Judge(const RunRecord& record) {
  if (record.metrics.empty()) return NothingToJudge("no metric of any node was taken");
  std::vector<std::string> wrong = CountersThatFell(record);
  for (std::string& gap : MetricGaps(record)) wrong.push_back(std::move(gap));
  if (!wrong.empty()) return {false, Joined(wrong)};
  return {true, absl::StrCat(Counted(static_cast<int64_t>(record.metrics.size()), "value"),
                             " came until the end, and no counter fell")};
}

}  // namespace
}  // namespace matching

RunMatcher MetricsAreSound() {
  return matching::Judging(
      matching::Judge,
      "has metrics of its nodes until the end, and none that only grows falls while a node runs",
      "has a node whose metrics stop, or one that only grows and falls while the node runs");
}

}  // namespace gtestnet

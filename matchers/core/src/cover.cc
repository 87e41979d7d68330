// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/cover.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/uptime.h"

namespace gtestnet::matching {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFewest{3000};
constexpr milliseconds kMost{8000};
// What none is as short as.
constexpr milliseconds kShortest{1000};

}  // namespace

Cover::Cover(const RunRecord& record)
    : clock_(record.clock),
      begun_(record.begun),
      closed_(record.closed),
      block_(std::chrono::ceil<RunTime>(record.pace().block_interval())) {
  std::vector<std::vector<RunTime>> answers(record.nodes.size());
  for (const NodeSample& sample : record.samples) {
    if (sample.reachable) answers[static_cast<size_t>(sample.node)].push_back(sample.at);
  }
  const Uptime uptime(record);
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    names_.push_back(record.nodes[i].name);
    for (const Interval& interval : uptime.Of(static_cast<NodeIndex>(i))) {
      Gap gap{.node = i, .from = interval.from, .to = interval.from, .extra = {}};
      if (interval.begun_by != nullptr) gap.extra = kMost;
      auto answer = std::lower_bound(answers[i].begin(), answers[i].end(), interval.from);
      for (bool more = true; more; gap.from = gap.to, gap.extra = {}) {
        more = answer != answers[i].end() && *answer < interval.to;
        gap.to = more ? *answer++ : interval.to;
        if (gap.to - gap.from > kShortest) gaps_.push_back(gap);
      }
    }
  }
}

RunTime Cover::MostBetween(RunTime time) const {
  return std::max({std::clamp<RunTime>(time / 2, kFewest, kMost), 2 * block_, time / 200});
}

RunTime Cover::MostBetweenMetrics(RunTime time) const {
  // They are asked for every 4 block intervals.
  return std::max(MostBetween(time), 6 * block_);
}

std::string Cover::Words(const std::vector<Gap>& gaps, RunTime from, RunTime to) const {
  std::vector<std::string> lacks;
  for (const Gap& gap : gaps) {
    const RunTime most = MostBetween(to - from) + gap.extra;
    const RunTime gap_from = std::max(gap.from, from);
    const RunTime gap_to = std::min(gap.to, to);
    if (TimeRun(clock_, gap_from, gap_to) <= most) continue;
    lacks.push_back(absl::StrCat(names_[gap.node], ", which was up, was not seen to answer from ",
                                 InSeconds(gap_from), " to ", InSeconds(gap_to), " (at most ",
                                 InSeconds(most), " may pass)"));
  }
  return Joined(lacks);
}

std::string Cover::Lack(RunTime from, RunTime to) const { return Words(gaps_, from, to); }

std::string Cover::Lack() const { return Words(gaps_, begun_, closed_); }

std::string Cover::LackAtEnd() const {
  std::vector<Gap> last;
  std::copy_if(gaps_.begin(), gaps_.end(), std::back_inserter(last),
               [this](const Gap& gap) { return gap.to == closed_; });
  return Words(last, begun_, closed_);
}

}  // namespace gtestnet::matching

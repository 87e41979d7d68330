// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/life_matchers.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/silences.h"
#include "matchers/core/src/uptime.h"

namespace gtestnet {
namespace {

using matching::Finding;
using matching::InSeconds;
using matching::Interval;
using matching::Silence;
using matching::Uptime;

// The longest silence that is nobody's fault.
constexpr RunTime kLongest{8000};
// Shorter ones do not count towards the sum.
constexpr RunTime kCounts{1000};
constexpr double kMostOfTime = 0.25;

RunTime TimeUp(const RunRecord& record, const Uptime& uptime, NodeIndex node) {
  RunTime time{0};
  for (const Interval& up : uptime.Of(node)) {
    time += matching::TimeRun(record.clock, up.from, up.to);
  }
  return time;
}

// What one node was silent for.
struct OfNode {
  const Silence* longest = nullptr;
  RunTime sum{0};  // of those that count
  int64_t count = 0;
};

class Judgement {
 public:
  explicit Judgement(const RunRecord& record)
      : record_(record),
        uptime_(record),
        silences_(matching::SilencesOf(record, uptime_)),
        nodes_(record.nodes.size()),
        most_(std::max({kLongest, 2 * std::chrono::ceil<RunTime>(record.pace().block_interval()),
                        (record.closed - record.begun) / 200})) {
    for (const Silence& one : silences_) {
      OfNode& node = nodes_[static_cast<size_t>(one.node)];
      if (!one.asked) {
        if (one.length > most_) unseen_.push_back(Words(one, "was not seen to answer"));
        continue;
      }
      if (node.longest == nullptr || one.length > node.longest->length) node.longest = &one;
      if (one.length <= kCounts) continue;
      node.sum += one.length;
      ++node.count;
    }
  }

  Finding ByDefault() {
    for (size_t i = 0; i < nodes_.size(); ++i) {
      const OfNode& node = nodes_[i];
      const RunTime up = TimeUp(record_, uptime_, static_cast<NodeIndex>(i));
      if (node.longest != nullptr && node.longest->length > most_) {
        wrong_.push_back(absl::StrCat(Words(*node.longest, "did not answer"), " (at most ",
                                      InSeconds(most_), " may pass)"));
      } else if (node.sum > most_ && static_cast<double>(node.sum.count()) >
                                         kMostOfTime * static_cast<double>(up.count())) {
        wrong_.push_back(absl::StrCat(
            NameOf(static_cast<NodeIndex>(i)), " did not answer for ", InSeconds(node.sum),
            " of the ", InSeconds(up), " that it was up, in ",
            matching::Counted(node.count, "silence"), " of more than a second; the longest was ",
            InSeconds(node.longest->length), ", from ", InSeconds(node.longest->from)));
      }
    }
    LookForFrozen();
    return Done();
  }

  Finding By(const testing::Matcher<RunTime>& inner) {
    for (size_t i = 0; i < nodes_.size(); ++i) {
      if (uptime_.Of(static_cast<NodeIndex>(i)).empty()) continue;
      const Silence* const longest = nodes_[i].longest;
      const RunTime length = longest == nullptr ? RunTime(0) : longest->length;
      if (inner.Matches(length)) continue;
      wrong_.push_back(longest == nullptr
                           ? absl::StrCat(NameOf(static_cast<NodeIndex>(i)), " was never silent")
                           : Words(*longest, "did not answer"));
    }
    return Done();
  }

 private:
  const std::string& NameOf(NodeIndex node) const {
    return record_.nodes[static_cast<size_t>(node)].name;
  }
  std::string Words(const Silence& one, std::string_view what) const {
    const RunTime whole = one.to - one.from;
    return absl::StrCat(
        NameOf(one.node), ", which was up, ", matching::View(what), " for ", InSeconds(one.length),
        ", from ", InSeconds(one.from), " to ", InSeconds(one.to),
        one.length == whole ? ""
                            : " (the rest is nobody's: the run's own program did not run, or all "
                              "nodes were silent)");
  }
  void LookForFrozen() {
    std::map<NodeIndex, std::pair<RunTime, int64_t>> frozen;
    for (const ResourceSample& sample : record_.resources) {
      if (sample.values.Get("frozen") <= 0 || !uptime_.IsUp(sample.node, sample.at)) continue;
      ++frozen.try_emplace(sample.node, sample.at, 0).first->second.second;
    }
    for (const auto& [node, seen] : frozen) {
      wrong_.push_back(absl::StrCat(NameOf(node), " was stopped by a signal that the run did not ",
                                    "send, first seen at ", InSeconds(seen.first), " (",
                                    matching::Counted(seen.second, "look"), " found it so)"));
    }
  }
  Finding Done() const {
    if (!wrong_.empty()) return {false, matching::Joined(wrong_)};
    if (!unseen_.empty()) {
      return matching::NothingToJudge(
          absl::StrCat(matching::Joined(unseen_), " (at most ", InSeconds(most_), " may pass)"));
    }
    const Silence* longest = nullptr;
    for (const OfNode& node : nodes_) {
      if (node.longest != nullptr &&
          (longest == nullptr || node.longest->length > longest->length)) {
        longest = node.longest;
      }
    }
    if (longest == nullptr || longest->length == RunTime(0)) return {true, "no node was silent"};
    return {true, absl::StrCat("the longest silence was ", InSeconds(longest->length), ", of ",
                               NameOf(longest->node), " from ", InSeconds(longest->from))};
  }

  const RunRecord& record_;
  const Uptime uptime_;
  const std::vector<Silence> silences_;
  std::vector<OfNode> nodes_;
  const RunTime most_;
  std::vector<std::string> wrong_;
  std::vector<std::string> unseen_;
};

Finding Judge(const RunRecord& record, const std::optional<testing::Matcher<RunTime>>& inner) {
  if (record.nodes.empty()) return matching::NothingToJudge("the record has no nodes");
  if (record.samples.empty()) return matching::NothingToJudge("the record has no samples");
  Judgement judgement(record);
  return inner ? judgement.By(*inner) : judgement.ByDefault();
}

}  // namespace

bool StaysReachableMatcher::MatchAndExplain(const RunRecord& record,
                                            testing::MatchResultListener* listener) const {
  return matching::Tell(Judge(record, inner_), listener);
}

void StaysReachableMatcher::DescribeTo(std::ostream* os) const {
  if (inner_) {
    *os << "has, of each node while it was up, a longest silence that "
        << matching::Description(*inner_);
    return;
  }
  *os << "stays reachable: no node, while it was up, did not answer for more than 8 s, nor, in "
         "silences of more than a second, for more than a quarter of its time, nor was stopped by "
         "a signal that the run did not send";
}

void StaysReachableMatcher::DescribeNegationTo(std::ostream* os) const {
  if (inner_) {
    *os << "has, of a node while it was up, a longest silence that " << matching::Negation(*inner_);
    return;
  }
  *os << "doesn't stay reachable: a node, while it was up, did not answer for more than 8 s, or, "
         "in "
         "silences of more than a second, for more than a quarter of its time, or was stopped by a "
         "signal that the run did not send";
}

StaysReachableMatcher StaysReachable() { return StaysReachableMatcher(std::nullopt); }
StaysReachableMatcher StaysReachable(testing::Matcher<RunTime> inner) {
  return StaysReachableMatcher(std::move(inner));
}

}  // namespace gtestnet

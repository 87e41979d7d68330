// SPDX-License-Identifier: Apache-2.0
// Eventually and Always: matchers of a record over the instants that were sampled.
#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtestnet/sample_matchers.h"
#include "src/finding.h"
#include "src/uptime.h"

namespace gtestnet {
namespace {

using matching::Finding;
using matching::InSeconds;

// The instants of a record, one after the other: the state at the begin of the run, and then one
// for each time at which there are samples.
class Instants {
 public:
  explicit Instants(const RunRecord& record) : record_(record), now_(record.At(record.begun)) {
    next_ = static_cast<size_t>(
        std::upper_bound(record.samples.begin(), record.samples.end(), record.begun,
                         [](RunTime t, const NodeSample& s) { return t < s.at; }) -
        record.samples.begin());
    const matching::Uptime uptime(record);
    const std::vector<NodeSample>& samples = record.samples;
    for (size_t i = 0; i < record.nodes.size(); ++i) {
      const auto node = static_cast<NodeIndex>(i);
      const bool sampled =
          std::any_of(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(next_),
                      [=](const NodeSample& s) { return s.node == node; });
      if (!sampled && uptime.IsUp(node, record.begun)) awaited_.push_back(node);
    }
    // The first instant is that at which each node that was up has been sampled.
    while (!awaited_.empty() && Advance()) {
    }
  }

  // False if the record has not one sample of each node that was up at the begin.
  bool any() const { return awaited_.empty() && !record_.samples.empty(); }
  const Snapshot& now() const { return now_; }
  bool Advance() {
    if (next_ >= record_.samples.size()) return false;
    now_.at = record_.samples[next_].at;
    for (; next_ < record_.samples.size() && record_.samples[next_].at == now_.at; ++next_) {
      const NodeSample& sample = record_.samples[next_];
      now_.nodes[static_cast<size_t>(sample.node)] = sample;
      awaited_.erase(std::remove(awaited_.begin(), awaited_.end(), sample.node), awaited_.end());
    }
    return true;
  }
  std::string Missing() const {
    if (awaited_.empty()) return "the record has no samples";
    return absl::StrCat("the record has no sample of ",
                        record_.nodes[static_cast<size_t>(awaited_.front())].name);
  }

 private:
  const RunRecord& record_;
  Snapshot now_;
  size_t next_ = 0;
  std::vector<NodeIndex> awaited_;
};

Pace PaceOf(const RunRecord& record) {
  return record.chain ? record.chain->parameters.pace : Pace{};
}

std::string Explanation(const Snapshot& snapshot, const testing::Matcher<const Snapshot&>& inner) {
  testing::StringMatchResultListener listener;
  inner.MatchAndExplain(snapshot, &listener);
  if (!listener.str().empty()) return absl::StrCat("one ", listener.str());
  return testing::PrintToString(snapshot);
}

Finding JudgeEventually(const RunRecord& record, const testing::Matcher<const Snapshot&>& inner,
                        Timespan within) {
  Instants instants(record);
  if (!instants.any()) return matching::NothingToJudge(instants.Missing());
  const RunTime limit = record.begun + within.At(PaceOf(record));
  if (instants.now().at > limit) {
    return matching::NothingToJudge(absl::StrCat("the first snapshot of all nodes, at ",
                                                 InSeconds(instants.now().at), ", is later than ",
                                                 InSeconds(limit)));
  }
  do {
    if (instants.now().at > limit) break;
    if (inner.Matches(instants.now())) {
      return {true, absl::StrCat("the snapshot at ", InSeconds(instants.now().at), " is ",
                                 Explanation(instants.now(), inner))};
    }
  } while (instants.Advance());
  // Again to the last one in time, for its words alone.
  Snapshot latest = record.At(limit);
  const RunTime seen = std::min(limit, std::max(record.closed, record.samples.back().at));
  latest.at = seen;
  std::string words = absl::StrCat("no snapshot until ", InSeconds(seen), " matches; the last is ",
                                   Explanation(latest, inner));
  if (seen < limit) {
    absl::StrAppend(&words, "; the run ended ", InSeconds(limit - seen), " before the time was up");
  }
  return {false, words};
}

Finding JudgeAlways(const RunRecord& record, const testing::Matcher<const Snapshot&>& inner,
                    const std::optional<For>& span) {
  Instants instants(record);
  if (!instants.any()) return matching::NothingToJudge(instants.Missing());
  const RunTime end = span ? record.begun + span->time.At(PaceOf(record)) : record.closed;
  int64_t judged = 0;
  do {
    if (judged > 0 && instants.now().at > end) break;
    ++judged;
    if (!inner.Matches(instants.now())) {
      return {false, absl::StrCat("the snapshot at ", InSeconds(instants.now().at), " is ",
                                  Explanation(instants.now(), inner))};
    }
  } while (instants.Advance());
  if (record.closed < end) {
    return matching::NothingToJudge(absl::StrCat("the record ends at ", InSeconds(record.closed),
                                                 ", before ", InSeconds(end),
                                                 "; let the run last for ", span->time.ToString()));
  }
  return {true, absl::StrCat("each of ", matching::Counted(judged, "snapshot"), " matches")};
}

// A span in real time is the same at any pace.
std::optional<RunTime> InRealTime(Timespan span) {
  const Pace slow{std::chrono::milliseconds(7919), 0.5, 7};
  const RunTime at = span.At(Pace{});
  return span.At(slow) == at ? std::optional<RunTime>(at) : std::nullopt;
}

}  // namespace

std::ostream& operator<<(std::ostream& os, const Within& within) {
  return os << "within " << within.time;
}

std::ostream& operator<<(std::ostream& os, const For& span) { return os << "for " << span.time; }

EventuallyMatcher::EventuallyMatcher(testing::Matcher<const Snapshot&> inner, Within within)
    : inner_(std::move(inner)), within_(within) {}

bool EventuallyMatcher::MatchAndExplain(const RunRecord& record,
                                        testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeEventually(record, inner_, within_.time), listener);
}

void EventuallyMatcher::DescribeTo(std::ostream* os) const {
  *os << within_ << ", has a snapshot that " << matching::Description(inner_);
}

void EventuallyMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << within_ << ", has no snapshot that " << matching::Description(inner_);
}

EventuallyMatcher Eventually(testing::Matcher<const Snapshot&> inner, Within within) {
  return {std::move(inner), within};
}

AlwaysMatcher::AlwaysMatcher(testing::Matcher<const Snapshot&> inner, std::optional<For> span)
    : inner_(std::move(inner)), span_(span) {}

bool AlwaysMatcher::MatchAndExplain(const RunRecord& record,
                                    testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeAlways(record, inner_, span_), listener);
}

void AlwaysMatcher::DescribeTo(std::ostream* os) const {
  if (span_) {
    *os << *span_;
  } else {
    *os << "for the whole run";
  }
  *os << ", has only snapshots each of which " << matching::Description(inner_);
}

void AlwaysMatcher::DescribeNegationTo(std::ostream* os) const {
  if (span_) {
    *os << "within " << span_->time;
  } else {
    *os << "during the run";
  }
  *os << ", has a snapshot that " << matching::Negation(inner_);
}

std::function<std::string(const Snapshot&)> AlwaysMatcher::Watch() const {
  const std::optional<RunTime> length = span_ ? InRealTime(span_->time) : RunTime::max();
  if (!length) return {};
  auto first = std::make_shared<std::optional<RunTime>>();
  return [inner = inner_, length = *length, first](const Snapshot& snapshot) -> std::string {
    if (*first && snapshot.at - **first > length) return "";
    if (inner.Matches(snapshot)) {
      if (!*first) *first = snapshot.at;
      return "";
    }
    if (!*first) return "";
    return absl::StrCat("the snapshot at ", InSeconds(snapshot.at), " is ",
                        Explanation(snapshot, inner));
  };
}

AlwaysMatcher Always(testing::Matcher<const Snapshot&> inner, For span) {
  return {std::move(inner), span};
}

AlwaysMatcher Always(testing::Matcher<const Snapshot&> inner) {
  return {std::move(inner), std::nullopt};
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
// Eventually, Always and Never: matchers of a record over the instants that were sampled.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtestnet/derived.h"
#include "gtestnet/sample_matchers.h"
#include "gtestnet/three_values.h"
#include "matchers/core/src/cover.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/instants.h"
#include "matchers/core/src/names.h"

namespace gtestnet {
namespace {

using matching::Cover;
using matching::Explanation;
using matching::FaultsAt;
using matching::Finding;
using matching::InSeconds;
using matching::Instants;

Finding JudgeEventually(const RunRecord& record, const testing::Matcher<const Snapshot&>& inner,
                        Timespan within) {
  const matching::NamesInView names(record);
  Instants instants(record);
  if (!instants.any()) return matching::NothingToJudge(instants.Missing());
  const RunTime limit = record.begun + within.At(record.pace());
  if (instants.now().at > limit) {
    return matching::NothingToJudge(absl::StrCat("the first snapshot of all nodes, at ",
                                                 InSeconds(instants.now().at), ", is later than ",
                                                 InSeconds(limit)));
  }
  bool any_judged = false;
  std::optional<Finding> nothing;  // of the first snapshot in which there is nothing to judge
  do {
    if (instants.now().at > limit) break;
    const Judgement judgement = JudgeBy(inner, instants.now());
    if (judgement.outcome != Outcome::kNothingToJudge) {
      any_judged = true;
    } else if (!nothing) {
      nothing = matching::NothingToJudgeAt(instants.now(), judgement);
    }
    if (judgement.met()) {
      return {true, absl::StrCat("the snapshot at ", InSeconds(instants.now().at), " is ",
                                 Explanation(instants.now(), inner))};
    }
  } while (instants.Advance());
  if (!any_judged) return *nothing;
  // Again to the last one in time, for its words alone.
  Snapshot latest = record.At(limit);
  const RunTime seen = std::min(limit, std::max(record.closed, record.samples.back().at));
  latest.at = seen;
  std::string words = absl::StrCat("no snapshot until ", InSeconds(seen), " matches; the last is ",
                                   Explanation(latest, inner), FaultsAt(record, seen));
  if (seen < limit) {
    absl::StrAppend(&words, "; the run ended ", InSeconds(limit - seen), " before the time was up");
  }
  const std::string lack = Derived<Cover>(record)->Lack(record.begun, limit);
  if (!lack.empty()) absl::StrAppend(&words, "; ", lack);
  return {false, words, !nothing && lack.empty()};
}

Finding JudgeAlways(const RunRecord& record, const testing::Matcher<const Snapshot&>& inner,
                    const std::optional<For>& span) {
  const matching::NamesInView names(record);
  Instants instants(record);
  if (!instants.any()) return matching::NothingToJudge(instants.Missing());
  const RunTime end = span ? record.begun + span->time.At(record.pace()) : record.closed;
  int64_t judged = 0;
  std::optional<Finding> nothing;  // of the first snapshot in which there is nothing to judge
  do {
    if (judged > 0 && instants.now().at > end) break;
    ++judged;
    const Judgement judgement = JudgeBy(inner, instants.now());
    if (judgement.outcome == Outcome::kNothingToJudge) {
      if (!nothing) nothing = matching::NothingToJudgeAt(instants.now(), judgement);
    } else if (!judgement.met()) {
      return {false, absl::StrCat("the snapshot at ", InSeconds(instants.now().at), " is ",
                                  Explanation(instants.now(), inner),
                                  FaultsAt(record, instants.now().at))};
    }
  } while (instants.Advance());
  if (nothing) return *nothing;
  if (record.closed < end) {
    return matching::NothingToJudge(absl::StrCat("the record ends at ", InSeconds(record.closed),
                                                 ", before ", InSeconds(end),
                                                 "; let the run last for ", span->time.ToString()));
  }
  const std::string lack = Derived<Cover>(record)->Lack(record.begun, std::min(end, record.closed));
  if (!lack.empty()) return matching::NothingToJudge(lack);
  return {true, absl::StrCat("each of ", matching::Counted(judged, "snapshot"), " matches")};
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

SnapshotWatch AlwaysMatcher::Watch(const RunBegin& begin) const {
  const RunTime end = span_ ? begin.at + span_->time.At(begin.pace) : RunTime::max();
  return [inner = inner_, end, matched = false](const Snapshot& snapshot) mutable -> std::string {
    if (snapshot.at > end) return "";
    const Judgement judgement = JudgeBy(inner, snapshot);
    if (judgement.met()) matched = true;
    if (!matched || judgement.outcome != Outcome::kNotMet) return "";
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

NeverMatcher::NeverMatcher(testing::Matcher<const Snapshot&> inner, std::optional<For> span)
    : inner_(inner), span_(span), always_not_(testing::Not(std::move(inner)), span) {}

bool NeverMatcher::MatchAndExplain(const RunRecord& record,
                                   testing::MatchResultListener* listener) const {
  return always_not_.MatchAndExplain(record, listener);
}

void NeverMatcher::DescribeTo(std::ostream* os) const {
  if (span_) {
    *os << *span_;
  } else {
    *os << "for the whole run";
  }
  *os << ", has no snapshot that " << matching::Description(inner_);
}

void NeverMatcher::DescribeNegationTo(std::ostream* os) const {
  if (span_) {
    *os << "within " << span_->time;
  } else {
    *os << "during the run";
  }
  *os << ", has a snapshot that " << matching::Description(inner_);
}

NeverMatcher Never(testing::Matcher<const Snapshot&> inner, For span) {
  return {std::move(inner), span};
}

NeverMatcher Never(testing::Matcher<const Snapshot&> inner) {
  return {std::move(inner), std::nullopt};
}

}  // namespace gtestnet

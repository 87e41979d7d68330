// SPDX-License-Identifier: Apache-2.0
// StaysTrueFor and LeadsTo: what takes a while, or comes after something else.
#include <algorithm>
#include <string>
#include <utility>

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

// Snapshots that match, one after the other; the time between two of them counts.
struct Stretch {
  RunTime from{0};
  RunTime to{0};
  std::string ended_by;  // the words about the snapshot that ended it; empty: the record did
  RunTime length() const { return to - from; }
};

Finding JudgeStays(const RunRecord& record, const testing::Matcher<const Snapshot&>& inner,
                   const For& span) {
  const matching::NamesInView names(record);
  Instants instants(record);
  if (!instants.any()) return matching::NothingToJudge(instants.Missing());
  const RunTime wanted = span.time.At(record.pace());
  if (record.closed - record.begun < wanted) {
    return matching::NothingToJudge(
        absl::StrCat("the run lasted ", InSeconds(record.closed - record.begun),
                     "; let it last for more than ", span.time.ToString()));
  }
  std::optional<Stretch> longest;
  std::optional<Stretch> current;
  std::string first;
  bool any_judged = false;
  std::optional<Finding> nothing;  // of the first snapshot in which there is nothing to judge
  const auto cover = Derived<Cover>(record);
  std::string unseen;
  do {
    const RunTime at = instants.now().at;
    const Judgement judgement = JudgeBy(inner, instants.now());
    if (judgement.outcome != Outcome::kNothingToJudge) {
      any_judged = true;
    } else if (!nothing) {
      nothing = matching::NothingToJudgeAt(instants.now(), judgement);
    }
    if (judgement.met()) {
      if (!current) current = Stretch{at, at, ""};
      current->to = at;
      if (!longest || current->length() > longest->length()) longest = current;
      if (current->length() < wanted) continue;
      if (const std::string lack = cover->Lack(current->from, at); !lack.empty()) {
        // What was not seen did not stay so.
        current = Stretch{at, at, ""};
        unseen = lack;
      } else {
        return {true, absl::StrCat("each snapshot from ", InSeconds(current->from), " to ",
                                   InSeconds(at), " matches")};
      }
      continue;
    }
    if (!current && !first.empty()) continue;
    const std::string words =
        absl::StrCat("the snapshot at ", InSeconds(at), ", is ", Explanation(instants.now(), inner),
                     FaultsAt(record, at));
    if (first.empty()) first = words;
    if (current && longest && current->from == longest->from) longest->ended_by = words;
    current.reset();
  } while (instants.Advance());
  if (!any_judged) return *nothing;
  if (!unseen.empty()) return matching::NothingToJudge(unseen);
  const std::string lack = cover->Lack();
  const std::string rest = lack.empty() ? "" : absl::StrCat("; ", lack);
  const bool judged = !nothing && lack.empty();
  if (!longest) {
    return {false, absl::StrCat("no snapshot matches; the first, ", first, rest), judged};
  }
  return {
      false,
      absl::StrCat("the longest time for which it stays so is ", InSeconds(longest->length()),
                   ", from ", InSeconds(longest->from),
                   longest->ended_by.empty() ? ", when the record ended"
                                             : absl::StrCat("; what ended it, ", longest->ended_by),
                   rest),
      judged};
}

Finding JudgeLeads(const RunRecord& record, const testing::Matcher<const Snapshot&>& cause,
                   const testing::Matcher<const Snapshot&>& effect, const Within& within) {
  const matching::NamesInView names(record);
  Instants instants(record);
  if (!instants.any()) return matching::NothingToJudge(instants.Missing());
  const RunTime limit = within.time.At(record.pace());
  std::optional<RunTime> open;  // the first time that waits for the effect
  int64_t answered = 0;
  RunTime slowest{0};
  const auto cover = Derived<Cover>(record);
  std::optional<Finding> nothing;  // of the first snapshot in which there is nothing to judge
  const auto matches = [&](const testing::Matcher<const Snapshot&>& matcher, const Snapshot& now) {
    const Judgement judgement = JudgeBy(matcher, now);
    if (judgement.outcome == Outcome::kNothingToJudge && !nothing) {
      nothing = matching::NothingToJudgeAt(now, judgement);
    }
    return judgement.met();
  };
  const auto unanswered = [&](const Snapshot& latest) -> Finding {
    if (nothing) return *nothing;
    const std::string lack = cover->Lack(*open, *open + limit);
    return {false,
            absl::StrCat("what began with the snapshot at ", InSeconds(*open),
                         " had not led there by ", InSeconds(*open + limit),
                         "; the last snapshot until then is ", Explanation(latest, effect),
                         FaultsAt(record, *open + limit), lack.empty() ? "" : "; ", lack),
            lack.empty()};
  };
  Snapshot before = instants.now();
  do {
    const Snapshot& now = instants.now();
    if (open && now.at > *open + limit) return unanswered(before);
    if (matches(effect, now)) {
      if (open) slowest = std::max(slowest, now.at - *open);
      if (open || matches(cause, now)) ++answered;
      open.reset();
    } else if (!open && matches(cause, now)) {
      open = now.at;
    }
    before = now;
  } while (instants.Advance());
  if (open && record.closed > *open + limit) return unanswered(before);
  if (nothing) return *nothing;
  const std::string rest = open ? absl::StrCat("; left out: what began at ", InSeconds(*open),
                                               ", as the record ends at ", InSeconds(record.closed))
                                : "";
  if (answered == 0) {
    return matching::NothingToJudge(open ? absl::StrCat("the run was too short", rest)
                                         : "it never began");
  }
  if (const std::string lack = cover->Lack(); !lack.empty()) {
    return matching::NothingToJudge(lack);
  }
  return {true, absl::StrCat("it led there each time, at most after ", InSeconds(slowest), rest)};
}

}  // namespace

StaysTrueForMatcher::StaysTrueForMatcher(testing::Matcher<const Snapshot&> inner, For span)
    : inner_(std::move(inner)), span_(span) {}

bool StaysTrueForMatcher::MatchAndExplain(const RunRecord& record,
                                          testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeStays(record, inner_, span_), listener);
}

void StaysTrueForMatcher::DescribeTo(std::ostream* os) const {
  *os << "at some time, " << span_ << ", has only snapshots each of which "
      << matching::Description(inner_);
}

void StaysTrueForMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "at no time, " << span_ << ", has only snapshots each of which "
      << matching::Description(inner_);
}

StaysTrueForMatcher StaysTrueFor(testing::Matcher<const Snapshot&> inner, For span) {
  return {std::move(inner), span};
}

LeadsToMatcher::LeadsToMatcher(testing::Matcher<const Snapshot&> cause,
                               testing::Matcher<const Snapshot&> effect, Within within)
    : cause_(std::move(cause)), effect_(std::move(effect)), within_(within) {}

bool LeadsToMatcher::MatchAndExplain(const RunRecord& record,
                                     testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeLeads(record, cause_, effect_, within_), listener);
}

void LeadsToMatcher::DescribeTo(std::ostream* os) const {
  *os << "after each snapshot that " << matching::Description(cause_) << ", " << within_
      << ", has one that " << matching::Description(effect_);
}

void LeadsToMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "after a snapshot that " << matching::Description(cause_) << ", " << within_
      << ", has none that " << matching::Description(effect_);
}

LeadsToMatcher LeadsTo(testing::Matcher<const Snapshot&> cause,
                       testing::Matcher<const Snapshot&> effect, Within within) {
  return {std::move(cause), std::move(effect), within};
}

}  // namespace gtestnet

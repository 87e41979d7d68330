// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/operation_matchers.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/judging.h"

namespace gtestnet {
namespace {

using matching::Counted;
using matching::Finding;
using matching::InSeconds;
using matching::Rounded;

// Keys and values, as they are shown.
std::string Quoted(std::string_view text) {
  constexpr size_t kLongest = 40;
  if (text.size() <= kLongest) return absl::StrCat("\"", matching::View(text), "\"");
  return absl::StrCat("\"", matching::View(text.substr(0, kLongest)), "…\"");
}

std::string ValueOf(const Operation& operation) {
  return operation.value ? Quoted(*operation.value) : "nothing";
}

// " at member-1", or nothing.
std::string Where(const RunRecord& record, const Operation& operation) {
  const auto node = static_cast<size_t>(operation.node);
  if (operation.node < 0 || node >= record.nodes.size()) return "";
  return absl::StrCat(" at ", record.nodes[node].name);
}

// "from 0.100 s to 0.120 s".
std::string When(const Operation& operation) {
  return operation.ended ? absl::StrCat("from ", InSeconds(operation.begun), " to ",
                                        InSeconds(*operation.ended))
                         : absl::StrCat("from ", InSeconds(operation.begun), " on");
}

// "put operations", or the noun alone for those of any kind.
std::string Name(const std::string& kind, const char* noun) {
  return kind.empty() ? noun : absl::StrCat(kind, " ", noun);
}

Finding NoneRecorded(const RunRecord& record, const std::string& kind, const Of& of) {
  std::set<std::string> kinds;
  for (const Operation& operation : record.operations) kinds.insert(operation.kind);
  const std::string nearest = kind.empty() || kinds.count(kind) > 0
                                  ? ""
                                  : matching::Nearest(kind, {kinds.begin(), kinds.end()});
  return matching::NothingToJudge(
      absl::StrCat("no ", Name(kind, "operation"), of.Words(), " was recorded",
                   nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
}

// What came of the operations of a kind.
struct Outcomes {
  int64_t all = 0;
  int64_t refused = 0;
  int64_t unknown = 0;
  std::vector<const Operation*> ok;
  const Operation* refusal = nullptr;  // the first
  const Operation* open = nullptr;     // the first that is unknown
};

Outcomes OutcomesOf(const RunRecord& record, const std::string& kind, const Of& of) {
  Outcomes outcomes;
  for (const Operation& operation : record.operations) {
    if ((!kind.empty() && operation.kind != kind) || !of.Takes(operation)) continue;
    ++outcomes.all;
    switch (operation.outcome) {
      case OperationOutcome::kOk:
        outcomes.ok.push_back(&operation);
        break;
      case OperationOutcome::kRefused:
        ++outcomes.refused;
        if (outcomes.refusal == nullptr) outcomes.refusal = &operation;
        break;
      case OperationOutcome::kUnknown:
        ++outcomes.unknown;
        if (outcomes.open == nullptr) outcomes.open = &operation;
        break;
    }
  }
  return outcomes;
}

std::string First(const RunRecord& record, const char* what, const Operation& operation) {
  std::string words =
      absl::StrCat("; the first that ", what, " is the ", operation.kind, " of ",
                   Quoted(operation.key), Where(record, operation), " ", When(operation));
  if (!operation.why.empty()) absl::StrAppend(&words, ": ", matching::FirstLine(operation.why));
  return words;
}

Finding JudgeFraction(const RunRecord& record, const std::string& kind,
                      const testing::Matcher<double>& inner, const Of& of) {
  const Outcomes outcomes = OutcomesOf(record, kind, of);
  if (outcomes.all == 0) return NoneRecorded(record, kind, of);
  const double fraction =
      static_cast<double>(outcomes.ok.size()) / static_cast<double>(outcomes.all);
  std::string words =
      absl::StrCat("the fraction of ", Name(kind, "operations"), of.Words(), " that were ok is ",
                   Rounded(fraction), " (", outcomes.ok.size(), " of ", outcomes.all, ", ",
                   outcomes.refused, " refused, ", outcomes.unknown, " unknown)");
  const bool met = inner.Matches(fraction);
  if (!met && outcomes.refusal != nullptr) {
    words += First(record, "was refused", *outcomes.refusal);
  }
  if (!met && outcomes.open != nullptr) words += First(record, "is unknown", *outcomes.open);
  return {met, words};
}

Finding JudgeLatency(const RunRecord& record, const std::string& kind, double percentile,
                     const testing::Matcher<RunTime>& inner, const Of& of) {
  if (!(percentile > 0 && percentile <= 100)) {
    return {false, absl::StrCat("a percentile of ", Rounded(percentile),
                                " is asked for, which is not in (0, 100]")};
  }
  Outcomes outcomes = OutcomesOf(record, kind, of);
  if (outcomes.all == 0) return NoneRecorded(record, kind, of);
  if (outcomes.ok.empty()) {
    return matching::NothingToJudge(absl::StrCat(
        "none of ", Counted(outcomes.all, Name(kind, "operation")), of.Words(), " was ok"));
  }
  const auto latency = [](const Operation* operation) {
    return operation->ended.value_or(operation->begun) - operation->begun;
  };
  // The nearest rank: so many are not slower.
  const auto rank = static_cast<size_t>(
      std::ceil(percentile / 100 * static_cast<double>(outcomes.ok.size()) - 1e-9));
  const auto place = outcomes.ok.begin() + static_cast<std::ptrdiff_t>(
                                               std::clamp<size_t>(rank, 1, outcomes.ok.size()) - 1);
  std::nth_element(outcomes.ok.begin(), place, outcomes.ok.end(),
                   [&](const auto* a, const auto* b) { return latency(a) < latency(b); });
  const RunTime found = latency(*place);
  const auto count = static_cast<int64_t>(outcomes.ok.size());
  return {
      inner.Matches(found),
      absl::StrCat("percentile ", Rounded(percentile), " of the latency of ",
                   Name(kind, "operations"), of.Words(), " is ", found.count(), " ms (of ", count,
                   count == 1 ? " that was ok, " : " that were ok, ", "the ", (*place)->kind,
                   " of ", Quoted((*place)->key), Where(record, **place), " ", When(**place), ")")};
}

// Whether `a` was over when `b` began. Both are of one record, which says who of one client's came
// first within a millisecond.
bool Before(const Operation& a, const Operation& b) {
  if (!a.ended || *a.ended > b.begun) return false;
  return *a.ended < b.begun || (a.client == b.client && a.workload == b.workload && &a < &b);
}

bool IsAcknowledged(const Operation& write) { return write.outcome == OperationOutcome::kOk; }

// All writes of one key.
class Writes {
 public:
  void Add(const Operation& write) {
    by_value_[View(write)].push_back(&write);
    if (IsAcknowledged(write)) acknowledged_.push_back(&write);
  }

  // The acknowledged write before this read that began last; null if there is none.
  const Operation* LastBefore(const Operation& read) const {
    auto later = std::upper_bound(acknowledged_.begin(), acknowledged_.end(), read.begun, Begins);
    while (later != acknowledged_.begin()) {
      if (Before(**--later, read)) return *later;
    }
    return nullptr;
  }

  // The last write of what this read returned that began before the read ended, and whether the
  // read may have seen one. Null: nobody wrote it.
  std::pair<const Operation*, bool> SourceOf(const Operation& read) const {
    const Operation* last = nullptr;
    const auto writes = by_value_.find(View(read));
    if (writes == by_value_.end()) return {nullptr, false};
    for (auto write = writes->second.rbegin(); write != writes->second.rend(); ++write) {
      if ((*write)->outcome == OperationOutcome::kRefused) continue;
      if (read.ended && (*write)->begun > *read.ended) continue;
      if (!OverwriterOf(**write, read)) return {*write, true};
      if (last == nullptr) last = *write;
    }
    return {last, false};
  }

 private:
  static bool Begins(RunTime at, const Operation* write) { return at < write->begun; }
  static std::optional<std::string_view> View(const Operation& operation) {
    if (!operation.value) return std::nullopt;
    return std::string_view(*operation.value);
  }

  // Whether an acknowledged write came after this one and before the read.
  bool OverwriterOf(const Operation& write, const Operation& read) const {
    if (!IsAcknowledged(write) || !write.ended) return false;
    auto later = std::lower_bound(acknowledged_.begin(), acknowledged_.end(), *write.ended,
                                  [](const Operation* w, RunTime at) { return w->begun < at; });
    for (; later != acknowledged_.end() && (*later)->begun <= read.begun; ++later) {
      if (Before(write, **later) && Before(**later, read)) return true;
    }
    return false;
  }

  // Both in order of their beginning.
  std::vector<const Operation*> acknowledged_;
  std::map<std::optional<std::string_view>, std::vector<const Operation*>> by_value_;
};

// How a read shows that `write` was lost.
std::string Loss(const RunRecord& record, const Operation& write, const Operation& read,
                 const Operation* source) {
  std::string words =
      absl::StrCat("key ", Quoted(read.key), ": the ", write.kind, " of ", ValueOf(write),
                   Where(record, write), " ", When(write), " was acknowledged, and the ", read.kind,
                   Where(record, read), " ", When(read), " returned ", ValueOf(read));
  if (source != nullptr) {
    absl::StrAppend(&words, ", which the ", write.kind, " ", When(*source), " had written");
  } else if (read.value) {
    absl::StrAppend(&words, ", which no ", write.kind, " that may have been done had written");
  }
  return words;
}

Finding JudgeLoss(const RunRecord& record, const std::string& write, const std::string& read) {
  std::unordered_map<std::string_view, Writes> keys;
  int64_t acknowledged = 0;
  for (const Operation& operation : record.operations) {
    if (operation.kind != write) continue;
    keys[operation.key].Add(operation);
    acknowledged += IsAcknowledged(operation) ? 1 : 0;
  }
  if (acknowledged == 0) {
    return matching::NothingToJudge(absl::StrCat("no ", write, " operation was acknowledged"));
  }
  int64_t judged = 0;
  std::vector<std::string> lost;
  for (const Operation& operation : record.operations) {
    if (operation.kind != read || operation.outcome != OperationOutcome::kOk) continue;
    const auto writes = keys.find(operation.key);
    if (writes == keys.end()) continue;
    const Operation* const last = writes->second.LastBefore(operation);
    if (last == nullptr) continue;
    ++judged;
    const auto [source, possible] = writes->second.SourceOf(operation);
    if (!possible) lost.push_back(Loss(record, *last, operation, source));
  }
  if (judged == 0) {
    return matching::NothingToJudge(
        absl::StrCat("no ", read, " operation that was ok began after an acknowledged ", write,
                     " operation of its key"));
  }
  const std::string of = absl::StrCat(judged, " ", read, " operations");
  if (lost.empty()) {
    return {true, absl::StrCat("none of ", of, " missed one of ", acknowledged, " acknowledged ",
                               write, " operations")};
  }
  return {false, absl::StrCat(lost.size(), " of ", of, " missed an acknowledged ", write,
                              " operation: ", matching::Joined(lost))};
}

}  // namespace

RunMatcher OperationsSucceed(std::string kind, testing::Matcher<double> inner, Of of) {
  const std::string what = absl::StrCat("has a fraction of ", Name(kind, "operations"), of.Words(),
                                        " that were ok that ");
  const std::string description = what + matching::Description(inner);
  const std::string negation = what + matching::Negation(inner);
  return matching::Judging(
      [=](const RunRecord& record) { return JudgeFraction(record, kind, inner, of); }, description,
      negation);
}

RunMatcher OperationLatency(std::string kind, double percentile, testing::Matcher<RunTime> inner,
                            Of of) {
  const std::string what = absl::StrCat("has a latency of ", Name(kind, "operations"), of.Words(),
                                        " the percentile ", Rounded(percentile), " of which ");
  const std::string description = what + matching::Description(inner);
  const std::string negation = what + matching::Negation(inner);
  return matching::Judging(
      [=](const RunRecord& record) { return JudgeLatency(record, kind, percentile, inner, of); },
      description, negation);
}

RunMatcher NoAcknowledgedWriteIsLost(std::string write, std::string read) {
  const std::string description =
      absl::StrCat("loses no acknowledged ", write, " operation: each ", read,
                   " operation that began after one returned its value or that of one which may "
                   "have come later");
  const std::string negation =
      absl::StrCat("loses an acknowledged ", write, " operation: a ", read,
                   " operation that began after one returned neither its value nor that of one "
                   "which may have come later");
  return matching::Judging([=](const RunRecord& record) { return JudgeLoss(record, write, read); },
                           description, negation);
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/names.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "matchers/core/src/finding.h"

namespace gtestnet::matching {
namespace {

thread_local NamesInView* current = nullptr;

// The strings that gMock's matchers say that they compare with: is equal to "Online".
std::vector<std::string> ComparedWith(const testing::Matcher<const std::string&>& inner) {
  constexpr std::string_view kEqual = "equal to \"";
  const std::string text = Description(inner);
  std::vector<std::string> all;
  for (size_t at = text.find(kEqual); at != std::string::npos; at = text.find(kEqual, at)) {
    at += kEqual.size();
    const size_t end = text.find('"', at);
    if (end == std::string::npos) break;
    all.push_back(text.substr(at, end - at));
  }
  return all;
}

std::string WithoutDigits(std::string_view text) {
  std::string rest;
  for (const char c : text) rest += c >= '0' && c <= '9' ? '0' : c;
  return rest;
}

template <class T>
void AddNames(std::set<std::string>& names, const Values<T>& values) {
  for (const auto& [name, value] : values) {
    if (names.count(name) == 0) names.insert(name);
  }
}

}  // namespace

std::string SlipOf(std::string_view text, const std::set<std::string>& known) {
  std::string best;
  size_t least = std::min<size_t>(2, text.size() / 5);
  for (const std::string& candidate : known) {
    if (WithoutDigits(candidate) == WithoutDigits(text)) continue;
    const size_t edits = Edits(text, candidate);
    if (edits <= least && (best.empty() || edits < least)) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}

bool MatchStatus(const void* matcher, const testing::Matcher<const std::string&>& inner,
                 const std::string& status, const char* noun,
                 const std::vector<std::string>& also) {
  if (NamesInView* const names = NamesInView::Current(); names != nullptr) {
    const std::string& wrong = names->WrongStatus(matcher, inner, noun, also);
    if (!wrong.empty()) return AnswerOfNothing(NothingToJudge(wrong).words);
  }
  return inner.Matches(status);
}

NamesInView::NamesInView(const RunRecord& record)
    : record_(record), outer_(std::exchange(current, this)) {}

NamesInView::~NamesInView() { current = outer_; }

NamesInView* NamesInView::Current() { return current; }

const std::set<std::string>& NamesInView::numbers() {
  if (!numbers_) {
    numbers_.emplace();
    for (const NodeSample& sample : record_.samples) AddNames(*numbers_, sample.numbers);
  }
  return *numbers_;
}

const std::set<std::string>& NamesInView::words() {
  if (!words_) {
    words_.emplace();
    for (const NodeSample& sample : record_.samples) AddNames(*words_, sample.words);
  }
  return *words_;
}

const std::set<std::string>& NamesInView::statuses() {
  if (!statuses_) {
    statuses_.emplace();
    const std::string* last = nullptr;
    for (const NodeSample& sample : record_.samples) {
      if (!sample.reachable || (last != nullptr && *last == sample.status)) continue;
      last = &*statuses_->insert(sample.status).first;
    }
  }
  return *statuses_;
}

const std::set<std::string>& NamesInView::workloads() {
  if (!workloads_) {
    workloads_.emplace();
    for (const WorkloadRecord& workload : record_.workloads) workloads_->insert(workload.name);
    for (const Operation& operation : record_.operations) workloads_->insert(operation.workload);
  }
  return *workloads_;
}

const std::string& NamesInView::WrongStatus(const void* matcher,
                                            const testing::Matcher<const std::string&>& inner,
                                            const char* noun,
                                            const std::vector<std::string>& also) {
  for (const auto& [asked, words] : wrong_) {
    if (asked == matcher) return words;
  }
  std::set<std::string> known = statuses();
  known.insert(also.begin(), also.end());
  std::string words;
  for (const std::string& status : ComparedWith(inner)) {
    if (known.count(status) > 0) continue;
    const std::string slip_of = SlipOf(status, known);
    if (slip_of.empty()) continue;
    words = absl::StrCat("no node ever had the ", noun, " \"", status, "\"; did you mean ", slip_of,
                         "?");
    break;
  }
  return wrong_.emplace_back(matcher, std::move(words)).second;
}

}  // namespace gtestnet::matching

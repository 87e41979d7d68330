// SPDX-License-Identifier: Apache-2.0
// Matchers of what a kind tells of one node at one instant, by name.
#include "gtestnet/values.h"

#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtestnet/node_matchers.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/names.h"

namespace gtestnet {
namespace {

// "which has no number \"tern\"; did you mean term? There are height, term". A kind's names are
// few.
template <class T>
void ExplainMissing(const Values<T>& values, const std::string& name, const char* what,
                    testing::MatchResultListener* listener) {
  std::vector<std::string> known;
  for (const auto& [one, value] : values) known.push_back(one);
  *listener << "which has no " << what << " \"" << name << "\"";
  if (const std::string nearest = matching::Nearest(name, known); !nearest.empty()) {
    *listener << "; did you mean " << nearest << "?";
  }
  *listener << "; there " << (known.size() == 1 ? "is " : "are ")
            << (known.empty() ? "none" : absl::StrJoin(known, ", "));
}

// What a node answers that is asked for a name which it has not: there is nothing to judge if no
// sample of the run has it.
bool AnswerOfMissing(const std::set<std::string>& known, const std::string& name,
                     const char* what) {
  if (known.count(name) > 0) return false;
  std::string why = absl::StrCat("no node ever had a ", what, " \"", name, "\"");
  const std::string nearest = matching::Nearest(name, {known.begin(), known.end()});
  if (!nearest.empty()) absl::StrAppend(&why, "; did you mean ", nearest, "?");
  return matching::AnswerOfNothing(matching::NothingToJudge(why).words);
}

const std::set<std::string>& NamesOf(matching::NamesInView& names, const Numbers&) {
  return names.numbers();
}
const std::set<std::string>& NamesOf(matching::NamesInView& names, const Words&) {
  return names.words();
}

template <class T, class Inner>
bool MatchNamed(const NodeSample& node, const Values<T>& values, const std::string& name,
                const char* what, const Inner& inner, const std::string& shown,
                testing::MatchResultListener* listener) {
  if (!node.reachable) {
    *listener << "which does not answer";
    return false;
  }
  const T* const value = values.Find(name);
  if (value == nullptr) {
    ExplainMissing(values, name, what, listener);
    matching::NamesInView* const names = matching::NamesInView::Current();
    return names != nullptr && AnswerOfMissing(NamesOf(*names, values), name, what);
  }
  *listener << "whose " << name << " is " << shown;
  testing::StringMatchResultListener why;
  const bool matches = inner.MatchAndExplain(*value, &why);
  if (!why.str().empty()) *listener << ", " << why.str();
  return matches;
}

}  // namespace

HasStatusMatcher::HasStatusMatcher(testing::Matcher<const std::string&> inner)
    : inner_(std::move(inner)) {}

bool HasStatusMatcher::MatchAndExplain(const NodeSample& node,
                                       testing::MatchResultListener* listener) const {
  if (!node.reachable) {
    *listener << "which does not answer";
    return false;
  }
  *listener << "whose status is \"" << node.status << "\"";
  return matching::MatchStatus(this, inner_, node.status, "status");
}

void HasStatusMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a status that " << matching::Description(inner_);
}

void HasStatusMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a status that " << matching::Negation(inner_);
}

HasStatusMatcher HasStatus(testing::Matcher<const std::string&> inner) {
  return HasStatusMatcher(std::move(inner));
}

HasValueMatcher::HasValueMatcher(std::string name, testing::Matcher<double> inner)
    : name_(std::move(name)), inner_(std::move(inner)) {}

bool HasValueMatcher::MatchAndExplain(const NodeSample& node,
                                      testing::MatchResultListener* listener) const {
  return MatchNamed(node, node.numbers, name_, "number", inner_,
                    FormatNumber(node.numbers.Get(name_)), listener);
}

void HasValueMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a " << name_ << " that " << matching::Description(inner_);
}

void HasValueMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a " << name_ << " that " << matching::Negation(inner_);
}

HasValueMatcher HasValue(std::string name, testing::Matcher<double> inner) {
  return {std::move(name), std::move(inner)};
}

HasWordMatcher::HasWordMatcher(std::string name, testing::Matcher<const std::string&> inner)
    : name_(std::move(name)), inner_(std::move(inner)) {}

bool HasWordMatcher::MatchAndExplain(const NodeSample& node,
                                     testing::MatchResultListener* listener) const {
  return MatchNamed(node, node.words, name_, "word", inner_,
                    absl::StrCat("\"", node.words.Get(name_), "\""), listener);
}

void HasWordMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a " << name_ << " that " << matching::Description(inner_);
}

void HasWordMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a " << name_ << " that " << matching::Negation(inner_);
}

HasWordMatcher HasWord(std::string name, testing::Matcher<const std::string&> inner) {
  return {std::move(name), std::move(inner)};
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/metric_selector.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "re2/re2.h"

namespace gtestnet::matching {
namespace {

constexpr size_t kLongestExpression = 1000;
constexpr int64_t kMostExpressionMemory = 1 << 20;  // of a compiled one: "(a{500}){500}" is refused

struct LabelMatcher {
  std::string label;
  bool equal = true;  // or must differ
  std::string value;
  std::unique_ptr<re2::RE2> expression;

  bool Matches(const std::string& of) const {
    return (expression ? re2::RE2::FullMatch(of, *expression) : of == value) == equal;
  }
};

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == ':';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  // False with what is wrong.
  bool Read(std::vector<LabelMatcher>& matchers) {
    SkipSpaces();
    if (std::string name = Name(); !name.empty()) {
      matchers.emplace_back();
      matchers.back().label = kMetricName;
      matchers.back().value = std::move(name);
    }
    if (AtEnd()) return !matchers.empty() || Wrong("a metric's name");
    if (!Take('{')) return Wrong("\"{\"");
    for (bool first = true; !Take('}'); first = false) {
      if (!first && !Take(',')) return Wrong("\",\" or \"}\"");
      if (Take('}')) break;
      if (!ReadMatcher(matchers.emplace_back())) return false;
    }
    if (matchers.empty()) return Wrong("a name or label before its end");
    return AtEnd() || Wrong("its end");
  }

  std::string problem() const { return problem_; }

 private:
  bool ReadMatcher(LabelMatcher& matcher) {
    SkipSpaces();
    matcher.label = Name();
    if (matcher.label.empty()) return Wrong("a label");
    bool regex = false;
    if (Take('!')) {
      matcher.equal = false;
      regex = Next('~');
      if (!regex && !Next('=')) return Wrong("\"!=\" or \"!~\"");
    } else {
      if (!Take('=')) return Wrong("=, !=, =~ or !~");
      regex = Next('~');
    }
    SkipSpaces();
    const size_t from = at_;
    if (!Quoted(matcher.value)) return Wrong("a value in quotes");
    return !regex || Compile(matcher, from);
  }
  // RE2 is what PromQL means by a regular expression, in which "." matches an end of a line too.
  bool Compile(LabelMatcher& matcher, size_t from) {
    if (matcher.value.size() <= kLongestExpression) {
      re2::RE2::Options options(re2::RE2::Quiet);
      options.set_dot_nl(true);
      options.set_max_mem(kMostExpressionMemory);
      matcher.expression = std::make_unique<re2::RE2>(matcher.value, options);
      if (matcher.expression->ok()) return true;
    }
    at_ = from;
    return Wrong("a regular expression");
  }
  std::string Name() {
    const size_t from = at_;
    while (at_ < text_.size() && IsNameCharacter(text_[at_])) ++at_;
    return std::string(text_.substr(from, at_ - from));
  }
  bool Quoted(std::string& to) {
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '"' && quote != '\'' && quote != '`') return false;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      char c = text_[at_];
      if (c == '\\' && quote != '`' && at_ + 1 < text_.size()) {
        c = text_[++at_];
        if (c == 'n') c = '\n';
        if (c == 't') c = '\t';
      }
      to += c;
    }
    return Next(quote);
  }
  bool Next(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool Take(char c) {
    SkipSpaces();
    return Next(c);
  }
  bool AtEnd() {
    SkipSpaces();
    return at_ == text_.size();
  }
  void SkipSpaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool Wrong(std::string_view expected) {
    problem_ = absl::StrCat("at column ", at_ + 1, ": expected ", std::string(expected));
    return false;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string problem_;
};

}  // namespace

struct MetricSelector::State {
  std::string name;
  std::vector<LabelMatcher> matchers;
};

MetricSelector::MetricSelector(std::unique_ptr<State> state) : state_(std::move(state)) {}
MetricSelector::MetricSelector(MetricSelector&&) noexcept = default;
MetricSelector::~MetricSelector() = default;

absl::StatusOr<MetricSelector> MetricSelector::Parse(std::string_view text) {
  auto state = std::make_unique<State>();
  Reader reader(text);
  if (!reader.Read(state->matchers)) return absl::InvalidArgumentError(reader.problem());
  for (const LabelMatcher& matcher : state->matchers) {
    if (matcher.label == kMetricName && matcher.equal && !matcher.expression) {
      state->name = matcher.value;
    }
  }
  return MetricSelector(std::move(state));
}

const std::string& MetricSelector::name() const { return state_->name; }

std::vector<std::pair<std::string, std::string>> MetricSelector::Literals() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const LabelMatcher& matcher : state_->matchers) {
    if (!matcher.expression) all.emplace_back(matcher.label, matcher.value);
  }
  return all;
}

bool MetricSelector::Selects(const MetricLabels& labels,
                             const std::function<bool(std::string_view label)>& concerns) const {
  static const std::string none;
  return std::all_of(state_->matchers.begin(), state_->matchers.end(),
                     [&](const LabelMatcher& matcher) {
                       if (!concerns(matcher.label)) return true;
                       const auto found = labels.find(matcher.label);
                       return matcher.Matches(found == labels.end() ? none : found->second);
                     });
}

bool ParseSeries(std::string_view text, MetricLabels& labels) {
  std::vector<LabelMatcher> read;
  if (!Reader(text).Read(read)) return false;
  for (LabelMatcher& matcher : read) {
    if (!matcher.equal || matcher.expression) return false;
    labels[std::move(matcher.label)] = std::move(matcher.value);
  }
  return labels.count(kMetricName) > 0;
}

}  // namespace gtestnet::matching

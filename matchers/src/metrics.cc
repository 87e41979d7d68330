// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <variant>

#include "absl/strings/str_cat.h"
#include "gtestnet/metric_matchers.h"
#include "src/finding.h"

namespace gtestnet {
namespace {

using matching::Finding;

struct Label {
  std::string name;
  std::string value;
  bool equal = true;
};

// A metric's name and labels: a series, or what selects some.
struct Selector {
  std::string name;
  std::vector<Label> labels;
};

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == ':';
}

// Reads `name{label="value",other!="value"}`; false, and where, if that is not what it is.
class SelectorReader {
 public:
  explicit SelectorReader(std::string_view text) : text_(text) {}

  bool Read(Selector& to) {
    to.name = Name();
    if (to.name.empty()) return false;
    if (at_ == text_.size()) return true;
    if (!Take('{')) return false;
    while (!Take('}')) {
      if (!to.labels.empty() && !Take(',')) return false;
      if (Take('}')) break;
      Label& label = to.labels.emplace_back();
      if (!ReadLabel(label)) return false;
    }
    SkipSpaces();
    return at_ == text_.size();
  }
  size_t column() const { return at_ + 1; }

 private:
  bool ReadLabel(Label& label) {
    SkipSpaces();
    label.name = Name();
    if (label.name.empty()) return false;
    label.equal = !Take('!');
    return Take('=') && Quoted(label.value);
  }
  std::string Name() {
    const size_t from = at_;
    while (at_ < text_.size() && IsNameCharacter(text_[at_])) ++at_;
    return std::string(text_.substr(from, at_ - from));
  }
  bool Quoted(std::string& to) {
    if (!Take('"')) return false;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      to += text_[at_++];
    }
    return Take('"');
  }
  bool Take(char c) {
    SkipSpaces();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void SkipSpaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  std::string_view text_;
  size_t at_ = 0;
};

bool Selects(const Selector& selector, const Selector& series) {
  if (selector.name != series.name) return false;
  return std::all_of(selector.labels.begin(), selector.labels.end(), [&](const Label& wanted) {
    const auto found = std::find_if(series.labels.begin(), series.labels.end(),
                                    [&](const Label& l) { return l.name == wanted.name; });
    // A label that is not there is one with an empty value.
    const std::string value = found == series.labels.end() ? "" : found->value;
    return (value == wanted.value) == wanted.equal;
  });
}

// The last sample of each series of each node.
using LastSamples = std::map<NodeIndex, std::map<std::string_view, const MetricSample*>>;

// Of the series that a selector selects, and the names of all metrics that there are.
struct Selection {
  LastSamples last;
  std::set<std::string> names;
};

Selection Select(const RunRecord& record, const Selector& selector) {
  Selection selection;
  std::map<std::string_view, bool> selected;  // by series, so that each is read once
  for (const MetricSample& sample : record.metrics) {
    auto known = selected.find(sample.series);
    if (known == selected.end()) {
      Selector series;
      const bool readable = SelectorReader(sample.series).Read(series);
      selection.names.insert(series.name);
      known = selected.emplace(sample.series, readable && Selects(selector, series)).first;
    }
    if (known->second) selection.last[sample.node][sample.series] = &sample;
  }
  return selection;
}

std::string NoSuchMetric(const std::string& text, const Selector& selector,
                         const std::set<std::string>& names) {
  std::string words = absl::StrCat("no sample of ", text, " was taken");
  const std::string nearest = matching::Nearest(selector.name, {names.begin(), names.end()});
  if (names.empty()) return absl::StrCat(words, ", nor of any other metric");
  if (nearest == selector.name) return absl::StrCat(words, ", only ones with other labels");
  if (!nearest.empty()) absl::StrAppend(&words, "; did you mean ", nearest, "?");
  return words;
}

Finding Judge(const RunRecord& record, const std::string& text,
              const testing::Matcher<double>& inner) {
  Selector selector;
  SelectorReader reader(text);
  if (!reader.Read(selector)) {
    return {false,
            absl::StrCat("the selector ", text, " cannot be read at column ", reader.column())};
  }
  const Selection selection = Select(record, selector);
  if (selection.last.empty()) {
    return matching::NothingToJudge(NoSuchMetric(text, selector, selection.names));
  }
  std::vector<std::string> wrong;
  std::vector<std::string> values;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    if (!record.nodes[i].up_at_end) continue;
    const auto of_node = selection.last.find(static_cast<NodeIndex>(i));
    if (of_node == selection.last.end()) {
      wrong.push_back(absl::StrCat(record.nodes[i].name, " has no sample of ", text));
      continue;
    }
    for (const auto& [series, sample] : of_node->second) {
      values.push_back(
          absl::StrCat(record.nodes[i].name, "'s ", matching::View(series), " is ", sample->value));
      if (!inner.Matches(sample->value)) {
        wrong.push_back(absl::StrCat(values.back(), " at ", matching::InSeconds(sample->at)));
      }
    }
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  if (values.empty()) return matching::NothingToJudge("no node is up at the end");
  return {true, matching::Joined(values)};
}

}  // namespace

MetricIsMatcher::MetricIsMatcher(std::string selector, testing::Matcher<double> inner)
    : selector_(std::move(selector)), inner_(std::move(inner)) {}

bool MetricIsMatcher::MatchAndExplain(const RunRecord& record,
                                      testing::MatchResultListener* listener) const {
  return matching::Tell(Judge(record, selector_, inner_), listener);
}

void MetricIsMatcher::DescribeTo(std::ostream* os) const {
  *os << "has, on each node that is up, a last " << selector_ << " that "
      << matching::Description(inner_);
}

void MetricIsMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has, on a node that is up, a last " << selector_ << " that "
      << matching::Negation(inner_);
}

MetricIsMatcher MetricIs(std::string selector, testing::Matcher<double> inner) {
  return MetricIsMatcher(std::move(selector), std::move(inner));
}

}  // namespace gtestnet

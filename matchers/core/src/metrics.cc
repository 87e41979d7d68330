// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/derived.h"
#include "gtestnet/metric_matchers.h"
#include "matchers/core/src/cover.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/metric_selector.h"
#include "matchers/core/src/names.h"
#include "matchers/core/src/uptime.h"

namespace gtestnet {
namespace {

using matching::Finding;

using matching::MetricLabels;
using matching::MetricSelector;

// What Prometheus adds to each series of a node, so that a selector means the same here and there.
bool IsOfNode(std::string_view label) {
  return label == "node" || label == "role" || label == "index" || label == "instance" ||
         label == "job" || label == "run";
}

MetricLabels LabelsOf(const RunRecord& record, size_t node) {
  const std::string& name = record.nodes[node].name;
  return {{"node", name},
          {"role", record.nodes[node].role},
          {"index", absl::StrCat(node)},
          {"instance", name},
          {"job", "nodes"},
          {"run", record.run_id}};
}

// The last sample of each series of each node.
using LastSamples = std::map<NodeIndex, std::map<std::string_view, const MetricSample*>>;

// Of the series that a selector selects, and the names of all metrics that there are.
struct Selection {
  LastSamples last;
  std::set<std::string> names;
  std::set<std::string> labels = {"node", "role", "index", "instance", "job", "run"};
};

Selection Select(const RunRecord& record, const MetricSelector& selector) {
  Selection selection;
  std::map<std::string_view, bool> selected;  // by series, so that each is read once
  for (const MetricSample& sample : record.metrics) {
    auto known = selected.find(sample.series);
    if (known == selected.end()) {
      MetricLabels labels;
      const bool readable = matching::ParseSeries(sample.series, labels);
      if (readable) selection.names.insert(labels.find(matching::kMetricName)->second);
      for (const auto& [label, value] : labels) selection.labels.insert(label);
      const bool is = readable && selector.Selects(labels, [](std::string_view label) {
        return !IsOfNode(label);
      });
      known = selected.emplace(sample.series, is).first;
    }
    if (known->second) selection.last[sample.node][sample.series] = &sample;
  }
  return selection;
}

std::string NoSuchMetric(const std::string& text, const std::string& name,
                         const std::set<std::string>& names) {
  std::string words = absl::StrCat("no sample of ", text, " was taken");
  if (names.empty()) return absl::StrCat(words, ", nor of any other metric");
  if (names.count(name) > 0) return absl::StrCat(words, ", only ones with other labels");
  const std::string nearest = matching::Nearest(name, {names.begin(), names.end()});
  if (!nearest.empty()) absl::StrAppend(&words, "; did you mean ", nearest, "?");
  return words;
}

// A slip in a label, or in a node's or role's name, by which a selector selects too much or
// nothing; else "".
std::string SlipIn(const RunRecord& record, const MetricSelector& selector,
                   const std::set<std::string>& labels) {
  for (const auto& [label, value] : selector.Literals()) {
    if (labels.count(label) == 0) {
      const std::string slip_of = matching::SlipOf(label, labels);
      if (slip_of.empty()) continue;
      return absl::StrCat("no sample has a label ", label, "; did you mean ", slip_of, "?");
    }
    std::set<std::string> known;
    for (const NodeRecord& node : record.nodes) {
      if (label == "role") known.insert(node.role);
      if (label == "node" || label == "instance") known.insert(node.name);
    }
    if (known.count(value) > 0) continue;
    const std::string slip_of = matching::SlipOf(value, known);
    if (slip_of.empty()) continue;
    return absl::StrCat("there is no ", label, " ", value, "; did you mean ", slip_of, "?");
  }
  return "";
}

std::string NoSuchNode(const RunRecord& record, const std::string& text) {
  std::vector<std::string> names;
  for (const NodeRecord& node : record.nodes) names.push_back(node.name);
  return absl::StrCat(text, " selects no node that is up at the end; there are ",
                      matching::Joined(names, ", "));
}

// The last samples are of a time long before the end, or before the node came up last; else "".
std::string OldSamples(const RunRecord& record, size_t node, const matching::Uptime& uptime,
                       const matching::Cover& cover,
                       const std::map<std::string_view, const MetricSample*>& last) {
  const std::vector<matching::Interval>& up = uptime.Of(static_cast<NodeIndex>(node));
  if (up.empty()) return "";
  RunTime latest = record.begun;
  for (const auto& [series, sample] : last) latest = std::max(latest, sample->at);
  const RunTime most = cover.MostBetweenMetrics(record.closed - record.begun);
  if (record.closed - std::max(latest, up.back().from) <= most) return "";
  return absl::StrCat("the last sample of ", matching::View(last.begin()->first), " of ",
                      record.nodes[node].name, " is from ", matching::InSeconds(latest), ", ",
                      matching::InSeconds(record.closed - latest), " before the end (at most ",
                      matching::InSeconds(most), " may pass)");
}

Finding Judge(const RunRecord& record, const std::string& text,
              const testing::Matcher<double>& inner) {
  const absl::StatusOr<MetricSelector> selector = MetricSelector::Parse(text);
  if (!selector.ok()) {
    return {false, absl::StrCat("the selector ", text, " cannot be read ",
                                std::string(selector.status().message()))};
  }
  const Selection selection = Select(record, *selector);
  if (const std::string slip = SlipIn(record, *selector, selection.labels); !slip.empty()) {
    return matching::NothingToJudge(slip);
  }
  if (selection.last.empty()) {
    return matching::NothingToJudge(NoSuchMetric(text, selector->name(), selection.names));
  }
  std::vector<std::string> wrong;
  std::vector<std::string> values;
  std::vector<std::string> old;
  const matching::Uptime uptime(record);
  const auto cover = Derived<matching::Cover>(record);
  bool any = false;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    if (!record.nodes[i].up_at_end || !selector->Selects(LabelsOf(record, i), IsOfNode)) continue;
    any = true;
    const auto of_node = selection.last.find(static_cast<NodeIndex>(i));
    if (of_node == selection.last.end()) {
      wrong.push_back(absl::StrCat(record.nodes[i].name, " has no sample of ", text));
      continue;
    }
    if (std::string lack = OldSamples(record, i, uptime, *cover, of_node->second); !lack.empty()) {
      old.push_back(std::move(lack));
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
  if (!any) return matching::NothingToJudge(NoSuchNode(record, text));
  if (!old.empty()) return matching::NothingToJudge(matching::Joined(old));
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

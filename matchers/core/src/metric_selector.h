// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CORE_SRC_METRIC_SELECTOR_H_
#define GTESTNET_MATCHERS_CORE_SRC_METRIC_SELECTOR_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace gtestnet::matching {

// By name; the name of a series itself is the label "__name__".
using MetricLabels = std::map<std::string, std::string, std::less<>>;

inline constexpr std::string_view kMetricName = "__name__";

// The instant selector of PromQL: `name{label="value",other!="value",one=~"a|b",two!~"c.*"}`, or
// without the name. A regular expression must match the whole value.
class MetricSelector {
 public:
  // kInvalidArgument with the place, "at column 10: …".
  static absl::StatusOr<MetricSelector> Parse(std::string_view text);
  MetricSelector(MetricSelector&&) noexcept;
  ~MetricSelector();

  // The name that it selects; empty when it does not say one.
  const std::string& name() const;
  // What labels must or must not be, word for word: label and value.
  std::vector<std::pair<std::string, std::string>> Literals() const;
  // Whether all that is asked of labels for which `concerns` holds is so. A label that is not there
  // is one with an empty value.
  bool Selects(const MetricLabels& labels,
               const std::function<bool(std::string_view label)>& concerns) const;

 private:
  struct State;
  explicit MetricSelector(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A series as nodes show it: `name{label="value"}`. False when it is none.
bool ParseSeries(std::string_view text, MetricLabels& labels);

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CORE_SRC_METRIC_SELECTOR_H_

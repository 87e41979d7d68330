// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_METRIC_MATCHERS_H_
#define GTESTNET_METRIC_MATCHERS_H_

#include <gmock/gmock.h>

#include <iosfwd>
#include <string>

#include "gtestnet/record.h"

namespace gtestnet {

// Matches a RunRecord in which the last value of a metric matches `inner`, for each node that is up
// at the end.
//
//   EXPECT_THAT(record, MetricIs("consensus_tip_height", Gt(0)));
//   EXPECT_THAT(record, MetricIs("http_requests_total{method=\"GET\"}", Ge(1)));
//
// The selector is as in Prometheus: a name and, in braces, labels that must be equal (=) or must
// not (!=); a series may have more labels than that. Every series that it selects is judged. A node
// that has none, or a selector that cannot be read, is a mismatch.
class MetricIsMatcher {
 public:
  using is_gtest_matcher = void;
  MetricIsMatcher(std::string selector, testing::Matcher<double> inner);
  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  std::string selector_;
  testing::Matcher<double> inner_;
};
[[nodiscard]] MetricIsMatcher MetricIs(std::string selector, testing::Matcher<double> inner);

}  // namespace gtestnet

#endif  // GTESTNET_METRIC_MATCHERS_H_

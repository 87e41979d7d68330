// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_METRIC_MATCHERS_H_
#define GTESTNET_METRIC_MATCHERS_H_

#include <gmock/gmock.h>

#include <iosfwd>
#include <string>

#include "gtestnet/record.h"
#include "gtestnet/run_matcher.h"

namespace gtestnet {

// Matches a RunRecord in which the last value of a metric matches `inner`, for each node that is up
// at the end.
//
//   EXPECT_THAT(record, MetricIs("consensus_tip_height", Gt(0)));
//   EXPECT_THAT(record, MetricIs("mempool_transactions_pending{node=\"validator-0\"}", Eq(0)));
//   EXPECT_THAT(record, MetricIs("{__name__=~\"da_.*_failed_total\",role!=\"executor\"}", Eq(0)));
//
// The selector is PromQL's instant selector: a name and, in braces, what labels must be (=), must
// not be (!=), or must match as a whole (=~, !~); a series may have more labels than that. Beside
// the series' own, each has the labels that a run's Prometheus adds: node, role, index, instance,
// job and run. Every series that it selects is judged. A node that it selects and that has none, or
// a selector that cannot be read, is a mismatch. There is nothing to judge for one that selects
// nothing, nor where a node's last sample is older than a gap may be (sample_matchers.h; for
// metrics, in any case 6 block intervals).
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

// Matches a RunRecord in which metrics of each node that has any came as long as it was up, and in
// which no counter (a series whose name ends in _total or _bucket) fell but where its node began
// anew. There is nothing to judge in a record without metrics. How long may pass without any: at
// the end as long as for MetricIs, or 15 s; in the midst twice that, 30 s, or a twentieth of the
// run.
[[nodiscard]] RunMatcher MetricsAreSound();

}  // namespace gtestnet

#endif  // GTESTNET_METRIC_MATCHERS_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CORE_SRC_METRIC_COVER_H_
#define GTESTNET_MATCHERS_CORE_SRC_METRIC_COVER_H_

#include <string>
#include <string_view>
#include <vector>

#include "gtestnet/record.h"

namespace gtestnet::matching {

// Where metrics of nodes that have any are missing though their node was up: before the end for
// longer than a gap between them may be (Cover::MostBetweenMetrics) and 15 s, or in the midst for
// longer than twice that gap, 30 s, and a twentieth of the run, as what does not change is kept
// only now and then.
std::vector<std::string> MetricGaps(const RunRecord& record);

// A series that only grows, by Prometheus' rule of names: it ends in _total, or is the bucket of a
// histogram.
bool IsCounter(std::string_view series);
// Of each node the first counter that fell though the node did not begin anew: where one does, all
// may.
std::vector<std::string> CountersThatFell(const RunRecord& record);

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CORE_SRC_METRIC_COVER_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_OBSERVE_METRICS_TEXT_H_
#define GTESTNET_CORE_SRC_OBSERVE_METRICS_TEXT_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/telemetry.h"

namespace gtestnet {

// Prometheus' text format. kInternal quotes the line that is none of it, or one too many.
absl::StatusOr<std::vector<MetricValue>> ParseMetrics(std::string_view text);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_OBSERVE_METRICS_TEXT_H_

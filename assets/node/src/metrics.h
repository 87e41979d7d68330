// SPDX-License-Identifier: Apache-2.0
//
// What GET /metrics answers: Prometheus' text format.
#ifndef GTESTNET_NODE_METRICS_H_
#define GTESTNET_NODE_METRICS_H_

#include <cstdint>
#include <string>

#include "core/da_engine.h"
#include "core/engine.h"
#include "peers/network.h"

namespace gtestnet::node {

[[nodiscard]] std::string MetricsText(const ChainInfo& info, const EngineMetrics& engine,
                                      const NetworkCounts& network, std::uint64_t http_requests);
// What a node with data availability has more.
[[nodiscard]] std::string DaMetricsText(const DaMetrics& da, std::uint64_t peers,
                                        std::uint64_t blocks_waiting,
                                        std::uint64_t kzg_microseconds,
                                        std::uint64_t work_microseconds);

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_METRICS_H_

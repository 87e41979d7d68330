// SPDX-License-Identifier: Apache-2.0
//
// The node's metrics: what GET /metrics answers, in Prometheus' text format, and what OTLP sends.
#ifndef GTESTNET_NODE_METRICS_H_
#define GTESTNET_NODE_METRICS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/da_engine.h"
#include "core/engine.h"
#include "peers/network.h"

namespace gtestnet::node {

enum class MetricKind { kGauge, kCounter };

struct Metric {
  const char* name;
  MetricKind kind;
  const char* help;
  std::uint64_t value;
};

[[nodiscard]] std::vector<Metric> NodeMetrics(const ChainInfo& info, const EngineMetrics& engine,
                                              const NetworkCounts& network,
                                              std::uint64_t http_requests);
// What a node with data availability has more.
[[nodiscard]] std::vector<Metric> MetricsOf(const DaMetrics& da, std::uint64_t peers,
                                            std::uint64_t blocks_waiting,
                                            std::uint64_t kzg_microseconds,
                                            std::uint64_t work_microseconds);
[[nodiscard]] std::string MetricsText(std::span<const Metric> metrics);

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_METRICS_H_

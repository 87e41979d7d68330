// SPDX-License-Identifier: Apache-2.0
//
// The bodies of OTLP/HTTP in JSON: an ExportTraceServiceRequest, an ExportMetricsServiceRequest.
#ifndef GTESTNET_NODE_TELEMETRY_OTLP_JSON_H_
#define GTESTNET_NODE_TELEMETRY_OTLP_JSON_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/types.h"
#include "metrics.h"
#include "telemetry/span.h"

namespace gtestnet::node {

// Who sends: service.name, service.instance.id and the node's name, role and index.
struct OtlpResource {
  std::string service;     // "nomos-node"
  std::string identifier;  // "validator-1"
  std::string role;        // "validator"
  std::uint32_t index = 0;
};

[[nodiscard]] std::string TracesJson(const OtlpResource& resource, std::span<const Span> spans);
// Counters count from `since`.
[[nodiscard]] std::string MetricsJson(const OtlpResource& resource, std::span<const Metric> metrics,
                                      Millis since, Millis now);

// How many items an answer's partialSuccess says were rejected, and why; 0 for any other answer.
struct OtlpRejected {
  std::int64_t items = 0;
  std::string why;
};
[[nodiscard]] OtlpRejected ReadPartialSuccess(std::string_view body);

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_TELEMETRY_OTLP_JSON_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NODE_TELEMETRY_SPAN_H_
#define GTESTNET_NODE_TELEMETRY_SPAN_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/types.h"

namespace gtestnet::node {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

struct Attribute {
  std::string name;
  std::variant<std::string, std::int64_t, bool> value;

  bool operator==(const Attribute&) const = default;
};

// Something that took from `start` to `end`. Spans of several nodes may be of one trace.
struct Span {
  std::string name;
  TraceId trace{};
  SpanId id{};
  std::optional<SpanId> parent = {};
  Millis start = 0;
  Millis end = 0;
  std::vector<Attribute> attributes = {};
  std::string error = {};  // empty: it went well
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_TELEMETRY_SPAN_H_

// SPDX-License-Identifier: Apache-2.0
//
// Where a collector is: the value of NOMOS_OTLP_ENDPOINT and NOMOS_OTLP_METRICS_ENDPOINT.
#ifndef GTESTNET_NODE_TELEMETRY_OTLP_URL_H_
#define GTESTNET_NODE_TELEMETRY_OTLP_URL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gtestnet::node {

struct OtlpUrl {
  std::string host;  // without the brackets of an IPv6 address
  std::uint16_t port = 80;
  std::string target;  // "/v1/traces", with a query if there is one

  // As the Host field has it: "collector:4318", "[::1]:4318".
  [[nodiscard]] std::string HostAndPort() const;
  // "http://collector:4318/v1/traces"
  [[nodiscard]] std::string ToString() const { return "http://" + HostAndPort() + target; }
};

// "http://HOST[:PORT][/PATH]". Without a path the target is `signal_path`, as OTLP/HTTP has it;
// with one it is just that.
[[nodiscard]] absl::StatusOr<OtlpUrl> ParseOtlpUrl(std::string_view text,
                                                   std::string_view signal_path);

// Nothing is sent where there is no URL.
struct OtlpConfig {
  std::optional<OtlpUrl> traces;
  std::optional<OtlpUrl> metrics;
};

// From the two variables, as getenv gives them (nullptr: not set).
[[nodiscard]] absl::StatusOr<OtlpConfig> ReadOtlpConfig(const char* traces, const char* metrics);

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_TELEMETRY_OTLP_URL_H_

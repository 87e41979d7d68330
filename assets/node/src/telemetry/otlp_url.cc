// SPDX-License-Identifier: Apache-2.0
#include "telemetry/otlp_url.h"

#include <algorithm>
#include <charconv>

#include "core/text.h"

namespace gtestnet::node {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr std::size_t kLongest = 2048;
constexpr std::size_t kLongestHost = 253;

absl::Status Wrong(std::string_view text) {
  return Invalid("must be http://HOST[:PORT][/PATH], not \"", Absl(text.substr(0, 100)), "\"");
}

// "host", "host:port", "[::1]:port"; false when it is none of them.
bool ReadAuthority(std::string_view text, OtlpUrl& url) {
  std::string_view rest;
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    url.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (url.host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string::npos) return false;
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    url.host = text.substr(0, colon);
    rest = text.substr(colon);
    if (url.host.find_first_of("@[]\\") != std::string::npos) return false;
  }
  if (url.host.empty() || url.host.size() > kLongestHost) return false;
  if (rest.empty()) return true;
  if (rest.front() != ':') return false;
  rest.remove_prefix(1);
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), url.port);
  return error == std::errc() && end == rest.data() + rest.size() && url.port != 0;
}

absl::StatusOr<std::optional<OtlpUrl>> Read(const char* name, const char* value,
                                            std::string_view path) {
  if (value == nullptr || *value == '\0') return std::optional<OtlpUrl>();
  absl::StatusOr<OtlpUrl> url = ParseOtlpUrl(value, path);
  if (!url.ok()) return Invalid(name, " ", url.status().message());
  return std::optional<OtlpUrl>(*std::move(url));
}

}  // namespace

std::string OtlpUrl::HostAndPort() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

absl::StatusOr<OtlpUrl> ParseOtlpUrl(std::string_view text, std::string_view signal_path) {
  if (text.substr(0, 8) == "https://") {
    return Invalid("must be http://HOST[:PORT][/PATH]: the node does not speak https, not to \"",
                   Absl(text.substr(0, 100)), "\"");
  }
  const bool printable = std::all_of(
      text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != '#' && c != '"'; });
  if (text.substr(0, kScheme.size()) != kScheme || text.size() > kLongest || !printable) {
    return Wrong(text);
  }
  const std::string_view rest = text.substr(kScheme.size());
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  OtlpUrl url;
  if (!ReadAuthority(rest.substr(0, slash), url)) return Wrong(text);
  url.target = rest.substr(slash);
  if (url.target.empty() || url.target == "/") url.target = signal_path;
  if (url.target.front() == '?') url.target = std::string(signal_path) + url.target;
  return url;
}

absl::StatusOr<OtlpConfig> ReadOtlpConfig(const char* traces, const char* metrics) {
  OtlpConfig config;
  auto url = Read("NOMOS_OTLP_ENDPOINT", traces, "/v1/traces");
  if (!url.ok()) return url.status();
  config.traces = *std::move(url);
  url = Read("NOMOS_OTLP_METRICS_ENDPOINT", metrics, "/v1/metrics");
  if (!url.ok()) return url.status();
  config.metrics = *std::move(url);
  return config;
}

}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
#include "telemetry/otlp_json.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "api/json_writer.h"
#include "boost/json.hpp"
#include "core/text.h"

namespace gtestnet::node {
namespace {

namespace json = boost::json;

// Of the protocol's enums, which go as numbers in its JSON.
constexpr int kSpanKindInternal = 1;
constexpr int kStatusError = 2;
constexpr int kCumulative = 2;

constexpr char kScope[] = "{\"name\":\"gtestnet.node\"}";

std::string Quoted(std::string_view text) {
  return json::serialize(json::string_view(text.data(), text.size()));
}

// 64-bit numbers go as text.
std::string Nanos(Millis time) { return absl::StrCat("\"", time * 1'000'000, "\""); }

std::string ValueJson(const Attribute& attribute) {
  if (const auto* text = std::get_if<std::string>(&attribute.value)) {
    return absl::StrCat("{\"stringValue\":", Quoted(*text), "}");
  }
  if (const auto* flag = std::get_if<bool>(&attribute.value)) {
    return absl::StrCat("{\"boolValue\":", *flag ? "true" : "false", "}");
  }
  return absl::StrCat("{\"intValue\":\"", std::get<std::int64_t>(attribute.value), "\"}");
}

void AppendAttributes(std::string& out, std::span<const Attribute> attributes) {
  AppendList(out, attributes, [&](const Attribute& attribute) {
    absl::StrAppend(&out, "{\"key\":", Quoted(attribute.name), ",\"value\":", ValueJson(attribute),
                    "}");
  });
}

void AppendResource(std::string& out, const OtlpResource& resource) {
  const Attribute attributes[] = {{"service.name", resource.service},
                                  {"service.instance.id", resource.identifier},
                                  {"node.name", resource.identifier},
                                  {"node.role", resource.role},
                                  {"node.index", static_cast<std::int64_t>(resource.index)}};
  out += "{\"attributes\":";
  AppendAttributes(out, attributes);
  out += "}";
}

void AppendSpan(std::string& out, const Span& span) {
  absl::StrAppend(&out, "{\"traceId\":\"", ToHex(span.trace), "\",\"spanId\":\"", ToHex(span.id),
                  "\"");
  if (span.parent) absl::StrAppend(&out, ",\"parentSpanId\":\"", ToHex(*span.parent), "\"");
  absl::StrAppend(&out, ",\"name\":", Quoted(span.name), ",\"kind\":", kSpanKindInternal,
                  ",\"startTimeUnixNano\":", Nanos(span.start),
                  ",\"endTimeUnixNano\":", Nanos(span.end), ",\"attributes\":");
  AppendAttributes(out, span.attributes);
  if (!span.error.empty()) {
    absl::StrAppend(&out, ",\"status\":{\"code\":", kStatusError,
                    ",\"message\":", Quoted(span.error), "}");
  }
  out += "}";
}

void AppendMetric(std::string& out, const Metric& metric, Millis since, Millis now) {
  const bool counter = metric.kind == MetricKind::kCounter;
  absl::StrAppend(&out, "{\"name\":", Quoted(metric.name), ",\"description\":", Quoted(metric.help),
                  counter ? ",\"sum\":{" : ",\"gauge\":{", "\"dataPoints\":[{");
  if (counter) absl::StrAppend(&out, "\"startTimeUnixNano\":", Nanos(since), ",");
  absl::StrAppend(&out, "\"timeUnixNano\":", Nanos(now), ",\"asInt\":\"", metric.value, "\"}]");
  if (counter) {
    absl::StrAppend(&out, ",\"aggregationTemporality\":", kCumulative, ",\"isMonotonic\":true");
  }
  out += "}}";
}

}  // namespace

std::string TracesJson(const OtlpResource& resource, std::span<const Span> spans) {
  std::string out = "{\"resourceSpans\":[{\"resource\":";
  AppendResource(out, resource);
  absl::StrAppend(&out, ",\"scopeSpans\":[{\"scope\":", kScope, ",\"spans\":");
  AppendList(out, spans, [&](const Span& span) { AppendSpan(out, span); });
  return out + "}]}]}";
}

std::string MetricsJson(const OtlpResource& resource, std::span<const Metric> metrics, Millis since,
                        Millis now) {
  std::string out = "{\"resourceMetrics\":[{\"resource\":";
  AppendResource(out, resource);
  absl::StrAppend(&out, ",\"scopeMetrics\":[{\"scope\":", kScope, ",\"metrics\":");
  AppendList(out, metrics, [&](const Metric& metric) { AppendMetric(out, metric, since, now); });
  return out + "}]}]}";
}

OtlpRejected ReadPartialSuccess(std::string_view body) {
  OtlpRejected rejected;
  json::error_code error;
  const json::value answer = json::parse(json::string_view(body.data(), body.size()), error);
  const json::object* const whole = error ? nullptr : answer.if_object();
  const json::value* const partial =
      whole == nullptr ? nullptr : whole->if_contains("partialSuccess");
  if (partial == nullptr || !partial->is_object()) return rejected;
  for (const char* name : {"rejectedSpans", "rejectedDataPoints"}) {
    const json::value* const count = partial->get_object().if_contains(name);
    if (count == nullptr) continue;
    if (const json::string* text = count->if_string()) {
      if (!absl::SimpleAtoi(Absl({text->data(), text->size()}), &rejected.items))
        rejected.items = 0;
    } else if (const std::int64_t* number = count->if_int64()) {
      rejected.items = *number;
    }
  }
  if (const json::value* why = partial->get_object().if_contains("errorMessage")) {
    if (const json::string* text = why->if_string())
      rejected.why.assign(text->data(), text->size());
  }
  return rejected;
}

}  // namespace gtestnet::node

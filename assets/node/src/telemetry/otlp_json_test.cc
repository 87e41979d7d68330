// SPDX-License-Identifier: Apache-2.0
#include "telemetry/otlp_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "boost/json.hpp"

namespace gtestnet::node {
namespace {

namespace json = boost::json;

const OtlpResource kNode = {"nomos-node", "validator-1", "validator", 1};
constexpr char kResource[] = R"({"attributes":[
    {"key":"service.name","value":{"stringValue":"nomos-node"}},
    {"key":"service.instance.id","value":{"stringValue":"validator-1"}},
    {"key":"node.name","value":{"stringValue":"validator-1"}},
    {"key":"node.role","value":{"stringValue":"validator"}},
    {"key":"node.index","value":{"intValue":"1"}}]})";

std::string WithResource(std::string text) {
  return text.replace(text.find("RESOURCE"), 8, kResource);
}

TEST(OtlpJsonTest, SpansAreAsTheProtocolHasThem) {
  Span span;
  span.name = "block";
  span.trace.fill(0xab);
  span.id.fill(0x01);
  span.parent = SpanId{2};
  span.start = 1000;
  span.end = 1001;
  span.attributes = {{"id", "a\"b"}, {"height", std::int64_t{-7}}, {"own", true}};
  Span failed;
  failed.name = "sampling";
  failed.error = "not found";
  EXPECT_EQ(json::parse(TracesJson(kNode, std::vector<Span>{span, failed})),
            json::parse(WithResource(R"({"resourceSpans":[{"resource":RESOURCE,"scopeSpans":[{
      "scope":{"name":"gtestnet.node"},"spans":[
        {"traceId":"abababababababababababababababab","spanId":"0101010101010101",
         "parentSpanId":"0200000000000000","name":"block","kind":1,
         "startTimeUnixNano":"1000000000","endTimeUnixNano":"1001000000","attributes":[
           {"key":"id","value":{"stringValue":"a\"b"}},
           {"key":"height","value":{"intValue":"-7"}},
           {"key":"own","value":{"boolValue":true}}]},
        {"traceId":"00000000000000000000000000000000","spanId":"0000000000000000",
         "name":"sampling","kind":1,"startTimeUnixNano":"0","endTimeUnixNano":"0",
         "attributes":[],"status":{"code":2,"message":"not found"}}]}]}]})")));
}

TEST(OtlpJsonTest, CountersAreSumsSinceTheStartAndGaugesAreGauges) {
  const std::vector<Metric> metrics = {{"height", MetricKind::kGauge, "The height.", 7},
                                       {"made_total", MetricKind::kCounter, "Made.", 8}};
  EXPECT_EQ(json::parse(MetricsJson(kNode, metrics, 1000, 2000)),
            json::parse(WithResource(R"({"resourceMetrics":[{"resource":RESOURCE,"scopeMetrics":[{
      "scope":{"name":"gtestnet.node"},"metrics":[
        {"name":"height","description":"The height.","gauge":{"dataPoints":[
           {"timeUnixNano":"2000000000","asInt":"7"}]}},
        {"name":"made_total","description":"Made.","sum":{"dataPoints":[
           {"startTimeUnixNano":"1000000000","timeUnixNano":"2000000000","asInt":"8"}],
           "aggregationTemporality":2,"isMonotonic":true}}]}]}]})")));
}

TEST(OtlpJsonTest, APartialSuccessIsReadWhicheverWayItsNumberIsWritten) {
  EXPECT_EQ(
      ReadPartialSuccess(R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"no"}})").items,
      3);
  const OtlpRejected rejected =
      ReadPartialSuccess(R"({"partialSuccess":{"rejectedDataPoints":4,"errorMessage":"no"}})");
  EXPECT_EQ(rejected.items, 4);
  EXPECT_EQ(rejected.why, "no");
  for (const char* other : {"", "{}", "[]", "<html>", R"({"partialSuccess":[]})",
                            R"({"partialSuccess":{"rejectedSpans":"x"}})",
                            R"({"partialSuccess":{"rejectedSpans":[1]}})"}) {
    EXPECT_EQ(ReadPartialSuccess(other).items, 0) << other;
  }
}

}  // namespace
}  // namespace gtestnet::node

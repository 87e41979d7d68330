// SPDX-License-Identifier: Apache-2.0
#include "telemetry/otlp_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gtestnet::node {
namespace {

std::string Read(const std::string& text) {
  const absl::StatusOr<OtlpUrl> url = ParseOtlpUrl(text, "/v1/traces");
  return url.ok() ? url->ToString() : std::string(url.status().message());
}

TEST(OtlpUrlTest, WithoutAPathTheSignalsIsTaken) {
  EXPECT_EQ(Read("http://collector:4318"), "http://collector:4318/v1/traces");
  EXPECT_EQ(Read("http://collector:4318/"), "http://collector:4318/v1/traces");
  EXPECT_EQ(Read("http://collector"), "http://collector:80/v1/traces");
  EXPECT_EQ(Read("http://[::1]:4318"), "http://[::1]:4318/v1/traces");
  EXPECT_EQ(Read("http://10.0.0.1?key=1"), "http://10.0.0.1:80/v1/traces?key=1");
}

TEST(OtlpUrlTest, APathIsTakenAsItIs) {
  EXPECT_EQ(Read("http://prometheus:9090/api/v1/otlp/v1/metrics"),
            "http://prometheus:9090/api/v1/otlp/v1/metrics");
  EXPECT_EQ(Read("http://a/b?c=d"), "http://a:80/b?c=d");
}

TEST(OtlpUrlTest, AnythingElseIsRefusedInOneSentence) {
  for (const std::string text :
       {"", "collector", "collector:4318", "ftp://a", "http://", "http:///v1",
        "http://a:", "http://a:0", "http://a:65536", "http://a:b", "http://a b", "http://user@a",
        "http://[::1", "http://[g]", "http://[::1]x", "http://a\n", "http://a/\x80", "http://a/#b",
        "http://:4318"}) {
    EXPECT_EQ(Read(text), "must be http://HOST[:PORT][/PATH], not \"" + text + "\"");
  }
  EXPECT_EQ(Read("http://" + std::string(3000, 'a')).size(), 141u);
  EXPECT_EQ(Read("https://a"),
            "must be http://HOST[:PORT][/PATH]: the node does not speak https, not to "
            "\"https://a\"");
}

TEST(OtlpConfigTest, EachVariableIsNamedAndEitherMayBeMissing) {
  EXPECT_FALSE(ReadOtlpConfig(nullptr, "")->traces.has_value());
  const absl::StatusOr<OtlpConfig> both = ReadOtlpConfig("http://a", "http://b:1");
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(both->traces->ToString(), "http://a:80/v1/traces");
  EXPECT_EQ(both->metrics->ToString(), "http://b:1/v1/metrics");
  EXPECT_EQ(ReadOtlpConfig("x", nullptr).status().message(),
            "NOMOS_OTLP_ENDPOINT must be http://HOST[:PORT][/PATH], not \"x\"");
  EXPECT_EQ(ReadOtlpConfig(nullptr, "x").status().message(),
            "NOMOS_OTLP_METRICS_ENDPOINT must be http://HOST[:PORT][/PATH], not \"x\"");
}

}  // namespace
}  // namespace gtestnet::node

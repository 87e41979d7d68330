// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/telemetry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>

#include "absl/status/status.h"
#include "core/src/base/testing/fake_http_server.h"

namespace gtestnet {
namespace {

using base::FakeHttpServer;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

// A Prometheus that has one answer.
class TelemetryTest : public testing::Test {
 protected:
  absl::StatusOr<QueryResult> Ask(std::string query, int status, std::string body) {
    FakeHttpServer server([&](FakeHttpServer::Connection& connection) {
      asked_ = connection.ReadRequest();
      connection.Answer(status, body);
    });
    url_ = "http://" + server.endpoint().ToString();
    return Telemetry(url_).Query(query);
  }
  absl::Status Refusal(int status, std::string body) {
    return Ask("up{", status, std::move(body)).status();
  }

  std::string asked_;
  std::string url_;
};

TEST_F(TelemetryTest, ReadsAVector) {
  const auto result = Ask("height + 1", 200, R"({"status":"success","data":{"resultType":"vector",
      "result":[{"metric":{"__name__":"height","node":"member-0"},"value":[1.5,"7"]},
                {"metric":{"node":"member-1"},"value":[1.5,"NaN"]}]},"warnings":["late"]})");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(asked_, AllOf(StartsWith("POST /api/v1/query HTTP/1.1\r\n"),
                            HasSubstr("application/x-www-form-urlencoded"),
                            EndsWith("query=height%20%2B%201&timeout=5000ms")));
  EXPECT_EQ(result->kind, QueryResult::Kind::kVector);
  ASSERT_EQ(result->series.size(), 2u);
  EXPECT_EQ(result->series[0].Name(), "height{node=\"member-0\"}");
  EXPECT_THAT(result->series[0].points,
              ElementsAre(MetricPoint{std::chrono::system_clock::time_point(1500ms), 7}));
  EXPECT_TRUE(std::isnan(result->series[1].points.at(0).value));
  EXPECT_THAT(result->warnings, ElementsAre("late"));
  EXPECT_EQ(result->Value().status().message(),
            "the answer is not one number but 2 series: height{node=\"member-0\"}, "
            "{node=\"member-1\"}");
  std::ostringstream text;
  text << *result;
  EXPECT_EQ(text.str(), "{height{node=\"member-0\"} = 7, {node=\"member-1\"} = nan}");
}

TEST_F(TelemetryTest, ReadsOneNumber) {
  const auto scalar = Ask("1", 200, R"({"status":"success","data":{"resultType":"scalar",
      "result":[2,"-Inf"]}})");
  ASSERT_TRUE(scalar.ok()) << scalar.status();
  EXPECT_EQ(scalar->Value().value(), -std::numeric_limits<double>::infinity());
  const auto one = Ask("max(x)", 200, R"({"status":"success","data":{"resultType":"vector",
      "result":[{"metric":{},"value":[1,"3.5"]}]}})");
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(one->Value().value(), 3.5);
}

TEST_F(TelemetryTest, ReadsARangeAndText) {
  const auto range = Ask("x[2s]", 200, R"({"status":"success","data":{"resultType":"matrix",
      "result":[{"metric":{"__name__":"x"},"values":[[1,"1"],[2,"2"]]}]}})");
  ASSERT_TRUE(range.ok()) << range.status();
  EXPECT_EQ(range->series.at(0).points.size(), 2u);
  EXPECT_EQ(range->Value().status().message(), "the answer is not one number but 1 series: x[]");
  const auto text = Ask("\"a\"", 200, R"({"status":"success","data":{"resultType":"string",
      "result":[1,"a"]}})");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(text->text, "a");
  EXPECT_FALSE(text->Value().ok());
}

TEST_F(TelemetryTest, NothingSelectedIsNotANumber) {
  const auto none = Ask("x", 200, R"({"status":"success","data":{"resultType":"vector",
      "result":[]}})");
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->Value().status(), absl::NotFoundError("the query selected nothing"));
}

TEST_F(TelemetryTest, AnErrorIsInPrometheusOwnWords) {
  const absl::Status refused = Refusal(400, R"({"status":"error","errorType":"bad_data",
      "error":"invalid parameter \"query\": 1:4: parse error: unexpected end of input"})");
  EXPECT_EQ(refused,
            absl::InvalidArgumentError(
                "Prometheus at " + url_ +
                ", asked for up{: bad_data: invalid parameter \"query\": 1:4: parse error: "
                "unexpected end of input"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      Refusal(503, R"({"status":"error","errorType":"timeout","error":"too long"})")));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      Refusal(422, R"({"status":"error","errorType":"execution","error":"many-to-many"})")));
}

TEST_F(TelemetryTest, NonsenseIsQuoted) {
  for (const char* body :
       {"", "<html>", "[]", R"({"status":"success"})",
        R"({"status":"success","data":{"resultType":"cube","result":[]}})",
        R"({"status":"success","data":{"resultType":"vector","result":{}}})",
        R"({"status":"success","data":{"resultType":"vector","result":[{"value":[1]}]}})",
        R"({"status":"success","data":{"resultType":"vector","result":[{"value":[1,"x"]}]}})",
        R"({"status":"success","data":{"resultType":"scalar","result":[1e300,"1"]}})",
        R"({"status":"success","data":{"resultType":"string","result":[]}})"}) {
    const absl::Status status = Refusal(200, body);
    EXPECT_TRUE(absl::IsInternal(status)) << body;
    EXPECT_THAT(std::string(status.message()),
                EndsWith(std::string("an answer that makes no sense: HTTP 200 ") + body));
  }
}

TEST(TelemetryErrorTest, WhereThereIsNoPrometheusTheReasonIsTheAnswer) {
  const absl::Status why = absl::FailedPreconditionError("this cluster has no Prometheus");
  const Telemetry telemetry(why);
  EXPECT_EQ(telemetry.Query("up").status(), why);
  EXPECT_EQ(telemetry.prometheus_endpoint().status(), why);
}

TEST(TelemetryErrorTest, OneThatDoesNotListenIsNamed) {
  const absl::Status status = Telemetry(std::string("http://127.0.0.1:1")).Query("up").status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              StartsWith("Prometheus at http://127.0.0.1:1, asked for up: "));
}

}  // namespace
}  // namespace gtestnet

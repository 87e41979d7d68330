// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_TELEMETRY_H_
#define GTESTNET_TELEMETRY_H_

#include <chrono>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace gtestnet {

// One value of what a node shows as its metrics.
struct MetricValue {
  std::string series = {};  // the name, with labels as in the text
  double value = 0;
};

struct MetricPoint {
  std::chrono::system_clock::time_point at = {};
  double value = 0;

  friend bool operator==(const MetricPoint&, const MetricPoint&) = default;
};

// A series of a query's answer. Its name, if it has one still, is the label "__name__"; every
// series of a node has the labels "node" ("member-1"), "role" and "index".
struct MetricSeries {
  std::map<std::string, std::string> labels = {};
  std::vector<MetricPoint> points = {};  // one, but for a range ("height[30s]")

  // consensus_tip_height{node="member-1",role="member"}
  std::string Name() const;
  friend bool operator==(const MetricSeries&, const MetricSeries&) = default;
};

struct QueryResult {
  enum class Kind { kVector, kMatrix, kScalar, kString };
  Kind kind = Kind::kVector;
  std::vector<MetricSeries> series = {};   // of a scalar one, without labels; of a string none
  std::string text = {};                   // of a string
  std::vector<std::string> warnings = {};  // of Prometheus

  // The value of an answer that is one number. kNotFound when nothing was selected, and
  // kFailedPrecondition, with the series, when there are several.
  absl::StatusOr<double> Value() const;
};

std::ostream& operator<<(std::ostream& os, const QueryResult& result);

// The Prometheus of a run, which scrapes every node each second. It is there when the test asks for
// Capability::kTelemetry; else everything here is an error that says so.
//
//   auto height = cluster().telemetry().Query("min(consensus_tip_height)");
//   GTESTNET_ASSERT_OK(height);
//   EXPECT_THAT(height->Value(), IsOkAndHolds(Gt(0)));
//
// Just after the start nothing was scraped yet: wait with AssertEventually. What expectations judge
// are the record's own samples (MetricIs), which need no Prometheus.
class Telemetry {
 public:
  explicit Telemetry(absl::StatusOr<std::string> endpoint) : endpoint_(std::move(endpoint)) {}

  // "http://127.7.1.255:9090", as this process reaches it.
  absl::StatusOr<std::string> prometheus_endpoint() const { return endpoint_; }
  // An instant query, as of now. kInvalidArgument for a query that Prometheus cannot read, with its
  // own words; kDeadlineExceeded, kUnavailable.
  absl::StatusOr<QueryResult> Query(
      std::string_view promql,
      std::chrono::milliseconds timeout = std::chrono::milliseconds(5000)) const;

 private:
  absl::StatusOr<std::string> endpoint_;
};

}  // namespace gtestnet

#endif  // GTESTNET_TELEMETRY_H_

// SPDX-License-Identifier: Apache-2.0
// The dashboard: Prometheus can read each of its expressions, and has data for it when a cluster
// works.
#include <gtestnet/gtestnet.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Ge;
using testing::IsEmpty;

// With what Grafana puts into an expression.
std::string Filled(std::string expression) {
  for (const auto& [variable, value] :
       {std::pair<std::string, std::string>{"$__rate_interval", "10s"}, {"$node", ".*"}}) {
    for (size_t at; (at = expression.find(variable)) != std::string::npos;) {
      expression.replace(at, variable.size(), value);
    }
  }
  return expression;
}

void Collect(const boost::json::value& in, std::vector<std::string>& to) {
  if (const boost::json::array* array = in.if_array()) {
    for (const boost::json::value& one : *array) Collect(one, to);
  } else if (const boost::json::object* object = in.if_object()) {
    for (const auto& [name, value] : *object) {
      if (name == "expr") to.push_back(Filled(std::string(value.as_string())));
      Collect(value, to);
    }
  }
}

class DashboardTest : public ClusterTest {
 protected:
  Capabilities Required() const override { return Capability::kTelemetry; }
};

TEST_P(DashboardTest, EveryExpressionHasData) {
  ExpectAtTearDown(IncludesBlobs(Ge(0.5)));
  ExpectAtTearDown(MetricIs("da_samples_failed_total", Ge(0)));
  std::ifstream file(MONITORING "grafana/dashboards/gtestnet.json");
  std::vector<std::string> expressions;
  Collect(boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {})), expressions);
  ASSERT_GT(expressions.size(), 30u);

  DataAvailabilityWorkload blobs(cluster(), {.channel_rate = 0.5, .blob_rate = 0.5});
  RunFor(Blocks(8));
  for (const std::string& expression : expressions) {
    // A rate needs two samples.
    AssertEventually(
        [&] {
          GTESTNET_ASSERT_OK_AND_ASSIGN(const QueryResult result,
                                        cluster().telemetry().Query(expression));
          EXPECT_FALSE(result.series.empty()) << expression;
          EXPECT_THAT(result.warnings, IsEmpty()) << expression;
        },
        {.timeout = 30s, .interval = 200ms});
  }
}

INSTANTIATE_TEST_SUITE_P(
    Star, DashboardTest,
    Clusters(Topology::Star().Validators(2).Executors(1).SecurityParameter(4).DataAvailability()),
    ClusterName);

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
// The Prometheus of a run: it scrapes every node, through restarts, and says what the nodes say.
#include <gtestnet/gtestnet.h>

#include <map>
#include <string>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Eq;
using testing::Gt;
using testing::HasSubstr;
using testing::SizeIs;

// Prometheus itself takes 5 s to see a target that is new.
constexpr EventuallyOptions kScraped{.timeout = 30s, .interval = 200ms};

class PrometheusTest : public ClusterTest {
 protected:
  Capabilities Required() const override {
    return Capability::kTelemetry | Capability::kNodeControl;
  }
  void OnReady() override {
    ExpectAtTearDown(AgreesOnChain());
    ExpectAtTearDown(MetricIs("consensus_tip_height", Gt(0)));
    ExpectAtTearDown(
        MetricIs("{__name__=~\"consensus_(rejected_blocks|equivocations)_total\"}", Eq(0)));
  }
  // The one number of a query's answer; fails the attempt of AssertEventually if it is none.
  double Value(const std::string& query) {
    const absl::StatusOr<QueryResult> result = cluster().telemetry().Query(query);
    EXPECT_THAT(result, IsOk()) << query;
    if (!result.ok()) return -1;
    const absl::StatusOr<double> value = result->Value();
    EXPECT_THAT(value, IsOk()) << query;
    return value.value_or(-1);
  }
};

TEST_P(PrometheusTest, ScrapesEveryNodeByItsName) {
  AssertEventually([&] { EXPECT_EQ(Value("count(up == 1)"), 4); }, kScraped);
  AssertEventually([&] { EXPECT_GT(Value("min(consensus_tip_height)"), 3); }, kScraped);
  GTESTNET_ASSERT_OK_AND_ASSIGN(const QueryResult heights,
                                cluster().telemetry().Query("consensus_tip_height"));
  std::map<std::string, double> by_node;
  for (const MetricSeries& series : heights.series) {
    by_node[series.labels.at("node")] = series.points.at(0).value;
    EXPECT_EQ(series.labels.at("run"), cluster().spec().run_id);
  }
  ASSERT_THAT(by_node, SizeIs(4));
  for (const NodeInfo& node : cluster().nodes()) {
    // What was scraped within a second or two is not far from what the node says now.
    const double said =
        cluster().snapshot().nodes.at(static_cast<size_t>(node.index)).numbers.Get("height");
    EXPECT_NEAR(by_node.at(node.name), said, 60) << node.name;
  }
}

TEST_P(PrometheusTest, SeesANodeGoAndComeBackAndOneThatIsAdded) {
  AssertEventually([&] { EXPECT_EQ(Value("count(up == 1)"), 4); }, kScraped);
  GTESTNET_ASSERT_OK(cluster().node_control().Stop(1));
  AssertEventually([&] { EXPECT_EQ(Value("up{node=\"validator-1\"}"), 0); }, kScraped);
  GTESTNET_ASSERT_OK(cluster().node_control().Start(1));
  AssertEventually([&] { EXPECT_EQ(Value("up{node=\"validator-1\"}"), 1); }, kScraped);
  GTESTNET_ASSERT_OK_AND_ASSIGN(const NodeIndex added, cluster().node_control().Add({}));
  const std::string name = cluster().node(added).name;
  AssertEventually([&] { EXPECT_EQ(Value("up{node=\"" + name + "\"}"), 1); }, kScraped);
}

TEST_P(PrometheusTest, RefusesAQueryInItsOwnWords) {
  const absl::Status refused = cluster().telemetry().Query("sum(up").status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("parse error")));
  GTESTNET_ASSERT_OK_AND_ASSIGN(const std::string endpoint,
                                cluster().telemetry().prometheus_endpoint());
  EXPECT_THAT(std::string(refused.message()), HasSubstr(endpoint));
  RunFor(Blocks(20));
}

INSTANTIATE_TEST_SUITE_P(Star, PrometheusTest,
                         Clusters(Topology::Star().Validators(3).Executors(1).SecurityParameter(5)),
                         ClusterName);

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
// Proof that what is said of metrics can fail. Every test here must fail; each is run as a
// subprocess, and its words are compared with those in golden/.
#include <gtestnet/gtestnet.h>

#include <string>
#include <utility>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Ge;

// The second node takes no blocks from height 8 on.
Topology Two(std::string name) {
  return Topology::Star()
      .Validators(2)
      .Stake(0, 9000)
      .SecurityParameter(5)
      .Slot(50ms)
      .Seed(1)
      .Misbehave(1, "stall@8")
      .Named(std::move(name));
}

class MetricIsTest : public ClusterTest {};
TEST_P(MetricIsTest, NamesTheNodeTheValueAndTheTime) {
  Allow("ConsensusIsLive");
  Allow("FinalityAdvances");
  ExpectAtTearDown(MetricIs("consensus_tip_height{node=~\"validator-.*\"}", Ge(30)));
  RunFor(Blocks(60));
}
INSTANTIATE_TEST_SUITE_P(All, MetricIsTest, Clusters(Two("metric_is")), ClusterName);

class NoSuchMetricTest : public ClusterTest {};
TEST_P(NoSuchMetricTest, SaysWhichIsNear) {
  ExpectAtTearDown(MetricIs("consensus_tip_hight", Ge(0)));
  RunFor(Blocks(5));
}
INSTANTIATE_TEST_SUITE_P(All, NoSuchMetricTest, Clusters(Two("no_such_metric")), ClusterName);

class NotAskedForTest : public ClusterTest {};
TEST_P(NotAskedForTest, SaysHowToAsk) { GTESTNET_EXPECT_OK(cluster().telemetry().Query("up")); }
INSTANTIATE_TEST_SUITE_P(All, NotAskedForTest, Clusters(Two("not_asked_for")), ClusterName);

}  // namespace
}  // namespace gtestnet

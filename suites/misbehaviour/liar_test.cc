// SPDX-License-Identifier: Apache-2.0
// Proof that a node which does all it must, and lies about it, is told by its name. Before one node
// stands a liar (liar/): what it says is not what its blocks, its other answers or its peers say.
// Only NodesAreTruthful is judged, which sees each of them; some show elsewhere, too.
#include <gtestnet/gtestnet.h>
#include <gtestnet/life_matchers.h>
#include <gtestnet/resource_matchers.h>

#include <string>
#include <utility>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Ge;

Topology Network(std::string name) {
  return Topology::Star().Validators(3).Wallets(10).SecurityParameter(5).Slot(100ms).Seed(1).Named(
      "liar_" + std::move(name));
}

Topology Liar(const std::string& lie, std::string name) {
  return Network(std::move(name)).Argument(1, "--lie=" + lie);
}

class LiarTest : public ClusterTest {
 protected:
  void OnReady() override {
    ExpectAtTearDown(NodesAreTruthful());
    for (const char* other : {"AgreesOnChain", "ConsensusIsLive", "FinalityAdvances"}) Allow(other);
  }
};

TEST_P(LiarTest, IsTold) {
  TransactionWorkload transactions(cluster(), {.rate_per_block = 1});
  RunFor(Blocks(70));
}

// From height 8 on, when all nodes are well under way.
INSTANTIATE_TEST_SUITE_P(Info, LiarTest,
                         Clusters(Liar("height@8", "height"), Liar("height@8=-3", "low_height"),
                                  Liar("slot@8", "slot"), Liar("tip@8", "tip"),
                                  Liar("final@8", "final"), Liar("final-height@8", "final_height"),
                                  Liar("frozen-info@8", "frozen_info")),
                         ClusterName);

INSTANTIATE_TEST_SUITE_P(
    Streams, LiarTest,
    Clusters(Liar("stream-height@8", "stream_height"),
             Liar("stream-tip-height@8", "stream_tip_height"), Liar("stream-slot@8", "stream_slot"),
             Liar("stream-leader@8", "stream_leader"), Liar("stream-parent@8", "stream_parent"),
             Liar("stream-transactions@8", "stream_transactions"),
             Liar("silent-stream@8", "silent_stream"), Liar("finality-height@8", "finality_height"),
             Liar("finality-block@8", "finality_block"),
             Liar("silent-finality@8", "silent_finality")),
    ClusterName);

INSTANTIATE_TEST_SUITE_P(
    Answers, LiarTest,
    Clusters(Liar("headers-gap@8", "headers_gap"), Liar("headers-forged@8", "headers_forged"),
             Liar("blocks-gap@8", "blocks_gap"), Liar("block-slot@8", "block_slot"),
             Liar("block-missing@8", "block_missing"), Liar("in-block@8", "in_block"),
             Liar("never-in-block@8", "never_in_block"), Liar("mempool@8", "mempool"),
             Liar("peers@8", "peers")),
    ClusterName);

INSTANTIATE_TEST_SUITE_P(Metrics, LiarTest,
                         Clusters(Liar("metric-height@8", "metric_height"),
                                  Liar("metric-final@8", "metric_final"),
                                  Liar("metric-mempool@8", "metric_mempool"),
                                  Liar("metric-peers@8", "metric_peers")),
                         ClusterName);

class CountersTest : public ClusterTest {
 protected:
  void OnReady() override {
    ExpectAtTearDown(MetricsAreSound());
    for (const char* other : {"AgreesOnChain", "ConsensusIsLive", "FinalityAdvances"}) Allow(other);
  }
};

TEST_P(CountersTest, AreTold) { RunFor(Blocks(70)); }

INSTANTIATE_TEST_SUITE_P(All, CountersTest,
                         Clusters(Liar("counters-fall@30", "counters_fall"),
                                  Liar("restart@50", "restart")),
                         ClusterName);

// What an honest node may say too, for a while.
class LastingLiarTest : public LiarTest {};

TEST_P(LastingLiarTest, IsTold) { RunFor(Blocks(130)); }

INSTANTIATE_TEST_SUITE_P(All, LastingLiarTest,
                         Clusters(Liar("bootstrapping@8", "bootstrapping"),
                                  Liar("peers@8=-1", "fewer_peers")),
                         ClusterName);

// A run does not begin with nodes that have other peers than the topology gives them.
class LayoutTest : public ClusterTest {};

TEST_P(LayoutTest, IsTold) { RunFor(Blocks(10)); }

INSTANTIATE_TEST_SUITE_P(All, LayoutTest, Clusters(Liar("peers", "layout")), ClusterName);

// It leads by the key of a node, which nobody sees while that one makes the same blocks: until it
// is down.
class KeyThiefTest : public LiarTest {};

TEST_P(KeyThiefTest, IsTold) {
  Await(AllNodes(HasHeight(Ge(3))), Within(Blocks(80)));
  GTESTNET_ASSERT_OK(cluster().node_control().Kill(2));
  RunFor(Blocks(90));
}

INSTANTIATE_TEST_SUITE_P(All, KeyThiefTest, Clusters(Liar("key-of=2", "key_thief").MinPeers(0)),
                         ClusterName);

// ----- the process -----

// Its database is gone at each start.
class ForgetfulTest : public ClusterTest {};

TEST_P(ForgetfulTest, IsTold) {
  ExpectAtTearDown(KeepsItsData());
  Await(NodeNamed("validator-1", HasFinalisedHeight(Ge(5))), Within(Blocks(100)));
  // While its only neighbour is paused, from which it would have all again at once.
  GTESTNET_ASSERT_OK(cluster().node_control().Pause(0));
  GTESTNET_ASSERT_OK(cluster().node_control().Restart(1));
  GTESTNET_ASSERT_OK(cluster().node_control().Resume(0));
  RunFor(Blocks(10));
}

INSTANTIATE_TEST_SUITE_P(All, ForgetfulTest, Clusters(Liar("forget", "forget").MinPeers(0)),
                         ClusterName);

// It stands still for nine seconds by itself.
class FrozenTest : public ClusterTest {};

TEST_P(FrozenTest, IsTold) {
  ExpectAtTearDown(StaysReachable());
  for (const char* other : {"AgreesOnChain", "ConsensusIsLive", "FinalityAdvances"}) Allow(other);
  RunFor(Blocks(120));
}

INSTANTIATE_TEST_SUITE_P(All, FrozenTest, Clusters(Liar("freeze@8=9000", "freeze").MinPeers(0)),
                         ClusterName);

// It ends with an error when it is asked to stop.
class LiarsStopTest : public ClusterTest {};

TEST_P(LiarsStopTest, IsTold) {
  ExpectAtTearDown(StopsCleanly());
  RunFor(Blocks(5));
  GTESTNET_ASSERT_OK(cluster().node_control().Stop(1));
  RunFor(Blocks(5));
}

INSTANTIATE_TEST_SUITE_P(All, LiarsStopTest,
                         Clusters(Liar("exit-status", "exit_status").MinPeers(0)), ClusterName);

class LeakTest : public ClusterTest {};

TEST_P(LeakTest, IsTold) {
  ExpectAtTearDown(ResourceIs("memory", testing::Le(Megabytes(150))));
  RunFor(Blocks(60));
}

INSTANTIATE_TEST_SUITE_P(All, LeakTest, Clusters(Liar("leak=50", "leak")), ClusterName);

// ----- the log -----

// No run may have an error in a log (LogsNoErrors is of the standing set).
class LiarsLogTest : public ClusterTest {};

TEST_P(LiarsLogTest, IsTold) {
  ExpectAtTearDown(ConsensusIsLive());
  RunFor(Blocks(30));
}

INSTANTIATE_TEST_SUITE_P(All, LiarsLogTest,
                         Clusters(Liar("log-error@8", "log_error"),
                                  Liar("log-panic@8", "log_panic")),
                         ClusterName);

class LiarsFloodTest : public ClusterTest {};

TEST_P(LiarsFloodTest, IsTold) {
  ExpectAtTearDown(ResourceIs("log", testing::Le(Megabytes(1))));
  RunFor(Blocks(40));
}

INSTANTIATE_TEST_SUITE_P(All, LiarsFloodTest, Clusters(Liar("log-flood", "log_flood")),
                         ClusterName);

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
// Proof that a node which does all it must and lies about it is told by its name. The second node
// has a liar before it (liar/): what it says is not what its peers and its own other answers say.
#include <gtestnet/gtestnet.h>

#include <string>
#include <utility>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Ge;

Topology Network(std::string name) {
  return Topology::Star().Validators(3).Wallets(10).SecurityParameter(5).Slot(50ms).Seed(1).Named(
      std::move(name));
}

// Lies that begin at a height do so when all nodes are well under way.
Topology WithLiar(const std::string& lie, std::string name) {
  return Network(std::move(name)).Argument(1, "--lie=" + lie);
}

class LiarTest : public ClusterTest {
 protected:
  void OnReady() override {
    ExpectAtTearDown(ConsensusIsLive());
    ExpectAtTearDown(AgreesOnChain());
    ExpectAtTearDown(NodesAreTruthful());
  }
};

TEST_P(LiarTest, IsTold) {
  TransactionWorkload transactions(cluster(), {.rate_per_block = 1});
  RunFor(Blocks(100));
}

INSTANTIATE_TEST_SUITE_P(
    All, LiarTest,
    Clusters(
        WithLiar("height@8", "liar_height"), WithLiar("height@8=-3", "liar_low_height"),
        WithLiar("slot@8", "liar_slot"), WithLiar("tip@8", "liar_tip"),
        WithLiar("final@8", "liar_final"), WithLiar("final-height@8", "liar_final_height"),
        WithLiar("bootstrapping@8", "liar_bootstrapping"),
        WithLiar("frozen-info@8", "liar_frozen_info"),
        WithLiar("stream-height@8", "liar_stream_height"),
        WithLiar("stream-tip-height@8", "liar_stream_tip_height"),
        WithLiar("stream-slot@8", "liar_stream_slot"),
        WithLiar("stream-leader@8", "liar_stream_leader"),
        WithLiar("stream-parent@8", "liar_stream_parent"),
        WithLiar("stream-transactions@8", "liar_stream_transactions"),
        WithLiar("silent-stream@8", "liar_silent_stream"),
        WithLiar("finality-height@8", "liar_finality_height"),
        WithLiar("finality-block@8", "liar_finality_block"),
        WithLiar("silent-finality@8", "liar_silent_finality"),
        WithLiar("headers-gap@8", "liar_headers_gap"),
        WithLiar("headers-forged@8", "liar_headers_forged"),
        WithLiar("blocks-gap@8", "liar_blocks_gap"), WithLiar("block-slot@8", "liar_block_slot"),
        WithLiar("block-missing@8", "liar_block_missing"), WithLiar("in-block@8", "liar_in_block"),
        WithLiar("never-in-block@8", "liar_never_in_block"), WithLiar("mempool@8", "liar_mempool"),
        WithLiar("peers@8", "liar_peers"), WithLiar("metric-height@8", "liar_metric_height"),
        WithLiar("metric-final@8", "liar_metric_final"),
        WithLiar("metric-mempool@8", "liar_metric_mempool"),
        WithLiar("metric-peers@8", "liar_metric_peers"),
        WithLiar("counters-fall@20", "liar_counters_fall"), WithLiar("restart@20", "liar_restart"),
        WithLiar("freeze@20", "liar_freeze"), WithLiar("leak", "liar_leak"),
        WithLiar("log-panic", "liar_log_panic"), WithLiar("key-of=2", "liar_key")),
    ClusterName);

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
// Blobs at a steady rate: all are in the chain, and come back byte for byte.
#include <gtestnet/gtestnet.h>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Ge;

class BlobsTest : public ClusterTest {
 protected:
  void OnReady() override {
    ExpectAtTearDown(ConsensusIsLive());
    ExpectAtTearDown(AgreesOnChain());
    ExpectAtTearDown(IncludesInscriptions(Ge(0.8)));
    ExpectAtTearDown(IncludesBlobs(Ge(0.9)));
    ExpectAtTearDown(BlobsAreRetrievable());
    ExpectAtTearDown(HasNoUnexpectedExits());
  }
};

TEST_P(BlobsTest, AreIncludedAndComeBack) {
  ExpectAtTearDown(SamplingSucceeds(Ge(0.9)));
  DataAvailabilityWorkload blobs(cluster(),
                                 {.channel_rate = 0.5, .blob_rate = 1, .payload = {31, 126976}});
  RunFor(Blocks(12));
}

// With each column at two validators, one that is restarted all the time costs no blob.
TEST_P(BlobsTest, SurviveRestarts) {
  DataAvailabilityWorkload blobs(cluster(), {.channel_rate = 0.5, .blob_rate = 0.5});
  RestartWorkload restarts(cluster(), {.min_delay = Blocks(2),
                                       .max_delay = Blocks(4),
                                       .target_cooldown = Blocks(4),
                                       .roles = {"validator"},
                                       .kill = true});
  RunFor(Blocks(18));
}

INSTANTIATE_TEST_SUITE_P(
    Star, BlobsTest,
    Clusters(Topology::Star().Validators(3).Executors(2).SecurityParameter(4).DataAvailability()),
    ClusterName);

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
// Proof that the suite can fail: clusters whose nodes misbehave with blobs. Each test must fail, is
// run as a subprocess, and its words are compared with those in golden/.
#include <gtestnet/gtestnet.h>

#include <string>

namespace gtestnet {
namespace {

using testing::Ge;

Topology Network(int validators, std::string name) {
  return Topology::Star()
      .Validators(validators)
      .Executors(1)
      .SecurityParameter(2)
      .Seed(1)
      .DataAvailability({.replication = 1, .samples = 16})
      .Named(std::move(name));
}

// Nodes `first` to `last` do so.
Topology Misbehaving(Topology topology, NodeIndex first, NodeIndex last, const std::string& what) {
  for (NodeIndex node = first; node <= last; ++node) topology.Misbehave(node, what);
  return topology;
}

// Nothing is owed here: whether blobs are taken is what some of these spoil.
class DaMustFailTest : public ClusterTest {
 protected:
  // Who does not believe a block may end on a chain of its own, or behind the others: that is not
  // what is to be shown.
  void AllowLateNodes() {
    Allow("AgreesOnChain");
    Allow("ConsensusIsLive");
    Allow("FinalityAdvances");
    Allow("LogsNoErrors");  // it says so itself
  }
};

class LostBlobsTest : public DaMustFailTest {};

// Blobs without data are in the chain when nobody samples.
TEST_P(LostBlobsTest, AreCaught) {
  AllowLateNodes();
  ExpectAtTearDown(IncludesInscriptions(Ge(0.8)));
  ExpectAtTearDown(BlobsAreRetrievable());
  DataAvailabilityWorkload blobs(cluster(), {.channel_rate = 0.1, .blob_rate = 1.5, .taken = 0});
  RunFor(Blocks(10));
}

INSTANTIATE_TEST_SUITE_P(All, LostBlobsTest,
                         Clusters(Misbehaving(Network(2, "include_without_data"), 0, 2,
                                              "include-without-data")),
                         ClusterName);

class MissingBlobsTest : public DaMustFailTest {};

TEST_P(MissingBlobsTest, AreCaught) {
  AllowLateNodes();
  ExpectAtTearDown(IncludesInscriptions(Ge(0.8)));
  ExpectAtTearDown(IncludesBlobs(Ge(0.9)));
  DataAvailabilityWorkload blobs(cluster(), {.channel_rate = 0.1, .blob_rate = 1, .taken = 0});
  RunFor(Blocks(8));
}

INSTANTIATE_TEST_SUITE_P(
    All, MissingBlobsTest,
    // Three of four hold back three quarters of the columns; the leaders are honest.
    Clusters(Misbehaving(Network(4, "withhold_shares").Stake(1, 0).Stake(2, 0).Stake(3, 0), 1, 3,
                         "withhold-shares"),
             // Nobody takes what the executor disperses.
             Misbehaving(Network(2, "corrupt_shares"), 2, 2, "corrupt-shares"),
             Misbehaving(Network(2, "corrupt_proofs"), 2, 2, "corrupt-proofs"),
             // Honest nodes do not include what nobody has.
             Misbehaving(Network(2, "disperse_without_data"), 2, 2, "include-without-data")),
    ClusterName);

class BadSamplesTest : public DaMustFailTest {};

// One validator of two spoils its half of the columns for whoever samples.
TEST_P(BadSamplesTest, AreCaught) {
  AllowLateNodes();
  ExpectAtTearDown(SamplingSucceeds(Ge(0.9)));
  DataAvailabilityWorkload blobs(cluster(), {.channel_rate = 0.1, .blob_rate = 1, .taken = 0});
  RunFor(Blocks(8));
}

INSTANTIATE_TEST_SUITE_P(All, BadSamplesTest,
                         Clusters(Misbehaving(Network(2, "sampled_shares"), 1, 1, "corrupt-shares"),
                                  Misbehaving(Network(2, "sampled_proofs"), 1, 1,
                                              "corrupt-proofs")),
                         ClusterName);

}  // namespace
}  // namespace gtestnet

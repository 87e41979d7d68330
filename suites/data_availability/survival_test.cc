// SPDX-License-Identifier: Apache-2.0
// How much loss blobs bear: with each column at one of four validators, any two hold half of them.
#include <vector>

#include "data_availability/da_test.h"

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class SurvivalTest : public DaTest {
 protected:
  void Kill(const std::vector<NodeIndex>& nodes) {
    for (NodeIndex node : nodes) GTESTNET_ASSERT_OK(cluster().node_control().Kill(node));
  }
  void Start(const std::vector<NodeIndex>& nodes) {
    for (NodeIndex node : nodes) GTESTNET_ASSERT_OK(cluster().node_control().Start(node));
  }
  // What the executor brings back becomes that.
  void AwaitRetrieval(const std::vector<SentBlob>& blobs, bool whole) {
    AssertEventually(
        [&] {
          for (const SentBlob& blob : blobs) {
            const std::string back = Retrieve(Executor(), blob);
            if (whole) {
              EXPECT_TRUE(back == blob.data) << "blob " << blob.id << ": " << back.substr(0, 80);
            } else {
              EXPECT_EQ(back.substr(0, 80), "too few columns") << blob.id;
            }
          }
        },
        {.timeout = 30s});
  }
  std::vector<SentBlob> DisperseSome() {
    std::vector<SentBlob> blobs;
    for (size_t size : {size_t{31}, size_t{31} * 100}) {
      auto blob = Disperse(Data(size, static_cast<int>(blobs.size())));
      EXPECT_THAT(blob, IsOk());
      if (blob.ok()) blobs.push_back(*std::move(blob));
    }
    return blobs;
  }
};

TEST_P(SurvivalTest, AnyTwoMayDie) {
  const std::vector<SentBlob> blobs = DisperseSome();
  ASSERT_THAT(blobs, SizeIs(2));
  const std::vector<NodeIndex> all = Validators();
  for (size_t a = 0; a < all.size(); ++a) {
    for (size_t b = a + 1; b < all.size(); ++b) {
      SCOPED_TRACE(testing::Message() << "without validators " << a << " and " << b);
      Kill({all[a], all[b]});
      AwaitRetrieval(blobs, true);
      Start({all[a], all[b]});
      if (HasFailure()) return;
    }
  }
}

TEST_P(SurvivalTest, NoThreeMayDie) {
  const std::vector<SentBlob> blobs = DisperseSome();
  ASSERT_THAT(blobs, SizeIs(2));
  AwaitRetrieval(blobs, true);
  for (NodeIndex left : Validators()) {
    SCOPED_TRACE(testing::Message() << "with validator " << left << " only");
    std::vector<NodeIndex> others;
    for (NodeIndex node : Validators()) {
      if (node != left) others.push_back(node);
    }
    Kill(others);
    AwaitRetrieval(blobs, false);
    Start(others);
    // They had been on disk all the while.
    AwaitRetrieval(blobs, true);
    if (HasFailure()) return;
  }
}

TEST_P(SurvivalTest, ARestartKeepsColumns) {
  GTESTNET_ASSERT_OK_AND_ASSIGN(const SentBlob blob, Disperse(Data(31 * 64)));
  const NodeIndex node = Validators()[1];
  const std::vector<int> before = ColumnsAt(Client(node), blob.id);
  // Column c is at validator c modulo 4.
  EXPECT_THAT(before, SizeIs(32));
  for (int column : before) EXPECT_EQ(column % 4, 1);
  for (bool kill : {false, true}) {
    SCOPED_TRACE(kill ? "killed" : "stopped");
    GTESTNET_ASSERT_OK(kill ? cluster().node_control().Kill(node)
                            : cluster().node_control().Stop(node));
    GTESTNET_ASSERT_OK(cluster().node_control().Start(node));
    AssertEventually([&] { EXPECT_EQ(ColumnsAt(Client(node), blob.id), before); });
  }
  AwaitIncluded(blob.transaction);
}

INSTANTIATE_TEST_SUITE_P(
    Star, SurvivalTest,
    Clusters(Topology::Star().Validators(4).Executors(1).SecurityParameter(4).DataAvailability(
        {.replication = 1})),
    ClusterName);

// Columns go when they are old, and the blocks stay.
class RetentionTest : public DaTest {};

TEST_P(RetentionTest, OldColumnsAreDeleted) {
  ExpectAtTearDown(ConsensusIsLive());
  ExpectAtTearDown(AgreesOnChain());
  GTESTNET_ASSERT_OK_AND_ASSIGN(const SentBlob blob, Disperse(Data(31 * 10)));
  AwaitIncluded(blob.transaction);
  EXPECT_THAT(ColumnsAt(Client(0), blob.id), Not(IsEmpty()));
  AssertEventually(
      [&] {
        for (NodeIndex node : Validators()) {
          EXPECT_THAT(ColumnsAt(Client(node), blob.id), IsEmpty()) << node;
        }
      },
      {.timeout = 40s});
  EXPECT_EQ(Retrieve(Executor(), blob), "too few columns");
  RunFor(Blocks(4));
}

INSTANTIATE_TEST_SUITE_P(
    Star, RetentionTest,
    Clusters(Topology::Star().Validators(2).Executors(1).SecurityParameter(3).DataAvailability(
        {.check_slots = 6, .retention_slots = 8})),
    ClusterName);

}  // namespace
}  // namespace gtestnet

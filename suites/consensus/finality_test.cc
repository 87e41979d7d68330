// SPDX-License-Identifier: Apache-2.0
#include <gtestnet/gtestnet.h>

#include <map>
#include <mutex>
#include <string>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::Ge;

class FinalityTest : public ClusterTest {};

// What one node tells on its LIB stream.
class FinalChain {
 public:
  explicit FinalChain(const NodeClient& client)
      : stream_(client.StreamFinality({.on_open = {},
                                       .on_item =
                                           [this](const nomos::FinalisedBlock& block) {
                                             std::lock_guard lock(mutex_);
                                             ids_[block.height] = block.id;
                                           },
                                       .on_end = {}})) {}

  std::map<int64_t, std::string> ids() const {
    std::lock_guard lock(mutex_);
    return ids_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<int64_t, std::string> ids_;
  nomos::NodeStream stream_;  // last: its handlers use the members above
};

TEST_P(FinalityTest, EveryNodeFinalisesTheSameBlocks) {
  ExpectAtTearDown(FinalityAdvances());
  ExpectAtTearDown(AgreesOnChain());

  const NodeClients clients = cluster().node_clients();
  FinalChain first(clients[0]);
  FinalChain second(clients[1]);
  RunFor(Blocks(30));

  const auto of_first = first.ids();
  const auto of_second = second.ids();
  int compared = 0;
  for (const auto& [height, id] : of_first) {
    auto other = of_second.find(height);
    if (other == of_second.end()) continue;
    EXPECT_EQ(id, other->second) << "at height " << height;
    ++compared;
  }
  EXPECT_THAT(compared, Ge(10)) << "too few heights that both nodes told";
}

TEST_P(FinalityTest, TheLastFinalBlockIsKBlocksBelowTheTip) {
  ExpectAtTearDown(AgreesOnChain());
  RunFor(Blocks(20));
  AssertEventually([&] {
    GTESTNET_ASSERT_OK_AND_ASSIGN(const ConsensusInfo info, cluster().node_clients()[0].GetInfo());
    GTESTNET_ASSERT_OK_AND_ASSIGN(const auto headers,
                                  cluster().node_clients()[0].GetHeaders(info.tip, info.lib));
    // From the tip to the last final block, both included.
    ASSERT_EQ(headers.size(), 6u);
    EXPECT_EQ(headers.front(), info.tip);
    EXPECT_EQ(headers.back(), info.lib);
  });
}

INSTANTIATE_TEST_SUITE_P(
    Mesh, FinalityTest,
    Clusters(Topology::FullMesh().Validators(2).SecurityParameter(5).Slot(100ms)), ClusterName);

}  // namespace
}  // namespace gtestnet

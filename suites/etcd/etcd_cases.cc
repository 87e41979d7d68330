// SPDX-License-Identifier: Apache-2.0
// Must fail: a client that lets a member answer alone reads what is not so any more, and that is
// caught by name.
#include <gtestnet/gtestnet.h>

#include <string>
#include <thread>
#include <utility>

#include "absl/strings/escaping.h"
#include "etcd_kind.h"
#include "etcd_matchers.h"
#include "etcd_workload.h"

namespace etcd {
namespace {

using namespace gtestnet;
using namespace std::chrono_literals;

class StaleReads : public ClusterFixture, public testing::WithParamInterface<ClusterParam> {
 protected:
  const ClusterParam& Param() const override { return GetParam(); }
  Capabilities Required() const override { return Capability::kNodeControl; }
};

TEST_P(StaleReads, OfAMemberThatStoodStill) {
  ExpectAtTearDown(NoAcknowledgedWriteIsLost("put", "get"));
  const NodeIndex other = 0;
  const NodeIndex follower = 1;
  const absl::StatusOr<std::string> state =
      Call(cluster().node(other), "/v3/maintenance/status", "{}", 5s);
  GTESTNET_ASSERT_OK(state);
  for (const NodeInfo& node : cluster().nodes()) {
    // Only whoever leads can do it.
    static_cast<void>(Call(node, "/v3/maintenance/transfer-leadership",
                           R"({"targetID":")" + etcd::Field(*state, "member_id") + "\"}", 5s));
  }
  Await(NodeNamed("member-0", HasStatus("leader")), Within(20s));
  ASSERT_TRUE(Put(cluster(), other, {}, "key", "before"));
  // So it has that one.
  ASSERT_TRUE(Get(cluster(), follower, {}, "key"));
  GTESTNET_ASSERT_OK(cluster().node_control().Pause(follower));
  // What it has to take in first when it goes on.
  const std::string ballast = absl::Base64Escape(std::string(200'000, 'x'));
  for (int i = 0; i < 100; ++i) {
    GTESTNET_ASSERT_OK(Call(cluster().node(other), "/v3/kv/put",
                            R"({"key":"YmFsbGFzdA==","value":")" + ballast + "\"}", 10s));
  }
  ASSERT_TRUE(Put(cluster(), other, {.patience = 10s}, "key", "after"));
  RunFor(10ms);
  // It is asked before it goes on, and so answers first of all.
  std::thread reader([&] {
    Get(cluster(), follower, {.number = 1, .serializable = true, .patience = 20s}, "key");
  });
  RunFor(100ms);
  GTESTNET_EXPECT_OK(cluster().node_control().Resume(follower));
  reader.join();
}

INSTANTIATE_TEST_SUITE_P(Mesh, StaleReads, Clusters(Topology::FullMesh().Members(3)).On({"local"}),
                         ClusterName);

// A term with two leaders, which etcd does not have to offer.
TEST(OneLeaderATerm, IsToldWhoSaysWhat) {
  RunRecord record;
  record.nodes = {{.name = "member-0"}, {.name = "member-1"}};
  for (const RunTime at : {5ms, 505ms}) {
    for (const auto& [node, leader] : {std::pair(0, "a"), std::pair(1, "b")}) {
      record.samples.push_back({.at = at,
                                .node = node,
                                .reachable = true,
                                .status = "leader",
                                .numbers = {{"term", 2}},
                                .words = {{"leader", leader}}});
    }
  }
  EXPECT_THAT(record, HasOneLeaderATerm());
}

}  // namespace
}  // namespace etcd

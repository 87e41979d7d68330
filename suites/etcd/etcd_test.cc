// SPDX-License-Identifier: Apache-2.0
// Three members of Debian's etcd, on each deployer: what a leader's end, a restart of all and a
// change of members must not break.
#include <gtestnet/gtestnet.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "etcd_kind.h"
#include "etcd_matchers.h"
#include "etcd_workload.h"

namespace etcd {
namespace {

using namespace gtestnet;
using namespace std::chrono_literals;
using testing::Field;
using testing::Ge;
using testing::Le;

constexpr Within kElection = Within(20s);

class EtcdTest : public ClusterFixture, public testing::WithParamInterface<ClusterParam> {
 protected:
  const ClusterParam& Param() const override { return GetParam(); }
  Capabilities Required() const override { return Capability::kNodeControl; }
  void OnReady() override {
    ExpectAtTearDown(HasOneLeaderATerm());
    ExpectAtTearDown(NoAcknowledgedWriteIsLost("put", "get"));
  }
  // One after the other, by whom each get is answered anew.
  void ReadAll(const std::string& key) {
    for (const NodeInfo& node : cluster().nodes()) {
      if (cluster().IsUp(node.index)) EXPECT_TRUE(Get(cluster(), node.index, {.number = 9}, key));
    }
  }
};

auto Leads() { return Field("status", &NodeSample::status, "leader"); }
auto Follows() { return Field("status", &NodeSample::status, "follower"); }

std::optional<NodeIndex> Leader(const Snapshot& snapshot) {
  for (const NodeSample& node : snapshot.nodes) {
    if (node.reachable && node.status == "leader") return node.node;
  }
  return std::nullopt;
}

TEST_P(EtcdTest, IsReady) {
  ExpectAtTearDown(MetricIs("etcd_server_has_leader", Ge(1)));
  Await(AllNodes(testing::AnyOf(Leads(), Follows())), kElection);
  Await(AnyNode(Leads()), kElection);
  EXPECT_TRUE(Put(cluster(), 0, {}, "key", "1"));
  ReadAll("key");
  RunFor(2s);
}

TEST_P(EtcdTest, OutlivesTheEndOfWhoeverLeads) {
  ExpectAtTearDown(OperationsSucceed("put", Ge(0.3)));
  ClientWorkload one(cluster(), {.number = 1});
  ClientWorkload two(cluster(), {.number = 2});
  KillWorkload kills(
      cluster(),
      {.min_delay = 1s, .max_delay = 2s, .min_down = 2s, .max_down = 3s, .choose = Leader});
  RunFor(15s);
}

TEST_P(EtcdTest, OutlivesALeaderThatStandsStill) {
  ExpectAtTearDown(OperationsSucceed("put", Ge(0.3)));
  ClientWorkload one(cluster(), {.number = 1});
  PauseWorkload pauses(
      cluster(),
      {.min_delay = 1s, .max_delay = 2s, .min_pause = 3s, .max_pause = 4s, .choose = Leader});
  RunFor(12s);
}

TEST_P(EtcdTest, KeepsWhatItHasWhenAllAreRestarted) {
  ASSERT_TRUE(Put(cluster(), 0, {}, "key", "1"));
  for (const NodeInfo& node : cluster().nodes()) {
    GTESTNET_ASSERT_OK(cluster().node_control().Kill(node.index));
  }
  // None answers before another one is there.
  std::vector<std::thread> starts;
  for (const NodeInfo& node : cluster().nodes()) {
    starts.emplace_back(
        [&, node] { GTESTNET_EXPECT_OK(cluster().node_control().Start(node.index)); });
  }
  for (std::thread& start : starts) start.join();
  Await(AllNodes(testing::AnyOf(Leads(), Follows())), kElection);
  ReadAll("key");
}

TEST_P(EtcdTest, AMemberJoinsAndOneLeaves) {
  ClientWorkload client(cluster(), {.number = 1});
  // It wants its members to have been connected for some seconds before it changes them.
  const absl::StatusOr<NodeIndex> added =
      cluster().node_control().Add({.before_start = [&](const NodeInfo& node) -> absl::Status {
        const std::string url = "http://" + node.peer_address.host + ":2380";
        AssertEventually(
            [&] {
              GTESTNET_ASSERT_OK(Call(cluster().node(0), "/v3/cluster/member/add",
                                      R"({"peerURLs":[")" + url + "\"]}", 5s));
            },
            {.timeout = 30s, .interval = 500ms});
        return absl::OkStatus();
      }});
  GTESTNET_ASSERT_OK(added);
  Await(AllNodes(testing::AnyOf(Leads(), Follows())), kElection);
  RunFor(2s);
  const absl::StatusOr<std::string> state =
      Call(cluster().node(1), "/v3/maintenance/status", "{}", 5s);
  GTESTNET_ASSERT_OK(state);
  const std::string member = R"({"ID":")" + etcd::Field(*state, "member_id") + "\"}";
  GTESTNET_ASSERT_OK(cluster().node_control().Stop(1));
  AssertEventually(
      [&] { GTESTNET_ASSERT_OK(Call(cluster().node(0), "/v3/cluster/member/remove", member, 5s)); },
      {.timeout = 30s, .interval = 500ms});
  RunFor(2s);
}

INSTANTIATE_TEST_SUITE_P(Mesh, EtcdTest, Clusters(Topology::FullMesh().Members(3)), ClusterName);

}  // namespace
}  // namespace etcd

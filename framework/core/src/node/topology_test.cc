// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "gtestnet/node_kind.h"

namespace gtestnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A kind of its own, as another team would write one: it accepts up to five members.
class QuorumKind final : public NodeKind {
 public:
  std::string_view name() const override { return "quorum"; }
  absl::Status Validate(const TopologySpec& topology) const override {
    if (topology.node_count() <= 5 || topology.node_count() > 900) return absl::OkStatus();
    return absl::InvalidArgumentError("quorum: at most five members");
  }
  std::vector<PortSpec> Ports() const override { return {}; }
  absl::StatusOr<std::string> Program(std::string_view) const override { return "/bin/true"; }
  absl::StatusOr<NodeSetup> Setup(const ClusterSpec&, const Placement&, NodeIndex) const override {
    return NodeSetup{};
  }
  absl::StatusOr<NodeSample> Probe(const NodeInfo&, std::chrono::milliseconds) const override {
    return NodeSample{};
  }
  absl::StatusOr<std::unique_ptr<Observer>> Observe(RunContext&) const override {
    return absl::UnimplementedError("quorum");
  }
};

const NodeKind& Kind() {
  static const QuorumKind kind;
  return kind;
}

class Quorum : public BasicTopology<Quorum> {
 public:
  explicit Quorum(Layout layout) : BasicTopology(std::move(layout), Kind()) {}
  Quorum& Members(int n) { return SetRole("member", n); }
  Quorum& Witnesses(int n) { return SetRole("witness", n); }
};

std::string Refusal(const TopologySpec& spec) { return std::string(spec.Validate().message()); }

TEST(TopologyTest, CountsNodesOverAllRoles) {
  const TopologySpec spec = Quorum::Star().Members(3).Witnesses(2);
  EXPECT_EQ(spec.node_count(), 5);
  EXPECT_EQ(spec.NodeName(0), "member-0");
  EXPECT_EQ(spec.NodeName(2), "member-2");
  EXPECT_EQ(spec.NodeName(3), "witness-0");
  EXPECT_EQ(spec.RoleOf(2), "member");
  EXPECT_EQ(spec.RoleOf(4), "witness");
  EXPECT_THAT(spec.NodesOf("witness"), ElementsAre(3, 4));
  EXPECT_THAT(spec.NodesOf("nobody"), ElementsAre());
}

TEST(TopologyTest, ALaterCountReplacesAnEarlier) {
  EXPECT_EQ(Quorum::Star().Members(3).Members(2).spec().node_count(), 2);
}

TEST(TopologyTest, NamesItselfByLayoutAndCounts) {
  EXPECT_EQ(Quorum::Star().Members(3).Witnesses(1).spec().Name(), "star_3m1w");
  EXPECT_EQ(Quorum::FullMesh().Members(3).Witnesses(0).spec().Name(), "mesh_3m");
  EXPECT_EQ(Quorum::Chain().Members(3).Named("Three_1").spec().Name(), "Three_1");
  std::ostringstream os;
  os << Quorum::Star().Members(3).Witnesses(1).spec();
  EXPECT_EQ(os.str(), "star_3m1w (star, 3 members, 1 witness)");
}

TEST(TopologyTest, AcceptsASoundOne) {
  EXPECT_TRUE(Quorum::Star().Members(3).Late(2).Argument(1, "--slow").spec().Validate().ok());
}

TEST(TopologyTest, RefusesOneWithoutNodes) {
  EXPECT_EQ(Refusal(Quorum::Star()), "topology: it has no nodes; it needs at least one");
  EXPECT_EQ(Refusal(Quorum::Star().Members(0)), "topology: it has no nodes; it needs at least one");
  EXPECT_EQ(Refusal(Quorum::Star().Members(-2)),
            "topology: the number of nodes of role member is -2; it must not be negative");
  EXPECT_THAT(Refusal(Quorum::Star().Members(2000000000).Witnesses(2000000000)),
              HasSubstr("at most 1000 are possible"));
}

TEST(TopologyTest, HasAsManyNodesAsWereTried) {
  EXPECT_EQ(Refusal(Quorum::FullMesh().Members(999)), "");
  EXPECT_EQ(Refusal(Quorum::FullMesh().Members(1000)), "");
  EXPECT_EQ(Refusal(Quorum::FullMesh().Members(1000).Witnesses(1)),
            "topology: it has 1001 nodes; at most 1000 are possible");
}

TEST(TopologyTest, RefusesWhatItsPartsRefuse) {
  EXPECT_THAT(Refusal(Quorum::Custom({{0, 5}}).Members(2)), HasSubstr("names node 5"));
  EXPECT_EQ(Refusal(Quorum::Star().Members(6)), "quorum: at most five members");
}

TEST(TopologyTest, RefusesNodesThatAreNotThere) {
  EXPECT_EQ(Refusal(Quorum::Star().Members(2).Late(2)),
            "topology: Late names node 2, but nodes go from 0 to 1");
  EXPECT_EQ(Refusal(Quorum::Star().Members(2).Argument(-1, "x")),
            "topology: an argument names node -1, but nodes go from 0 to 1");
  EXPECT_THAT(Refusal(Quorum::Star().Members(1).Late(0)), HasSubstr("all of its nodes are late"));
}

TEST(TopologyTest, RefusesNamesThatNoTestCanHave) {
  EXPECT_EQ(Refusal(Quorum::Star().Members(1).Named("a-b")),
            "topology: its name \"a-b\" may have letters, digits and underscores only");
}

TEST(TopologyTest, KnowsItsRoles) {
  TopologySpec spec;
  EXPECT_EQ(spec.DefaultRole(), "");
  spec.roles = {{"none", 0}, {"leader", 1}, {"member", 2}};
  EXPECT_EQ(spec.DefaultRole(), "leader");
  EXPECT_TRUE(spec.CheckRole("member").ok());
  EXPECT_TRUE(spec.CheckRole("none").ok());
  EXPECT_EQ(spec.CheckRole("king").message(),
            "there is no role \"king\"; there are none, leader, member");
}

TEST(TopologyTest, RefusesOneWithoutAKind) {
  TopologySpec spec;
  spec.roles = {{"member", 1}};
  EXPECT_THAT(Refusal(spec), HasSubstr("no kind of node"));
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/node/container.h"

#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <utility>

namespace gtestnet {
namespace {

// Whatever a test makes of it.
class AnyKind final : public NodeKind {
 public:
  std::string_view name() const override { return "any"; }
  absl::Status Validate(const TopologySpec&) const override { return absl::OkStatus(); }
  std::vector<PortSpec> Ports() const override { return ports; }
  std::optional<MetricsRoute> Metrics() const override { return metrics; }
  absl::StatusOr<std::string> Program(std::string_view) const override { return "/bin/true"; }
  absl::StatusOr<ContainerSpec> Container(std::string_view role) const override {
    if (!container) return NodeKind::Container(role);
    return *container;
  }
  absl::StatusOr<NodeSetup> Setup(const ClusterSpec&, const Placement&, NodeIndex) const override {
    return NodeSetup{};
  }
  absl::StatusOr<NodeSample> Probe(const NodeInfo&, std::chrono::milliseconds) const override {
    return absl::UnavailableError("there is none");
  }
  absl::StatusOr<std::unique_ptr<Observer>> Observe(RunContext&) const override {
    return absl::UnimplementedError("it is not run");
  }

  std::vector<PortSpec> ports = {{"peer", 7001, true}, {"client", 7002}};
  std::optional<MetricsRoute> metrics = {};
  std::optional<ContainerSpec> container =
      ContainerSpec{.image = {.tag = "any:1"}, .program = "/bin/any"};
};

std::string RefusalOf(const std::function<void(ContainerSpec&)>& change) {
  AnyKind kind;
  change(*kind.container);
  return std::string(ContainerOf(kind, "member").status().message());
}

TEST(ContainerTest, HasDefaultsForAllButImageAndProgram) {
  const absl::StatusOr<ContainerSpec> container = ContainerOf(AnyKind(), "member");
  ASSERT_TRUE(container.ok()) << container.status();
  EXPECT_EQ(container->directory, "/var/lib/gtestnet");
  EXPECT_EQ(container->health_port, "client");
  EXPECT_EQ(container->user, "");
  EXPECT_EQ(container->image.pull_policy, "IfNotPresent");
}

TEST(ContainerTest, RefusesWhatCannotRunAndNamesKindAndRole) {
  const std::string who = "a container of the role \"member\" of the kind \"any\" ";
  EXPECT_EQ(RefusalOf([](ContainerSpec& c) { c.image.tag = ""; }), who + "has no image");
  EXPECT_EQ(RefusalOf([](ContainerSpec& c) { c.program = ""; }), who + "has no program");
  EXPECT_EQ(RefusalOf([](ContainerSpec& c) { c.program = "any"; }),
            who + "has the program \"any\", which is no absolute path");
  EXPECT_EQ(RefusalOf([](ContainerSpec& c) { c.directory = ""; }),
            who + "has the directory \"\", which is no absolute path");
  EXPECT_EQ(RefusalOf([](ContainerSpec& c) {
              c.volumes = {"/a", "b"};
            }),
            who + "has the volume \"b\", which is no absolute path");
  EXPECT_EQ(RefusalOf([](ContainerSpec& c) { c.health_port = "api"; }),
            "the kind \"any\" names the port \"api\" for the health of its containers, which it "
            "does not declare; there are peer, client");
}

std::string TopologyRefusal(const AnyKind& kind) {
  TopologySpec topology;
  topology.kind = &kind;
  topology.roles = {{"member", 1}};
  return std::string(topology.Validate().message());
}

TEST(PortsTest, AreRefusedBeforeAnythingIsProvisioned) {
  AnyKind kind;
  EXPECT_EQ(TopologyRefusal(kind), "");
  kind.metrics = MetricsRoute{"metrics", "/metrics"};
  EXPECT_EQ(TopologyRefusal(kind),
            "the kind \"any\" names the port \"metrics\" for its metrics, which it does not "
            "declare; there are peer, client");
  kind.metrics.reset();
  kind.ports = {{"a", 1}, {"b", 1}};
  EXPECT_EQ(TopologyRefusal(kind),
            "the kind \"any\" declares the ports \"a\": 1 and \"b\": 1; names and numbers must "
            "differ");
  kind.ports = {{"a", 1}, {"a", 2}};
  EXPECT_EQ(TopologyRefusal(kind),
            "the kind \"any\" declares the ports \"a\": 1 and \"a\": 2; names and numbers must "
            "differ");
  kind.ports = {{"", 1}};
  EXPECT_EQ(TopologyRefusal(kind),
            "the kind \"any\" declares the port \"\": 1; a port has a name and a number");
  kind.ports = {{"a", 0}};
  EXPECT_EQ(TopologyRefusal(kind),
            "the kind \"any\" declares the port \"a\": 0; a port has a name and a number");
}

TEST(SupportedOnTest, AKindWithoutAContainerRunsOnThisMachineOnly) {
  AnyKind kind;
  TopologySpec topology;
  topology.roles = {{"member", 1}, {"unused", 0}};
  for (const char* deployer : {"local", "compose", "k8s", "ours"}) {
    EXPECT_TRUE(kind.SupportedOn(topology, deployer).ok()) << deployer;
  }
  kind.container.reset();
  EXPECT_TRUE(kind.SupportedOn(topology, "local").ok());
  EXPECT_TRUE(kind.SupportedOn(topology, "ours").ok());
  for (const char* deployer : {"compose", "k8s"}) {
    EXPECT_EQ(kind.SupportedOn(topology, deployer).message(),
              "the kind \"any\" does not say in which image its role \"member\" runs "
              "(NodeKind::Container)");
  }
}

}  // namespace
}  // namespace gtestnet

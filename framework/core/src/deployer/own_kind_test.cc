// SPDX-License-Identifier: Apache-2.0
// A made-up kind, with other roles, two ports and a metric of its own, goes through every verb on
// every deployer: no deployer knows more of a node than its kind says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "gtestnet/deployer.h"
#include "gtestnet/http_client.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/telemetry.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr size_t kShared = 5000;

class Meter final : public NodeKind {
 public:
  std::string_view name() const override { return "meter"; }
  std::vector<PortSpec> Ports() const override {
    // (Such a name no Service's port could have.)
    return {{"the talk", 7100}, {"stats", 7101}};
  }
  std::optional<MetricsRoute> Metrics() const override { return MetricsRoute{"stats", "/metrics"}; }
  absl::StatusOr<std::string> Program(std::string_view) const override {
    return std::string(GTESTNET_METER);
  }
  absl::StatusOr<ContainerSpec> Container(std::string_view role) const override {
    ContainerSpec container{
        .image = PackageImage("gtestnet-test-meter:local", {"--binary", GTESTNET_METER, "meter"}),
        .program = "/usr/bin/meter",
        .directory = role == "gauge" ? "/gauge" : "/var/lib/meter",
        .environment = {{"MODE", role == "gauge" ? "slow" : "fast"}}};
    // It is the same for the same program, and quickly built.
    container.image.check = {"/bin/false"};
    return container;
  }
  absl::StatusOr<NodeSetup> Setup(const ClusterSpec& spec, const Placement& placement,
                                  NodeIndex node) const override {
    const std::string own = placement.NodeName(spec.topology, node);
    std::string peers;
    for (size_t other = 0; other < placement.addresses.size(); ++other) {
      if (other == static_cast<size_t>(node)) continue;
      absl::StrAppend(&peers, placement.addresses[other].host, ":7100\n");
    }
    const std::string host = placement.listen_host.empty()
                                 ? placement.addresses[static_cast<size_t>(node)].host
                                 : placement.listen_host;
    const std::string& home = placement.directory;
    const bool guarded = spec.topology.RoleOf(node) == "guarded";
    return NodeSetup{
        .arguments = {"--name=" + own, "--talk=" + host + ":7100", "--stats=" + host + ":7101",
                      "--peers=" + home + "/peers", "--shared=" + home + "/deep/shared",
                      "--data=" + home, std::string("--guarded=") + (guarded ? "yes" : "no")},
        .environment = {{"OF", own}},
        .files = {{"peers", peers}, {"deep/shared", std::string(kShared, 's')}}};
  }
  absl::StatusOr<NodeSample> Probe(const NodeInfo& node,
                                   std::chrono::milliseconds timeout) const override {
    GTESTNET_ASSIGN_OR_RETURN(const std::string body, Ask(node, "/state", timeout));
    NodeSample sample{.node = node.index, .reachable = true};
    std::istringstream words(body);
    std::string name;
    words >> name;
    if (name != node.name) return absl::InternalError("it is \"" + name + "\"");
    for (std::string word; words >> word;) {
      const size_t equals = word.find('=');
      const std::string value = word.substr(equals + 1);
      if (word.starts_with("mode")) {
        sample.status = value;
      } else {
        sample.numbers[word.substr(0, equals)] = std::stod(value);
      }
    }
    return sample;
  }

  static absl::StatusOr<std::string> Ask(const NodeInfo& node, const std::string& path,
                                         std::chrono::milliseconds timeout) {
    const NodeAddress at = node.CurrentAddress();
    const auto port = at.ports.find("the talk");
    if (port == at.ports.end()) return absl::UnavailableError("nobody knows where it is");
    const HttpClient client(at.host, port->second);
    const absl::StatusOr<HttpAnswer> answer = client.Get(path, {.deadline = timeout});
    if (!answer.ok()) return answer.status();
    return answer->body;
  }
};

const NodeKind& MeterKind() {
  static const Meter kind;
  return kind;
}

class MeterTopology : public BasicTopology<MeterTopology> {
 public:
  explicit MeterTopology(Layout layout) : BasicTopology(std::move(layout), MeterKind()) {}
  MeterTopology& Meters(int n) { return SetRole("meter", n); }
  MeterTopology& Gauges(int n) { return SetRole("gauge", n); }
  // One whose program is started again by its parent.
  MeterTopology& Guarded(int n) { return SetRole("guarded", n); }
};

class OwnKindTest : public testing::TestWithParam<std::string> {
 protected:
  void Provision(const TopologySpec& topology) {
    const absl::StatusOr<std::unique_ptr<Deployer>> deployer = MakeDeployer(GetParam());
    ASSERT_TRUE(deployer.ok()) << deployer.status();
    const Availability here = (*deployer)->Probe();
    if (!here.available && !IsRequired(GetParam())) GTEST_SKIP() << here.reason;
    ClusterSpec spec{.topology = topology, .seed = 1, .run_id = MakeRunId(), .test = "own kind"};
    if ((*deployer)->capabilities().Contains(Capability::kTelemetry)) {
      spec.required = Capability::kTelemetry;
    }
    auto cluster = (*deployer)->Provision(spec);
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = *std::move(cluster);
    cluster_->OnExit([this](const NodeExit& exit) {
      const std::lock_guard lock(mutex_);
      exits_.push_back(exit.how);
    });
  }
  void TearDown() override {
    if (!cluster_) return;
    if (HasFailure()) {
      for (const NodeInfo& node : cluster_->nodes()) {
        std::cerr << node.name << ":\n" << cluster_->Log(node.index, 2000).value_or("?") << '\n';
      }
    }
    EXPECT_EQ(cluster_->TearDown(false), absl::OkStatus());
  }

  void Tell(NodeIndex node, const std::string& path) const {
    const NodeAddress at = InfoOf(node).CurrentAddress();
    static_cast<void>(
        HttpClient(at.host, at.ports.at("the talk")).Post(path, "", {.deadline = 500ms}));
  }
  // Until what the node uses is so.
  NodeUsage AwaitUsage(NodeIndex node, const std::function<bool(const NodeUsage&)>& is_so) const {
    NodeUsage seen;
    const absl::Status status =
        WaitFor("what " + InfoOf(node).name + " uses",
                [&]() -> absl::Status {
                  GTESTNET_ASSIGN_OR_RETURN(seen, cluster_->Usage(node));
                  return is_so(seen) ? absl::OkStatus() : Unavailable(seen.process);
                },
                {.timeout = Scaled(30s), .poll_interval = 20ms});
    EXPECT_EQ(status, absl::OkStatus());
    return seen;
  }

  NodeControl& control() { return cluster_->control(); }
  NodeInfo InfoOf(NodeIndex node) const { return cluster_->nodes().at(static_cast<size_t>(node)); }
  absl::StatusOr<NodeSample> Probe(NodeIndex node) const {
    return MeterKind().Probe(InfoOf(node), 2s);
  }
  // Until the node says so.
  void AwaitNumber(NodeIndex node, const std::string& name, double wanted) const {
    const absl::Status status =
        WaitFor(absl::StrCat(InfoOf(node).name, ": ", name, " = ", wanted),
                [&]() -> absl::Status {
                  GTESTNET_ASSIGN_OR_RETURN(const NodeSample sample, Probe(node));
                  const double now = sample.numbers.Get(name);
                  if (now == wanted) return absl::OkStatus();
                  return Unavailable(absl::StrCat("it is ", now));
                },
                {.timeout = Scaled(30s), .poll_interval = 50ms});
    EXPECT_EQ(status, absl::OkStatus());
  }
  std::string AwaitExit() {
    std::string how;
    const absl::Status status = WaitFor("an exit",
                                        [&]() -> absl::Status {
                                          const std::lock_guard lock(mutex_);
                                          if (exits_.empty()) return Unavailable("there is none");
                                          how = exits_.back();
                                          return absl::OkStatus();
                                        },
                                        {.timeout = Scaled(30s), .poll_interval = 20ms});
    EXPECT_EQ(status, absl::OkStatus());
    return how;
  }

  std::mutex mutex_;
  std::vector<std::string> exits_;
  std::unique_ptr<BackendCluster> cluster_;
};

TEST_P(OwnKindTest, GoesThroughEveryVerb) {
  Provision(MeterTopology::FullMesh().Meters(2).Gauges(2).Late(3));
  if (!cluster_) return;
  const absl::StatusOr<NodeSample> first = Probe(0);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->numbers.Get("shared"), kShared);
  EXPECT_EQ(first->numbers.Get("starts"), 1);
  if (GetParam() != "local") {
    EXPECT_EQ(first->status, "fast");
    EXPECT_EQ(Probe(2)->status, "slow");
  }
  for (const NodeIndex node : {0, 1, 2}) AwaitNumber(node, "peers", 2);
  EXPECT_FALSE(Probe(3).ok());

  EXPECT_EQ(control().Start(3), absl::OkStatus());
  AwaitNumber(0, "peers", 3);

  EXPECT_EQ(control().Stop(1), absl::OkStatus());
  AwaitNumber(0, "peers", 2);
  EXPECT_EQ(control().Start(1), absl::OkStatus());
  AwaitNumber(1, "peers", 3);
  // What it keeps in its directory was there.
  AwaitNumber(1, "starts", 2);

  EXPECT_EQ(control().Kill(0), absl::OkStatus());
  AwaitNumber(1, "peers", 2);
  EXPECT_EQ(control().Start(0), absl::OkStatus());
  AwaitNumber(0, "starts", 2);

  EXPECT_EQ(control().Pause(2), absl::OkStatus());
  AwaitNumber(1, "peers", 2);
  EXPECT_FALSE(Probe(2).ok());
  EXPECT_EQ(control().Resume(2), absl::OkStatus());
  AwaitNumber(1, "peers", 3);
  AwaitNumber(2, "starts", 1);

  EXPECT_EQ(control().Restart(2), absl::OkStatus());
  AwaitNumber(2, "starts", 2);

  std::string told;
  const absl::StatusOr<NodeIndex> added =
      control().Add({.role = "gauge", .before_start = [&](const NodeInfo& node) -> absl::Status {
                       EXPECT_FALSE(cluster_->IsUp(node.index));
                       told = node.peer_address.host;
                       return absl::OkStatus();
                     }});
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_EQ(InfoOf(*added).name, "gauge-2");
  EXPECT_NE(told, "");
  AwaitNumber(*added, "peers", 4);

  EXPECT_THAT(cluster_->Log(0, 4000).value_or(""), HasSubstr("meter-0 listens at"));

  if (GetParam() != "local" || cluster_->Prometheus().ok()) {
    const absl::Status scraped =
        WaitFor("the metric of all five",
                [&]() -> absl::Status {
                  GTESTNET_ASSIGN_OR_RETURN(
                      const QueryResult result,
                      Telemetry(cluster_->Prometheus()).Query("count(meter_told_total > 0)"));
                  GTESTNET_ASSIGN_OR_RETURN(const double value, result.Value());
                  return value == 5 ? absl::OkStatus() : Unavailable(absl::StrCat(value));
                },
                {.timeout = Scaled(60s), .poll_interval = 200ms});
    EXPECT_EQ(scraped, absl::OkStatus());
  }

  // An abort is told as what it is.
  Tell(1, "/abort");
  EXPECT_THAT(AwaitExit(), HasSubstr("SIGABRT"));
}

TEST_P(OwnKindTest, IsWatchedWithoutBeingAsked) {
  Provision(MeterTopology::FullMesh().Meters(2).Guarded(1));
  if (!cluster_) return;
  const NodeUsage first = AwaitUsage(0, [](const NodeUsage&) { return true; });
  EXPECT_NE(first.process, "");
  EXPECT_FALSE(first.frozen);
  EXPECT_EQ(first.restarts, 0);
  EXPECT_THAT(first.values.Get("memory"), testing::AllOf(testing::Ge(1e5), testing::Le(1e9)));
  EXPECT_NE(first.values.Find("cpu"), nullptr);
  EXPECT_THAT(first.values.Get("open_files"), testing::Ge(2));
  ASSERT_TRUE(first.since.has_value());
  EXPECT_LE(*first.since, cluster_->chain_start() + 1s);
  EXPECT_GE(*first.since, cluster_->chain_start() - 10min);

  // It is started again by its own parent.
  const NodeUsage before = AwaitUsage(2, [](const NodeUsage& one) { return !one.process.empty(); });
  Tell(2, "/exit");
  const NodeUsage after = AwaitUsage(2, [&](const NodeUsage& one) {
    return !one.process.empty() && one.process != before.process;
  });
  EXPECT_GT(*after.since, *before.since);
  AwaitNumber(2, "starts", 2);

  // It stops itself for four seconds.
  Tell(0, "/freeze");
  AwaitUsage(0, [](const NodeUsage& one) { return one.frozen; });
  EXPECT_EQ(AwaitUsage(0, [](const NodeUsage& one) { return !one.frozen; }).process, first.process);

  EXPECT_EQ(cluster_->FirstAnswer(0)->numbers.Get("starts"), 1);
  EXPECT_EQ(control().Kill(0), absl::OkStatus());
  EXPECT_EQ(cluster_->HowEnded(0), "signal 9 (SIGKILL)");
  EXPECT_EQ(control().Start(0), absl::OkStatus());
  EXPECT_EQ(cluster_->FirstAnswer(0)->numbers.Get("starts"), 2);
  EXPECT_NE(AwaitUsage(0, [](const NodeUsage&) { return true; }).process, first.process);
  EXPECT_EQ(control().Stop(1), absl::OkStatus());
  EXPECT_EQ(cluster_->HowEnded(1), "exit status 0");
}

INSTANTIATE_TEST_SUITE_P(Every, OwnKindTest, testing::Values("local", "compose", "k8s"),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace gtestnet

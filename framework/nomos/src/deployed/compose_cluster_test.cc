// SPDX-License-Identifier: Apache-2.0
// The compose deployer with the bundled node, on the Docker Engine of this machine.
#include "core/src/deployer/compose/compose_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <vector>

#include "absl/strings/str_join.h"
#include "core/src/base/command.h"
#include "core/src/base/testing/fake_http_server.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/ledger.h"
#include "core/src/cluster/testing/otlp_collector.h"
#include "core/src/deployer/compose/sweep.h"
#include "core/src/deployer/container/testing/inmates.h"
#include "core/src/guardian/run_processes.h"
#include "gtestnet/leftovers.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/variables.h"
#include "nomos/src/deployed/testing/cluster_fixture.h"

namespace gtestnet::nomos {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string Text(const absl::Status& status) { return std::string(status.message()); }

class ComposeClusterTest : public ClusterFixture {
 protected:
  void SetUp() override { RequireHere(ComposeDeployer()); }
  // Whatever a test does, nothing of its run may be there at its end.
  void TearDown() override {
    if (IsSkipped()) return;
    cluster_.reset();
    ExpectNothingHere();
    docker::Engine engine(*docker::FindEngineHost());
    ASSERT_TRUE(engine.Negotiate(10000ms).ok());
    EXPECT_EQ(compose::FindRemains(engine, run_id_)->ToString(), "");
  }

  absl::Status Provision(const Topology& topology, ComposeOptions options = {},
                         Capabilities required = {}) {
    ComposeDeployer deployer(options);
    return ClusterFixture::Provision(deployer, topology, required);
  }
  const ComposeCluster& compose() const { return static_cast<const ComposeCluster&>(*cluster_); }
};

TEST_F(ComposeClusterTest, MakesBlocksThroughEveryVerb) {
  ASSERT_EQ(Provision(Topology::Star().Validators(3).Executors(1).Wallets(5).Late(2)),
            absl::OkStatus());
  GoThroughEveryVerb();
  EXPECT_EQ(cluster_->TearDown(false), absl::OkStatus());
  EXPECT_EQ(cluster_->TearDown(false), absl::OkStatus());
}

TEST_F(ComposeClusterTest, APausedNodeIsStoppedAndKilled) {
  ASSERT_EQ(Provision(Topology::Star().Validators(2)), absl::OkStatus());
  StopAndKillThePaused();
}

TEST_F(ComposeClusterTest, AnExitNobodyAskedForIsReported) {
  ASSERT_EQ(Provision(Topology::Star().Validators(2)), absl::OkStatus());
  // Not through the cluster, so nobody asked.
  EXPECT_EQ(compose().engine().Kill(compose().ContainerOf(1), "SIGKILL"), absl::OkStatus());
  const NodeExit exit = AwaitExit();
  EXPECT_EQ(exit.name, "validator-1");
  EXPECT_EQ(exit.how, "signal 9 (SIGKILL)");
  EXPECT_THAT(exit.last_lines, testing::Not(IsEmpty()));
  EXPECT_FALSE(cluster_->IsUp(1));
}

TEST_F(ComposeClusterTest, ANodeThatAbortsIsToldAsThat) {
  ASSERT_EQ(Provision(Topology::Star().Validators(2).Misbehave(1, "crash@3")), absl::OkStatus());
  const NodeExit exit = AwaitExit();
  EXPECT_EQ(exit.name, "validator-1");
  EXPECT_EQ(exit.how, "signal 6 (SIGABRT)");
  EXPECT_THAT(exit.last_lines, testing::Not(IsEmpty()));
}

// To the container's first process, which hands them on.
TEST_F(ComposeClusterTest, ASignalFromOutsideEndsTheNodeByItsNumber) {
  ASSERT_EQ(Provision(Topology::Star().Validators(2)), absl::OkStatus());
  EXPECT_EQ(compose().engine().Kill(compose().ContainerOf(1), "SIGQUIT"), absl::OkStatus());
  EXPECT_EQ(AwaitExit().how, "signal 3 (SIGQUIT)");
}

TEST_F(ComposeClusterTest, CollectsLogsAndConfigs) {
  ASSERT_EQ(Provision(Topology::Star().Validators(2)), absl::OkStatus());
  EXPECT_EQ(cluster_->control().Kill(1), absl::OkStatus());
  const std::string directory = testing::TempDir() + "collect." + run_id_;
  EXPECT_EQ(cluster_->Collect(directory), absl::OkStatus());
  std::vector<std::string> files = {"validator-0/log", "validator-1/log", "cfgsync/log",
                                    "stack/compose.yaml", "stack/plan.json"};
  if (NomosKind().Program("validator").ok()) files.push_back("validator-1/config.yaml");
  for (const std::string& file : files) {
    EXPECT_GT(std::filesystem::file_size(directory + "/" + file), 0u) << file;
  }
  std::filesystem::remove_all(directory);
  EXPECT_THAT(cluster_->Endpoints(),
              AllOf(HasSubstr("validator-0  running  api 127.0.0.1:"),
                    HasSubstr("log docker logs gtestnet-" + run_id_ + "-validator-0-1")));
}

TEST_F(ComposeClusterTest, AMemoryThatIsFullIsNamed) {
  ASSERT_EQ(Provision(Topology::Star().Validators(2)), absl::OkStatus());
  // Something beside the node takes all there is, and the node is the first to go.
  const std::string container = compose().ContainerOf(1);
  docker::Docker({"update", "--memory", "12m", "--memory-swap", "12m", container});
  static_cast<void>(RunCommand(
      {"docker", "exec", container, "/bin/sh", "-c",
       "echo 1000 > /proc/$(pidof nomos-node)/oom_score_adj; head -c 64m /dev/zero | tail"},
      Scaled(30000ms)));
  EXPECT_EQ(AwaitExit().how, "killed by the kernel, as its memory was full (OOMKilled)");
}

TEST_F(ComposeClusterTest, OneThatIsKeptLivesOnUntilItIsCleaned) {
  ASSERT_EQ(Provision(Topology::Star().Validators(2)), absl::OkStatus());
  EXPECT_FALSE(FindOwnLeftover());
  const NodeInfo node = cluster_->nodes()[0];
  ASSERT_EQ(cluster_->TearDown(true), absl::OkStatus());
  EXPECT_THAT(cluster_->HowToRemove(), testing::ContainsRegex("gtestnet'? clean " + run_id_ + "$"));
  cluster_.reset();
  EXPECT_TRUE(NomosKind().Probe(node, 2000ms).ok());
  const std::optional<Leftover> leftover = FindOwnLeftover();
  ASSERT_TRUE(leftover);
  EXPECT_EQ(leftover->deployer, "compose");
  EXPECT_TRUE(leftover->preserved);
  EXPECT_THAT(leftover->ToString(),
              AllOf(HasSubstr("of ComposeClusterTest (preserved)"), HasSubstr("; 1 network")));
  EXPECT_EQ(RemoveLeftover(*leftover), absl::OkStatus());
}

TEST_F(ComposeClusterTest, WhatIsLeftOfARunWhoseGuardianWasKilledIsFoundAndRemoved) {
  ASSERT_EQ(Provision(Topology::Star().Validators(2)), absl::OkStatus());
  for (const RunProcess& process : FindRunProcesses(run_id_)) {
    if (process.name == "gtestnet-guardi") kill(process.pid, SIGKILL);
  }
  EXPECT_EQ(
      WaitFor("a leftover",
              [&] { return FindOwnLeftover() ? absl::OkStatus() : absl::UnknownError("none"); },
              {.timeout = Scaled(10000ms)}),
      absl::OkStatus());
  const std::optional<Leftover> leftover = FindOwnLeftover();
  ASSERT_TRUE(leftover);
  EXPECT_FALSE(leftover->preserved);
  EXPECT_EQ(RemoveLeftover(*leftover), absl::OkStatus());
  // The nodes, which were there all the time, are gone; that is no exit to be reported now.
  EXPECT_EQ(cluster_->TearDown(false), absl::OkStatus());
}

TEST_F(ComposeClusterTest, CfgsyncMayBeRestartedInTheMiddle) {
  ASSERT_EQ(Provision(Topology::Star().Validators(2)), absl::OkStatus());
  const absl::StatusOr<std::vector<docker::Container>> found =
      compose().engine().List({{"gtestnet.run", run_id_}, {"gtestnet.part", "cfgsync"}});
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 1u);
  const std::string cfgsync = found->front().id;
  EXPECT_EQ(compose().engine().Kill(cfgsync, "SIGKILL"), absl::OkStatus());
  EXPECT_EQ(cluster_->control().Kill(1), absl::OkStatus());
  EXPECT_TRUE(compose().engine().Wait(cfgsync, 10000ms).ok());
  EXPECT_EQ(compose().engine().Start(cfgsync), absl::OkStatus());
  EXPECT_EQ(cluster_->control().Start(1), absl::OkStatus());
  EXPECT_EQ(cluster_->control().Add({}).status(), absl::OkStatus());
  const int64_t height = HeightOf(0) + 3;
  for (const NodeIndex node : {0, 1, 2}) AwaitHeight(node, height);
  EXPECT_EQ(exits().size(), 0u);
}

TEST_F(ComposeClusterTest, LogFilesWhereTheyAreWanted) {
  const std::string directory = testing::TempDir() + "logs." + run_id_;
  setenv("NOMOS_LOG_DIR", directory.c_str(), 1);
  const absl::Status provisioned = Provision(Topology::Star().Validators(1).Executors(1));
  unsetenv("NOMOS_LOG_DIR");
  ASSERT_EQ(provisioned, absl::OkStatus());
  const std::string bundle = directory + "/bundle";
  EXPECT_EQ(cluster_->Collect(bundle), absl::OkStatus());
  EXPECT_GT(std::filesystem::file_size(bundle + "/validator-0/log"), 0u);
  EXPECT_TRUE(std::filesystem::exists(bundle + "/validator-0/log.container"));
  EXPECT_THAT(*cluster_->Log(0, 1000), HasSubstr("Z info"));
  EXPECT_THAT(cluster_->Endpoints(), HasSubstr("log " + directory + "/gtestnet." + run_id_ + "/"));
  cluster_.reset();
  std::vector<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator(directory + "/gtestnet." + run_id_)) {
    files.push_back(file.path().filename());
    EXPECT_GT(file.file_size(), 0u);
  }
  EXPECT_THAT(files, testing::UnorderedElementsAre(StartsWith("nomos-node-0"),
                                                   StartsWith("nomos-executor-")));
  std::filesystem::remove_all(directory);
}

TEST_F(ComposeClusterTest, PrometheusScrapesEveryNodeAlsoOneThatIsAdded) {
  ASSERT_EQ(Provision(Topology::Star().Validators(2), {}, Capability::kTelemetry),
            absl::OkStatus());
  AwaitMetric("count(up == 1)", 2);
  AwaitMetric("min(consensus_tip_height)", 2);
  ASSERT_EQ(cluster_->control().Add({}).status(), absl::OkStatus());
  AwaitMetric("consensus_tip_height{node=\"validator-2\"}", 2);
  EXPECT_EQ(cluster_->control().Restart(1), absl::OkStatus());
  AwaitMetric("count(up == 1)", 3);
  EXPECT_THAT(cluster_->Endpoints(), HasSubstr("prometheus  http://127.0.0.1:"));
}

TEST_F(ComposeClusterTest, ACollectorOnThisMachineIsSentWhatEveryNodeHas) {
  const OtlpCollector collector(true);
  setenv("NOMOS_OTLP_ENDPOINT", collector.endpoint().c_str(), 1);
  setenv("NOMOS_OTLP_METRICS_ENDPOINT", collector.endpoint().c_str(), 1);
  const absl::Status provisioned = Provision(Topology::Star().Validators(2).Executors(1));
  unsetenv("NOMOS_OTLP_ENDPOINT");
  unsetenv("NOMOS_OTLP_METRICS_ENDPOINT");
  ASSERT_EQ(provisioned, absl::OkStatus());
  // Also of one that is added.
  ASSERT_EQ(cluster_->control().Add({}).status(), absl::OkStatus());
  std::set<std::string> names;
  for (const NodeInfo& node : cluster_->nodes()) names.insert(node.name);
  EXPECT_EQ(names.size(), 4u);
  EXPECT_EQ(WaitFor("spans and metrics of all nodes",
                    [&]() -> absl::Status {
                      const auto spans = collector.NodesWithSpan("block");
                      const auto metrics = collector.NodesWithMetric("consensus_tip_height");
                      if (spans == names && metrics == names) return absl::OkStatus();
                      return absl::UnknownError("spans of " + absl::StrJoin(spans, ", ") +
                                                "; metrics of " + absl::StrJoin(metrics, ", "));
                    },
                    {.timeout = Scaled(30000ms)}),
            absl::OkStatus());
}

TEST_F(ComposeClusterTest, APortThatIsTakenIsRefusedByName) {
  const base::FakeHttpServer taken([](base::FakeHttpServer::Connection&) {});
  const std::string port = std::to_string(taken.endpoint().port);
  setenv("TEST_FRAMEWORK_PROMETHEUS_PORT", port.c_str(), 1);
  const absl::Status status = Provision(Topology::Star().Validators(1), {}, Capability::kTelemetry);
  unsetenv("TEST_FRAMEWORK_PROMETHEUS_PORT");
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << status;
  EXPECT_THAT(Text(status), StartsWith("compose: TEST_FRAMEWORK_PROMETHEUS_PORT=" + port + ": "));
}

TEST_F(ComposeClusterTest, ANodeThatExitsOnItsStartIsNamedWithItsOwnWords) {
  const absl::Status status =
      Provision(Topology::Star().Validators(2).Misbehave(1, "exit-on-start"));
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(Text(status), StartsWith("compose: validator-1 exited instead of becoming ready: "
                                       "exit status 3"));
}

TEST_F(ComposeClusterTest, NeverReadySaysWhichNodeAndWhatWasLastSeen) {
  const absl::Status status =
      Provision(Topology::Star().Validators(2).Misbehave(1, "never-ready"), {.ready_timeout = 3s});
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(Text(status), AllOf(StartsWith("compose: validator-1: not ready in " +
                                             FormatDuration(Scaled(3000ms)) + " ("),
                                  HasSubstr("; the end of its log:\n")));
}

}  // namespace
}  // namespace gtestnet::nomos

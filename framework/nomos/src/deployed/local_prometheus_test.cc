// SPDX-License-Identifier: Apache-2.0
// A local cluster that is asked for telemetry: the real node, and Prometheus where it is installed.
#include "core/src/deployer/local/local_prometheus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/src/base/wait.h"
#include "core/src/guardian/run_processes.h"
#include "gtestnet/local_deployer.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/telemetry.h"
#include "gtestnet/variables.h"

namespace gtestnet::nomos {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// For as long as it lives; an unset one is unset again.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value.c_str(), 1);
  }
  ~ScopedVariable() {
    if (before_) {
      setenv(name_, before_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

class LocalPrometheusTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!FindPrometheus().ok()) GTEST_SKIP() << FindPrometheus().status().message();
    id_ = MakeRunId();
  }
  absl::Status Provision(const Topology& topology) {
    absl::StatusOr<std::unique_ptr<BackendCluster>> cluster = LocalDeployer().Provision(
        {.topology = topology, .seed = 7, .run_id = id_, .required = Capability::kTelemetry});
    if (cluster.ok()) cluster_ = *std::move(cluster);
    return cluster.status();
  }
  void TearDown() override {
    if (cluster_) {
      EXPECT_EQ(cluster_->TearDown(false), absl::OkStatus());
    }
  }
  absl::StatusOr<double> Ask(const std::string& query) {
    const absl::StatusOr<QueryResult> result = Telemetry(cluster_->Prometheus()).Query(query);
    return result.ok() ? result->Value() : result.status();
  }
  // Waits until the query's answer is `wanted` at least.
  void AwaitAtLeast(const std::string& query, double wanted) {
    EXPECT_EQ(WaitFor(query,
                      [&]() -> absl::Status {
                        const absl::StatusOr<double> value = Ask(query);
                        if (!value.ok()) return value.status();
                        if (*value >= wanted) return absl::OkStatus();
                        return absl::UnknownError(std::to_string(*value));
                      },
                      {.timeout = Scaled(30000ms)}),
              absl::OkStatus());
  }

  std::string id_;
  std::unique_ptr<BackendCluster> cluster_;
};

TEST_F(LocalPrometheusTest, ScrapesEveryNodeAlsoOneThatIsAdded) {
  ASSERT_EQ(Provision(Topology::Star().Validators(2).Executors(1).Wallets(2)), absl::OkStatus());
  AwaitAtLeast("count(up == 1)", 3);
  AwaitAtLeast("min(consensus_tip_height)", 2);
  AwaitAtLeast("consensus_tip_height{node=\"executor-0\",role=\"executor\",index=\"2\"}", 2);
  EXPECT_EQ(Ask("count(up{run=\"" + id_ + "\"})").value_or(-1), 3);
  EXPECT_THAT(cluster_->Endpoints(), HasSubstr("prometheus  http://127."));

  ASSERT_TRUE(cluster_->control().Add({}).ok());
  AwaitAtLeast("consensus_tip_height{node=\"validator-2\"}", 2);
}

TEST_F(LocalPrometheusTest, AWrongQueryIsRefusedInItsOwnWords) {
  ASSERT_EQ(Provision(Topology::Star().Validators(1)), absl::OkStatus());
  const absl::Status status = Ask("sum(").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("parse error"));
  EXPECT_EQ(Ask("no_such_metric").status(), absl::NotFoundError("the query selected nothing"));
}

TEST_F(LocalPrometheusTest, ThePortThatIsAskedForIsUsedOrRefused) {
  // A port that is free now, and that no other test has.
  const std::string port = std::to_string(20000 + getpid() % 10000);
  const ScopedVariable wanted("TEST_FRAMEWORK_PROMETHEUS_PORT", port);
  ASSERT_EQ(Provision(Topology::Star().Validators(1)), absl::OkStatus());
  EXPECT_EQ(cluster_->Prometheus().value_or(""), "http://127.0.0.1:" + port);

  const absl::Status second = LocalDeployer()
                                  .Provision({.topology = Topology::Star().Validators(1),
                                              .seed = 7,
                                              .run_id = MakeRunId(),
                                              .required = Capability::kTelemetry})
                                  .status();
  EXPECT_TRUE(absl::IsAlreadyExists(second)) << second;
  EXPECT_THAT(std::string(second.message()),
              AllOf(StartsWith("local: TEST_FRAMEWORK_PROMETHEUS_PORT=" + port +
                               ": 127.0.0.1:" + port + ": Address already in use"),
                    EndsWith("unset the variable for one that is free")));
}

TEST_F(LocalPrometheusTest, OneThatIsKilledIsToldOfAndTheRunGoesOn) {
  ASSERT_EQ(Provision(Topology::Star().Validators(1)), absl::OkStatus());
  for (const RunProcess& process : FindRunProcesses(id_)) {
    if (process.name == "prometheus") kill(process.pid, SIGKILL);
  }
  EXPECT_EQ(WaitFor("its end",
                    [&] {
                      return cluster_->Prometheus().ok() ? absl::UnavailableError("it is there")
                                                         : absl::OkStatus();
                    },
                    {.timeout = Scaled(10000ms)}),
            absl::OkStatus());
  EXPECT_THAT(Ask("up").status().ToString(),
              HasSubstr("the run's Prometheus ended: signal 9 (SIGKILL)"));
  EXPECT_TRUE(cluster_->IsUp(0));
}

TEST_F(LocalPrometheusTest, ItsLogIsCollected) {
  ASSERT_EQ(Provision(Topology::Star().Validators(1)), absl::OkStatus());
  const std::string directory = testing::TempDir() + "gtestnet-prometheus-" + id_;
  EXPECT_EQ(cluster_->Collect(directory), absl::OkStatus());
  std::ifstream log(directory + "/prometheus/log");
  const std::string text{std::istreambuf_iterator<char>(log), {}};
  EXPECT_THAT(text, HasSubstr("Server is ready to receive web requests"));
  std::filesystem::remove_all(directory);
}

// Of a program that is not Prometheus, but is called so.
TEST(LocalPrometheusErrorTest, OneThatDoesNotStartIsNamedWithItsOwnWords) {
  const std::string directory = testing::TempDir() + "gtestnet-no-prometheus-" + MakeRunId();
  std::filesystem::create_directories(directory);
  std::ofstream(directory + "/prometheus") << "#!/bin/sh\necho no disk for me\nexit 3\n";
  std::filesystem::permissions(directory + "/prometheus", std::filesystem::perms::owner_all);
  absl::Status status;
  {
    const ScopedVariable path("PATH", directory + ":" + std::getenv("PATH"));
    status = LocalDeployer()
                 .Provision({.topology = Topology::Star().Validators(1),
                             .seed = 7,
                             .run_id = MakeRunId(),
                             .required = Capability::kTelemetry})
                 .status();
  }
  std::filesystem::remove_all(directory);
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("Prometheus ended: exit status 3"), HasSubstr("no disk for me")));
}

TEST(LocalPrometheusErrorTest, WithoutTheProgramTheCapabilityIsLackingWithItsRemedy) {
  const ScopedVariable path("PATH", "/nowhere");
  const LocalDeployer deployer;
  EXPECT_EQ(deployer.capabilities(), Capability::kNodeControl);
  EXPECT_EQ(deployer.DescribeLack(Capability::kTelemetry),
            "telemetry (there is no program prometheus in PATH; install it, as by apt-get install "
            "prometheus)");
  EXPECT_EQ(deployer.DescribeLack(Capability::kLinkControl), "link control");
}

TEST(LocalPrometheusErrorTest, AClusterThatWasNotAskedForOneSaysHowToAsk) {
  const absl::StatusOr<std::unique_ptr<BackendCluster>> cluster = LocalDeployer().Provision(
      {.topology = Topology::Star().Validators(1), .seed = 7, .run_id = MakeRunId()});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  EXPECT_THAT(std::string((*cluster)->Prometheus().status().message()),
              StartsWith("this cluster has no Prometheus: ask for Capability::kTelemetry"));
  EXPECT_EQ((*cluster)->TearDown(false), absl::OkStatus());
}

}  // namespace
}  // namespace gtestnet::nomos

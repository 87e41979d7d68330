// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/src/run/testing/runner_fixture.h"
#include "gtestnet/rerun.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing_support::FakeTopology;
using testing_support::FakeWorld;

std::string Content(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class BundleTest : public RunnerTest {
 protected:
  BundleTest() {
    directory_ = std::filesystem::path(testing::TempDir()) /
                 ("bundle-test-" + spec_.run_id + "-" + std::to_string(::getpid()));
    setenv("GTESTNET_ARTIFACTS", directory_.c_str(), 1);
  }
  ~BundleTest() override {
    unsetenv("GTESTNET_ARTIFACTS");
    std::filesystem::remove_all(directory_);
  }
  std::filesystem::path directory_;
};

TEST_F(BundleTest, HasAllThatIsKnown) {
  RunnerOptions options = On("local");
  options.rerun = "ctest -R this";
  Runner& runner = MakeRunner(options);
  ASSERT_TRUE(runner.Begin().ok());
  runner.Expect(Expecting("it is fine", false));
  ASSERT_TRUE(runner.context().node_control().Kill(1).ok());
  Workload actor = After(milliseconds(500), [](WorkloadRun&) {});
  ASSERT_TRUE(runner.RunFor(seconds(1)).ok());
  runner.Judge();
  absl::StatusOr<std::string> bundle = runner.WriteBundle();
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(*bundle, (directory_ / ("Suite.Test_local_3n." + spec_.run_id)).string());
  const std::filesystem::path path(*bundle);
  EXPECT_EQ(Content(path / "seed"), "42\n");
  EXPECT_EQ(Content(path / "rerun"), "ctest -R this\n");
  EXPECT_EQ(Content(path / "node-1" / "log"), "the log of node-1");
  EXPECT_THAT(Content(path / "events.txt"), HasSubstr("0.000 s  node-1  killed  by test\n"));
  absl::StatusOr<RunRecord> record = RunRecord::FromJson(Content(path / "record.json"));
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(*record, runner.record());
  EXPECT_THAT(
      Content(path / "SUMMARY.txt"),
      AllOf(
          StartsWith("Suite.Test/local_3n\n"), HasSubstr("again: ctest -R this"),
          HasSubstr("NOT MET  it is fine\n    required: what is required\n    observed: what is\n"),
          HasSubstr("actor: 1 acts"), HasSubstr("node-1 (down)")));
}

class ScenarioRunTest : public BundleTest {
 protected:
  ScenarioRunTest() : deployer_(clock_) {
    unsetenv("GTESTNET_SEED");  // Of whoever runs this test.
    scenario_.name = "mine";
    scenario_.topology = FakeTopology::Star().Nodes(2).Seed(9);
    scenario_.duration = Blocks(2);
    scenario_.rerun = "gtestnet run mine.json";
    WorkloadSpec workload;
    workload.name = "beat";
    clock_.set_threads(2);
    workload.start = [](RunContext& context) {
      return std::make_unique<Workload>(context, WorkloadOptions{.name = "beat"},
                                        [](WorkloadRun& run) {
                                          run.Acted();
                                          while (run.SleepFor(milliseconds(100))) run.Acted();
                                          return absl::OkStatus();
                                        });
    };
    scenario_.workloads.push_back(workload);
  }
  testing_support::FakeDeployer deployer_;
  Scenario scenario_;
};

TEST_F(ScenarioRunTest, PassesWhenAllIsMet) {
  scenario_.expectations.push_back(Expecting("fine", true));
  auto runner = deployer_.Deploy(scenario_);
  ASSERT_TRUE(runner.ok()) << runner.status();
  FakeWorld& fake = testing_support::WorldOf((*runner)->cluster().spec());
  absl::StatusOr<RunReport> report = (*runner)->Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->passed);
  EXPECT_EQ(report->bundle, "");
  EXPECT_EQ(report->record.deployer, "fake");
  EXPECT_EQ(report->record.seed, 9u);
  EXPECT_GT(report->record.workloads.at(0).actions, 0);
  EXPECT_TRUE(fake.torn_down);
  EXPECT_EQ(deployer_.provisioned.at(0).seed, SeedFor(9, "mine"));
}

TEST_F(ScenarioRunTest, LeavesABundleWhenAnExpectationIsNotMet) {
  scenario_.expectations.push_back(Expecting("fine", false));
  absl::StatusOr<RunReport> report = deployer_.Deploy(scenario_).value()->Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->passed);
  EXPECT_EQ(Content(std::filesystem::path(report->bundle) / "rerun"),
            RerunCommand(9, "gtestnet run mine.json") + "\n");
}

TEST_F(ScenarioRunTest, FailsWhenTheRunBreaks) {
  scenario_.expectations.push_back(Expecting("fine", true));
  auto runner = deployer_.Deploy(scenario_).value();
  runner->context().Break(absl::AbortedError("it broke"));
  absl::StatusOr<RunReport> report = runner->Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->passed);
  EXPECT_EQ(report->record.broken, "it broke");
}

TEST_F(ScenarioRunTest, KeepsTheClusterIfAskedTo) {
  setenv("GTESTNET_PRESERVE", "always", 1);
  scenario_.expectations.push_back(Expecting("fine", true));
  auto runner = deployer_.Deploy(scenario_).value();
  FakeWorld& fake = testing_support::WorldOf(runner->cluster().spec());
  absl::StatusOr<RunReport> report = runner->Run();
  unsetenv("GTESTNET_PRESERVE");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->kept);
  EXPECT_TRUE(fake.kept);
}

TEST_F(ScenarioRunTest, ProvisionsNothingForWantOfACapability) {
  scenario_.required = Capability::kTelemetry;
  EXPECT_EQ(deployer_.Deploy(scenario_).status().message(),
            "fake: lacks what the test needs: telemetry.");
  scenario_.required = Capability::kNodeControl;
  deployer_.capabilities_ = Capability::kTelemetry;
  EXPECT_EQ(deployer_.Deploy(scenario_).status().message(),
            "fake: lacks what the test needs: node control.");
  scenario_.required = {};
  deployer_.availability_ = {false, "fake: it is broken", "mend it"};
  EXPECT_EQ(deployer_.Deploy(scenario_).status().message(), "fake: it is broken\nRemedy: mend it");
  EXPECT_THAT(deployer_.provisioned, IsEmpty());
}

}  // namespace
}  // namespace gtestnet

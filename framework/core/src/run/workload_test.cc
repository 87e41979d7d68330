// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/workload.h"

#include <gmock/gmock.h>

#include <atomic>
#include <optional>
#include <stdexcept>
#include <thread>

#include "core/src/run/testing/fake_cluster.h"
#include "core/src/run/testing/manual_clock.h"
#include "gtestnet/runner.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing_support::FakeCluster;
using testing_support::FakeTopology;
using testing_support::ManualClock;

class WorkloadTest : public testing::Test {
 protected:
  WorkloadTest() {
    static int runs = 0;
    ClusterSpec spec;
    spec.topology = FakeTopology::Star().Nodes(3);
    spec.run_id = "workload-test-" + std::to_string(++runs);
    spec.seed = 5;
    RunnerOptions options;
    options.clock = &clock_;
    runner_ = std::make_unique<Runner>(std::make_unique<FakeCluster>(spec, clock_), options);
    EXPECT_TRUE(runner_->Begin().ok());
  }
  RunContext& context() { return runner_->context(); }

  static absl::Status Beat(WorkloadRun& run) {
    while (run.SleepFor(milliseconds(100))) run.Acted();
    return absl::OkStatus();
  }

  ManualClock clock_{2};
  std::unique_ptr<Runner> runner_;
};

TEST_F(WorkloadTest, DrivesWhileItLives) {
  {
    Workload beat(context(), {.name = "beat"}, Beat);
    ASSERT_TRUE(runner_->RunFor(seconds(1)).ok());
  }
  clock_.set_threads(1);
  ASSERT_TRUE(runner_->RunFor(seconds(5)).ok());
  ASSERT_TRUE(runner_->Finish().ok());
  const WorkloadRecord& record = runner_->record().workloads.at(0);
  EXPECT_EQ(record.name, "beat");
  EXPECT_GE(record.actions, 5);
  EXPECT_LE(record.stopped, record.started + seconds(3));
}

TEST_F(WorkloadTest, AGuardThatIsStillAliveStopsWithTheRun) {
  Workload beat(context(), {.name = "beat"}, Beat);
  ASSERT_TRUE(runner_->RunFor(seconds(1)).ok());
  ASSERT_TRUE(runner_->Finish().ok());
  runner_.reset();  // the guard goes after it
}

TEST_F(WorkloadTest, StopsOnce) {
  Workload beat(context(), {.name = "beat"}, Beat);
  EXPECT_TRUE(beat.Stop().ok());
  EXPECT_TRUE(beat.Stop().ok());
}

TEST_F(WorkloadTest, TwoOfOneNameAreToldApart) {
  Workload a(context(), {.name = "beat"}, Beat);
  Workload b(context(), {.name = "beat"}, Beat);
  EXPECT_EQ(a.name(), "beat");
  EXPECT_EQ(b.name(), "beat-2");
}

TEST_F(WorkloadTest, AnExceptionBreaksTheRun) {
  Workload bad(context(), {.name = "bad"},
               [](WorkloadRun&) -> absl::Status { throw std::runtime_error("boom"); });
  EXPECT_EQ(std::string(runner_->RunFor(seconds(9)).message()),
            "workload bad: an exception left its function: boom");
}

TEST_F(WorkloadTest, OneThatDoesNotStopIsAnErrorAndIsWaitedForAtTheEnd) {
  std::atomic<bool> release = false;
  {
    Workload deaf(context(), {.name = "deaf", .stop_timeout = milliseconds(200)},
                  [&](WorkloadRun&) {
                    while (!release) std::this_thread::yield();
                    return absl::OkStatus();
                  });
    EXPECT_TRUE(absl::IsDeadlineExceeded(deaf.Stop()));
  }
  EXPECT_THAT(std::string(runner_->Finish().message()),
              HasSubstr("workload deaf: it was told to stop and has not returned after 200 ms"));
  release = true;
  runner_.reset();
}

TEST_F(WorkloadTest, NeedsWhatTheDeployerHas) {
  Workload chaos(context(), {.name = "chaos", .required = Capability::kLinkControl}, Beat);
  EXPECT_THAT(std::string(runner_->RunFor(seconds(9)).message()),
              HasSubstr("workload chaos: it needs link control"));
}

TEST_F(WorkloadTest, OneThatComesTooLateIsRefused) {
  ASSERT_TRUE(runner_->Finish().ok());
  Workload late(context(), {.name = "late"}, Beat);
  EXPECT_THAT(std::string(late.Stop().message()), HasSubstr("after the end of the run"));
}

TEST_F(WorkloadTest, ItsRandomNumbersDependOnSeedAndName) {
  std::optional<uint64_t> a, b;
  {
    Workload one(context(), {.name = "one"}, [&](WorkloadRun& run) {
      a = run.random().Next();
      return absl::OkStatus();
    });
    Workload two(context(), {.name = "two"}, [&](WorkloadRun& run) {
      b = run.random().Next();
      return absl::OkStatus();
    });
  }
  EXPECT_EQ(a, Random(5).Fork("workload/one").Next());
  EXPECT_NE(a, b);
}

TEST_F(WorkloadTest, ItsPlanIsRecorded) {
  Workload plan(context(), {.name = "plan"}, [](WorkloadRun& run) {
    run.Plan("once");
    run.Acted(3);
    return absl::OkStatus();
  });
  ASSERT_TRUE(runner_->Finish().ok());
  EXPECT_EQ(runner_->record().workloads.at(0).plan, "once");
  EXPECT_EQ(runner_->record().workloads.at(0).actions, 3);
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RUN_TESTING_RUNNER_FIXTURE_H_
#define GTESTNET_CORE_SRC_RUN_TESTING_RUNNER_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "core/src/run/testing/fake_cluster.h"
#include "core/src/run/testing/manual_clock.h"
#include "gtestnet/runner.h"

namespace gtestnet {

// An expectation that is met, or not, whatever the record has.
inline RunExpectation Expecting(std::string name, bool met) {
  RunExpectation expectation;
  expectation.name = name;
  expectation.judge = [met](const RunRecord&) {
    return Verdict{met, "what is required", "what is"};
  };
  return expectation;
}

inline RunnerOptions On(std::string deployer) {
  RunnerOptions options;
  options.deployer = std::move(deployer);
  return options;
}

// A run of three fake nodes, by a clock of its own.
class RunnerTest : public testing::Test {
 protected:
  RunnerTest() {
    static int runs = 0;
    // Times below are said unstretched.
    for (const char* name : {"GTESTNET_TIMEOUT_SCALE", "SLOW_TEST_ENV"}) unsetenv(name);
    spec_.topology = testing_support::FakeTopology::Star().Nodes(3);
    spec_.run_id = "runner-test-" + std::to_string(++runs);
    spec_.seed = 5;
  }

  Runner& MakeRunner(RunnerOptions options = {}) {
    auto cluster = std::make_unique<testing_support::FakeCluster>(spec_, clock_);
    cluster_ = cluster.get();
    options.test_name = "Suite.Test/local_3n";
    options.clock = &clock_;
    options.seed = 42;
    runner_ = std::make_unique<Runner>(std::move(cluster), std::move(options));
    return *runner_;
  }
  testing_support::FakeWorld& world() { return cluster_->world(); }

  // Has the cluster do something at a time of the run.
  Workload After(std::chrono::milliseconds delay, std::function<void(WorkloadRun&)> act) {
    clock_.set_threads(2 + more_threads_);
    return Workload(runner_->context(), {.name = "actor"}, [=](WorkloadRun& run) {
      if (run.SleepFor(delay)) act(run);
      run.Acted();
      run.SleepFor(std::chrono::hours(1));
      return absl::OkStatus();
    });
  }

  testing_support::ManualClock clock_;
  size_t more_threads_ = 0;  // of the run, that sleep on the clock
  ClusterSpec spec_;
  testing_support::FakeCluster* cluster_ = nullptr;
  std::unique_ptr<Runner> runner_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_RUN_TESTING_RUNNER_FIXTURE_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_TESTING_TEST_RUN_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_TESTING_TEST_RUN_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/src/cluster/helper_commands.h"
#include "core/src/deployer/k8s/kubectl.h"
#include "core/src/deployer/k8s/sweep.h"
#include "core/src/guardian/guardian.h"

namespace gtestnet::k8s {

// A run as the deployer makes one: a guardian, which sweeps at the end, and a directory.
class TestRun {
 public:
  // In the namespace of its own, or in the one named.
  TestRun(const Tools& tools, const std::string& name_space = "");
  ~TestRun();

  absl::Status Claim(const std::string& test = "SomeTest.Here",
                     std::chrono::milliseconds patience = std::chrono::minutes(1));
  // Runs kubectl in the namespace: what it wrote, or a failure of the test.
  std::string Do(std::vector<std::string> arguments) const;
  // Creates what the JSON says, in the namespace.
  void Create(const std::string& json) const;

  const SweepTarget& target() const { return target_; }
  Guardian& guardian() { return *guardian_; }

 private:
  SweepTarget target_;
  std::string directory_;
  std::unique_ptr<Guardian> guardian_;
  std::unique_ptr<HelperCommands> helpers_;
};

// A StatefulSet of two pods with the run's label, as JSON for Create.
std::string WorkloadOf(const std::string& run_id);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_TESTING_TEST_RUN_H_

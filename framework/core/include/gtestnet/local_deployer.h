// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_LOCAL_DEPLOYER_H_
#define GTESTNET_LOCAL_DEPLOYER_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "gtestnet/deployer.h"

namespace gtestnet {

struct LocalOptions {
  // From the first process to "every node is ready"; stretched by GTESTNET_TIMEOUT_SCALE.
  std::chrono::milliseconds ready_timeout{20000};
  // How long Stop waits between SIGTERM and SIGKILL.
  std::chrono::milliseconds stop_grace{5000};
};

// Nodes are child processes on this machine, each with a loopback address of its own (127.x.y.i):
// runs side by side never meet. A guardian process ends them however this process ends.
//
//   LocalDeployer deployer;
//   absl::StatusOr<std::unique_ptr<Runner>> runner = deployer.Deploy(*scenario);
class LocalDeployer final : public Deployer {
 public:
  explicit LocalDeployer(LocalOptions options = {}) : options_(options) {}

  std::string_view name() const override { return "local"; }
  // Telemetry only where the program prometheus is in PATH.
  Capabilities capabilities() const override;
  std::string WhyLacking(Capability capability) const override;
  Availability Probe() const override;
  absl::StatusOr<std::unique_ptr<BackendCluster>> Provision(const ClusterSpec& spec) override;

 private:
  LocalOptions options_;
};

}  // namespace gtestnet

#endif  // GTESTNET_LOCAL_DEPLOYER_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_COMPOSE_DEPLOYER_H_
#define GTESTNET_COMPOSE_DEPLOYER_H_

#include <chrono>
#include <memory>
#include <string_view>

#include "gtestnet/deployer.h"

namespace gtestnet {

struct ComposeOptions {
  // From the start of the containers to "every node is ready"; stretched by GTESTNET_TIMEOUT_SCALE.
  std::chrono::milliseconds ready_timeout{60000};
  // How long Stop waits between SIGTERM and SIGKILL.
  std::chrono::milliseconds stop_grace{5000};
};

// Nodes are services of a Compose project of their own, on the Docker Engine that the docker
// command talks to (DOCKER_HOST, else the current context). The images are those of the kind
// (NodeKind::Container); one that can be built is when it is missing or old. Everything of a run
// carries its id as a label (gtestnet.run); a guardian process removes it however this process
// ends.
//
//   ComposeDeployer deployer;
//   absl::StatusOr<std::unique_ptr<Runner>> runner = deployer.Deploy(*scenario);
//
// A collector that a variable of NodeKind::PassedOn names at 127.0.0.1 or localhost is one of this
// machine, as on local. It must listen on 0.0.0.0, or on the address of
// Docker's bridge: containers do not reach what listens on 127.0.0.1 alone.
//
// The engine must be on this machine: nodes are reached at ports of 127.0.0.1, and the run's
// directory is mounted into cfgsync, which hands out the nodes' configuration.
class ComposeDeployer final : public Deployer {
 public:
  explicit ComposeDeployer(ComposeOptions options = {}) : options_(options) {}

  std::string_view name() const override { return "compose"; }
  Capabilities capabilities() const override {
    return {Capability::kNodeControl, Capability::kTelemetry};
  }
  Availability Probe() const override;
  absl::StatusOr<std::unique_ptr<BackendCluster>> Provision(const ClusterSpec& spec) override;

 private:
  ComposeOptions options_;
};

}  // namespace gtestnet

#endif  // GTESTNET_COMPOSE_DEPLOYER_H_

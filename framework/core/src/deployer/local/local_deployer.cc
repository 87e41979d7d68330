// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/local_deployer.h"

#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/deployer/local/address_block.h"
#include "core/src/deployer/local/local_cluster.h"
#include "core/src/deployer/local/local_prometheus.h"

namespace gtestnet {

Capabilities LocalDeployer::capabilities() const {
  const Capabilities always = Capability::kNodeControl;
  return FindPrometheus().ok() ? always | Capability::kTelemetry : always;
}

std::string LocalDeployer::WhyLacking(Capability capability) const {
  if (capability != Capability::kTelemetry) return {};
  return MessageOf(FindPrometheus().status());
}

Availability LocalDeployer::Probe() const {
  if (const auto guardian = FindHelperProgram("gtestnet-guardian"); !guardian.ok()) {
    return {.available = false,
            .reason = "local: " + MessageOf(guardian.status()),
            .remedy = "build or install gtestnet-guardian, which is part of gtestnet"};
  }
  // Any port of any loopback address but the usual one.
  if (const absl::Status status = TryListening("127.255.0.1", 0); !status.ok()) {
    return {
        .available = false,
        .reason = "local: nodes cannot have loopback addresses of their own: " + MessageOf(status),
        .remedy = "bring the loopback interface up with its 127.0.0.0/8"};
  }
  return {.available = true, .reason = {}, .remedy = {}};
}

absl::StatusOr<std::unique_ptr<BackendCluster>> LocalDeployer::Provision(const ClusterSpec& spec) {
  return LocalCluster::Provision(spec, options_);
}

}  // namespace gtestnet

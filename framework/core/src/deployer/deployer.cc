// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/deployer.h"

#include "absl/strings/str_join.h"
#include "core/src/base/status.h"
#include "gtestnet/compose_deployer.h"
#include "gtestnet/k8s_deployer.h"
#include "gtestnet/local_deployer.h"

namespace gtestnet {

absl::StatusOr<std::string> BackendCluster::Prometheus() const {
  return FailedPrecondition(
      "this cluster has no Prometheus: ask for Capability::kTelemetry, by Required() of the "
      "fixture or \"require\" of the scenario");
}

std::string Deployer::DescribeLack(Capabilities missing) const {
  std::string text = missing.ToString();
  for (const Capability one : {Capability::kNodeControl, Capability::kLinkControl,
                               Capability::kTelemetry, Capability::kPodControl}) {
    if (!missing.Contains(one)) continue;
    if (const std::string why = WhyLacking(one); !why.empty()) text += " (" + why + ")";
  }
  return text;
}

absl::StatusOr<std::unique_ptr<Deployer>> MakeDeployer(std::string_view name) {
  if (name == "local") return std::make_unique<LocalDeployer>();
  if (name == "compose") return std::make_unique<ComposeDeployer>();
  if (name == "k8s") return std::make_unique<K8sDeployer>();
  return InvalidArgument("\"" + std::string(name) + "\" is no deployer; there are " +
                         absl::StrJoin(DeployerNames(), ", "));
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/deployer.h"

#include "absl/strings/str_join.h"
#include "gtestnet/compose_deployer.h"
#include "gtestnet/local_deployer.h"
#include "src/base/status.h"

namespace gtestnet {
namespace {

// Holds the name of a backend that a later version of the library has.
class AbsentDeployer final : public Deployer {
 public:
  explicit AbsentDeployer(std::string name) : name_(std::move(name)) {}

  std::string_view name() const override { return name_; }
  Capabilities capabilities() const override { return {}; }
  Availability Probe() const override {
    return {.available = false,
            .reason = name_ + ": not in this version yet",
            .remedy = "use local, or leave " + name_ + " out of GTESTNET_DEPLOYERS"};
  }
  absl::StatusOr<std::unique_ptr<BackendCluster>> Provision(const ClusterSpec&) override {
    return FailedPrecondition(Probe().reason + "; " + Probe().remedy);
  }

 private:
  std::string name_;
};

}  // namespace

absl::StatusOr<std::string> BackendCluster::Prometheus() const {
  return FailedPrecondition(
      "this cluster has no Prometheus: ask for Capability::kTelemetry, by Required() of the "
      "fixture or \"require\" of the scenario");
}

std::string Deployer::DescribeLack(Capabilities missing) const {
  std::string text = missing.ToString();
  for (const Capability one :
       {Capability::kNodeControl, Capability::kLinkControl, Capability::kTelemetry,
        Capability::kPodControl}) {
    if (!missing.Contains(one)) continue;
    if (const std::string why = WhyLacking(one); !why.empty()) text += " (" + why + ")";
  }
  return text;
}

const std::vector<std::string>& DeployerNames() {
  static const auto* const names = new std::vector<std::string>{"local", "compose", "k8s"};
  return *names;
}

absl::StatusOr<std::unique_ptr<Deployer>> MakeDeployer(std::string_view name) {
  if (name == "local") return std::make_unique<LocalDeployer>();
  if (name == "compose") return std::make_unique<ComposeDeployer>();
  for (const std::string& known : DeployerNames()) {
    if (name == known) return std::make_unique<AbsentDeployer>(known);
  }
  return InvalidArgument("\"" + std::string(name) + "\" is no deployer; there are " +
                         absl::StrJoin(DeployerNames(), ", "));
}

}  // namespace gtestnet

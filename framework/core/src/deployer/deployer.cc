// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/deployer.h"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/str_join.h"
#include "core/src/base/known_deployers.h"
#include "core/src/base/status.h"
#include "gtestnet/compose_deployer.h"
#include "gtestnet/k8s_deployer.h"
#include "gtestnet/local_deployer.h"

namespace gtestnet {
namespace {

struct Registrations {
  std::mutex mutex;
  // Null for a name that several wanted.
  std::map<std::string, std::function<std::unique_ptr<Deployer>()>> by_name;
};
// Made at the first use, which is before main.
Registrations& AllRegistrations() {
  static auto* const all = new Registrations;
  return *all;
}

bool IsName(const std::string& name) {
  constexpr size_t kLongest = 20;
  return !name.empty() && name.size() <= kLongest && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}

}  // namespace

absl::StatusOr<std::string> BackendCluster::Prometheus() const {
  return FailedPrecondition(
      "this cluster has no Prometheus: ask for Capability::kTelemetry, by Required() of the "
      "fixture or \"require\" of the scenario");
}

absl::StatusOr<LogPart> BackendCluster::ReadLog(NodeIndex, const std::string&) const {
  return absl::UnimplementedError("this deployer's logs can only be had as a whole");
}

absl::StatusOr<NodeUsage> BackendCluster::Usage(NodeIndex) const {
  return absl::UnimplementedError("this deployer tells nothing of what its nodes use");
}

std::optional<NodeSample> BackendCluster::FirstAnswer(NodeIndex) const { return std::nullopt; }

std::string BackendCluster::HowEnded(NodeIndex) const { return {}; }

std::string Deployer::DescribeLack(Capabilities missing) const {
  std::string text = missing.ToString();
  for (const Capability one : {Capability::kNodeControl, Capability::kLinkControl,
                               Capability::kTelemetry, Capability::kPodControl}) {
    if (!missing.Contains(one)) continue;
    if (const std::string why = WhyLacking(one); !why.empty()) text += " (" + why + ")";
  }
  return text;
}

bool RegisterDeployer(std::string name, std::function<std::unique_ptr<Deployer>()> make) {
  Registrations& all = AllRegistrations();
  const std::lock_guard lock(all.mutex);
  if (const auto taken = all.by_name.find(name); taken != all.by_name.end()) {
    taken->second = nullptr;
    return false;
  }
  if (!IsName(name) || !make || std::ranges::count(DeployerNames(), name) > 0) return false;
  base::AddKnownDeployer(name);
  all.by_name.emplace(std::move(name), std::move(make));
  return true;
}

absl::StatusOr<std::unique_ptr<Deployer>> MakeDeployer(std::string_view name) {
  if (name == "local") return std::make_unique<LocalDeployer>();
  if (name == "compose") return std::make_unique<ComposeDeployer>();
  if (name == "k8s") return std::make_unique<K8sDeployer>();
  Registrations& all = AllRegistrations();
  const std::lock_guard lock(all.mutex);
  const auto own = all.by_name.find(std::string(name));
  if (own != all.by_name.end() && own->second != nullptr) return own->second();
  if (own != all.by_name.end()) {
    return InvalidArgument("several deployers are registered as \"" + std::string(name) + "\"");
  }
  return InvalidArgument("\"" + std::string(name) + "\" is no deployer; there are " +
                         absl::StrJoin(KnownDeployers(), ", "));
}

}  // namespace gtestnet

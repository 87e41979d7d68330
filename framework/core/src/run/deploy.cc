// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <random>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/deployer.h"
#include "gtestnet/random.h"
#include "gtestnet/rerun.h"
#include "gtestnet/runner.h"
#include "gtestnet/scenario.h"
#include "gtestnet/standard_descriptors.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

// The one draw that has no source of its own: when nobody gave a seed. It is told in the record.
uint64_t FreshSeed() { return std::random_device()(); }

absl::StatusOr<uint64_t> SeedOf(const TopologySpec& topology) {
  absl::StatusOr<std::optional<uint64_t>> wanted = SeedWanted();
  if (!wanted.ok()) return wanted.status();
  if (wanted->has_value()) return **wanted;
  return topology.seed.has_value() ? *topology.seed : FreshSeed();
}

}  // namespace

std::string MakeRunId() {
  std::random_device device;
  constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string id;
  for (int i = 0; i < 10; ++i) id.push_back(kDigits[device() % 36]);
  return id;
}

absl::StatusOr<std::unique_ptr<Runner>> Deployer::Deploy(const Scenario& scenario) {
  OpenStandardDescriptors();
  const Capabilities missing = scenario.required - capabilities();
  if (!missing.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("scenario ", scenario.name, " needs ", DescribeLack(missing),
                     "; the deployer ", std::string(name()), " has ", capabilities().ToString()));
  }
  if (absl::Status valid = scenario.topology.Validate(); !valid.ok()) return valid;
  if (const Availability here = Probe(); !here.available) {
    return absl::FailedPreconditionError(
        absl::StrCat(here.reason, here.remedy.empty() ? "" : "; ", here.remedy));
  }
  if (absl::Status bundles = CheckArtifactsDirectory(); !bundles.ok()) return bundles;
  absl::StatusOr<std::shared_ptr<const RunRecord>> replay =
      ReplayWanted(scenario.name, scenario.topology);
  if (!replay.ok()) return replay.status();
  absl::StatusOr<uint64_t> seed = SeedOf(scenario.topology);
  if (!seed.ok()) return seed.status();
  if (*replay) seed = (*replay)->seed;
  absl::StatusOr<std::optional<std::chrono::milliseconds>> timeout = TestTimeout();
  if (!timeout.ok()) return timeout.status();

  RunnerOptions options;
  options.test_name = scenario.name;
  options.deployer = std::string(name());
  options.seed = *seed;
  if (!scenario.rerun.empty()) options.rerun = RerunCommand(*seed, scenario.rerun);
  options.capabilities = capabilities();
  options.replay = *replay;
  if (timeout->has_value()) options.deadline = RealClock().Now() + **timeout * 9 / 10;

  absl::StatusOr<std::unique_ptr<BackendCluster>> cluster =
      Provision({.topology = scenario.topology,
                 .seed = SeedFor(*seed, scenario.name),
                 .run_id = MakeRunId(),
                 .test = scenario.name,
                 .required = scenario.required});
  if (!cluster.ok()) return cluster.status();
  return std::make_unique<Runner>(*std::move(cluster), std::move(options), scenario);
}

}  // namespace gtestnet

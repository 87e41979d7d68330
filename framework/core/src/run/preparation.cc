// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/preparation.h"

#include <chrono>
#include <memory>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "gtestnet/random.h"
#include "gtestnet/rerun.h"

namespace gtestnet {
namespace {

const Clock::TimePoint kProgramStart = RealClock().Now();

// Nodes of that kind can run there. kUnavailable says why not, as the kind does; what is wrong with
// the kind itself stays kInvalidArgument.
absl::Status CheckSupported(const Deployer& deployer, const TopologySpec& topology) {
  const absl::Status supported = topology.kind->SupportedOn(topology, deployer.name());
  if (supported.ok()) return supported;
  const auto code = absl::IsInvalidArgument(supported) ? absl::StatusCode::kInvalidArgument
                                                       : absl::StatusCode::kUnavailable;
  return absl::Status(code, absl::StrCat(std::string(deployer.name()), ": ", supported.message()));
}

absl::Status Admit(const Deployer& deployer, const RunRequest& request) {
  GTESTNET_RETURN_IF_ERROR(CheckVariables());
  GTESTNET_RETURN_IF_ERROR(CheckDeployer(deployer, request.required));
  if (const absl::Status valid = request.topology.Validate(); !valid.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(std::string(deployer.name()), "_",
                                                   request.topology.Name(), ": ", valid.message()));
  }
  GTESTNET_RETURN_IF_ERROR(CheckSupported(deployer, request.topology));
  return CheckArtifactsDirectory();
}

absl::StatusOr<uint64_t> SeedOf(const RunRequest& request, const RunRecord* replay) {
  if (replay != nullptr) return replay->seed;
  GTESTNET_ASSIGN_OR_RETURN(const std::optional<uint64_t> wanted, SeedWanted());
  if (wanted.has_value()) return *wanted;
  if (request.topology.seed.has_value()) return *request.topology.seed;
  return request.seed.has_value() ? *request.seed : DrawSeed();
}

}  // namespace

absl::Status CheckDeployer(const Deployer& deployer, Capabilities required) {
  if (const Availability here = deployer.Probe(); !here.available) {
    return absl::UnavailableError(
        absl::StrCat(here.reason, here.remedy.empty() ? "" : "\nRemedy: ", here.remedy));
  }
  const Capabilities missing = required - deployer.capabilities();
  if (missing.empty()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(std::string(deployer.name()),
                   ": lacks what the test needs: ", deployer.DescribeLack(missing), "."));
}

uint64_t DrawSeed() { return std::random_device()() % 1'000'000'000 + 1; }

std::string MakeRunId() {
  std::random_device device;
  constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string id;
  for (int i = 0; i < 10; ++i) id.push_back(kDigits[device() % 36]);
  return id;
}

absl::StatusOr<std::optional<Clock::TimePoint>> RunDeadline() {
  GTESTNET_ASSIGN_OR_RETURN(const std::optional<std::chrono::milliseconds> timeout, TestTimeout());
  if (!timeout.has_value()) return std::optional<Clock::TimePoint>();
  const Clock::TimePoint begun = UnderCTest() ? kProgramStart : RealClock().Now();
  return std::optional<Clock::TimePoint>(begun + *timeout * 9 / 10);
}

absl::StatusOr<PreparedRun> PrepareRun(const Deployer& deployer, const RunRequest& request) {
  GTESTNET_RETURN_IF_ERROR(Admit(deployer, request));
  PreparedRun run;
  RunnerOptions& options = run.options;
  GTESTNET_ASSIGN_OR_RETURN(options.replay, ReplayWanted(request.name, request.topology));
  GTESTNET_ASSIGN_OR_RETURN(options.seed, SeedOf(request, options.replay.get()));
  GTESTNET_ASSIGN_OR_RETURN(options.deadline, RunDeadline());
  options.test_name = request.name;
  options.deployer = std::string(deployer.name());
  options.capabilities = deployer.capabilities();
  if (!request.rerun.empty()) options.rerun = RerunCommand(options.seed, request.rerun);
  const std::string& owner = request.owner.empty() ? request.name : request.owner;
  run.cluster = {.topology = request.topology,
                 .seed = SeedFor(options.seed, owner),
                 .run_id = MakeRunId(),
                 .test = owner,
                 .required = request.required};
  return run;
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "gtestnet/nomos/default_kind.h"
#include "gtestnet/nomos/default_matchers.h"
#include "gtestnet/preparation.h"
#include "gtestnet/scenario.h"
#include "gtestnet/variables.h"
#include "runner/cluster_from_flags.h"
#include "runner/commands.h"
#include "runner/report.h"

namespace gtestnet::command {
namespace {

absl::StatusOr<uint64_t> SeedFromFlag(const std::string& text) {
  if (text.empty()) {
    absl::StatusOr<std::optional<uint64_t>> wanted = SeedWanted();
    if (!wanted.ok()) return wanted.status();
    return wanted->has_value() ? **wanted : DrawSeed();
  }
  uint64_t seed = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size()) {
    return absl::InvalidArgumentError("--seed: '" + text + "' is not a number from 0 to 2^64 - 1");
  }
  // What was typed for this run goes before what is set for all.
  setenv("GTESTNET_SEED", text.c_str(), 1);
  return seed;
}

absl::StatusOr<Topology> LayoutFromFlag(const std::string& layout) {
  if (layout == "star") return Topology::Star();
  if (layout == "chain") return Topology::Chain();
  if (layout == "ring") return Topology::Ring();
  if (layout == "mesh") return Topology::FullMesh();
  return absl::InvalidArgumentError("--layout: '" + layout +
                                    "' is not one of star, chain, ring, mesh");
}

absl::Status SetDelay(const char* flag, const std::string& text, Timespan* delay) {
  if (text.empty()) return absl::OkStatus();
  absl::StatusOr<std::chrono::milliseconds> time = ParseDuration(text);
  if (!time.ok()) {
    return absl::InvalidArgumentError(flag + (": " + std::string(time.status().message())));
  }
  *delay = *time;
  return absl::OkStatus();
}

template <class Options>
absl::StatusOr<Options> FaultOptionsFromFlags(const FaultArguments& arguments) {
  Options options;
  if constexpr (requires { options.at_once; }) options.at_once = arguments.at_once;
  if (absl::Status s = SetDelay("--min-delay", arguments.min_delay, &options.min_delay); !s.ok()) {
    return s;
  }
  if (absl::Status s = SetDelay("--max-delay", arguments.max_delay, &options.max_delay); !s.ok()) {
    return s;
  }
  return options;
}

template <class Options>
absl::Status AddFaults(bool wanted, const FaultArguments& arguments,
                       ScenarioBuilder& (BasicScenarioBuilder<ScenarioBuilder>::*add)(Options),
                       ScenarioBuilder& builder) {
  if (!wanted) return absl::OkStatus();
  absl::StatusOr<Options> options = FaultOptionsFromFlags<Options>(arguments);
  if (options.ok()) (builder.*add)(*options);
  return options.status();
}

absl::Status AddAllFaults(const FaultArguments& faults, ScenarioBuilder& builder) {
  absl::Status status = AddFaults(faults.restarts, faults, &ScenarioBuilder::Restarts, builder);
  status.Update(AddFaults(faults.kills, faults, &ScenarioBuilder::Kills, builder));
  status.Update(AddFaults(faults.pauses, faults, &ScenarioBuilder::Pauses, builder));
  status.Update(AddFaults(faults.churn, faults, &ScenarioBuilder::Churn, builder));
  return status;
}

absl::StatusOr<Scenario> ScenarioFromFlags(const RunArguments& arguments) {
  absl::StatusOr<TopologySpec> topology = TopologyFromFlags(arguments.cluster);
  if (!topology.ok()) return topology.status();
  absl::StatusOr<std::chrono::milliseconds> duration = ParseDuration(arguments.duration);
  if (!duration.ok()) {
    return absl::InvalidArgumentError("--duration: " + std::string(duration.status().message()));
  }
  ScenarioBuilder builder(*std::move(topology));
  builder.Named("gtestnet run").RunFor(*duration);
  if (arguments.cluster.telemetry) builder.Require(Capability::kTelemetry);
  const bool transactions = arguments.rate || arguments.users != 0;
  if (transactions) {
    builder.Transactions({.rate_per_block = arguments.rate, .users = arguments.users});
  }
  const bool blobs = arguments.channel_rate || arguments.blob_rate;
  if (blobs) {
    builder.DataAvailability({.channel_rate = arguments.channel_rate.value_or(1),
                              .blob_rate = arguments.blob_rate.value_or(1)});
  }
  if (absl::Status s = AddAllFaults(arguments.faults, builder); !s.ok()) return s;
  std::vector<std::string> texts = arguments.expectations;
  if (texts.empty()) {
    texts = {"ConsensusIsLive", "AgreesOnChain"};
    if (transactions) texts.push_back("IncludesTransactions(Ge(0.9))");
    if (blobs) texts.insert(texts.end(), {"IncludesBlobs(Ge(0.9))", "BlobsAreRetrievable"});
    if (arguments.faults.any()) texts.push_back("RecoversWithin(Blocks(60))");
  }
  for (const std::string& text : texts) {
    absl::StatusOr<RunExpectation> expectation = ParseExpectation(text);
    if (!expectation.ok()) {
      return absl::InvalidArgumentError("--expect: " + std::string(expectation.status().message()));
    }
    builder.Expect(*std::move(expectation));
  }
  return builder.Build();
}

}  // namespace

absl::StatusOr<TopologySpec> TopologyFromFlags(const ClusterArguments& arguments) {
  absl::StatusOr<Topology> topology = LayoutFromFlag(arguments.layout);
  if (!topology.ok()) return topology.status();
  absl::StatusOr<uint64_t> seed = SeedFromFlag(arguments.seed);
  if (!seed.ok()) return seed.status();
  topology->Validators(arguments.validators)
      .Executors(arguments.executors)
      .Wallets(arguments.wallets)
      .Seed(*seed);
  if (!arguments.slot.empty()) {
    absl::StatusOr<std::chrono::milliseconds> slot = ParseDuration(arguments.slot);
    if (!slot.ok()) {
      return absl::InvalidArgumentError("--slot: " + std::string(slot.status().message()));
    }
    topology->Slot(*slot);
  }
  if (absl::Status s = topology->spec().Validate(); !s.ok()) return s;
  return topology->spec();
}

int Run(const RunArguments& arguments) {
  absl::StatusOr<Scenario> scenario =
      arguments.scenario_file.empty()
          ? ScenarioFromFlags(arguments)
          : ParseScenarioFile(arguments.scenario_file, ParseExpectation);
  if (!scenario.ok()) return Refuse(scenario.status());
  scenario->rerun = arguments.command_line;
  scenario->allowed.insert(scenario->allowed.end(), arguments.allowed.begin(),
                           arguments.allowed.end());
  std::error_code ignored;
  const std::string record =
      arguments.record_file.empty()
          ? std::string()
          : std::filesystem::absolute(arguments.record_file, ignored).string();
  return DeployAndRun(arguments.cluster.deployer, *scenario, {.record_file = record});
}

}  // namespace gtestnet::command

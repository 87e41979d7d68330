// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/scenario.h"

namespace gtestnet {
namespace {

absl::Status CheckDuration(Timespan duration) {
  if (duration.IsZero()) {
    return absl::InvalidArgumentError(
        "scenario: it runs for no time; say how long with .RunFor(Blocks(40)) or .RunFor(90s)");
  }
  if (duration.IsNegative()) {
    return absl::InvalidArgumentError(
        absl::StrCat("scenario: it runs for ", duration.ToString(), "; that must be above zero"));
  }
  return absl::OkStatus();
}

absl::Status CheckWorkload(const WorkloadSpec& workload) {
  if (workload.start) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("scenario: workload \"", workload.name, "\" has no function that starts it"));
}

absl::Status CheckExpectation(const RunExpectation& expectation) {
  if (expectation.judge) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("scenario: expectation \"", expectation.name,
                                                 "\" has no function that judges it"));
}

}  // namespace

ScenarioBuilder::ScenarioBuilder(TopologySpec topology) {
  scenario_.topology = std::move(topology);
}

ScenarioBuilder& ScenarioBuilder::Named(std::string name) {
  scenario_.name = std::move(name);
  return *this;
}

ScenarioBuilder& ScenarioBuilder::Transactions(TransactionOptions options) {
  // How many wallets it has is known when all are.
  planned_.push_back({scenario_.workloads.size(), options});
  return With({});
}

template <class W, class Options>
ScenarioBuilder& ScenarioBuilder::WithFaults(Options options) {
  checks_.push_back(
      [options](const TopologySpec& topology) { return Validate(options, topology); });
  WorkloadSpec workload;
  workload.name = options.name;
  workload.required = Capability::kNodeControl;
  workload.start = [options](RunContext& context) { return std::make_unique<W>(context, options); };
  return With(std::move(workload));
}

ScenarioBuilder& ScenarioBuilder::InvalidTransactions(InvalidTransactionOptions options) {
  checks_.push_back(
      [options](const TopologySpec& topology) { return Validate(options, topology); });
  other_users_ += options.users;
  WorkloadSpec workload;
  workload.name = options.name;
  workload.start = [options](RunContext& context) {
    return std::make_unique<InvalidTransactionWorkload>(context, options);
  };
  return With(std::move(workload));
}

ScenarioBuilder& ScenarioBuilder::DataAvailability(DataAvailabilityOptions options) {
  scenario_.topology = WithDataAvailability(std::move(scenario_.topology));
  checks_.push_back(
      [options](const TopologySpec& topology) { return Validate(options, topology); });
  WorkloadSpec workload;
  workload.name = options.name;
  workload.start = [options](RunContext& context) {
    return std::make_unique<DataAvailabilityWorkload>(context, options);
  };
  return With(std::move(workload));
}

ScenarioBuilder& ScenarioBuilder::Restarts(RestartOptions options) {
  return WithFaults<RestartWorkload>(std::move(options));
}
ScenarioBuilder& ScenarioBuilder::Kills(KillOptions options) {
  return WithFaults<KillWorkload>(std::move(options));
}
ScenarioBuilder& ScenarioBuilder::Pauses(PauseOptions options) {
  return WithFaults<PauseWorkload>(std::move(options));
}
ScenarioBuilder& ScenarioBuilder::Churn(ChurnOptions options) {
  return WithFaults<ChurnWorkload>(std::move(options));
}

ScenarioBuilder& ScenarioBuilder::With(WorkloadSpec workload) {
  scenario_.required = scenario_.required | workload.required;
  scenario_.workloads.push_back(std::move(workload));
  return *this;
}

ScenarioBuilder& ScenarioBuilder::Expect(RunExpectation expectation) {
  scenario_.expectations.push_back(std::move(expectation));
  return *this;
}

ScenarioBuilder& ScenarioBuilder::Require(Capabilities capabilities) {
  scenario_.required = scenario_.required | capabilities;
  return *this;
}

ScenarioBuilder& ScenarioBuilder::RunFor(Timespan duration) {
  scenario_.duration = duration;
  return *this;
}

absl::StatusOr<Scenario> ScenarioBuilder::Build() const {
  Scenario scenario = scenario_;
  std::vector<TransactionOptions> plan;
  for (const Planned& planned : planned_) plan.push_back(planned.options);
  ShareOutWallets(plan, scenario.topology, other_users_);
  for (size_t i = 0; i < plan.size(); ++i) {
    WorkloadSpec& workload = scenario.workloads[planned_[i].workload];
    workload.name = plan[i].name;
    workload.start = [options = plan[i]](RunContext& context) {
      return std::make_unique<TransactionWorkload>(context, options);
    };
  }
  if (scenario_.name.empty()) return absl::InvalidArgumentError("scenario: its name is empty");
  if (absl::Status valid = scenario_.topology.Validate(); !valid.ok()) return valid;
  if (absl::Status valid = CheckDuration(scenario_.duration); !valid.ok()) return valid;
  for (const WorkloadSpec& workload : scenario.workloads) {
    if (absl::Status valid = CheckWorkload(workload); !valid.ok()) return valid;
  }
  for (const RunExpectation& expectation : scenario_.expectations) {
    if (absl::Status valid = CheckExpectation(expectation); !valid.ok()) return valid;
  }
  for (const auto& check : checks_) {
    if (absl::Status valid = check(scenario_.topology); !valid.ok()) return valid;
  }
  if (planned_.empty()) return scenario;
  scenario.topology = WithNotesFor(plan, std::move(scenario.topology));
  if (absl::Status valid = scenario.topology.Validate(); !valid.ok()) return valid;
  if (absl::Status valid = Validate(plan, scenario.topology, other_users_); !valid.ok()) {
    return valid;
  }
  return scenario;
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/scenario_builder.h"

#include <memory>
#include <utility>

#include "core/src/base/status.h"
#include "gtestnet/nomos/nomos.h"

namespace gtestnet::nomos {

ScenarioBuilder& ScenarioBuilder::Transactions(TransactionOptions options) {
  // How many wallets it has is known when all are.
  planned_.push_back({scenario().workloads.size(), options});
  return With({});
}

ScenarioBuilder& ScenarioBuilder::InvalidTransactions(InvalidTransactionOptions options) {
  other_users_ += options.users;
  return WithWorkload<InvalidTransactionWorkload>(std::move(options));
}

ScenarioBuilder& ScenarioBuilder::DataAvailability(DataAvailabilityOptions options) {
  scenario().topology = WithDataAvailability(std::move(scenario().topology));
  return WithWorkload<DataAvailabilityWorkload>(std::move(options));
}

absl::StatusOr<Scenario> ScenarioBuilder::Build() const {
  Scenario built = scenario();
  std::vector<TransactionOptions> plan;
  for (const Planned& planned : planned_) plan.push_back(planned.options);
  ShareOutWallets(plan, built.topology, other_users_);
  for (size_t i = 0; i < plan.size(); ++i) {
    WorkloadSpec& workload = built.workloads[planned_[i].workload];
    workload.name = plan[i].name;
    workload.start = [options = plan[i]](RunContext& context) {
      return std::make_unique<TransactionWorkload>(context, options);
    };
  }
  GTESTNET_RETURN_IF_ERROR(CheckScenario(built, checks()));
  if (planned_.empty()) return built;
  built.topology = WithNotesFor(plan, std::move(built.topology));
  GTESTNET_RETURN_IF_ERROR(built.topology.Validate());
  GTESTNET_RETURN_IF_ERROR(Validate(plan, built.topology, other_users_));
  return built;
}

}  // namespace gtestnet::nomos

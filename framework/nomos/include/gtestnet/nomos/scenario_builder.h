// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SCENARIO_BUILDER_H_
#define GTESTNET_NOMOS_SCENARIO_BUILDER_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/nomos/data_availability_workload.h"
#include "gtestnet/nomos/invalid_transaction_workload.h"
#include "gtestnet/nomos/transaction_workload.h"
#include "gtestnet/scenario_builder.h"

namespace gtestnet::nomos {

// Builds a Scenario, and refuses one that cannot run:
//
//   absl::StatusOr<Scenario> scenario =
//       ScenarioBuilder(Topology::Star().Validators(3).Executors(1).Wallets(50))
//           .Transactions({.rate_per_block = 5, .users = 20})
//           .Expect(ConsensusIsLive())
//           .RunFor(90s)
//           .Build();
//
// Also for other kinds of node, as far as their workloads are given by With.
class ScenarioBuilder : public BasicScenarioBuilder<ScenarioBuilder> {
 public:
  using BasicScenarioBuilder::BasicScenarioBuilder;

  ScenarioBuilder& Transactions(TransactionOptions options = {});
  // Wrong ones, which no block may hold.
  ScenarioBuilder& InvalidTransactions(InvalidTransactionOptions options = {});
  // Also gives the topology data availability, as by default, unless it has it already.
  ScenarioBuilder& DataAvailability(DataAvailabilityOptions options = {});

  // kInvalidArgument says the first thing that is wrong, in one sentence.
  absl::StatusOr<Scenario> Build() const;

 private:
  struct Planned {
    size_t workload = 0;  // its place among the scenario's
    TransactionOptions options;
  };
  std::vector<Planned> planned_;
  int other_users_ = 0;  // wallets that workloads of another sort have
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SCENARIO_BUILDER_H_

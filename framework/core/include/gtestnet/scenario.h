// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SCENARIO_H_
#define GTESTNET_SCENARIO_H_

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/capabilities.h"
#include "gtestnet/expectation.h"
#include "gtestnet/fault_workloads.h"
#include "gtestnet/nomos/data_availability_workload.h"
#include "gtestnet/nomos/invalid_transaction_workload.h"
#include "gtestnet/nomos/transaction_workload.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/topology.h"
#include "gtestnet/workload.h"

namespace gtestnet {

// The plan of a run as a value. Knows nothing of how it is deployed.
struct Scenario {
  std::string name = "scenario";
  TopologySpec topology;
  std::vector<WorkloadSpec> workloads;
  std::vector<RunExpectation> expectations;
  Timespan duration;
  Capabilities required;
  // A command line that runs it again, for the bundle: what RerunCommand takes.
  std::string rerun;
};

// Builds a Scenario, and refuses one that cannot run:
//
//   absl::StatusOr<Scenario> scenario =
//       ScenarioBuilder(Topology::Star().Validators(3).Executors(1).Wallets(50))
//           .Transactions({.rate_per_block = 5, .users = 20})
//           .Expect(ConsensusIsLive())
//           .RunFor(90s)
//           .Build();
class ScenarioBuilder {
 public:
  explicit ScenarioBuilder(TopologySpec topology);

  ScenarioBuilder& Named(std::string name);
  ScenarioBuilder& Transactions(TransactionOptions options = {});
  // Wrong ones, which no block may hold.
  ScenarioBuilder& InvalidTransactions(InvalidTransactionOptions options = {});
  // Also gives the topology data availability, as by default, unless it has it already.
  ScenarioBuilder& DataAvailability(DataAvailabilityOptions options = {});
  ScenarioBuilder& Restarts(RestartOptions options = {});
  ScenarioBuilder& Kills(KillOptions options = {});
  ScenarioBuilder& Pauses(PauseOptions options = {});
  ScenarioBuilder& Churn(ChurnOptions options = {});
  // A workload of your own.
  ScenarioBuilder& With(WorkloadSpec workload);
  ScenarioBuilder& Expect(RunExpectation expectation);
  // Any gMock matcher of RunRecord; needs <gtestnet/matchers.h>.
  template <class M>
  requires(!std::is_same_v<std::remove_cvref_t<M>, RunExpectation>)
      ScenarioBuilder& Expect(M&& matcher, SourceLocation where = SourceLocation::Current()) {
    return Expect(ExpectationFrom<std::remove_cvref_t<M>>::Make(std::forward<M>(matcher), where));
  }
  ScenarioBuilder& Require(Capabilities capabilities);
  ScenarioBuilder& RunFor(Timespan duration);

  // kInvalidArgument says the first thing that is wrong, in one sentence.
  absl::StatusOr<Scenario> Build() const;

 private:
  template <class W, class Options>
  ScenarioBuilder& WithFaults(Options options);

  Scenario scenario_;
  struct Planned {
    size_t workload = 0;  // its place among the scenario's
    TransactionOptions options;
  };
  std::vector<Planned> planned_;
  int other_users_ = 0;  // wallets that workloads of another sort have
  std::vector<std::function<absl::Status(const TopologySpec&)>> checks_;
};

// Reads the text form of an expectation, e.g. "IncludesTransactions(Ge(0.9))"; matchers/ has one.
using ExpectationParser = std::function<absl::StatusOr<RunExpectation>(std::string_view text)>;

// A scenario from JSON (schema: framework/SCENARIO.md). Errors name the line and column.
absl::StatusOr<Scenario> ParseScenario(std::string_view json, const ExpectationParser& parser);
// The same of a regular file of at most a megabyte: "scenario.json:3:17: …".
absl::StatusOr<Scenario> ParseScenarioFile(const std::string& path,
                                           const ExpectationParser& parser);

}  // namespace gtestnet

#endif  // GTESTNET_SCENARIO_H_

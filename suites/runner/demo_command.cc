// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <memory>

#include "gmock/gmock.h"
#include "gtestnet/nomos/default_kind.h"
#include "gtestnet/nomos/default_matchers.h"
#include "gtestnet/run_context.h"
#include "gtestnet/scenario.h"
#include "runner/commands.h"
#include "runner/report.h"

namespace gtestnet::command {
namespace {

using testing::Ge;

// Kills one node and starts it again, once.
absl::Status KillAndStart(WorkloadRun& run, NodeIndex node) {
  const auto interval = run.context().pace().block_interval();
  run.Plan("kills " + run.context().node(node).name + " after 30 blocks, starts it 20 later");
  if (!run.SleepFor(std::chrono::duration_cast<std::chrono::nanoseconds>(30 * interval))) {
    return absl::OkStatus();
  }
  NodeControl& control = run.context().node_control();
  if (absl::Status s = control.Kill(node); !s.ok()) return s;
  run.Acted();
  run.SleepFor(std::chrono::duration_cast<std::chrono::nanoseconds>(20 * interval));
  return control.Start(node);
}

}  // namespace

int Demo(const std::string& deployer) {
  constexpr NodeIndex kVictim = 2;
  absl::StatusOr<Scenario> scenario =
      ScenarioBuilder(Topology::Star().Validators(3).Executors(1).Wallets(50))
          .Named("demo")
          .Transactions({.rate_per_block = 5, .users = 20})
          .With({.name = "crash",
                 .required = Capability::kNodeControl,
                 .start =
                     [](RunContext& context) {
                       return std::make_unique<Workload>(
                           context, WorkloadOptions{.name = "crash"},
                           [](WorkloadRun& run) { return KillAndStart(run, kVictim); });
                     }})
          .Expect(ConsensusIsLive())
          .Expect(AgreesOnChain())
          .Expect(FinalityAdvances())
          .Expect(ForksAtMost(2))
          .Expect(IncludesTransactions(Ge(0.9)))
          .Expect(RecoversWithin(Blocks(20)))
          .Expect(HasNoUnexpectedExits())
          .RunFor(std::chrono::seconds(25))
          .Build();
  if (!scenario.ok()) return Refuse(scenario.status());
  return DeployAndRun(deployer, *scenario, {.bundle = Preserve::kAlways});
}

}  // namespace gtestnet::command

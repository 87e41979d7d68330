// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <string>

#include "gtestnet/nomos.h"
#include "gtestnet/scenario.h"

namespace gtestnet {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::SizeIs;

std::string ErrorOf(const ScenarioBuilder& builder) {
  absl::StatusOr<Scenario> scenario = builder.Build();
  return scenario.ok() ? "" : std::string(scenario.status().message());
}

Topology Three() { return Topology::Star().Validators(3).Wallets(10); }

TEST(ScenarioBuilderTest, BuildsWhatWasAskedFor) {
  absl::StatusOr<Scenario> scenario = ScenarioBuilder(Three())
                                          .Named("mine")
                                          .Transactions({.rate_per_block = 2, .users = 10})
                                          .Restarts({.name = "chaos"})
                                          .Require(Capability::kTelemetry)
                                          .RunFor(Blocks(40))
                                          .Build();
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(scenario->name, "mine");
  ASSERT_THAT(scenario->workloads, SizeIs(2));
  EXPECT_EQ(scenario->workloads[1].name, "chaos");
  EXPECT_EQ(scenario->duration, Timespan(Blocks(40)));
  EXPECT_EQ(scenario->required, Capability::kTelemetry | Capability::kNodeControl);
}

TEST(ScenarioBuilderTest, RefusesATopologyThatCannotRun) {
  EXPECT_THAT(ErrorOf(ScenarioBuilder(Topology::Star()).RunFor(seconds(1))), HasSubstr("node"));
  EXPECT_THAT(ErrorOf(ScenarioBuilder(Three().ActiveSlotCoefficient("1.01")).RunFor(seconds(1))),
              HasSubstr("the active slot coefficient is \"1.01\""));
  EXPECT_THAT(ErrorOf(ScenarioBuilder(Topology::Custom({{0, 5}}).Validators(2)).RunFor(seconds(1))),
              HasSubstr("5"));
}

TEST(ScenarioBuilderTest, RefusesARunOfNoTime) {
  EXPECT_THAT(ErrorOf(ScenarioBuilder(Three())), HasSubstr("it runs for no time"));
  EXPECT_THAT(ErrorOf(ScenarioBuilder(Three()).RunFor(Blocks(-1))), HasSubstr("above zero"));
}

TEST(ScenarioBuilderTest, RefusesTransactionsThatCannotBeHeld) {
  const auto error = [](TransactionOptions options) {
    return ErrorOf(ScenarioBuilder(Three()).Transactions(options).RunFor(seconds(1)));
  };
  EXPECT_EQ(error({.users = 11}),
            "transactions \"transactions\": 11 users, but the topology has 10 wallets; add "
            ".Wallets(11)");
  EXPECT_THAT(error({.rate_per_block = 0}), HasSubstr("the rate is 0 per block"));
  EXPECT_THAT(error({.rate_per_block = 2000}), HasSubstr("at most 1024"));
  EXPECT_EQ(error({.rate_per_block = 5, .users = 2}),
            "transactions \"transactions\": to keep up 5 per block, 80 notes must go round, but 2 "
            "users have 40; more users or .NotesPerWallet(40) would do");
  EXPECT_THAT(
      ErrorOf(ScenarioBuilder(Topology::Star().Validators(2)).Transactions().RunFor(seconds(1))),
      HasSubstr("the topology has no wallets"));
}

TEST(ScenarioBuilderTest, RefusesRestartsThatCannotBeHeld) {
  const auto error = [](RestartOptions options) {
    return ErrorOf(ScenarioBuilder(Three()).Restarts(options).RunFor(seconds(1)));
  };
  EXPECT_EQ(error({.min_delay = Blocks(9), .max_delay = Blocks(8)}),
            "restarts \"restarts\": min_delay (9 blocks) is above max_delay (8 blocks)");
  EXPECT_THAT(error({.targets = {3}}), HasSubstr("there is no node 3; nodes go from 0 to 2"));
  EXPECT_THAT(error({.min_delay = Blocks(0), .max_delay = Blocks(0)}), HasSubstr("max_delay"));
}

TEST(ScenarioBuilderTest, RefusesAWorkloadOrAnExpectationThatIsEmpty) {
  WorkloadSpec workload;
  workload.name = "mine";
  EXPECT_THAT(ErrorOf(ScenarioBuilder(Three()).With(workload).RunFor(seconds(1))),
              HasSubstr("workload \"mine\" has no function"));
  EXPECT_THAT(ErrorOf(ScenarioBuilder(Three()).Expect(RunExpectation()).RunFor(seconds(1))),
              HasSubstr("has no function that judges it"));
}

}  // namespace
}  // namespace gtestnet

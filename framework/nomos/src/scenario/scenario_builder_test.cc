// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/scenario_builder.h"

#include <gmock/gmock.h>

#include <string>

#include "gtestnet/nomos/nomos.h"

namespace gtestnet::nomos {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::SizeIs;

RunExpectation Something() {
  return {.name = "something", .judge = [](const RunRecord&) { return Verdict{}; }};
}

std::string ErrorOf(ScenarioBuilder builder) {
  absl::StatusOr<Scenario> scenario = builder.Expect(Something()).Build();
  return scenario.ok() ? "" : std::string(scenario.status().message());
}

Topology Three() { return Topology::Star().Validators(3).Wallets(10); }

TEST(ScenarioBuilderTest, BuildsWhatWasAskedFor) {
  absl::StatusOr<Scenario> scenario = ScenarioBuilder(Three())
                                          .Named("mine")
                                          .Transactions({.rate_per_block = 2, .users = 10})
                                          .Restarts({.name = "chaos"})
                                          .Require(Capability::kTelemetry)
                                          .Expect(Something())
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

TEST(ScenarioBuilderTest, RefusesARunThatExpectsNothing) {
  const ScenarioBuilder builder = ScenarioBuilder(Three()).RunFor(seconds(1));
  EXPECT_EQ(std::string(builder.Build().status().message()),
            "scenario: it expects nothing, so that it would pass whatever its nodes did; say what "
            "must hold with .Expect(HasNoUnexpectedExits()), in a file with \"expect\": "
            "[\"HasNoUnexpectedExits\"]");
  EXPECT_EQ(ErrorOf(builder), "");
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
  EXPECT_THAT(error({.rate_per_block = 0}),
              HasSubstr("rate_per_block is 0; it must be from 1e-06"));
  EXPECT_THAT(error({.rate_per_block = 1e-320}), HasSubstr("it must be from 1e-06"));
  EXPECT_THAT(error({.rate_per_block = 0.9e-6}), HasSubstr("it must be from 1e-06"));
  EXPECT_EQ(error({.rate_per_block = 1e-6}), "");
  EXPECT_THAT(error({.rate_per_block = -1}),
              HasSubstr("rate_per_block is -1; it must be from 1e-06"));
  EXPECT_THAT(error({.rate_per_block = 2000}),
              HasSubstr("rate_per_block is 2000; it must be from 1e-06 to 900"));
  EXPECT_THAT(error({.rate_per_second = 0}),
              HasSubstr("rate_per_second is 0; it must be from 4.5e-06"));
  EXPECT_THAT(error({.rate_per_second = -2}),
              HasSubstr("rate_per_second is -2; it must be from 4.5e-06"));
  // A block each 222 ms.
  EXPECT_THAT(error({.rate_per_second = 9000}), HasSubstr(" to 4050"));
  EXPECT_THAT(error({.rate_per_block = 1, .rate_per_second = 1}), HasSubstr("both given"));
  EXPECT_THAT(error({.spread = Spread::kOneNode, .node = 3}),
              HasSubstr("node is 3, but nodes go from 0 to 2"));
  EXPECT_EQ(ErrorOf(ScenarioBuilder(Three().NotesPerWallet(20))
                        .Transactions({.rate_per_block = 5, .users = 2})
                        .RunFor(seconds(1))),
            "transactions \"transactions\": to keep up 5 per block, 80 notes must go round, but 2 "
            "users have 40; more users or .NotesPerWallet(40) would do");
  EXPECT_THAT(
      ErrorOf(ScenarioBuilder(Topology::Star().Validators(2)).Transactions().RunFor(seconds(1))),
      HasSubstr("the topology has no wallets"));
}

TEST(ScenarioBuilderTest, GivesWalletsTheNotesThatTheTransactionsNeed) {
  const auto notes = [](TransactionOptions options) {
    absl::StatusOr<Scenario> scenario = ScenarioBuilder(Three())
                                            .Transactions(options)
                                            .Expect(Something())
                                            .RunFor(seconds(1))
                                            .Build();
    return scenario.ok() ? NotesPerWalletOf(scenario->topology) : -1;
  };
  EXPECT_EQ(notes({.rate_per_block = 1}), 20);
  // Sixteen blocks on the way, and twice as many again.
  EXPECT_EQ(notes({.rate_per_block = 5, .users = 2}), 120);
  EXPECT_EQ(notes({.rate_per_block = 100}), 480);
}

TEST(ScenarioBuilderTest, SharesWalletsOutAmongWorkloads) {
  const auto error = [](int first, int second, int invalid) {
    return ErrorOf(ScenarioBuilder(Three())
                       .Transactions({.users = first, .name = "a"})
                       .Transactions({.users = second, .name = "b"})
                       .InvalidTransactions({.users = invalid})
                       .RunFor(seconds(1)));
  };
  EXPECT_EQ(error(0, 0, 1), "");
  EXPECT_EQ(error(6, 0, 3), "");
  EXPECT_EQ(error(6, 4, 1),
            "transactions \"b\": with those of other workloads, 11 users, but the topology has 10 "
            "wallets; add .Wallets(11)");
  EXPECT_THAT(error(0, 0, 0), HasSubstr("invalid transactions\": 0 users"));
}

TEST(ScenarioBuilderTest, RefusesInvalidTransactionsThatCannotBeHeld) {
  const auto error = [](InvalidTransactionOptions options) {
    return ErrorOf(ScenarioBuilder(Three()).InvalidTransactions(options).RunFor(seconds(1)));
  };
  EXPECT_THAT(error({.rate_per_block = 0}),
              HasSubstr("rate_per_block is 0; it must be from 1e-06"));
  EXPECT_THAT(error({.flaws = {}}), HasSubstr("no flaw is given"));
  EXPECT_THAT(error({.users = 11}), HasSubstr("the topology has 10 wallets"));
}

TEST(ScenarioBuilderTest, GivesTheTopologyDataAvailability) {
  const auto scenario = ScenarioBuilder(Topology::Star().Validators(3).Executors(2))
                            .DataAvailability({.channel_rate = 1, .blob_rate = 2})
                            .Expect(Something())
                            .RunFor(seconds(90))
                            .Build();
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_TRUE(NomosParametersOf(scenario->topology).data_availability.has_value());
  EXPECT_EQ(SlotOf(scenario->topology), seconds(1));
  EXPECT_EQ(scenario->workloads.at(0).name, "data_availability");
}

TEST(ScenarioBuilderTest, RefusesBlobsThatCannotBeHeld) {
  const auto error = [](DataAvailabilityOptions options, Topology topology) {
    return ErrorOf(ScenarioBuilder(topology).DataAvailability(options).RunFor(seconds(1)));
  };
  const Topology sound = Topology::Star().Validators(3).Executors(1);
  EXPECT_THAT(error({}, Topology::Star().Validators(3)),
              HasSubstr("the topology has no executors, which take blobs; add .Executors(1)"));
  EXPECT_THAT(error({}, Topology(sound).Slot(std::chrono::milliseconds(200))),
              HasSubstr("with data availability it must be at least 1000 ms"));
  EXPECT_THAT(error({.channel_rate = 0}, sound), HasSubstr("channel_rate is 0 per block"));
  EXPECT_THAT(error({.blob_rate = -2}, sound), HasSubstr("blob_rate is -2 per block"));
  EXPECT_THAT(error({.blob_rate = 5}, sound), HasSubstr("more than cores, 1, allows"));
  EXPECT_THAT(error({.payload = {31, 130000}}, sound), HasSubstr("a blob has at most 126976"));
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

TEST(ScenarioBuilderTest, RefusesMoreFaultsThanTheTopologyTolerates) {
  const auto refused = HasSubstr("\": at_once (2) is more than the topology tolerates");
  const auto mesh = [] { return ScenarioBuilder(Topology::FullMesh().Validators(4)); };
  EXPECT_THAT(ErrorOf(mesh().Restarts({.at_once = 2}).RunFor(seconds(1))), refused);
  EXPECT_THAT(ErrorOf(mesh().Kills({.at_once = 2}).RunFor(seconds(1))), refused);
  EXPECT_THAT(ErrorOf(mesh().Pauses({.at_once = 2}).RunFor(seconds(1))), refused);
  EXPECT_EQ(ErrorOf(mesh().Kills({.at_once = 2, .beyond_tolerance = true}).RunFor(seconds(1))), "");
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
}  // namespace gtestnet::nomos

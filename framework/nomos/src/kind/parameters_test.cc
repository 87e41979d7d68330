// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/kind/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "gtestnet/node_kind.h"

namespace gtestnet::nomos {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::string Refusal(const TopologySpec& spec) { return std::string(spec.Validate().message()); }

Topology Sound() { return Topology::Star().Validators(3).Executors(1).Wallets(50); }

// The suite's results must not depend on who runs it.
class NomosTopologyTest : public testing::Test {
 protected:
  void SetUp() override { unsetenv("GTESTNET_SLOT"); }
  void TearDown() override { unsetenv("GTESTNET_SLOT"); }
};

TEST_F(NomosTopologyTest, HasValidatorsFirst) {
  EXPECT_EQ(Sound().spec().Name(), "star_3v1e");
  const TopologySpec spec = Topology::Star().Executors(1).Validators(2);
  EXPECT_EQ(spec.NodeName(0), "validator-0");
  EXPECT_EQ(spec.NodeName(2), "executor-0");
  EXPECT_EQ(spec.Name(), "star_2v1e");
}

TEST_F(NomosTopologyTest, AcceptsSoundOnes) {
  EXPECT_EQ(Refusal(Sound()), "");
  EXPECT_EQ(Refusal(Topology::Star().Validators(1)), "");
  EXPECT_EQ(Refusal(Topology::Star().Executors(1)), "");
  EXPECT_EQ(Refusal(Topology::Ring().Validators(32)), "");
  EXPECT_EQ(Refusal(Topology::Chain().Validators(16)), "");
  EXPECT_EQ(Refusal(Sound().ActiveSlotCoefficient("1").Stake(0, 0)), "");
}

TEST_F(NomosTopologyTest, ChangesOneParameterAtATime) {
  const Topology base = Sound();
  Topology changed = base;
  changed.SecurityParameter(5).Misbehave(1, "stall@10");
  EXPECT_EQ(NomosParametersOf(base.spec()).security_parameter, 10);
  EXPECT_EQ(NomosParametersOf(changed.spec()).security_parameter, 5);
  EXPECT_EQ(NomosParametersOf(changed.spec()).wallets, 50);
  EXPECT_EQ(changed.spec().extra_arguments.at(0).second, "--misbehave=stall@10");
}

TEST_F(NomosTopologyTest, HasAPace) {
  const Pace pace = NomosKind().PaceOf(Sound());
  EXPECT_EQ(pace.slot, 200ms);
  EXPECT_DOUBLE_EQ(pace.active_slot_coefficient, 0.9);
  EXPECT_EQ(pace.slots_per_epoch, 110);
  EXPECT_EQ(NomosKind()
                .PaceOf(Sound().SecurityParameter(5).ActiveSlotCoefficient("0.05"))
                .slots_per_epoch,
            1000);
  EXPECT_EQ(NomosKind().PaceOf(Topology::Star().Validators(17)).slot, 1s);
  EXPECT_EQ(NomosKind().PaceOf(Topology::Star().Validators(17).Slot(300ms)).slot, 300ms);
}

TEST_F(NomosTopologyTest, TakesTheSlotFromTheEnvironment) {
  setenv("GTESTNET_SLOT", "1s", 1);
  EXPECT_EQ(SlotOf(Sound()), 1s);
  EXPECT_EQ(SlotOf(Sound().Slot(100ms)), 100ms);
  setenv("GTESTNET_SLOT", "soon", 1);
  EXPECT_THAT(Refusal(Sound()), HasSubstr("GTESTNET_SLOT"));
}

TEST_F(NomosTopologyTest, RefusesCoefficientsOutOfRange) {
  for (const char* f : {"0", "0.0", "1.1", "-0.5", "1e-3", "", ".", ".5", "1.", "0,9", "0x1", "nan",
                        "0.1234567890123456789", "99999999999999999999999"}) {
    EXPECT_THAT(Refusal(Sound().ActiveSlotCoefficient(f)),
                HasSubstr("it must be a decimal fraction above 0 and at most 1"))
        << f;
  }
  for (const char* f : {"1", "1.0", "0.9", "0.000000000000000001", "1.000000000000000000"}) {
    EXPECT_EQ(Refusal(Sound().ActiveSlotCoefficient(f)), "") << f;
  }
}

TEST_F(NomosTopologyTest, RefusesParametersWithWhichNothingRuns) {
  EXPECT_EQ(Refusal(Topology::Star()), "topology: it has no nodes; it needs at least one");
  EXPECT_EQ(Refusal(Sound().SecurityParameter(0)),
            "topology: SecurityParameter is 0; it must be from 1 to 1000000");
  EXPECT_EQ(Refusal(Sound().Wallets(-1)),
            "topology: the number of wallets is -1; it must not be negative");
  EXPECT_EQ(Refusal(Sound().NotesPerWallet(0)),
            "topology: NotesPerWallet is 0; it must be at least 1");
  EXPECT_THAT(Refusal(Sound().Wallets(2000000000).NotesPerWallet(2000000000)),
              HasSubstr("at most 1000000 are possible"));
  EXPECT_EQ(Refusal(Topology::Star().Validators(1).Stake(0, 0)),
            "topology: no node has stake, so that nobody could make a block");
  EXPECT_EQ(Refusal(Sound().Stake(4, 1)), "topology: Stake names node 4, but nodes go from 0 to 3");
  EXPECT_THAT(Refusal(Sound().Stake(1, UINT64_MAX)), HasSubstr("the stake of validator-1"));
}

TEST_F(NomosTopologyTest, RefusesSlotsTooShortForTheLayout) {
  EXPECT_EQ(Refusal(Topology::Chain().Validators(16).Slot(100ms)),
            "topology: its slot of 100 ms is too short for its layout, through which a block takes "
            "up to 15 hops of 5 ms: it must be at least 150 ms");
  EXPECT_EQ(Refusal(Topology::FullMesh().Validators(16).Slot(10ms)), "");
  EXPECT_EQ(Refusal(Sound().Slot(0ms)),
            "topology: its slot is 0 ms; it must be above 0 ms and at most an hour");
}

TEST_F(NomosTopologyTest, RefusesLayoutsInPartsUnlessPeersAreNotNeeded) {
  const Topology parts = Topology::Custom({{0, 1}, {2, 3}}).Validators(4);
  EXPECT_THAT(Refusal(parts), HasSubstr("parts that are not connected"));
  EXPECT_EQ(Refusal(Topology(parts).MinPeers(0)), "");
  EXPECT_EQ(Refusal(Sound().MinPeers(2)),
            "topology: MinPeers is 2, but validator-1 has only 1 neighbour: it would never make a "
            "block");
  EXPECT_EQ(Refusal(Sound().MinPeers(-1)), "topology: MinPeers is -1; it must not be negative");
}

Topology WithBlobs(DataAvailabilityParameters parameters) {
  return Sound().DataAvailability(parameters);
}

TEST_F(NomosTopologyTest, HasSlowerSlotsWithDataAvailability) {
  EXPECT_FALSE(NomosParametersOf(Sound().spec()).data_availability.has_value());
  EXPECT_EQ(SlotOf(Sound().DataAvailability()), 1s);
  EXPECT_EQ(SlotOf(Sound().DataAvailability().Slot(1500ms)), 1500ms);
  EXPECT_EQ(Refusal(Sound().DataAvailability()), "");
  EXPECT_EQ(ReplicationOf(Sound().DataAvailability()), 2);
  EXPECT_EQ(ReplicationOf(Topology::Star().Validators(1).DataAvailability()), 1);
  EXPECT_EQ(ReplicationOf(WithBlobs({.replication = 3})), 3);
  EXPECT_EQ(CheckSlotsOf(Sound().DataAvailability()), 33);
  EXPECT_EQ(CheckSlotsOf(WithBlobs({.check_slots = 7})), 7);
}

TEST_F(NomosTopologyTest, AddsDataAvailabilityOnce) {
  EXPECT_TRUE(NomosParametersOf(WithDataAvailability(Sound())).data_availability.has_value());
  const TopologySpec spec = WithDataAvailability(WithBlobs({.samples = 9}));
  EXPECT_EQ(NomosParametersOf(spec).data_availability->samples, 9);
}

TEST_F(NomosTopologyTest, RefusesDataAvailabilityThatCannotWork) {
  EXPECT_EQ(Refusal(Topology::Star().Executors(1).DataAvailability()),
            "topology: it has data availability, but no validators to hold columns; add "
            ".Validators(n)");
  EXPECT_EQ(Refusal(WithBlobs({.replication = 4})),
            "topology: DataAvailability.replication is 4; it must be from 1 to the number of "
            "validators, 3");
  EXPECT_EQ(Refusal(WithBlobs({.samples = 0})),
            "topology: DataAvailability.samples is 0; it must be from 1 to 128");
  EXPECT_EQ(Refusal(WithBlobs({.check_slots = -1})),
            "topology: DataAvailability.check_slots is -1; it must not be negative");
  EXPECT_EQ(Refusal(WithBlobs({.retention_slots = 33})),
            "topology: DataAvailability.retention_slots is 33; it must be more than the 33 slots "
            "in which blobs are still sampled, and at most 1000000000");
  EXPECT_EQ(Refusal(Sound().DataAvailability().Slot(999ms)),
            "topology: its slot is 999 ms; with data availability it must be at least 1000 ms");
}

TEST_F(NomosTopologyTest, RefusesOtherRolesAndOtherParameters) {
  TopologySpec spec = Sound();
  spec.roles.push_back({"archiver", 1});
  EXPECT_THAT(Refusal(spec), HasSubstr("no role \"archiver\""));
  spec = Sound();
  spec.parameters = nullptr;
  EXPECT_THAT(Refusal(spec), HasSubstr("use the builder Topology"));
  EXPECT_EQ(NomosParametersOf(spec).security_parameter, 10);
  EXPECT_EQ(NomosKind().Program("archiver").status().code(), absl::StatusCode::kNotFound);
}

TEST(NomosKindTest, TheApiHasTheMetrics) {
  const std::optional<MetricsRoute> route = NomosKind().Metrics();
  ASSERT_TRUE(route.has_value());
  EXPECT_EQ(route->port, "api");
  EXPECT_EQ(route->path, "/metrics");
}

}  // namespace
}  // namespace gtestnet::nomos

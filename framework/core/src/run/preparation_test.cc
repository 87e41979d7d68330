// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/preparation.h"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>

#include "core/src/run/testing/fake_cluster.h"
#include "gtestnet/random.h"

namespace gtestnet {
namespace {

using testing_support::FakeCluster;
using testing_support::FakeDeployer;
using testing_support::FakeTopology;

// A kind that says where it cannot run.
class Homebound final : public NodeKind {
 public:
  std::string_view name() const override { return "homebound"; }
  std::vector<PortSpec> Ports() const override { return {}; }
  absl::StatusOr<std::string> Program(std::string_view) const override { return "/bin/true"; }
  absl::StatusOr<NodeSetup> Setup(const ClusterSpec&, const Placement&, NodeIndex) const override {
    return NodeSetup{};
  }
  absl::StatusOr<NodeSample> Probe(const NodeInfo&, std::chrono::milliseconds) const override {
    return absl::UnavailableError("there is none");
  }
  absl::Status SupportedOn(const TopologySpec&, std::string_view) const override { return answer; }

  absl::Status answer = absl::UnimplementedError("it needs a display");
};

class PreparationTest : public testing::Test {
 protected:
  PreparationTest() {
    Forget();
    request_.name = "Suite.Test";
    request_.topology = FakeTopology::Star().Nodes(3);
  }
  ~PreparationTest() override { Forget(); }

  uint64_t Seed() const { return PrepareRun(deployer_, request_).value().options.seed; }

  FakeDeployer deployer_{RealClock()};
  RunRequest request_;

 private:
  static void Forget() {
    for (const char* name :
         {"GTESTNET_SEED", "GTESTNET_TEST_TIMEOUT", "GTESTNET_CTEST", "GTESTNET_PRESERVE",
          "GTESTNET_BUNDLE", "COMPOSE_RUNNER_PRESERVE", "GTESTNET_REPLAY"}) {
      ::unsetenv(name);
    }
  }
};

TEST_F(PreparationTest, TheSeedComesFromTheVariableThenTheTopologyThenTheCaller) {
  request_.seed = 7;
  EXPECT_EQ(Seed(), 7u);
  request_.topology.seed = 5;
  EXPECT_EQ(Seed(), 5u);
  ::setenv("GTESTNET_SEED", "42", 1);
  EXPECT_EQ(Seed(), 42u);
}

TEST_F(PreparationTest, ASeedThatNobodyGaveIsDrawnAnew) {
  const uint64_t one = Seed();
  EXPECT_GE(one, 1u);
  EXPECT_LE(one, 1'000'000'000u);
  EXPECT_NE(one, Seed());
}

TEST_F(PreparationTest, TheClusterIsItsOwners) {
  request_.topology.seed = 5;
  EXPECT_EQ(PrepareRun(deployer_, request_)->cluster.seed, SeedFor(5, "Suite.Test"));
  request_.owner = "Suite";
  const PreparedRun run = PrepareRun(deployer_, request_).value();
  EXPECT_EQ(run.cluster.seed, SeedFor(5, "Suite"));
  EXPECT_EQ(run.cluster.test, "Suite");
  EXPECT_EQ(run.options.test_name, "Suite.Test");
}

TEST_F(PreparationTest, ADeployerThatIsNotHereIsTheOneThingThatIsUnavailable) {
  deployer_.availability_ = {false, "fake: it is broken", "mend it"};
  EXPECT_TRUE(absl::IsUnavailable(PrepareRun(deployer_, request_).status()));
  deployer_.availability_ = {true, "", ""};
  request_.topology.roles.clear();
  EXPECT_TRUE(absl::IsInvalidArgument(PrepareRun(deployer_, request_).status()));
}

TEST_F(PreparationTest, AKindThatCannotRunThereSaysWhy) {
  Homebound kind;
  request_.topology.kind = &kind;
  EXPECT_EQ(PrepareRun(deployer_, request_).status(),
            absl::UnavailableError("fake: it needs a display"));
  // One that is wrong is no reason to skip.
  kind.answer = absl::InvalidArgumentError("it has no image");
  EXPECT_EQ(PrepareRun(deployer_, request_).status(),
            absl::InvalidArgumentError("fake: it has no image"));
  kind.answer = absl::OkStatus();
  EXPECT_TRUE(PrepareRun(deployer_, request_).ok());
}

TEST_F(PreparationTest, TheDeadlineIsNineTenthsOfTheTestsTimeout) {
  EXPECT_EQ(*RunDeadline(), std::nullopt);
  ::setenv("GTESTNET_TEST_TIMEOUT", "100s", 1);
  const Clock::TimePoint before = RealClock().Now();
  const std::optional<Clock::TimePoint> deadline = *RunDeadline();
  ASSERT_TRUE(deadline.has_value());
  EXPECT_GE(*deadline, before + std::chrono::seconds(90));
  EXPECT_LE(*deadline, RealClock().Now() + std::chrono::seconds(90));
  // Under CTest the time is the process's.
  ::setenv("GTESTNET_CTEST", "1", 1);
  EXPECT_LT(*RunDeadline(), before + std::chrono::seconds(90));
}

TEST_F(PreparationTest, AClusterIsKeptAsTheVariableSays) {
  struct Case {
    const char* preserve;
    bool failed;
    bool kept;
  };
  int runs = 0;
  for (const Case& one : {Case{"never", true, false}, Case{"on_failure", true, true},
                          Case{"on_failure", false, false}, Case{"always", false, true}}) {
    ::setenv("GTESTNET_PRESERVE", one.preserve, 1);
    ClusterSpec spec;
    spec.topology = request_.topology;
    spec.run_id = "preparation-test-" + std::to_string(++runs);
    FakeCluster cluster(spec, RealClock());
    const ClusterEnd end = EndCluster(cluster, one.failed);
    EXPECT_TRUE(end.status.ok());
    EXPECT_EQ(end.kept, one.kept) << one.preserve;
    EXPECT_EQ(cluster.world().kept, one.kept) << one.preserve;
  }
}

TEST_F(PreparationTest, ABundleIsLeftWhenItIsWanted) {
  EXPECT_TRUE(LeavesBundle(Preserve::kOnFailure, true));
  EXPECT_FALSE(LeavesBundle(Preserve::kOnFailure, false));
  EXPECT_FALSE(LeavesBundle(Preserve::kNever, true));
  EXPECT_TRUE(LeavesBundle(Preserve::kAlways, false));
  ::setenv("GTESTNET_BUNDLE", "always", 1);
  EXPECT_TRUE(LeavesBundle(Preserve::kOnFailure, false));
}

}  // namespace
}  // namespace gtestnet

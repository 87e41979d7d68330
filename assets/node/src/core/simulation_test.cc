// SPDX-License-Identifier: Apache-2.0
// Networks of engines under virtual time. Every seed is fixed: what passes here passes always.
#include "simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace gtestnet::node {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using namespace testing_support;  // NOLINT: the tests' own words

// The chains agree but for the last `tail` blocks.
void ExpectOneChain(Simulation& simulation, const std::vector<std::size_t>& nodes, Height tail) {
  EXPECT_EQ(simulation.Disagreement(nodes), "");
  Height lowest = ~Height{0};
  Height highest = 0;
  for (const std::size_t i : nodes) {
    lowest = std::min(lowest, simulation.engine(i).Info().height);
    highest = std::max(highest, simulation.engine(i).Info().height);
  }
  EXPECT_LE(highest - lowest, tail);
  const auto at = [&](std::size_t i, Height height) {
    const auto ids = simulation.engine(i).Headers({}, simulation.engine(i).genesis_id());
    return ids.at(simulation.engine(i).Info().height - height);
  };
  for (const std::size_t i : nodes) {
    EXPECT_EQ(at(i, lowest - tail), at(nodes[0], lowest - tail)) << "node " << i;
  }
}

TEST(SimulationTest, SameSeedSameRun) {
  const auto tip = [](std::uint64_t seed) {
    Simulation simulation({.nodes = 4, .seed = seed});
    simulation.RunSlots(100);
    return simulation.engine(2).Info().tip.Hex();
  };
  EXPECT_EQ(tip(5), tip(5));
  EXPECT_NE(tip(5), tip(6));
}

TEST(SimulationTest, LeadershipFollowsStake) {
  Simulation simulation({.nodes = 3, .stakes = {7000, 2000, 1000}, .seed = 3});
  simulation.RunSlots(1500);
  for (std::size_t i = 0; i < 3; ++i) {
    const double share = std::vector{0.7, 0.2, 0.1}[i];
    const double rate = 1 - std::pow(0.1, share);
    // 4.5 standard deviations: a probability of 7·10⁻⁶ for each of the three.
    EXPECT_NEAR(static_cast<double>(simulation.engine(i).Metrics().slots_won), 1500 * rate,
                4.5 * std::sqrt(1500 * rate * (1 - rate)));
  }
}

TEST(SimulationTest, ChainOfNodesWithMessagesAsBytes) {
  Simulation simulation({.nodes = 5,
                         .max_delay = 20,
                         .seed = 11,
                         .encode = true,
                         .edges = {{0, 1}, {1, 2}, {2, 3}, {3, 4}}});
  simulation.RunSlots(300);
  ExpectOneChain(simulation, {0, 1, 2, 3, 4}, 3);
  EXPECT_GT(simulation.engine(0).Info().height, 230u);
}

TEST(SimulationTest, MinorityThatWasCutOffComesBack) {
  Simulation simulation({.nodes = 4, .seed = 21});
  simulation.RunSlots(50);
  simulation.Isolate(3);
  simulation.RunSlots(200);  // far more than k blocks
  const Height alone = simulation.engine(3).Info().height;
  EXPECT_LT(alone, 60u);  // without peers it makes no blocks
  EXPECT_GT(simulation.engine(0).Info().height, 120u);
  simulation.Rejoin(3);
  simulation.RunSlots(10);
  ExpectOneChain(simulation, {0, 1, 2, 3}, 2);
}

TEST(SimulationTest, HalvesThatWentOnAloneForLessThanKBlocksAgreeAgain) {
  Simulation simulation({.nodes = 4, .seed = 22});
  simulation.RunSlots(50);
  for (const std::size_t a : {0, 1}) {
    for (const std::size_t b : {2, 3}) simulation.Cut(a, b);
  }
  simulation.RunSlots(7);
  for (const std::size_t a : {0, 1}) {
    for (const std::size_t b : {2, 3}) simulation.Join(a, b);
  }
  simulation.RunSlots(50);
  EXPECT_GT(simulation.deepest_reorganisation(), 2u);
  ExpectOneChain(simulation, {0, 1, 2, 3}, 2);
}

TEST(SimulationTest, PauseLongerThanFinalityIsCaughtUp) {
  Simulation simulation({.nodes = 4, .seed = 23});
  simulation.RunSlots(50);
  simulation.Pause(1);
  simulation.RunSlots(60);
  simulation.Resume(1);
  simulation.RunSlots(5);
  ExpectOneChain(simulation, {0, 1, 2, 3}, 2);
  EXPECT_LE(simulation.deepest_reorganisation(), 2u);
}

TEST(SimulationTest, PausedNodeWhoseConnectionsWereDroppedCatchesUp) {
  Simulation simulation({.nodes = 4, .seed = 24});
  simulation.RunSlots(50);
  simulation.Pause(1);
  simulation.RunSlots(25);
  simulation.Isolate(1);  // as its peers see it
  simulation.RunSlots(50);
  simulation.Resume(1);
  simulation.RunSlots(2);
  simulation.Rejoin(1);
  simulation.RunSlots(10);
  ExpectOneChain(simulation, {0, 1, 2, 3}, 2);
}

TEST(SimulationTest, KilledNodesRestartWithTheirChain) {
  Simulation simulation({.nodes = 4, .seed = 25});
  simulation.RunSlots(100);
  simulation.Kill(2);
  simulation.RunSlots(50);
  simulation.Start(2);
  EXPECT_GT(simulation.engine(2).Info().height, 80u);
  simulation.RunSlots(10);
  ExpectOneChain(simulation, {0, 1, 2, 3}, 2);
  EXPECT_EQ(simulation.engine(2).Info().mode, Mode::kOnline);
}

TEST(SimulationTest, AllAtOnceRestartAndGoOn) {
  Simulation simulation({.nodes = 4, .seed = 26});
  simulation.RunSlots(100);
  const Height before = simulation.engine(0).Info().height;
  for (std::size_t i = 0; i < 4; ++i) simulation.Kill(i);
  simulation.RunSlots(20);
  for (std::size_t i = 0; i < 4; ++i) simulation.Start(i);
  simulation.RunSlots(100);
  ExpectOneChain(simulation, {0, 1, 2, 3}, 2);
  EXPECT_GT(simulation.engine(0).Info().height, before + 80);
}

TEST(SimulationTest, LateJoinerDownloadsALongChainAndLeads) {
  Simulation simulation({.nodes = 4, .seed = 27, .late = {3}});
  simulation.RunSlots(700);
  simulation.Start(3);
  simulation.RunSlots(10);
  ExpectOneChain(simulation, {0, 1, 2, 3}, 2);
  EXPECT_EQ(simulation.engine(3).Info().mode, Mode::kOnline);
  simulation.RunSlots(50);
  EXPECT_GT(simulation.engine(3).Metrics().proposals, 5u);
  // It told the finality of all it had downloaded, once and in order.
  Height expected = 1;
  for (const Finalised& one : simulation.finalised(3)) EXPECT_EQ(one.height, expected++);
}

TEST(SimulationTest, DeadHubStopsAStarAndItsReturnRevivesIt) {
  Simulation simulation({.nodes = 4, .seed = 28, .edges = {{0, 1}, {0, 2}, {0, 3}}});
  simulation.RunSlots(50);
  simulation.Kill(0);
  const Height before = simulation.engine(1).Info().height;
  simulation.RunSlots(100);
  EXPECT_LE(simulation.engine(1).Info().height, before + 1);
  simulation.Start(0);
  simulation.RunSlots(50);
  ExpectOneChain(simulation, {0, 1, 2, 3}, 2);
  EXPECT_GT(simulation.engine(1).Info().height, before + 30);
}

TEST(SimulationTest, TransactionsReachEveryNodeAndSurviveReorganisations) {
  Simulation simulation({.nodes = 4, .seed = 29, .wallet_notes = 200});
  simulation.RunSlots(20);
  std::vector<SignedMantleTx> sent;
  for (const Coin& coin : simulation.WalletCoins()) {
    sent.push_back(Transfer({coin}, {{100, KeyOf(201).public_key()}}));
    EXPECT_EQ(simulation.Submit(sent.size() % 4, sent.back()), absl::OkStatus());
    simulation.RunFor(97);
  }
  simulation.RunSlots(15);
  for (const SignedMantleTx& tx : sent) {
    const HeaderId block = simulation.engine(0).StatusOf(HashOfTx(tx.tx)).block;
    ASSERT_FALSE(block.IsZero());
    for (std::size_t i = 1; i < 4; ++i) {
      EXPECT_EQ(simulation.engine(i).StatusOf(HashOfTx(tx.tx)).block, block);
    }
  }
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(simulation.engine(i).pending_count(), 0u);
}

// Anything short of k blocks may happen to them, one thing after the other, and they agree again.
class RandomFaultsTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomFaultsTest, AreSurvived) {
  constexpr std::size_t kNodes = 5;
  Simulation simulation({.nodes = kNodes, .seed = GetParam()});
  std::mt19937_64 random(GetParam());
  simulation.RunSlots(15);
  for (int round = 0; round < 20; ++round) {
    const std::size_t a = random() % kNodes;
    const std::size_t b = (a + 1 + random() % (kNodes - 1)) % kNodes;
    const std::uint64_t slots = 1 + random() % 6;
    switch (random() % 4) {
      case 0:
        simulation.Kill(a);
        simulation.Kill(b);
        simulation.RunSlots(slots);
        simulation.Start(a);
        simulation.Start(b);
        break;
      case 1:
        simulation.Pause(a);
        simulation.Pause(b);
        simulation.RunSlots(5 * slots);
        simulation.Resume(a);
        simulation.Resume(b);
        break;
      case 2:  // a and b on one side, the others on the other
        for (std::size_t i = 0; i < kNodes; ++i) {
          if (i != a && i != b) {
            simulation.Cut(a, i);
            simulation.Cut(b, i);
          }
        }
        simulation.RunSlots(slots);
        simulation.Rejoin(a);
        simulation.Rejoin(b);
        break;
      default:
        simulation.Isolate(a);
        simulation.RunSlots(5 * slots);
        simulation.Rejoin(a);
        break;
    }
    simulation.RunSlots(1 + random() % 4);
  }
  simulation.RunSlots(15);
  ExpectOneChain(simulation, {0, 1, 2, 3, 4}, 2);
  for (std::size_t i = 0; i < kNodes; ++i) {
    EXPECT_THAT(simulation.drops(i), IsEmpty());
    EXPECT_EQ(simulation.engine(i).Info().mode, Mode::kOnline);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomFaultsTest, testing::Range<std::uint64_t>(100, 108));

// Misbehaving nodes are seen to misbehave, and the others go on without them.
class MisbehavingNodeTest : public testing::Test {
 protected:
  Simulation With(Misbehaviour misbehaviour) {
    return Simulation({.nodes = 4, .seed = 31, .misbehaviour = {{3, misbehaviour}}});
  }
};

TEST_F(MisbehavingNodeTest, StalledNodeFallsBehind) {
  Simulation simulation = With({.stall_at = 20});
  simulation.RunSlots(100);
  EXPECT_EQ(simulation.engine(3).Info().height, 20u);
  ExpectOneChain(simulation, {0, 1, 2}, 2);
  EXPECT_GT(simulation.engine(0).Info().height, 60u);
}

TEST_F(MisbehavingNodeTest, ForkedNodeFinalisesAnotherChain) {
  Simulation simulation = With({.fork_at = 20});
  simulation.RunSlots(200);
  EXPECT_THAT(simulation.Disagreement(), HasSubstr("finalised different blocks"));
  ExpectOneChain(simulation, {0, 1, 2}, 2);
}

TEST_F(MisbehavingNodeTest, RevertedFinalityIsADisagreement) {
  Simulation simulation = With({.revert_finality_at = 30});
  simulation.RunSlots(200);
  EXPECT_THAT(simulation.Disagreement(), HasSubstr("finalised different blocks"));
}

TEST_F(MisbehavingNodeTest, RefusingNodeDoesNotKeepOthersFromSynchronising) {
  Simulation simulation(
      {.nodes = 4, .seed = 32, .misbehaviour = {{0, {.refuse_sync = true}}}, .late = {3}});
  simulation.RunSlots(100);
  simulation.Start(3);
  simulation.RunSlots(60);
  ExpectOneChain(simulation, {0, 1, 2, 3}, 2);
}

TEST_F(MisbehavingNodeTest, CensorDoesNotKeepTransactionsOut) {
  Simulation simulation(
      {.nodes = 4, .seed = 33, .misbehaviour = {{3, {.censor = true}}}, .wallet_notes = 5});
  simulation.RunSlots(10);
  for (const Coin& coin : simulation.WalletCoins()) {
    EXPECT_EQ(simulation.Submit(0, Transfer({coin}, {{100, KeyOf(201).public_key()}})),
              absl::OkStatus());
  }
  simulation.RunSlots(20);
  EXPECT_EQ(simulation.engine(3).pending_count(), 0u);
  EXPECT_GE(simulation.engine(0).Metrics().block_transactions, 5u);
}

TEST_F(MisbehavingNodeTest, ADoubleSpenderIsNotFollowed) {
  Simulation simulation(
      {.nodes = 4, .seed = 34, .misbehaviour = {{3, {.double_spend_at = 5}}}, .wallet_notes = 5});
  simulation.RunSlots(10);
  for (const Coin& coin : simulation.WalletCoins()) {
    EXPECT_EQ(simulation.Submit(0, Transfer({coin}, {{100, KeyOf(201).public_key()}})),
              absl::OkStatus());
  }
  simulation.RunSlots(60);
  EXPECT_GT(simulation.engine(0).Metrics().rejected_blocks, 0u);
  ExpectOneChain(simulation, {0, 1, 2}, 2);
}

TEST_F(MisbehavingNodeTest, AReplayingNodeGoesBackAndCatchesUp) {
  Simulation simulation = With({.replay_at = 30});
  simulation.RunSlots(35);
  const Height before = simulation.engine(3).Info().height;
  simulation.RunSlots(60);
  EXPECT_GT(simulation.engine(3).Info().height, before + 20);
  ExpectOneChain(simulation, {0, 1, 2, 3}, 2);
}

}  // namespace
}  // namespace gtestnet::node

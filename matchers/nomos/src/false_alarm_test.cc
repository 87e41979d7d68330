// SPDX-License-Identifier: Apache-2.0
// Statistical matchers are wrong as seldom as they say, and still see what they are there for: runs
// are simulated from a fixed seed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/consensus_matchers.h"
#include "matchers/chain/src/run_view.h"
#include "matchers/chain/src/testing/record_builder.h"
#include "matchers/core/src/testing/four_ways.h"
#include "matchers/nomos/src/participation.h"
#include "matchers/nomos/src/standstill.h"

namespace gtestnet::matching {
namespace {

using namespace nomos;  // NOLINT: what is tested

struct Network {
  std::vector<uint64_t> stake;
  double f = 0.9;
  int64_t slots = 40;
  // When several leaders win: the first of them, always, or any.
  bool first_wins = false;
  // The stake by which leaders are drawn; empty: the true one.
  std::vector<uint64_t> drawn_by = {};
  // From this slot on nobody makes a block. −1: never.
  int64_t halts_at = -1;
};

// A network without delays: each leader draws on its own.
RunRecord Simulate(const Network& run, std::mt19937_64& random) {
  RecordBuilder builder(static_cast<int>(run.stake.size()));
  builder.Coefficient(testing::PrintToString(run.f));
  for (size_t i = 0; i < run.stake.size(); ++i) {
    builder.Stake(static_cast<NodeIndex>(i), run.stake[i]);
  }
  const std::vector<uint64_t>& drawn_by = run.drawn_by.empty() ? run.stake : run.drawn_by;
  double total = 0;
  for (uint64_t stake : drawn_by) total += static_cast<double>(stake);
  std::uniform_real_distribution<double> uniform;
  for (int64_t slot = 0; slot < run.slots; ++slot) {
    std::vector<NodeIndex> winners;
    for (size_t i = 0; i < drawn_by.size(); ++i) {
      const double win = 1 - std::pow(1 - run.f, static_cast<double>(drawn_by[i]) / total);
      if (run.halts_at >= 0 && slot >= run.halts_at) continue;
      if (uniform(random) < win) winners.push_back(static_cast<NodeIndex>(i));
    }
    if (winners.empty()) {
      builder.Idle(1);
    } else {
      std::uniform_int_distribution<size_t> which(0, winners.size() - 1);
      builder.Block(run.first_wins ? winners[0] : winners[which(random)]);
    }
  }
  return builder.Build();
}

template <class M>
int CountMismatches(const M& matcher, const Network& run, int runs) {
  std::mt19937_64 random(987654321);
  int mismatches = 0;
  for (int i = 0; i < runs; ++i) {
    const RunRecord record = Simulate(run, random);
    if (!Matches(matcher, record)) ++mismatches;
  }
  return mismatches;
}

// At a rate of 1e-6 per node, one alarm in all of these runs has a chance of less than 1 in 100.
TEST(FalseAlarmTest, ConsensusIsLiveRaisesNone) {
  EXPECT_EQ(CountMismatches(ConsensusIsLive(), {.stake = {1, 1, 1}, .slots = 10}, 600), 0);
  EXPECT_EQ(CountMismatches(ConsensusIsLive(), {.stake = {1, 1, 1}, .slots = 40}, 300), 0);
  EXPECT_EQ(CountMismatches(ConsensusIsLive(), {.stake = {5, 1, 1}, .f = 0.3, .slots = 60}, 300),
            0);
  EXPECT_EQ(CountMismatches(ConsensusIsLive(), {.stake = {1}, .f = 0.05, .slots = 300}, 100), 0);
}

// A chain that makes a third of the blocks that it should is seen, once a run is long enough.
TEST(FalseAlarmTest, ConsensusIsLiveSeesASlowChain) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 50; ++i) {
    RunRecord record = Simulate({.stake = {1, 1, 1}, .f = 0.3, .slots = 200}, random);
    chain::MutableChainOf(record).parameters.active_slot_coefficient = "0.9";
    chain::MutableChainOf(record).parameters.pace.active_slot_coefficient = 0.9;
    EXPECT_FALSE(Matches(ConsensusIsLive(), record));
  }
}

TEST(FalseAlarmTest, ConsensusIsLiveSeesAHaltWheneverItComes) {
  for (int64_t percent : {52, 66, 70, 90}) {
    const int64_t at = 2 * percent;
    EXPECT_EQ(
        CountMismatches(ConsensusIsLive(), {.stake = {5, 1, 1}, .slots = 200, .halts_at = at}, 20),
        20);
    EXPECT_EQ(
        CountMismatches(ConsensusIsLive(),
                        {.stake = {1, 1}, .f = 0.3, .slots = 1000, .halts_at = 10 * percent}, 5),
        5);
  }
}

// At a rate that can be counted, standstills of honest chains are told no more often than that.
TEST(FalseAlarmTest, StandstillsAreToldAsSeldomAsTheySay) {
  constexpr double kRate = 0.2;
  constexpr int kRuns = 400;
  std::mt19937_64 random(42);
  int network = 0;
  int node = 0;
  for (int i = 0; i < kRuns; ++i) {
    const RunRecord record = Simulate({.stake = {1, 1}, .f = 0.1, .slots = 200}, random);
    const RunView view(record);
    const Participation participation(view);
    const Standstills standstills(view, participation, kRate);
    network += standstills.of_network().has_value() ? 1 : 0;
    node += standstills.Of(1).has_value() ? 1 : 0;
  }
  EXPECT_LE(network, kRate * kRuns);
  EXPECT_GE(network, 1) << "the bound is not so wide that nothing is beyond it";
  EXPECT_EQ(node, 0) << "what the network's standstill explains";
}

TEST(FalseAlarmTest, LeadsByStakeRaisesNone) {
  EXPECT_EQ(CountMismatches(LeadsByStake(), {.stake = {3, 1}, .slots = 200}, 200), 0);
  EXPECT_EQ(CountMismatches(LeadsByStake(), {.stake = {3, 1, 1}, .slots = 200}, 200), 0);
  EXPECT_EQ(CountMismatches(LeadsByStake(), {.stake = {1, 1, 1}, .f = 0.3, .slots = 400}, 100), 0);
  // Even if it is always the same who is faster.
  EXPECT_EQ(
      CountMismatches(LeadsByStake(), {.stake = {1, 1}, .slots = 200, .first_wins = true}, 200), 0);
}

TEST(FalseAlarmTest, LeadsByStakeSeesLeadersDrawnAlike) {
  const Network run = {.stake = {8, 1, 1}, .f = 0.3, .slots = 600, .drawn_by = {1, 1, 1}};
  EXPECT_GE(CountMismatches(LeadsByStake(), run, 50), 48);
}

}  // namespace
}  // namespace gtestnet::matching

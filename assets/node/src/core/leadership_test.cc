// SPDX-License-Identifier: Apache-2.0
#include "leadership.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "block_maker.h"

namespace gtestnet::node {
namespace {

using namespace testing_support;  // NOLINT: the tests' own words

EpochState EpochOf(const Genesis& genesis) {
  ConsensusOptions options;
  return EpochRules(options, genesis).At(EpochRules(options, genesis).genesis(), 1);
}

TEST(LeadershipTest, WinsAreValidProofs) {
  Thresholds thresholds({1, 2});
  Leader leader({SeedOf(1)});
  const EpochState epoch = EpochOf(TestGenesis());
  int won = 0;
  for (Slot slot = 1; slot <= 50; ++slot) {
    const auto win = leader.TryWin(slot, epoch, thresholds);
    if (!win) continue;
    ++won;
    Header header;
    header.slot = slot;
    header.entropy = win->entropy;
    header.proof = win->proof;
    header.leader_key = win->key->public_key();
    EXPECT_EQ(CheckLeader(header, epoch, thresholds, Signatures::kCheck), absl::OkStatus());
  }
  EXPECT_GT(won, 0);
  EXPECT_LT(won, 50);
}

TEST(LeadershipTest, WhoHasNoStakeNeverWins) {
  Thresholds thresholds({1, 1});
  Leader stranger({SeedOf(99)});
  Leader wallet({SeedOf(kAlice)});
  Leader nobody({});
  for (Leader* leader : {&stranger, &wallet, &nobody}) {
    EXPECT_FALSE(leader->TryWin(1, EpochOf(TestGenesis()), thresholds).has_value());
  }
}

// Slots are won at the rate φ(α) = 1 − (1 − f)^α of the leader's share α, each leader for itself.
// The number of wins in n slots is binomial; the bounds are 4.5 standard deviations, which chance
// leaves with a probability of about 7·10⁻⁶ for each of the 12 leaders below (8·10⁻⁵ in all). The
// seeds are fixed, so that this has been drawn once and for all.
class RateTest : public testing::TestWithParam<std::pair<const char*, std::vector<std::uint64_t>>> {
};

TEST_P(RateTest, IsThatOfTheStake) {
  constexpr int kSlots = 4000;
  const auto& [f, stakes] = GetParam();
  Genesis genesis;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < stakes.size(); ++i) {
    genesis.notes.push_back(
        {{stakes[i], KeyOf(static_cast<std::uint8_t>(i + 1)).public_key()}, true});
    total += stakes[i];
  }
  const EpochState epoch = EpochOf(genesis);
  Thresholds thresholds(SlotCoefficient::Parse(f).value());
  std::vector<bool> won_by_any(kSlots);
  for (std::size_t i = 0; i < stakes.size(); ++i) {
    Leader leader({SeedOf(static_cast<std::uint8_t>(i + 1))});
    int wins = 0;
    for (Slot slot = 1; slot <= kSlots; ++slot) {
      if (!leader.TryWin(slot, epoch, thresholds)) continue;
      ++wins;
      won_by_any[slot - 1] = true;
    }
    const double share = static_cast<double>(stakes[i]) / static_cast<double>(total);
    const double rate = 1 - std::pow(1 - std::stod(f), share);
    EXPECT_NEAR(wins, kSlots * rate, 4.5 * std::sqrt(kSlots * rate * (1 - rate))) << share;
  }
  // All together win the share f of the slots, however the stake is split.
  const auto any = std::count(won_by_any.begin(), won_by_any.end(), true);
  const double f_value = std::stod(f);
  EXPECT_NEAR(static_cast<double>(any), kSlots * f_value,
              4.5 * std::sqrt(kSlots * f_value * (1 - f_value)));
}

INSTANTIATE_TEST_SUITE_P(
    Stakes, RateTest,
    testing::Values(std::pair{"0.9", std::vector<std::uint64_t>{1000, 1000, 1000}},
                    std::pair{"0.9", std::vector<std::uint64_t>{7000, 2000, 1000}},
                    std::pair{"0.5", std::vector<std::uint64_t>{1000}},
                    std::pair{"0.05", std::vector<std::uint64_t>{100, 200, 300, 400, 1}}));

}  // namespace
}  // namespace gtestnet::node

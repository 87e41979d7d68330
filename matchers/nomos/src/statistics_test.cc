// SPDX-License-Identifier: Apache-2.0
#include "matchers/nomos/src/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace gtestnet::matching {
namespace {

TEST(StatisticsTest, QuantileOfABinomialIsExact) {
  // 10 throws of a fair coin: P(< 1) = 1/1024, P(< 2) = 11/1024.
  EXPECT_EQ(LowerQuantile({{10, 0.5}}, 0.9 / 1024), 0);
  EXPECT_EQ(LowerQuantile({{10, 0.5}}, 1.1 / 1024), 1);
  EXPECT_EQ(LowerQuantile({{10, 0.5}}, 11.1 / 1024), 2);
  EXPECT_EQ(UpperQuantile({{10, 0.5}}, 0.9 / 1024), 10);
  EXPECT_EQ(UpperQuantile({{10, 0.5}}, 1.1 / 1024), 9);
}

TEST(StatisticsTest, GroupsAddUp) {
  // The same coin, in three groups; and five slots that are sure.
  EXPECT_EQ(LowerQuantile({{3, 0.5}, {6, 0.5}, {1, 0.5}, {5, 1}, {7, 0}}, 11.1 / 1024), 7);
  EXPECT_DOUBLE_EQ(Mean({{3, 0.5}, {5, 1}, {7, 0}}), 6.5);
  EXPECT_EQ(Count({{3, 0.5}, {5, 1}, {7, 0}}), 15);
  EXPECT_EQ(LowerQuantile({}, 1e-6), 0);
  EXPECT_EQ(LowerQuantile({{4, 1}}, 1e-6), 4);
  EXPECT_EQ(UpperQuantile({{4, 0}}, 1e-6), 0);
}

TEST(StatisticsTest, UnequalChancesAreAPoissonBinomial) {
  // P(0) = 0.9 × 0.2 = 0.18 and P(< 2) = 1 − 0.1 × 0.8 = 0.92.
  EXPECT_EQ(LowerQuantile({{1, 0.1}, {1, 0.8}}, 0.179), 0);
  EXPECT_EQ(LowerQuantile({{1, 0.1}, {1, 0.8}}, 0.181), 1);
  EXPECT_EQ(LowerQuantile({{1, 0.1}, {1, 0.8}}, 0.919), 1);
  EXPECT_EQ(LowerQuantile({{1, 0.1}, {1, 0.8}}, 0.921), 2);
}

TEST(StatisticsTest, ShortRunsHaveNoQuantile) {
  // At f = 0.9, six slots are the first that a live chain leaves empty at most once in a million.
  EXPECT_EQ(LowerQuantile({{5, 0.9}}, 1e-6), 0);
  EXPECT_EQ(LowerQuantile({{7, 0.9}}, 1e-6), 1);
}

TEST(StatisticsTest, TheBoundIsTheSmallerOfHalfAndQuantile) {
  EXPECT_EQ(LiveBound({{7, 0.9}}, 1e-6), 1);
  EXPECT_DOUBLE_EQ(LiveBound({{1000, 0.9}}, 1e-6), 450);
  // Short of the Chernoff bound, and yet half is the smaller.
  EXPECT_DOUBLE_EQ(LiveBound({{60, 0.9}}, 1e-6), 27);
  EXPECT_LT(LiveBound({{100, 0.3}}, 1e-6), 15);
}

TEST(StatisticsTest, LongRunsAreQuick) {
  EXPECT_GT(LowerQuantile({{20'000, 0.01}, {20'000, 0.3}}, 1e-6), 5'500);
  EXPECT_DOUBLE_EQ(LiveBound({{1'000'000'000, 0.5}}, 1e-6), 250'000'000);
}

TEST(StatisticsTest, TheBoundOfLongRunsIsCloseAndOnTheSafeSide) {
  // A binomial of 2 · 10⁹ trials is a normal distribution: its quantile is 4.7534 deviations away.
  const double deviation = std::sqrt(2e9 * 0.25);
  const auto lower = static_cast<double>(LowerQuantile({{2'000'000'000, 0.5}}, 1e-6));
  EXPECT_LT(lower, 1e9 - 4.7534 * deviation);
  EXPECT_GT(lower, 1e9 - 5.3 * deviation);
  const auto upper = static_cast<double>(UpperQuantile({{2'000'000'000, 0.5}}, 1e-6));
  EXPECT_GT(upper, 1e9 + 4.7534 * deviation);
  EXPECT_LT(upper, 1e9 + 5.3 * deviation);
}

TEST(StatisticsTest, TheBoundGoesOnWhereTheExactOneStops) {
  // With two groups, a mean of 3,161 is the last that is worked out.
  const auto of = [](int64_t mean) { return LowerQuantile({{mean, 0.5}, {2 * mean, 0.25}}, 1e-6); };
  int64_t last = 0;
  for (int64_t mean = 3'100; mean < 3'200; ++mean) {
    const int64_t q = of(mean);
    EXPECT_GE(q, last - 40);
    EXPECT_LT(q, mean);
    last = q;
  }
}

TEST(StatisticsTest, AnythingIsRoundedUpToACount) {
  constexpr int64_t kMost = int64_t{1} << 53;
  EXPECT_EQ(RoundedUp(-2.5), 0);
  EXPECT_EQ(RoundedUp(2), 2);
  EXPECT_EQ(RoundedUp(2.1), 3);
  EXPECT_EQ(RoundedUp(9007199254740991), kMost - 1);
  EXPECT_EQ(RoundedUp(9007199254740992), kMost);
  EXPECT_EQ(RoundedUp(2e21), kMost);
  EXPECT_EQ(RoundedUp(std::numeric_limits<double>::infinity()), kMost);
  EXPECT_EQ(RoundedUp(std::numeric_limits<double>::quiet_NaN()), kMost);
}

TEST(StatisticsTest, TheQuantileIsMissedAsOftenAsItSays) {
  std::mt19937_64 random(20240601);
  const std::vector<Trials> trials = {{30, 0.9}, {20, 0.4}};
  const double alpha = 0.02;
  const int64_t q = LowerQuantile(trials, alpha);
  std::binomial_distribution<int> first(30, 0.9);
  std::binomial_distribution<int> second(20, 0.4);
  int missed = 0;
  int missed_next = 0;
  constexpr int kRuns = 50'000;
  for (int i = 0; i < kRuns; ++i) {
    const int successes = first(random) + second(random);
    missed += successes < q ? 1 : 0;
    missed_next += successes < q + 1 ? 1 : 0;
  }
  // Five standard deviations are 0.003.
  EXPECT_LE(missed, (alpha + 0.003) * kRuns);
  EXPECT_GT(missed_next, (alpha - 0.003) * kRuns) << "and it is the greatest such bound";
}

TEST(StatisticsTest, CountsFailuresUntilTheyAreUnlikely) {
  EXPECT_EQ(FailuresUntil({{100, 0.9}}, 1.01e-6), 6);
  EXPECT_EQ(FailuresUntil({{100, 0.9}}, 0.99e-6), 7);
  EXPECT_EQ(FailuresUntil({{2, 0.9}, {50, 0.5}}, 0.01 / 8.01), 6) << "two, and then four halves";
  EXPECT_EQ(FailuresUntil({{5, 0.9}}, 1e-6), 6) << "never";
  EXPECT_EQ(FailuresUntil({{1000, 0}}, 1e-6), 1001);
  EXPECT_EQ(FailuresUntil({{3, 0}, {3, 1}}, 1e-6), 4) << "one that is certain";
  EXPECT_EQ(FailuresUntil({}, 1e-6), 1);
}

}  // namespace
}  // namespace gtestnet::matching

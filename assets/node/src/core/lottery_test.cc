// SPDX-License-Identifier: Apache-2.0
// Compiled several times, with different optimisation and instruction sets; none may change a bit.
// More thresholds are in testdata/vectors.json.
#include "lottery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gtestnet::node {
namespace {

using testing::HasSubstr;

std::string WinText(const char* f, std::uint64_t value, std::uint64_t total) {
  const absl::StatusOr<SlotCoefficient> coefficient = SlotCoefficient::Parse(f);
  return coefficient.ok() ? WinThreshold(*coefficient, value, total).Decimal()
                          : coefficient.status().ToString();
}

// By Python, with 100 decimal digits: int((1 - (Decimal(v) / t * (1 - Decimal(f)).ln()).exp()) *
// 2**64).
TEST(LotteryTest, GoldenThresholds) {
  EXPECT_EQ(WinText("0.9", 1000, 3000), "9884523942805255709");
  EXPECT_EQ(WinText("0.9", 1, 1000), "42426334051224795");
  EXPECT_EQ(WinText("0.9", 1001, 2000), "12620083458960226689");
  EXPECT_EQ(WinText("0.033333333333333333", 1, 30), "20834000948987158");
  EXPECT_EQ(WinText("0.999999999999999999", 1, ~std::uint64_t{0}), "41");
}

TEST(LotteryTest, ExactCasesAreExact) {
  EXPECT_EQ(WinText("0.9", 7, 7), "16602069666338596454");  // ⌊0.9·2⁶⁴⌋
  EXPECT_EQ(WinText("0.5", 7, 7), "9223372036854775808");   // 2⁶³
  EXPECT_EQ(WinText("0.75", 4, 8), "9223372036854775808");  // 1 − √¼
  EXPECT_EQ(WinText("0.875", 1, 3), "9223372036854775808");
  EXPECT_EQ(WinText("0.99", 1, 2), WinText("0.9", 1, 1));
}

TEST(LotteryTest, WholeCoefficientAlwaysWinsAndNoStakeNever) {
  EXPECT_EQ(WinText("1", 1, 1000), "18446744073709551616");
  EXPECT_TRUE(WinThreshold({1, 1}, 1, 1000).IsWonBy(~std::uint64_t{0}));
  EXPECT_EQ(WinText("1", 0, 1000), "0");
  EXPECT_EQ(WinText("0.9", 0, 1000), "0");
  EXPECT_EQ(WinText("0.9", 5, 0), "0");
  EXPECT_FALSE(WinThreshold({9, 10}, 0, 1000).IsWonBy(0));
  EXPECT_EQ(WinText("0.9", 8, 7), WinText("0.9", 7, 7));
}

TEST(LotteryTest, IndependentOfHowStakeIsSplit) {
  // Winning with either half is as likely as with the whole: (1 − φ(½))² = 1 − f, up to the
  // rounding of two halves.
  for (const char* f : {"0.9", "0.5", "0.05", "0.999999"}) {
    const std::string whole = WinText(f, 2, 2);
    const long double lose = 1.0L - std::stold(WinText(f, 1, 2)) / 18446744073709551616.0L;
    EXPECT_NEAR(static_cast<double>(1.0L - lose * lose),
                static_cast<double>(std::stold(whole) / 18446744073709551616.0L), 1e-15);
  }
}

TEST(LotteryTest, GrowsWithStake) {
  std::uint64_t last = 0;
  for (std::uint64_t value = 1; value <= 64; ++value) {
    const std::uint64_t limit = WinThreshold({9, 10}, value, 64).limit;
    EXPECT_GT(limit, last);
    last = limit;
  }
}

TEST(SlotCoefficientTest, ParsesDecimalFractions) {
  const auto f = SlotCoefficient::Parse("0.05");
  ASSERT_TRUE(f.ok());
  EXPECT_EQ(f->numerator, 5u);
  EXPECT_EQ(f->denominator, 100u);
  EXPECT_TRUE(SlotCoefficient::Parse("1").ok());
  EXPECT_TRUE(SlotCoefficient::Parse("1.000").ok());
}

TEST(SlotCoefficientTest, RefusesWhatIsNone) {
  const auto error = [](const char* text) {
    return std::string(SlotCoefficient::Parse(text).status().message());
  };
  EXPECT_EQ(error("1.1"), "active slot coefficient \"1.1\": must be in (0, 1]");
  for (const char* text : {"0", "0.0", "2", "1.0000001", "999999999999999999"}) {
    EXPECT_THAT(error(text), HasSubstr("(0, 1]")) << text;
  }
  for (const char* text : {"", ".", ".5", "5.", "0.1234567890123456789"}) {
    EXPECT_THAT(error(text), HasSubstr("digits")) << text;
  }
  for (const char* text : {"-0.5", "0,5", "0.5.5", "1e-1", "0.x", " 0.5", "nan"}) {
    EXPECT_THAT(error(text), HasSubstr("not a decimal fraction")) << text;
  }
}

}  // namespace
}  // namespace gtestnet::node

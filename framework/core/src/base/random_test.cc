// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>

namespace gtestnet {
namespace {

using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::Le;
using testing::Lt;

// The reference implementations of splitmix64 and xoshiro256**, in Python, say so.
TEST(RandomTest, IsXoshiro256StarStarSeededBySplitMix64) {
  Random random(42);
  EXPECT_EQ(random.Next(), 0x15780b2e0c2ec716u);
  EXPECT_EQ(random.Next(), 0x6104d9866d113a7eu);
  EXPECT_EQ(random.Next(), 0xae17533239e499a1u);
}

TEST(RandomTest, DependsOnItsSeedAlone) {
  Random a(7), b(7), c(8);
  const uint64_t first = a.Next();
  EXPECT_EQ(b.Next(), first);
  EXPECT_NE(c.Next(), first);
}

TEST(RandomTest, BelowStaysBelow) {
  Random random(1);
  for (uint64_t bound : {uint64_t{1}, uint64_t{2}, uint64_t{1000}, UINT64_MAX}) {
    for (int i = 0; i < 100; ++i) EXPECT_LT(random.Below(bound), bound);
  }
  EXPECT_EQ(random.Below(0), 0u);
}

TEST(RandomTest, BelowIsEven) {
  // 6000 throws of a die: each face comes 1000 ± 29 times; 150 is five deviations off.
  Random random(3);
  std::array<int, 6> faces{};
  for (int i = 0; i < 6000; ++i) ++faces[random.Below(6)];
  EXPECT_THAT(faces, Each(AllOf(Ge(850), Le(1150))));
}

TEST(RandomTest, FractionIsInTheUnitInterval) {
  Random random(5);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const double x = random.Fraction();
    ASSERT_THAT(x, AllOf(Ge(0.0), Lt(1.0)));
    sum += x;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
}

TEST(RandomTest, ForksDoNotDependOnUse) {
  Random fresh(9), used(9);
  used.Next();
  EXPECT_EQ(fresh.Fork("a").Next(), used.Fork("a").Next());
  EXPECT_NE(fresh.Fork("a").Next(), fresh.Fork("b").Next());
  EXPECT_NE(fresh.Fork("a").Next(), Random(10).Fork("a").Next());
  EXPECT_EQ(fresh.Bytes("key"), used.Bytes("key"));
}

TEST(RandomTest, BytesAreAPurposesOwn) {
  const Random random(9);
  std::set<std::array<uint8_t, 32>> seen = {random.Bytes(""), random.Bytes("a"), random.Bytes("b"),
                                            Random(10).Bytes("a")};
  EXPECT_EQ(seen.size(), 4u);
}

TEST(RandomTest, EveryTestHasASeedOfItsOwn) {
  EXPECT_EQ(SeedFor(1, "A.B"), SeedFor(1, "A.B"));
  EXPECT_NE(SeedFor(1, "A.B"), SeedFor(1, "A.C"));
  EXPECT_NE(SeedFor(1, "A.B"), SeedFor(2, "A.B"));
}

}  // namespace
}  // namespace gtestnet

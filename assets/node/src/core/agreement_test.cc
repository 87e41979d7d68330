// SPDX-License-Identifier: Apache-2.0
// Two thousand slots of three, four and seven nodes, under virtual time with delays up to a quarter
// of a slot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation.h"

namespace gtestnet::node {
namespace {

using testing::IsEmpty;
using testing_support::Simulation;

class AgreementTest : public testing::TestWithParam<std::size_t> {};

TEST_P(AgreementTest, TwoThousandSlotsWithoutADeepReorganisation) {
  const std::size_t nodes = GetParam();
  Simulation simulation({.nodes = nodes, .seed = 7 + nodes});
  simulation.RunSlots(2000);
  EXPECT_EQ(simulation.Disagreement(), "");
  EXPECT_LE(simulation.deepest_reorganisation(), 2u);
  // Heights are binomial: 1800 of 2000 slots, with a standard deviation of 13.4; 60 is 4.5 of them
  // (7·10⁻⁶).
  for (std::size_t i = 0; i < nodes; ++i) {
    const ChainInfo info = simulation.engine(i).Info();
    EXPECT_EQ(info.mode, Mode::kOnline);
    EXPECT_EQ(info.lib_height + 10, info.height);
    EXPECT_NEAR(static_cast<double>(info.height), 1800, 60);
    EXPECT_THAT(simulation.drops(i), IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(Nodes, AgreementTest, testing::Values(3, 4, 7));

}  // namespace
}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
#include "simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gtestnet::node {
namespace {

using testing_support::Simulation;
using testing_support::SimulationOptions;

class AgreementTest : public testing::TestWithParam<int> {};

TEST_P(AgreementTest, TwoThousandSlotsWithoutADeepReorganisation) {
  const auto nodes = static_cast<std::size_t>(GetParam());
  Simulation simulation({.nodes = nodes, .seed = 7 + nodes});
  simulation.RunSlots(2000);
  EXPECT_EQ(simulation.Disagreement(), "");
  EXPECT_LE(simulation.deepest_reorganisation(), 2u);
  for (std::size_t i = 0; i < nodes; ++i) {
    const ChainInfo info = simulation.engine(i).Info();
    EXPECT_EQ(info.mode, Mode::kOnline);
    EXPECT_EQ(info.lib_height + 10, info.height);
    EXPECT_NEAR(static_cast<double>(info.height), 1800, 60);
  }
}

INSTANTIATE_TEST_SUITE_P(Nodes, AgreementTest, testing::Values(3, 4, 7));

}  // namespace
}  // namespace gtestnet::node

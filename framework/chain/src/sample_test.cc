// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/chain/sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gtestnet::chain {
namespace {

TEST(ChainStateTest, IsValuesOfASample) {
  const State state{.tip = "b2",
                    .slot = 12,
                    .height = 9,
                    .finalised = "b1",
                    .finalised_height = 4,
                    .peers = 3,
                    .mempool = 6};
  NodeSample sample{.reachable = true, .status = "Online"};
  SetState(sample, state);
  EXPECT_EQ(StateOf(sample), state);
  EXPECT_EQ(
      testing::PrintToString(sample),
      "NodeSample{at=0.000 s, node=0, status=Online, finalised_height=4, height=9, mempool=6, "
      "peers=3, slot=12, finalised=b1, tip=b2}");
  EXPECT_EQ(StateOf(NodeSample{}), State{});
}

TEST(ChainStateTest, SaysWhoIsBelowTheHighest) {
  Snapshot snapshot;
  for (const int64_t height : {9, 7, 6, 100}) {
    SetState(snapshot.nodes.emplace_back(NodeSample{.reachable = height < 100}),
             {.height = height});
  }
  EXPECT_EQ(BelowTheHighest(snapshot.nodes[0], snapshot), "");
  EXPECT_EQ(BelowTheHighest(snapshot.nodes[1], snapshot), "");
  EXPECT_EQ(BelowTheHighest(snapshot.nodes[2], snapshot), "the highest node is at 9");
}

}  // namespace
}  // namespace gtestnet::chain

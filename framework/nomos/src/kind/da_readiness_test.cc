// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/kind/da_readiness.h"

#include <gtest/gtest.h>

#include "gtestnet/nomos/nomos.h"
#include "nomos/src/kind/parameters.h"

namespace gtestnet::nomos {
namespace {

// Each column with so many peers, half of which dialled.
std::map<int, ColumnPeers> Each(int peers) {
  std::map<int, ColumnPeers> columns;
  for (int column = 0; column < kColumns; ++column) {
    columns[column] = {.inbound = peers / 2, .outbound = peers - peers / 2};
  }
  return columns;
}

TEST(DaReadinessTest, AnExecutorNeedsEveryHolderAndAHolderTheOthers) {
  const TopologySpec topology =
      Topology::Star().Validators(3).Executors(1).DataAvailability({.replication = 2}).spec();
  EXPECT_EQ(MissingHolders(topology, 3, Each(2)), "");
  std::map<int, ColumnPeers> connected = Each(2);
  connected[7].inbound = 0;
  EXPECT_EQ(MissingHolders(topology, 3, connected),
            "1 of 2 other holders of blob column 7 connected");
  connected.erase(5);
  EXPECT_EQ(MissingHolders(topology, 3, connected),
            "0 of 2 other holders of blob column 5 connected");

  // Validator 0 holds columns 0, 2, 3, 5, 6 … itself, with one other each, and of 1, 4, 7 … none.
  EXPECT_EQ(MissingHolders(topology, 0, Each(1)),
            "1 of 2 other holders of blob column 1 connected");
  connected = Each(2);
  connected[0] = {.inbound = 1, .outbound = 0};
  EXPECT_EQ(MissingHolders(topology, 0, connected), "");
}

TEST(DaReadinessTest, ALateHolderIsNotWaitedFor) {
  const TopologySpec topology = Topology::Star()
                                    .Validators(2)
                                    .Executors(1)
                                    .DataAvailability({.replication = 2})
                                    .Late(1)
                                    .spec();
  EXPECT_EQ(MissingHolders(topology, 2, Each(1)), "");
  EXPECT_EQ(MissingHolders(topology, 0, {}), "");
  EXPECT_EQ(MissingHolders(topology, 2, {}), "0 of 1 other holders of blob column 0 connected");
}

}  // namespace
}  // namespace gtestnet::nomos

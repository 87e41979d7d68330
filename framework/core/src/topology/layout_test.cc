// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "gtestnet/topology.h"

namespace gtestnet {

void PrintTo(const Edge& edge, std::ostream* os) { *os << edge.from << "→" << edge.to; }

namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(LayoutTest, StarDialsNodeZero) {
  EXPECT_THAT(Layout::Star().Edges(4), ElementsAre(Edge{1, 0}, Edge{2, 0}, Edge{3, 0}));
  EXPECT_THAT(Layout::Star().Neighbours(0, 4), ElementsAre(1, 2, 3));
  EXPECT_THAT(Layout::Star().Neighbours(2, 4), ElementsAre(0));
}

TEST(LayoutTest, ChainDialsTheOneBefore) {
  EXPECT_THAT(Layout::Chain().Edges(3), ElementsAre(Edge{1, 0}, Edge{2, 1}));
  EXPECT_THAT(Layout::Chain().Neighbours(1, 3), ElementsAre(0, 2));
}

TEST(LayoutTest, RingIsClosed) {
  EXPECT_THAT(Layout::Ring().Edges(4), ElementsAre(Edge{1, 0}, Edge{2, 1}, Edge{3, 2}, Edge{0, 3}));
  EXPECT_THAT(Layout::Ring().Neighbours(0, 4), ElementsAre(1, 3));
}

TEST(LayoutTest, FullMeshHasEachPairOnce) {
  EXPECT_THAT(Layout::FullMesh().Edges(3), ElementsAre(Edge{1, 0}, Edge{2, 0}, Edge{2, 1}));
  EXPECT_EQ(Layout::FullMesh().Edges(32).size(), 32u * 31 / 2);
}

TEST(LayoutTest, OneNodeIsAlone) {
  for (const Layout& layout :
       {Layout::Star(), Layout::Chain(), Layout::FullMesh(), Layout::Custom({})}) {
    EXPECT_THAT(layout.Edges(1), IsEmpty()) << layout.name();
    EXPECT_THAT(layout.Neighbours(0, 1), IsEmpty()) << layout.name();
    EXPECT_EQ(layout.Diameter(1), 0) << layout.name();
    EXPECT_TRUE(layout.Validate(1).ok()) << layout.name();
  }
}

TEST(LayoutTest, CustomIsHonouredExactly) {
  const Layout layout = Layout::Custom({{0, 2}, {2, 1}});
  EXPECT_THAT(layout.Edges(3), ElementsAre(Edge{0, 2}, Edge{2, 1}));
  EXPECT_THAT(layout.Neighbours(2, 3), ElementsAre(0, 1));
  EXPECT_TRUE(layout.Validate(3).ok());
}

TEST(LayoutTest, KnowsItsDiameter) {
  EXPECT_EQ(Layout::Star().Diameter(2), 1);
  EXPECT_EQ(Layout::Star().Diameter(9), 2);
  EXPECT_EQ(Layout::Chain().Diameter(5), 4);
  EXPECT_EQ(Layout::Ring().Diameter(6), 3);
  EXPECT_EQ(Layout::Ring().Diameter(7), 3);
  EXPECT_EQ(Layout::FullMesh().Diameter(7), 1);
  EXPECT_EQ(Layout::Custom({{0, 1}, {2, 3}}).Diameter(4), -1);
  EXPECT_EQ(Layout::Custom({}).Diameter(2), -1);
}

TEST(LayoutTest, NeighboursAreTheEndsOfItsEdges) {
  for (const Layout& layout : {Layout::Star(), Layout::Chain(), Layout::Ring(), Layout::FullMesh(),
                               Layout::Custom({{0, 3}, {2, 1}, {3, 2}, {4, 2}, {0, 4}})}) {
    for (int nodes = 1; nodes < 7; ++nodes) {
      std::vector<std::set<NodeIndex>> ends(static_cast<size_t>(nodes));
      for (const Edge& edge : layout.Edges(nodes)) {
        if (std::max(edge.from, edge.to) >= nodes) continue;
        ends[static_cast<size_t>(edge.from)].insert(edge.to);
        ends[static_cast<size_t>(edge.to)].insert(edge.from);
      }
      const auto all = layout.AllNeighbours(nodes);
      ASSERT_EQ(all.size(), ends.size());
      for (size_t node = 0; node < all.size(); ++node) {
        EXPECT_THAT(all[node], ElementsAreArray(ends[node])) << layout.name() << nodes;
        if (layout.name() == "custom" && nodes < 5) continue;  // it has edges to nodes beyond
        EXPECT_EQ(layout.Neighbours(static_cast<NodeIndex>(node), nodes), all[node]);
      }
    }
  }
}

// A ring of a thousand nodes with more edges beside it.
Layout Dense(int edges) {
  constexpr int kNodes = 1000;
  std::vector<Edge> all;
  for (int step = 1; static_cast<int>(all.size()) < edges; ++step) {
    for (int i = 0; i < kNodes && static_cast<int>(all.size()) < edges; ++i) {
      all.push_back({i, (i + step) % kNodes});
    }
  }
  return Layout::Custom(std::move(all));
}

TEST(LayoutTest, HasAsManyEdgesAsWereTried) {
  for (const int edges : {9'999, 10'000}) {
    EXPECT_TRUE(Dense(edges).Validate(1000).ok());
    EXPECT_EQ(Dense(edges).Diameter(1000), 50);
  }
  EXPECT_EQ(Message(Dense(10'001).Validate(1000)),
            "custom layout: it has 10001 edges; at most 10000 are possible");
}

TEST(LayoutTest, RefusesUnsoundEdges) {
  EXPECT_EQ(Message(Layout::Custom({{0, 3}}).Validate(3)),
            "custom layout: edge 0 → 3 names node 3, but there are 3 nodes");
  EXPECT_EQ(Message(Layout::Custom({{-1, 0}}).Validate(1)),
            "custom layout: edge -1 → 0 names node -1, but there is 1 node");
  EXPECT_EQ(Message(Layout::Custom({{1, 1}}).Validate(3)),
            "custom layout: edge 1 → 1 connects a node with itself");
  EXPECT_THAT(Message(Layout::Custom({{0, 1}, {1, 0}}).Validate(3)),
              HasSubstr("edge 1 → 0 is there twice"));
  EXPECT_EQ(Layout::Custom({{1, 1}}).Validate(3).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Layout::Custom({{1, 7}}).Diameter(2), -1);
}

TEST(LayoutTest, RefusesARingOfTwo) {
  EXPECT_EQ(Message(Layout::Ring().Validate(2)),
            "a ring needs three nodes or more, and there are 2: use a chain");
  EXPECT_TRUE(Layout::Ring().Validate(3).ok());
}

TEST(LayoutTest, HasAName) {
  EXPECT_EQ(Layout::Star().name(), "star");
  EXPECT_EQ(Layout::Chain().name(), "chain");
  EXPECT_EQ(Layout::Ring().name(), "ring");
  EXPECT_EQ(Layout::FullMesh().name(), "mesh");
  EXPECT_EQ(Layout::Custom({}).name(), "custom");
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/chain/chain_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gtestnet/chain/sample.h"

namespace gtestnet::chain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// g ─ a1 ─ a2 ─ a3
//       └─ b2 ─ b3 ─ b4
class ChainIndexTest : public testing::Test {
 protected:
  ChainIndexTest() {
    record_.nodes.resize(3);
    MutableChainOf(record_).parameters.genesis = "g";
    Block("a1", "g", {"t1"});
    Block("a2", "a1", {"t2"});
    Block("b2", "a1", {"t3"});
    Block("a3", "a2", {});
    Block("b3", "b2", {});
    Block("b4", "b3", {});
  }
  void Block(std::string id, std::string parent, std::vector<std::string> transactions) {
    BlockRecord block;
    block.id = std::move(id);
    block.parent = std::move(parent);
    block.transactions = std::move(transactions);
    MutableChainOf(record_).blocks.push_back(block);
  }
  void Sample(NodeIndex node, std::string tip, std::string finalised = "g") {
    NodeSample s;
    s.at = RunTime(static_cast<int64_t>(record_.samples.size()) * 100);
    s.node = node;
    s.reachable = true;
    SetState(s, {.tip = std::move(tip), .finalised = std::move(finalised)});
    record_.samples.push_back(s);
  }
  static std::vector<std::string> Ids(const std::vector<const BlockRecord*>& chain) {
    std::vector<std::string> ids;
    for (const BlockRecord* block : chain) ids.push_back(block->id);
    return ids;
  }

  RunRecord record_;
};

TEST_F(ChainIndexTest, KnowsHeightsAndAncestors) {
  const ChainIndex index(record_);
  EXPECT_EQ(index.HeightOf("g"), 0);
  EXPECT_EQ(index.HeightOf("b4"), 4);
  EXPECT_EQ(index.HeightOf("nowhere"), -1);
  EXPECT_THAT(Ids(index.ChainTo("b3")), ElementsAre("a1", "b2", "b3"));
  EXPECT_THAT(index.ChainTo("g"), IsEmpty());
  EXPECT_EQ(index.AncestorAt("b4", 2)->id, "b2");
  EXPECT_EQ(index.AncestorAt("b4", 5), nullptr);
  EXPECT_EQ(index.AncestorAt("b4", 0), nullptr);
  EXPECT_EQ(index.CommonAncestor("a3", "b4"), "a1");
  EXPECT_EQ(index.CommonAncestor("a3", "a1"), "a1");
  EXPECT_EQ(index.CommonAncestor("a3", "g"), "g");
  EXPECT_EQ(index.CommonAncestor("a3", "nowhere"), "g");
  EXPECT_EQ(index.Find("g"), nullptr);
}

TEST_F(ChainIndexTest, BlocksWithoutTheirAncestorsHaveNoHeight) {
  Block("z9", "lost", {});
  const ChainIndex index(record_);
  EXPECT_EQ(index.HeightOf("z9"), -1);
}

TEST_F(ChainIndexTest, CanonicalIsWhatMostNodesHave) {
  Sample(0, "a3");
  Sample(1, "a2");
  Sample(2, "b4");
  EXPECT_THAT(Ids(ChainIndex(record_).canonical()), ElementsAre("a1", "a2"));
  record_.nodes[0].up_at_end = false;
  EXPECT_THAT(Ids(ChainIndex(record_).canonical()), ElementsAre("a1", "b2", "b3", "b4"));
}

TEST_F(ChainIndexTest, CanonicalEndsWhereTheNodesAre) {
  Sample(0, "a1");
  EXPECT_THAT(Ids(ChainIndex(record_).canonical()), ElementsAre("a1"));
}

TEST_F(ChainIndexTest, CanonicalIsTheLongestWhenNoNodeTells) {
  EXPECT_THAT(Ids(ChainIndex(record_).canonical()), ElementsAre("a1", "b2", "b3", "b4"));
}

TEST_F(ChainIndexTest, FindsTransactionsInTheCanonicalChainOnly) {
  Sample(0, "a3", "a1");
  const ChainIndex index(record_);
  TransactionRecord t;
  t.hash = "t1";
  EXPECT_EQ(index.Find(t).block->id, "a1");
  EXPECT_TRUE(index.Find(t).finalised);
  t.hash = "t2";
  EXPECT_EQ(index.Find(t).block->id, "a2");
  EXPECT_FALSE(index.Find(t).finalised);
  t.hash = "t3";
  EXPECT_EQ(index.Find(t).block, nullptr);
}

TEST_F(ChainIndexTest, TellsReorganisationsFromGrowth) {
  Sample(0, "a1");
  Sample(0, "a3");
  Sample(1, "a3");
  Sample(0, "b4");
  Sample(1, "a3");
  Sample(1, "a2");
  const std::vector<Reorganisation> found = ChainIndex(record_).Reorganisations();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].node, 0);
  EXPECT_EQ(found[0].depth, 2);
  EXPECT_EQ(found[0].from, "a3");
  EXPECT_EQ(found[0].to, "b4");
  EXPECT_EQ(found[0].at, RunTime(300));
  EXPECT_EQ(found[1].depth, 1) << "to fall back is to give blocks up, too";
  EXPECT_EQ(testing::PrintToString(found[1]),
            "Reorganisation{at=500 ms, node=1, depth=1, from=a3, to=a2}");
}

TEST_F(ChainIndexTest, ANodeThatWasDownMayComeBackLower) {
  Sample(0, "a3");
  record_.events.push_back({RunTime(50), 0, NodeEventKind::kKilled, "test", ""});
  Sample(0, "a1");
  EXPECT_THAT(ChainIndex(record_).Reorganisations(), IsEmpty());
  record_.events.push_back({RunTime(150), 0, NodeEventKind::kKilled, "test", ""});
  Sample(0, "a3");
  Sample(0, "b4");
  EXPECT_EQ(ChainIndex(record_).Reorganisations().size(), 1u) << "but not on another branch";
}

TEST_F(ChainIndexTest, ARecordWithoutChainHasNothing) {
  record_.sections.Erase("chain");
  const ChainIndex index(record_);
  EXPECT_THAT(index.canonical(), IsEmpty());
  EXPECT_EQ(index.HeightOf("g"), -1);
  EXPECT_EQ(index.Find("a1"), nullptr);
  EXPECT_THAT(index.Reorganisations(), IsEmpty());
  EXPECT_EQ(index.CommonAncestor("a1", "b2"), "");
}

}  // namespace
}  // namespace gtestnet::chain

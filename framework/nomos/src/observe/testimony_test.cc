// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/testimony.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace gtestnet::nomos {
namespace {

using std::chrono_literals::operator""ms;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = TransactionStatus::Kind;

// A chain of twelve blocks, b1 to b12, of which four have a transaction each; b7 is final.
class TestimonyTest : public testing::Test {
 protected:
  TestimonyTest() {
    for (int h = 1; h <= 12; ++h) {
      chain::BlockRecord block;
      block.id = Id(h);
      block.parent = Id(h - 1);
      block.slot = 2 * h;
      if (h > 4 && h <= 8) block.transactions = {"t" + std::to_string(h)};
      chain_.AddBlock(std::move(block));
    }
    chain_.SetTip(0, "b12", "b7");
    chain_.SetTip(1, "b12", "b7");
    chain_.Update(1ms);
    told_.before = told_.after = {"b12", 24, 12, "b7", 7, "Online"};
    told_.network_before = told_.network_after = NetworkInfo{{}, 2, 2, 0};
    told_.mempool_before = told_.mempool_after = MempoolInfo{3, 0};
    told_.metrics = {{{"consensus_tip_height", 12},
                      {"consensus_finalized_height", 7},
                      {"consensus_peers_connected", 2},
                      {"mempool_transactions_pending", 3}}};
    told_.headers = {{"b12", "b11", "b10", "b9", "b8", "b7"}};
    told_.question = QuestionOf("b7", chain_);
    Block block;
    block.id = "b7";
    block.slot = 14;
    told_.block = std::optional(block);
    told_.blocks.emplace();
    for (const char* id : {"b5", "b6", "b7"}) told_.blocks->emplace_back().id = id;
    told_.statuses = std::vector<TransactionStatus>{
        {Kind::kInBlock, "b5"}, {Kind::kInBlock, "b6"}, {Kind::kInBlock, "b7"}};
    told_.most_peers = told_.least_peers = 2;
  }

  static std::string Id(int height) { return height == 0 ? "g" : "b" + std::to_string(height); }

  // What three looks with this testimony, one each second, note.
  std::vector<std::string> Noted(int looks = 3) {
    chain::Contradictions notes;
    for (int i = 1; i <= looks; ++i) Examine(0, told_, chain_, 1000ms * i, 5000ms, notes);
    std::vector<std::string> noted;
    for (const chain::ContradictionRecord& one : notes.Noted()) {
      noted.push_back(one.told + " | " + one.against);
    }
    return noted;
  }

  chain::ChainTracker chain_{"g"};
  Testimony told_;
};

TEST_F(TestimonyTest, OfAnHonestNodeFits) { EXPECT_THAT(Noted(20), IsEmpty()); }

TEST_F(TestimonyTest, WhatWasNotAskedIsNotMissed) {
  Testimony bare;
  bare.before = told_.before;
  bare.after = told_.after;
  told_ = bare;
  EXPECT_THAT(Noted(20), IsEmpty());
}

TEST_F(TestimonyTest, TakesThreeLooks) {
  told_.after.slot = 31;
  EXPECT_THAT(Noted(2), IsEmpty());
  EXPECT_THAT(Noted(), ElementsAre("slot 31 of its tip b12 in GET /cryptarchia/info | that block "
                                   "is of slot 24"));
}

TEST_F(TestimonyTest, HeightsAmongMetricsLieBetweenThoseOfTwoAnswers) {
  told_.before.tip = "b10";
  told_.before.height = 10;
  (*told_.metrics)[0].value = 10;
  EXPECT_THAT(Noted(), IsEmpty());
  (*told_.metrics)[0].value = 9;
  (*told_.metrics)[1].value = 8;
  EXPECT_THAT(Noted(),
              ElementsAre("consensus_finalized_height 8 in GET /metrics | it told 7 in GET "
                          "/cryptarchia/info before and after",
                          "consensus_tip_height 9 in GET /metrics | it told 10 to 12 in GET "
                          "/cryptarchia/info before and after"));
}

// NodesAreTruthful tells that by itself.
TEST_F(TestimonyTest, AHeightThatIsNotItsBlocksIsNotToldTwice) {
  told_.before.height = told_.after.height = 50;
  EXPECT_THAT(Noted(), IsEmpty());
}

TEST_F(TestimonyTest, PeersAndMempoolAreThoseOfTheMetrics) {
  (*told_.metrics)[2].value = 1;
  (*told_.metrics)[3].value = 9;
  EXPECT_THAT(Noted(), ElementsAre("consensus_peers_connected 1 in GET /metrics | it told 2 in GET "
                                   "/network/info before and after",
                                   "mempool_transactions_pending 9 in GET /metrics | it told 3 in "
                                   "GET /mantle/metrics before and after"));
  // One came and went.
  told_.mempool_after->last_added_at = 17;
  (*told_.metrics)[2].value = 2;
  EXPECT_THAT(Noted(), IsEmpty());
  told_.mempool_after->last_added_at = 0;
  (*told_.metrics)[2].value = 1;
  // They changed meanwhile.
  told_.network_before->peers = 1;
  told_.mempool_before->pending = 9;
  EXPECT_THAT(Noted(), IsEmpty());
}

TEST_F(TestimonyTest, MorePeersThanNeighboursAreTold) {
  told_.network_before->peers = told_.network_after->peers = 5;
  EXPECT_THAT(Noted(),
              ElementsAre("5 peers in GET /network/info | the layout gives it 2 neighbours"));
}

TEST_F(TestimonyTest, FewerPeersThanNeighboursThatAreUpAreToldAfterAWhile) {
  (*told_.metrics)[2].value = 1;
  told_.network_before->peers = told_.network_after->peers = 1;
  EXPECT_THAT(Noted(5), IsEmpty());
  EXPECT_THAT(Noted(6), ElementsAre("1 peer in GET /network/info | 2 of its neighbours in the "
                                    "layout are up and answer"));
  told_.least_peers = 1;
  EXPECT_THAT(Noted(20), IsEmpty());
}

TEST_F(TestimonyTest, ANodeThatIsLevelDoesNotStayBootstrapping) {
  told_.before.mode = told_.after.mode = "Bootstrapping";
  EXPECT_THAT(Noted(5), IsEmpty());
  EXPECT_THAT(Noted(6),
              ElementsAre("mode Bootstrapping in GET /cryptarchia/info | its tip is at height 12, "
                          "level with the network, which is at 12, and all its neighbours are its "
                          "peers"));
  // Of three neighbours, one is down: who knows what that one has.
  told_.most_peers = 3;
  EXPECT_THAT(Noted(20), IsEmpty());
  told_.most_peers = 2;
  told_.after.tip = "b9";
  told_.after.height = 9;
  told_.after.slot = 18;
  (*told_.metrics)[0].value = 9;
  told_.headers.reset();
  EXPECT_THAT(Noted(20), IsEmpty());
}

// It is so all the time; only this look shows it a few blocks behind.
TEST_F(TestimonyTest, ALookAtWhichItIsNotLevelForgivesNothing) {
  told_.before.mode = told_.after.mode = "Bootstrapping";
  told_.headers.reset();
  Testimony behind = told_;
  behind.after = {"b9", 18, 9, "b7", 7, "Bootstrapping"};
  behind.metrics.reset();
  chain::Contradictions notes;
  for (int i = 1; i <= 7; ++i) {
    Examine(0, i % 2 == 0 ? behind : told_, chain_, 1000ms * i, 5000ms, notes);
  }
  EXPECT_EQ(notes.Noted().size(), 1U);
}

TEST_F(TestimonyTest, HeadersAreFromTheTipToTheFinalBlock) {
  told_.headers = {{"b12", "b10", "b9", "b8"}};
  EXPECT_THAT(Noted(),
              ElementsAre("b10 after b12 in GET /cryptarchia/headers | that block's parent is b11",
                          "b8 last in GET /cryptarchia/headers | it told the final block b7 in GET "
                          "/cryptarchia/info"));
  told_.headers = {{"b11", "b10", "b9", "b8", "b7"}};
  EXPECT_THAT(Noted(), ElementsAre("b11 first in GET /cryptarchia/headers | it told the tip b12 in "
                                   "GET /cryptarchia/info"));
  // A block came between two answers, and one became final.
  told_.before = {"b11", 22, 11, "b6", 6, "Online"};
  (*told_.metrics)[1].value = 6;
  EXPECT_THAT(Noted(), IsEmpty());
}

TEST_F(TestimonyTest, AFinalBlockCanBeHad) {
  told_.block = std::optional<Block>();
  EXPECT_THAT(Noted(), ElementsAre("no block b7 in POST /storage/block | it told that block as its "
                                   "final one in GET /cryptarchia/info"));
  Block wrong;
  wrong.slot = 15;
  wrong.untrue = "its header hashes to c0";
  told_.block = std::optional(wrong);
  EXPECT_THAT(Noted(), ElementsAre("block b7 of slot 15 in POST /storage/block | its header hashes "
                                   "to c0"));
}

TEST_F(TestimonyTest, BlocksBySlotAreThoseOfItsChain) {
  told_.blocks->erase(told_.blocks->begin());
  EXPECT_THAT(Noted(), ElementsAre("2 blocks of slots 10 to 14 in GET /cryptarchia/blocks | its "
                                   "final chain has 3 there, the first of them b5"));
}

TEST_F(TestimonyTest, FinalTransactionsAreInTheirBlocks) {
  (*told_.statuses)[1] = {Kind::kUnknown, ""};
  EXPECT_THAT(Noted(), ElementsAre("status Unknown of transaction t6 in POST /mantle/status | its "
                                   "final block b6 has that transaction"));
  (*told_.statuses)[1] = {Kind::kInBlock, "b5"};
  EXPECT_THAT(Noted(), ElementsAre("status InBlock b5 of transaction t6 in POST /mantle/status | "
                                   "its final block b6 has that transaction"));
}

TEST_F(TestimonyTest, ATransactionThatIsThereTwiceIsInEither) {
  chain::BlockRecord again;
  again.id = "b13";
  again.parent = "b12";
  again.slot = 26;
  again.transactions = {"t6"};
  chain_.AddBlock(std::move(again));
  (*told_.statuses)[1] = {Kind::kInBlock, "b13"};
  EXPECT_THAT(Noted(), IsEmpty());
}

TEST(FinalQuestionTest, IsOfFewBlocksAndTransactions) {
  chain::ChainTracker chain("g");
  for (int h = 1; h <= 3; ++h) {
    chain::BlockRecord block;
    block.id = "b" + std::to_string(h);
    block.parent = h == 1 ? "g" : "b" + std::to_string(h - 1);
    block.slot = h;
    block.transactions.assign(h == 2 ? 45 : 5, "t");
    chain.AddBlock(std::move(block));
  }
  EXPECT_THAT(QuestionOf("b3", chain).blocks, ElementsAre("b2", "b3"));
  EXPECT_THAT(QuestionOf("b1", chain).blocks, ElementsAre("b1"));
  EXPECT_EQ(QuestionOf("g", chain).block, "");
  EXPECT_EQ(QuestionOf("unknown", chain).block, "");
}

}  // namespace
}  // namespace gtestnet::nomos

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/chain/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace gtestnet::chain {
namespace {

using std::chrono_literals::operator""ms;
using testing::HasSubstr;
using testing::PrintToString;

// Every field of the section has a value that is not its default.
RunRecord FullRecord() {
  RunRecord r;
  r.run_id = "r1";
  r.test = "Star/ConsensusTest.Lives/local_star_2v";
  r.ended = r.closed = 1000ms;
  r.nodes = {{.name = "validator-0", .numbers = {{"stake", 1000}}, .words = {{"public_key", "k0"}}},
             {.name = "validator-1", .numbers = {{"stake", 500}}, .words = {{"public_key", "k1"}}}};
  ChainRecord chain;
  chain.parameters.pace = {200ms, 0.9, 300};
  chain.parameters.active_slot_coefficient = "0.9";
  chain.parameters.security_parameter = 10;
  chain.parameters.total_stake = 1500;
  chain.parameters.min_peers = 0;
  chain.parameters.genesis = "g";
  chain.blocks = {{"b1", "g", 1, 1, 0, {"t1"}, 210ms}, {"b2", "b1", 3, 2, -1, {}, 610ms}};
  chain.transactions = {{"t1",
                         "transactions",
                         1,
                         100ms,
                         "",
                         {{"n0", 100}},
                         {{"n1", 60}, {"n2", 40}},
                         "bad signature",
                         {0, 1},
                         110ms,
                         130ms,
                         1},
                        {"t2", "transactions", 1, 150ms, "400 unbalanced", {}, {}}};
  chain.inscriptions = {{"t3", "c1", "blobs", 1, 90ms, ""}, {"t4", "c2", "blobs", 0, 95ms, "500"}};
  chain.blobs = {
      {"i1", "c1", "t5", "blobs", 62, "d1", 1, 200ms, 400ms, "", BlobRetrieval{0, 96, "d1", ""}},
      {"i2", "c1", "t6", "blobs", 31, "d2", 1, 250ms, 450ms, "",
       BlobRetrieval{1, 63, "", "too few columns"}},
      {"", "c2", "", "blobs", 31, "d3", 1, 300ms, 1ms, "500 busy", {}}};
  chain.contradictions = {{1, "height 9", "it told height 7", 200ms, 300ms, 3}};
  chain.supply = 1'000'000'000'000'000'000;
  chain.genesis_notes = {{1000, "k0", true, {"s0"}},
                         {500, "k1", true, {"s1"}},
                         {400'000'000'000'000'000, "w0", false, {"n0", "n3"}},
                         {199'999'999'999'998'500, "w1", false, {"n4"}}};
  MutableChainOf(r) = chain;
  return r;
}

std::string Changed(const std::string& from, const std::string& to) {
  std::string json = FullRecord().ToJson();
  const size_t at = json.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return json.replace(at, from.size(), to);
}

std::string ErrorOf(const std::string& json) {
  RegisterRecord();
  return std::string(RunRecord::FromJson(json).status().message());
}

TEST(ChainRecordTest, IsTheSameAfterJson) {
  RegisterRecord();
  const RunRecord record = FullRecord();
  const absl::StatusOr<RunRecord> back = RunRecord::FromJson(record.ToJson());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, record);
  EXPECT_EQ(back->ToJson(), record.ToJson());
  EXPECT_EQ(*ChainOf(*back), *ChainOf(record));
  EXPECT_EQ(back->pace().slot, 200ms);
  RunRecord other = record;
  MutableChainOf(other).blocks[0].slot = 2;
  EXPECT_NE(other, record);
}

TEST(ChainRecordTest, ARecordNeedsNone) {
  RunRecord record;
  EXPECT_EQ(ChainOf(record), nullptr);
  EXPECT_FALSE(HasUnreadChain(record));
  MutableChainOf(record).supply = 7;
  EXPECT_EQ(ChainOf(record)->supply, 7u);
}

TEST(ChainRecordTest, KnowsTheNodesOfBlobs) {
  RunRecord record = FullRecord();
  MutableChainOf(record).blobs[1].node = 9;
  EXPECT_THAT(ErrorOf(record.ToJson()),
              HasSubstr("chain.blobs[1].node: 9 is no node of this record, which has 2"));
  record = FullRecord();
  MutableChainOf(record).blobs[0].retrieval->node = -1;
  EXPECT_THAT(ErrorOf(record.ToJson()), HasSubstr("chain.blobs[0].retrieval.node: -1 is no node"));
  record = FullRecord();
  MutableChainOf(record).inscriptions[0].node = 2;
  EXPECT_THAT(ErrorOf(record.ToJson()), HasSubstr("chain.inscriptions[0].node: 2 is no node"));
}

TEST(ChainRecordTest, RefusesACoefficientThatNoTopologyHas) {
  RunRecord record = FullRecord();
  MutableChainOf(record).parameters.pace.active_slot_coefficient = 1e-18;
  MutableChainOf(record).parameters.active_slot_coefficient = "0.000000000000000001";
  EXPECT_EQ(ErrorOf(record.ToJson()), "");
  MutableChainOf(record).parameters.active_slot_coefficient = "0.5";
  EXPECT_THAT(ErrorOf(record.ToJson()),
              HasSubstr("chain.parameters.active_slot_coefficient: 0.5, but that of pace is "
                        "1e-18"));
  MutableChainOf(record).parameters.pace.active_slot_coefficient = 0.9e-18;
  EXPECT_THAT(ErrorOf(record.ToJson()), HasSubstr("active_slot_coefficient: must be from 1e-18"));
  MutableChainOf(record).parameters.pace.active_slot_coefficient = 1;
  MutableChainOf(record).parameters.active_slot_coefficient = "1e-320";
  EXPECT_THAT(ErrorOf(record.ToJson()), HasSubstr("must be a decimal from 1e-18"));
}

TEST(ChainRecordTest, ReadsACountOfNodesWhereNobodyKnowsWhich) {
  RegisterRecord();
  const absl::StatusOr<RunRecord> record =
      RunRecord::FromJson(Changed("\"seen_by\":\"0-1\"", "\"seen_by\":2"));
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(ChainOf(*record)->transactions[0].seen_by, NodeSet::Unnamed(2));
  EXPECT_THAT(record->ToJson(), HasSubstr("\"seen_by\":\"+2\""));
  EXPECT_THAT(ErrorOf(Changed("\"seen_by\":\"0-1\"", "\"seen_by\":3")),
              HasSubstr("chain.transactions[0].seen_by: 3 of the 2 nodes of this record"));
  EXPECT_THAT(ErrorOf(Changed("\"seen_by\":\"0-1\"", "\"seen_by\":-1")),
              HasSubstr("chain.transactions[0].seen_by: is not as it must be"));
}

TEST(ChainRecordTest, ARecordNeedNotTellOfGenesis) {
  RunRecord record = FullRecord();
  MutableChainOf(record).genesis_notes.clear();
  EXPECT_EQ(record.ToJson().find("genesis_notes"), std::string::npos);
  EXPECT_EQ(ErrorOf(record.ToJson()), "");
}

TEST(ChainRecordTest, WhatWasThereAtGenesisAddsUp) {
  const auto changed = [](auto change) {
    RunRecord record = FullRecord();
    change(record, MutableChainOf(record));
    return ErrorOf(record.ToJson());
  };
  EXPECT_EQ(changed([](RunRecord&, ChainRecord& c) { c.supply += 1; }),
            "run record: chain.supply: 1000000000000000001, but the notes of genesis are worth "
            "1000000000000000000");
  EXPECT_THAT(changed([](RunRecord&, ChainRecord& c) {
                c.genesis_notes[2].value = 18'000'000'000'000'000'000u;
              }),
              HasSubstr("chain.supply: 1000000000000000000, but the notes of genesis are worth "
                        "36200000000000000000"));
  EXPECT_THAT(changed([](RunRecord&, ChainRecord& c) { c.genesis_notes[3].ids = {"n0"}; }),
              HasSubstr("chain.genesis_notes[3].ids: n0 is there twice"));
  EXPECT_THAT(changed([](RunRecord&, ChainRecord& c) { c.genesis_notes[1].stake = false; }),
              HasSubstr("parameters.total_stake: 1500, but the stakes of genesis are worth 1000"));
  EXPECT_THAT(changed([](RunRecord&, ChainRecord& c) {
                std::swap(c.genesis_notes[0].owner, c.genesis_notes[1].owner);
              }),
              HasSubstr("chain.genesis_notes: the stake of validator-0 is 500, but its node has "
                        "1000"));
  EXPECT_THAT(changed([](RunRecord& r, ChainRecord&) { r.nodes[0].numbers["stake"] = 900; }),
              HasSubstr("chain.parameters.total_stake: 1500, but the stakes of nodes add up to "
                        "1400"));
}

TEST(ChainRecordTest, KnowsWhatComesBackForABlob) {
  const auto changed = [](auto change) {
    RunRecord record = FullRecord();
    change(MutableChainOf(record).blobs[0]);
    return ErrorOf(record.ToJson());
  };
  EXPECT_THAT(changed([](BlobRecord& b) { b.retrieval->columns = 129; }),
              HasSubstr("chain.blobs[0].retrieval.columns: 129 of 128"));
  EXPECT_THAT(changed([](BlobRecord& b) { b.retrieval->error = "none"; }),
              HasSubstr("chain.blobs[0].retrieval.data: what came back, or an error"));
  EXPECT_THAT(changed([](BlobRecord& b) { b.id = ""; }),
              HasSubstr("chain.blobs[0].retrieval: of a blob that has no id"));
  EXPECT_THAT(changed([](BlobRecord& b) { b.size = -31; }),
              HasSubstr("chain.blobs[0].size: must not be negative"));
  EXPECT_THAT(changed([](BlobRecord& b) { b.answered_after = -1ms; }),
              HasSubstr("chain.blobs[0].answered_after_ms: must not be negative"));
}

TEST(ChainRecordTest, NoBlockHasATransactionBeforeItWasSubmitted) {
  RunRecord record = FullRecord();
  TransactionRecord& t = MutableChainOf(record).transactions[0];
  t.submitted_at = 211ms;
  EXPECT_EQ(ErrorOf(record.ToJson()), "") << "what is wrong on purpose may be another's again";
  t.flaw = "";
  EXPECT_EQ(ErrorOf(record.ToJson()),
            "run record: chain.transactions[0].submitted_at_ms: 211, but block b1, which has it, "
            "was seen at 210");
  t.submitted_at = 210ms;
  EXPECT_EQ(ErrorOf(record.ToJson()), "");
}

TEST(ChainRecordTest, NothingIsFromOutsideTheRun) {
  const auto changed = [](auto change) {
    RunRecord record = FullRecord();
    record.begun = -5000ms;
    change(MutableChainOf(record));
    return ErrorOf(record.ToJson());
  };
  EXPECT_EQ(changed([](ChainRecord& c) { c.blocks[0].first_seen = -5100ms; }), "");
  EXPECT_THAT(changed([](ChainRecord& c) { c.blocks[1].first_seen = 61001ms; }),
              HasSubstr("chain.blocks[1].first_seen_ms: 61001 is outside of the run, which was "
                        "from -5000 to 1000"));
  EXPECT_THAT(changed([](ChainRecord& c) { c.transactions[1].submitted_at = -65001ms; }),
              HasSubstr("chain.transactions[1].submitted_at_ms: -65001 is outside of the run"));
  EXPECT_THAT(changed([](ChainRecord& c) { c.inscriptions[0].submitted_at = 99999ms; }),
              HasSubstr("chain.inscriptions[0].submitted_at_ms: 99999 is outside of the run"));
  EXPECT_THAT(changed([](ChainRecord& c) { c.blobs[2].submitted_at = 99999ms; }),
              HasSubstr("chain.blobs[2].submitted_at_ms: 99999 is outside of the run"));
}

TEST(ChainRecordTest, RefusesWhatContradictsItself) {
  EXPECT_THAT(ErrorOf(Changed("\"seen_by\":\"0-1\"", "\"seen_by\":\"0-2\"")),
              HasSubstr("chain.transactions[0].seen_by: 2 is no node of this record, which has 2"));
  EXPECT_THAT(ErrorOf(Changed("\"seen_by\":\"0-1\"", "\"seen_by\":\"0-1+1\"")),
              HasSubstr("chain.transactions[0].seen_by: 3 of the 2 nodes of this record"));
  EXPECT_THAT(ErrorOf(Changed("\"seen_by\":\"0-1\"", "\"seen_by\":\"1-0\"")),
              HasSubstr("chain.transactions[0].seen_by: is not as it must be"));
  EXPECT_THAT(ErrorOf(Changed("\"seen_by\":\"0-1\"", "\"seen_by\":\"\"")),
              HasSubstr("chain.transactions[0].first_seen_ms: it and last_seen_ms must be null"));
  EXPECT_THAT(ErrorOf(Changed("\"last_seen_ms\":130", "\"last_seen_ms\":100")),
              HasSubstr("chain.transactions[0].last_seen_ms: is before first_seen_ms"));
  EXPECT_THAT(ErrorOf(Changed("\"lost\":1", "\"lost\":-1")),
              HasSubstr("chain.transactions[0].lost: must not be negative"));
  EXPECT_EQ(
      ErrorOf(Changed("\"parent\":\"b1\"", "\"parent\":\"b9\"")),
      "run record: chain.blocks[1].parent: b9 is neither genesis nor a block before this one");
  EXPECT_EQ(ErrorOf(Changed("\"slot\":3,\"height\":2", "\"slot\":3,\"height\":3")),
            "run record: chain.blocks[1].height: 3, but the parent's is 1");
  EXPECT_THAT(ErrorOf(Changed("\"id\":\"b2\"", "\"id\":\"b1\"")), HasSubstr("b1 is there twice"));
  EXPECT_THAT(ErrorOf(Changed("\"slot_ms\":200", "\"slot_ms\":0")), HasSubstr("must be positive"));
  EXPECT_THAT(ErrorOf(Changed("\"min_peers\":0", "\"min_peers\":1e3")),
              HasSubstr("chain.parameters.min_peers: expected a whole number"));
  EXPECT_THAT(ErrorOf(Changed("\"until_ms\":300", "\"until_ms\":100")),
              HasSubstr("chain.contradictions[0].until_ms: is before since_ms"));
  EXPECT_THAT(ErrorOf(Changed("\"looks\":3", "\"looks\":0")),
              HasSubstr("chain.contradictions[0].looks: must be positive"));
  EXPECT_EQ(ErrorOf(Changed("\"supply\":", "\"supper\":1,\"supply\":")),
            "run record: chain.supper: is not a field of a record");
}

TEST(ChainRecordTest, PrintsItself) {
  const RunRecord r = FullRecord();
  EXPECT_THAT(PrintToString(r), HasSubstr("2 blocks, 2 transactions"));
  EXPECT_THAT(PrintToString(ChainOf(r)->blocks[0]), HasSubstr("height=1"));
  EXPECT_THAT(PrintToString(ChainOf(r)->transactions[1]), HasSubstr("refused: 400 unbalanced"));
}

}  // namespace
}  // namespace gtestnet::chain

// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/client/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "core/src/observe/metrics_text.h"

namespace gtestnet::nomos {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kA(64, 'a');
const std::string kB(64, 'b');

std::string Message(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  return std::string(status.message());
}

TEST(ParseInfoTest, TakesWhatANodeSays) {
  const auto info = ParseInfo(R"({"lib":")" + kA + R"(","tip":")" + kB +
                              R"(","slot":123,"height":45,"mode":"Online"})");
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->lib, kA);
  EXPECT_EQ(info->tip, kB);
  EXPECT_EQ(info->slot, 123);
  EXPECT_EQ(info->height, 45);
  EXPECT_EQ(info->mode, "Online");
  EXPECT_EQ(info->lib_height, std::nullopt);
}

TEST(ParseInfoTest, SaysWhatMakesNoSense) {
  EXPECT_EQ(Message(ParseInfo("<html>\n").status()),
            "the answer makes no sense: it is not JSON: <html>?");
  EXPECT_EQ(Message(ParseInfo("").status()), "the answer makes no sense: it is not JSON: ");
  EXPECT_EQ(Message(ParseInfo("[]").status()),
            "the answer makes no sense: it is not an object: []");
  EXPECT_EQ(Message(ParseInfo("{}").status()), "the answer makes no sense: it has no \"tip\": {}");
  EXPECT_THAT(Message(ParseInfo(R"({"tip":"xyz"})").status()),
              HasSubstr("\"tip\" is not 64 hexadecimal digits"));
  EXPECT_THAT(Message(ParseInfo(R"({"tip":7})").status()), HasSubstr("\"tip\" is not text"));
  EXPECT_THAT(Message(ParseInfo(R"({"tip":")" + kA + R"(","slot":-1})").status()),
              HasSubstr("\"slot\" is not a whole number of 0 or more"));
  EXPECT_THAT(Message(ParseInfo(R"({"tip":")" + kA + R"(","slot":18446744073709551615})").status()),
              HasSubstr("\"slot\" is too large"));
  const auto with_slot = [](uint64_t slot) {
    return Message(ParseInfo(absl::StrCat(R"({"tip":")", kA, R"(","slot":)", slot, "}")).status());
  };
  EXPECT_THAT(with_slot(9007199254740991), HasSubstr("it has no \"height\""));
  EXPECT_THAT(with_slot(9007199254740992), HasSubstr("it has no \"height\""));
  EXPECT_THAT(with_slot(9007199254740993), HasSubstr("\"slot\" is too large"));
  EXPECT_THAT(Message(ParseInfo(std::string(100000, '[')).status()), HasSubstr("is not JSON"));
}

TEST(ParseInfoTest, BoundsTheValuesOfAnAnswer) {
  const auto list = [](size_t values) {
    std::string text = "[0";
    for (size_t i = 1; i < values; ++i) text += ",0";
    return Message(ParseHashes(text + "]", 5).status());
  };
  EXPECT_THAT(list(1'999'999), HasSubstr("has 1999999 elements"));
  EXPECT_THAT(list(2'000'000), HasSubstr("has 2000000 elements"));
  EXPECT_THAT(list(2'000'001), HasSubstr("it has more than 2000000 values"));
}

TEST(ParseHashesTest, TakesThemInOrder) {
  EXPECT_THAT(*ParseHashes("[\"" + kB + "\",\"0x" + kA + "\"]", 2), ElementsAre(kB, kA));
  EXPECT_THAT(*ParseHashes("[]", 2), IsEmpty());
  EXPECT_THAT(Message(ParseHashes("[1,2,3]", 2).status()),
              HasSubstr("it has 3 elements, more than 2"));
  EXPECT_THAT(Message(ParseHashes("[1]", 2).status()), HasSubstr("\"an element\" is not text"));
}

std::string Line(const std::string& more) {
  return R"({"header":{"id":")" + kA + R"(","parent_block":")" + kB +
         R"(","slot":5,"block_root":")" + kB + R"(","proof_of_leadership":{"leader_key":")" + kB +
         R"("}},"transactions":[{"mantle_tx":{"hash":")" + kA + R"("}}])" + more + "}";
}

TEST(ParseStreamedBlockTest, TakesALineOfTheBundledNode) {
  const auto block = ParseStreamedBlock(Line(
      R"(,"height":4,"tip":")" + kA + R"(","tip_height":4,"lib":")" + kB + R"(","lib_height":2)"));
  ASSERT_TRUE(block.ok()) << block.status();
  EXPECT_EQ(block->id, kA);
  EXPECT_EQ(block->parent, kB);
  EXPECT_EQ(block->slot, 5);
  EXPECT_EQ(block->leader_key, kB);
  EXPECT_THAT(block->transactions, ElementsAre(kA));
  EXPECT_EQ(block->height, 4);
  EXPECT_EQ(block->tip, kA);
  EXPECT_EQ(block->tip_height, 4);
  EXPECT_EQ(block->lib, kB);
  EXPECT_EQ(block->lib_height, 2);
}

TEST(ParseStreamedBlockTest, TakesALineWithoutTheTip) {
  const auto block = ParseStreamedBlock(Line(""));
  ASSERT_TRUE(block.ok()) << block.status();
  EXPECT_EQ(block->tip, "");
  EXPECT_EQ(block->tip_height, -1);
  EXPECT_EQ(ParseStreamedBlocks("[" + Line("") + "," + Line("") + "]")->size(), 2u);
}

TEST(ParseStreamedBlockTest, RefusesWhatIsCutShort) {
  const std::string line = Line(R"(,"height":4)");
  for (size_t size = 0; size < line.size(); ++size) {
    EXPECT_FALSE(ParseStreamedBlock(line.substr(0, size)).ok()) << size;
  }
}

TEST(ParseBlockTest, KnowsNullFromABlock) {
  const auto none = ParseBlock(kA, "null");
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_FALSE(none->has_value());
  EXPECT_THAT(Message(ParseBlock(kA, "{}").status()), HasSubstr("it has no \"header\""));
}

TEST(ParseBlockTest, RefusesOperationsThatItCannotHash) {
  const std::string block =
      R"({"header":{"parent_block":")" + kB +
      R"(","slot":5,"proof_of_leadership":{"leader_key":")" + kB +
      R"("}},"transactions":[{"mantle_tx":{"ops":[{"opcode":32,"payload":{}}],)" +
      R"("ledger_tx":{"inputs":[],"outputs":[]},"execution_gas_price":0,"storage_gas_price":0}}]})";
  EXPECT_THAT(Message(ParseBlock(kA, block).status()),
              HasSubstr("an opcode that is not known here"));
}

TEST(ParseStatusesTest, KnowsEachKind) {
  using Kind = TransactionStatus::Kind;
  const auto statuses =
      ParseStatuses(R"(["Unknown","Pending","Rejected",{"InBlock":{"block":")" + kA + R"("}}])", 4);
  ASSERT_TRUE(statuses.ok()) << statuses.status();
  EXPECT_THAT(
      *statuses,
      ElementsAre(TransactionStatus{Kind::kUnknown, ""}, TransactionStatus{Kind::kPending, ""},
                  TransactionStatus{Kind::kRejected, ""}, TransactionStatus{Kind::kInBlock, kA}));
  EXPECT_THAT(Message(ParseStatuses(R"(["Unknown"])", 2).status()),
              HasSubstr("it has 1 statuses of 2 transactions"));
  EXPECT_THAT(Message(ParseStatuses(R"(["Lost"])", 1).status()),
              HasSubstr("a status that is not known here"));
  EXPECT_FALSE(ParseStatuses(R"([{"InBlock":{}}])", 1).ok());
}

TEST(ParseOthersTest, TakeWhatANodeSays) {
  const auto mempool = ParseMempool(R"({"pending_items":3,"last_item_timestamp":1765500000000})");
  ASSERT_TRUE(mempool.ok()) << mempool.status();
  EXPECT_EQ(mempool->pending, 3);
  EXPECT_EQ(mempool->last_added_at, 1765500000000);
  const auto network = ParseNetwork(
      R"({"listen_addresses":["/ip4/127.0.0.1/tcp/3000"],"n_peers":1,"n_connections":2,)"
      R"("n_pending_connections":3})");
  ASSERT_TRUE(network.ok()) << network.status();
  EXPECT_THAT(network->listen_addresses, ElementsAre("/ip4/127.0.0.1/tcp/3000"));
  EXPECT_EQ(network->peers, 1);
  EXPECT_EQ(network->connections, 2);
  EXPECT_EQ(network->pending_connections, 3);
  const auto finalised = ParseFinalised(R"({"height":7,"header_id":")" + kA + R"("})");
  ASSERT_TRUE(finalised.ok()) << finalised.status();
  EXPECT_EQ(finalised->height, 7);
  EXPECT_EQ(finalised->id, kA);
}

TEST(ParseMetricsTest, TakesPrometheusText) {
  const auto metrics = ParseMetrics(
      "# HELP a What it is.\n# TYPE a gauge\na 3\n\n"
      "b{path=\"/x y\",quote=\"\\\"}\"} 1.5e3 1700000000\r\n"
      "  c\t+Inf\nd -4");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  ASSERT_EQ(metrics->size(), 4u);
  EXPECT_EQ((*metrics)[0].series, "a");
  EXPECT_EQ((*metrics)[0].value, 3);
  EXPECT_EQ((*metrics)[1].series, "b{path=\"/x y\",quote=\"\\\"}\"}");
  EXPECT_EQ((*metrics)[1].value, 1500);
  EXPECT_EQ((*metrics)[3].series, "d");
  EXPECT_EQ((*metrics)[3].value, -4);
  EXPECT_TRUE(ParseMetrics("").ok());
}

TEST(ParseMetricsTest, NamesALineThatIsNone) {
  EXPECT_EQ(Message(ParseMetrics("a 1\n{\"error\": true}\n").status()),
            "the answer makes no sense: line 2 is no metric: {\"error\": true}");
  EXPECT_THAT(Message(ParseMetrics("a\n").status()), HasSubstr("line 1 is no metric: a"));
}

}  // namespace
}  // namespace gtestnet::nomos

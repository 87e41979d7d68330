// SPDX-License-Identifier: Apache-2.0
#include "liar/lies.h"

#include <gmock/gmock.h>

#include <string>

namespace gtestnet::liar {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;
using testing::StartsWith;

const char kInfo[] =
    R"({"lib":"aa","tip":"bb","slot":30,"height":9,"mode":"Online","lib_height":4})";
const char kLine[] =
    R"({"header":{"id":"ab","slot":30,"parent_block":"a0","proof_of_leadership":{"leader_key":"c1"}},)"
    R"("transactions":[1],"height":9,"tip":"ab","tip_height":9})";

Liar Make(const char* text) { return Liar(ParseLies(text).value()); }
std::string Info(const char* lie) { return Make(lie).Answer("/cryptarchia/info", kInfo); }
std::string Line(const char* lie) {
  return Make(lie).Line("/cryptarchia/blocks/stream", kLine).value_or("nothing");
}

TEST(LiesTest, AreNamedWithAHeightAndAValue) {
  const auto lies = ParseLies("height@8=-5,tip,silent-stream@3").value();
  ASSERT_EQ(lies.size(), 3U);
  EXPECT_EQ(lies[0].name, "height");
  EXPECT_EQ(lies[0].from, 8);
  EXPECT_EQ(lies[0].value, -5);
  EXPECT_EQ(lies[1].from, 0);
  EXPECT_EQ(lies[2].from, 3);
}

TEST(LiesTest, UnknownOnesAreRefused) {
  EXPECT_THAT(std::string(ParseLies("hight").status().message()),
              testing::AllOf(StartsWith("\"hight\" is no lie; there are:"), HasSubstr("height  ")));
  EXPECT_FALSE(ParseLies("height@x").ok());
  EXPECT_FALSE(ParseLies("height=").ok());
}

TEST(LiesTest, WhatIsNotLiedAboutPassesByteByByte) {
  EXPECT_EQ(Info("peers"), kInfo);
  EXPECT_EQ(Line("height"), kLine);
  EXPECT_EQ(Make("height").Answer("/cryptarchia/info", "no JSON"), "no JSON");
}

TEST(LiesTest, OfInfo) {
  EXPECT_THAT(Info("height"), HasSubstr(R"("height":59,)"));
  EXPECT_THAT(Info("height=-20"), HasSubstr(R"("height":0,)"));
  EXPECT_THAT(Info("slot"), HasSubstr(R"("slot":37)"));
  EXPECT_THAT(Info("tip"), HasSubstr(R"("tip":"feed)"));
  EXPECT_THAT(Info("final"), HasSubstr(R"("lib":"feed)"));
  EXPECT_THAT(Info("final-height"), HasSubstr(R"("lib_height":9)"));
  EXPECT_THAT(Info("bootstrapping"), HasSubstr(R"("mode":"Bootstrapping")"));
}

TEST(LiesTest, BeginAtTheirHeight) {
  Liar liar = Make("height@10");
  EXPECT_EQ(liar.Answer("/cryptarchia/info", kInfo), kInfo);
  EXPECT_EQ(liar.Line("/cryptarchia/blocks/stream", R"({"tip_height":10})"),
            R"({"tip_height":10})");
  EXPECT_THAT(liar.Answer("/cryptarchia/info", kInfo), HasSubstr(R"("height":59,)"));
}

TEST(LiesTest, FrozenInfoStaysWhatItWas) {
  Liar liar = Make("frozen-info@9");
  EXPECT_EQ(liar.Answer("/cryptarchia/info", kInfo), kInfo);
  EXPECT_EQ(liar.Answer("/cryptarchia/info", R"({"height":10})"), kInfo);
}

TEST(LiesTest, OfTheBlockStream) {
  EXPECT_THAT(Line("stream-height"), HasSubstr(R"("height":12,)"));
  EXPECT_THAT(Line("stream-tip-height"), HasSubstr(R"("tip_height":29)"));
  EXPECT_THAT(Line("stream-slot"), HasSubstr(R"("slot":31)"));
  EXPECT_THAT(Line("stream-leader"), HasSubstr(R"("leader_key":"c0")"));
  EXPECT_THAT(Line("stream-parent"), HasSubstr(R"("parent_block":"a1")"));
  EXPECT_THAT(Line("stream-transactions"), HasSubstr(R"("transactions":[])"));
  EXPECT_EQ(Line("silent-stream"), "nothing");
}

TEST(LiesTest, OfTheFinalityStream) {
  const auto line = [](const char* lie) {
    return Make(lie)
        .Line("/cryptarchia/lib-stream", R"({"height":4,"header_id":"aa"})")
        .value_or("nothing");
  };
  EXPECT_THAT(line("finality-height"), HasSubstr(R"("height":8)"));
  EXPECT_THAT(line("finality-block"), HasSubstr(R"("header_id":"feed)"));
  EXPECT_EQ(line("silent-finality"), "nothing");
}

TEST(LiesTest, OfHeadersAndBlocks) {
  const auto headers = [](const char* lie) {
    return Make(lie).Answer("/cryptarchia/headers", R"(["c","b","a"])");
  };
  EXPECT_EQ(headers("headers-gap"), R"(["c","a"])");
  EXPECT_THAT(headers("headers-forged"), HasSubstr(R"("c","feed)"));
  EXPECT_EQ(Make("blocks-gap").Answer("/cryptarchia/blocks", "[1,2]"), "[2]");
  EXPECT_EQ(Make("block-slot").Answer("/storage/block", R"({"header":{"slot":5}})"),
            R"({"header":{"slot":6}})");
  EXPECT_EQ(Make("block-missing").Answer("/storage/block", R"({"header":{"slot":5}})"), "null");
}

TEST(LiesTest, OfStatusesPeersAndTheMempool) {
  EXPECT_THAT(Make("in-block").Answer("/mantle/status", R"(["Pending"])"),
              StartsWith(R"([{"InBlock":{"block":"feed)"));
  EXPECT_EQ(
      Make("never-in-block").Answer("/mantle/status", R"(["Pending",{"InBlock":{"block":"aa"}}])"),
      R"(["Pending","Unknown"])");
  EXPECT_EQ(Make("mempool=5").Answer("/mantle/metrics", R"({"pending_items":2})"),
            R"({"pending_items":7})");
  EXPECT_EQ(Make("peers=-1").Answer("/network/info", R"({"n_peers":2})"), R"({"n_peers":1})");
}

TEST(LiesTest, OfMetrics) {
  const char text[] = "# HELP x\nconsensus_tip_height 7\nhttp_requests_total 50\n";
  const auto metrics = [&](const char* lie) { return Make(lie).Answer("/metrics", text); };
  EXPECT_EQ(metrics("metric-height"),
            "# HELP x\nconsensus_tip_height 16\nhttp_requests_total 50\n");
  EXPECT_EQ(metrics("counters-fall"), "# HELP x\nconsensus_tip_height 7\nhttp_requests_total 5\n");
}

TEST(LiesTest, ThoseOfTheProcessAreAsked) {
  const Liar liar = Make("freeze=50,restart@4");
  ASSERT_NE(liar.Active("freeze"), nullptr);
  EXPECT_EQ(liar.Active("freeze")->value, 50);
  EXPECT_EQ(liar.Active("restart"), nullptr);
  EXPECT_EQ(liar.Active("leak"), nullptr);
}

}  // namespace
}  // namespace gtestnet::liar

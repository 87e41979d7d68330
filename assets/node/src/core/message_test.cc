// SPDX-License-Identifier: Apache-2.0
#include "message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "block_maker.h"

namespace gtestnet::node {
namespace {

using testing::HasSubstr;
using namespace testing_support;  // NOLINT: the tests' own words

std::vector<Message> Samples() {
  BlockMaker maker(AlwaysWinning(5));
  const auto chain = maker.Chain(maker.genesis(), 1, 3, 1);
  return {Tip{Filled(1), 42},
          GetTip{},
          GetBlocks{7, Filled(2), {Filled(3), Filled(4)}},
          Blocks{7, chain},
          Blocks{8, {}},
          NewBlock{maker.Make(chain.back()->id, 9, 2, {Inscribe(1, {}, kAlice)})},
          Transactions{{Inscribe(1, {}, kAlice), BringBlob(2, {}, kBob, Filled(3))}},
          DataMessage{{1, 2, 3}}};
}

TEST(MessageTest, DecodesWhatWasEncoded) {
  for (const Message& message : Samples()) {
    SCOPED_TRACE(MessageName(message));
    const Bytes bytes = EncodeMessage(message);
    const auto decoded = DecodeMessage(bytes);
    ASSERT_EQ(decoded.status(), absl::OkStatus());
    EXPECT_EQ(decoded->index(), message.index());
    EXPECT_EQ(EncodeMessage(*decoded), bytes);
  }
}

TEST(MessageTest, DecoderAcceptsOnlyWhatTheEncoderMakes) {
  for (const Message& message : Samples()) {
    ForEachMutation(EncodeMessage(message), 1000, [](const Bytes& changed) {
      const auto decoded = DecodeMessage(changed);
      if (decoded.ok()) {
        EXPECT_EQ(EncodeMessage(*decoded), changed);
      } else {
        EXPECT_FALSE(decoded.status().message().empty());
      }
    });
  }
}

TEST(MessageTest, ErrorsNameThePlace) {
  const auto error = [](const Bytes& bytes) {
    return std::string(DecodeMessage(bytes).status().message());
  };
  EXPECT_EQ(error({}), "message: is empty");
  EXPECT_EQ(error({99}), "message: its type 99 is unknown");
  EXPECT_EQ(error({0, 1}), "Tip: ends too early, at byte 1 of 2");
  EXPECT_EQ(error({1, 0}), "GetTip: 1 bytes too many behind byte 1");
  EXPECT_THAT(error(Bytes(kMaxMessageBytes + 1)), HasSubstr("bytes; at most"));
  EXPECT_EQ(error({3, 0, 0, 0, 0, 1, 1}), "Blocks: 257 blocks; at most 256");
  EXPECT_EQ(error({5, 1, 4}), "Transactions: 1025 of them; at most 1024");
}

}  // namespace
}  // namespace gtestnet::node

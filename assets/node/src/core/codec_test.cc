// SPDX-License-Identifier: Apache-2.0
#include "codec.h"

#include <gtest/gtest.h>

namespace gtestnet::node {
namespace {

TEST(HashTest, HexGoesBothWays) {
  const std::string text = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
  const auto hash = Hash::FromHex(text);
  ASSERT_TRUE(hash.has_value());
  EXPECT_EQ(hash->Hex(), text);
  EXPECT_EQ(Hash::FromHex("0x" + text), hash);
  EXPECT_EQ(hash->Short(), "00112233");
}

TEST(HashTest, RefusesWhatIsNoHash) {
  EXPECT_FALSE(Hash::FromHex("").has_value());
  EXPECT_FALSE(Hash::FromHex(std::string(63, 'a')).has_value());
  EXPECT_FALSE(Hash::FromHex(std::string(65, 'a')).has_value());
  EXPECT_FALSE(Hash::FromHex(std::string(63, 'a') + "g").has_value());
  EXPECT_FALSE(Hash::FromHex("0x" + std::string(62, 'a')).has_value());
}

TEST(HashTest, IsOrderedAsItsText) {
  Hash low, high;
  low.bytes[31] = 255;
  high.bytes[0] = 1;
  EXPECT_LT(low, high);
  EXPECT_LT(low.Hex(), high.Hex());
}

TEST(CodecTest, IntegersAreLittleEndianAndComeBack) {
  Writer out;
  out.U8(1);
  out.U16(0x0302);
  out.U32(0x07060504);
  out.U64(0x0f0e0d0c0b0a0908);
  EXPECT_EQ(ToHex(out.bytes()), "0102030405060708090a0b0c0d0e0f");
  Reader in(out.bytes());
  EXPECT_EQ(in.U8(), 1u);
  EXPECT_EQ(in.U16(), 0x0302u);
  EXPECT_EQ(in.U32(), 0x07060504u);
  EXPECT_EQ(in.U64(), 0x0f0e0d0c0b0a0908u);
  EXPECT_TRUE(in.Finish("it").ok());
}

TEST(CodecTest, ReadingPastTheEndFailsForGood) {
  const Bytes bytes(3, 7);
  Reader in(bytes);
  EXPECT_EQ(in.U64(), 0u);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.U8(), 0u);
  EXPECT_EQ(in.Finish("it").message(), "it: ends too early, at byte 0 of 3");
  EXPECT_TRUE(Reader(bytes).Raw(static_cast<std::size_t>(-1)).empty());
}

TEST(CodecTest, TrailingBytesAreAnError) {
  const Bytes bytes(3, 7);
  Reader in(bytes);
  in.U8();
  EXPECT_EQ(in.Finish("it").message(), "it: 2 bytes too many behind byte 1");
}

}  // namespace
}  // namespace gtestnet::node

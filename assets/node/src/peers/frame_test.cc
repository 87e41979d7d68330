// SPDX-License-Identifier: Apache-2.0
#include "peers/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace gtestnet::node {
namespace {

using testing::HasSubstr;

void Feed(FrameReader& reader, ByteSpan bytes) {
  while (!bytes.empty()) {
    const std::span<std::uint8_t> space = reader.Prepare();
    const std::size_t size = std::min(space.size(), bytes.size());
    std::copy_n(bytes.begin(), size, space.begin());
    reader.Commit(size);
    bytes = bytes.subspan(size);
  }
}

std::string Text(const Frame& frame) { return {frame.payload.begin(), frame.payload.end()}; }

TEST(FrameTest, CutsAStreamIntoFrames) {
  Bytes stream = EncodeFrame(FrameKind::kMessage, AsBytes("one"));
  const Bytes second = EncodeFrame(FrameKind::kPing, {});
  stream.insert(stream.end(), second.begin(), second.end());
  FrameReader reader;
  Feed(reader, stream);
  auto frame = reader.Next();
  ASSERT_TRUE(frame.ok() && frame->has_value());
  EXPECT_EQ(Text(**frame), "one");
  EXPECT_EQ((*frame)->kind, FrameKind::kMessage);
  EXPECT_EQ((*frame)->version, kProtocolVersion);
  frame = reader.Next();
  ASSERT_TRUE(frame.ok() && frame->has_value());
  EXPECT_EQ((*frame)->kind, FrameKind::kPing);
  frame = reader.Next();
  ASSERT_TRUE(frame.ok());
  EXPECT_FALSE(frame->has_value());
}

TEST(FrameTest, WaitsForTheRestOfAFrame) {
  const Bytes stream = EncodeFrame(FrameKind::kHello, AsBytes("hello"));
  FrameReader reader;
  for (std::size_t i = 0; i + 1 < stream.size(); ++i) {
    Feed(reader, ByteSpan(stream).subspan(i, 1));
    const auto frame = reader.Next();
    ASSERT_TRUE(frame.ok());
    ASSERT_FALSE(frame->has_value()) << i;
  }
  Feed(reader, ByteSpan(stream).last(1));
  const auto frame = reader.Next();
  ASSERT_TRUE(frame.ok() && frame->has_value());
  EXPECT_EQ(Text(**frame), "hello");
}

TEST(FrameTest, RefusesALongFrameBeforeItHasCome) {
  FrameReader reader;
  reader.set_max_payload(10);
  const Bytes eleven = EncodeFrame(FrameKind::kMessage, AsBytes("eleven byte"));
  Feed(reader, ByteSpan(eleven).first(kFrameHeaderBytes));
  EXPECT_THAT(std::string(reader.Next().status().message()), HasSubstr("a frame of 13 bytes"));
}

TEST(FrameTest, RefusesUnknownKindsAndTooShortLengths) {
  FrameReader unknown;
  Feed(unknown, EncodeFrame(static_cast<FrameKind>(9), {}));
  EXPECT_THAT(std::string(unknown.Next().status().message()), HasSubstr("unknown kind 9"));
  FrameReader brief;
  Feed(brief, Bytes{1, 0, 0, 0, 1, 1});
  EXPECT_FALSE(brief.Next().ok());
  FrameReader http;
  Feed(http, AsBytes("GET / HTTP/1.1\r\n"));
  EXPECT_FALSE(http.Next().ok());
}

TEST(FrameTest, RandomBytesNeverGiveMoreThanTheyAre) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2000; ++round) {
    Bytes garbage(random() % 300);
    for (std::uint8_t& byte : garbage) byte = static_cast<std::uint8_t>(random());
    if (garbage.size() > 3 && random() % 2 == 0) garbage[1] = garbage[2] = garbage[3] = 0;
    FrameReader reader;
    Feed(reader, garbage);
    std::size_t total = 0;
    while (true) {
      const auto frame = reader.Next();
      if (!frame.ok() || !frame->has_value()) break;
      total += (*frame)->payload.size() + kFrameHeaderBytes;
    }
    ASSERT_LE(total, garbage.size());
  }
}

}  // namespace
}  // namespace gtestnet::node

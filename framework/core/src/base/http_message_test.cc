// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/http_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/src/base/bounds.h"

namespace gtestnet::base {
namespace {

using testing::HasSubstr;
using Kind = HttpMessage::Kind;

constexpr std::string_view kChunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view kChunkedAnswer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

// What became of a message.
struct Read {
  absl::Status status;
  bool done = false;
  std::string body;
  size_t taken = 0;
};

Read TakePieces(Kind kind, const std::vector<std::string>& pieces, HttpMessageLimits limits = {}) {
  HttpMessage message(kind, limits);
  Read read;
  for (const std::string& piece : pieces) {
    const absl::StatusOr<size_t> taken = message.Take(piece);
    read.status = taken.status();
    if (!taken.ok()) return read;
    read.taken += *taken;
  }
  read.done = message.done();
  read.body = message.TakeBody();
  return read;
}

// The same, byte by byte.
Read TakeBytes(Kind kind, std::string_view bytes, HttpMessageLimits limits = {}) {
  std::vector<std::string> pieces;
  for (const char c : bytes) pieces.emplace_back(1, c);
  return TakePieces(kind, pieces, limits);
}

std::string Text(std::string_view a, std::string_view b, std::string_view c = "") {
  return std::string(a) + std::string(b) + std::string(c);
}

TEST(HttpMessageTest, TakesAnEmptyChunkedBodyInAnyPieces) {
  const std::string head(kChunked);
  for (const auto& end : std::vector<std::vector<std::string>>{{"0\r\n", "\r", "\n"},
                                                               {"0\r\n\r\n"},
                                                               {"0", "\r\n\r\n"},
                                                               {"0\r\n\r", "\n"},
                                                               {"0;a=\"b\"\r\n", "\r", "\n"},
                                                               {"0\r\nX: y\r\n", "\r", "\n"}}) {
    std::vector<std::string> pieces = {head};
    pieces.insert(pieces.end(), end.begin(), end.end());
    const Read read = TakePieces(Kind::kRequest, pieces);
    EXPECT_TRUE(read.done) << read.status << testing::PrintToString(end);
    EXPECT_EQ(read.body, "");
  }
  EXPECT_TRUE(TakePieces(Kind::kAnswer, {std::string(kChunkedAnswer), "0\r\n", "\r", "\n"}).done);
}

TEST(HttpMessageTest, IsTheSameByteByByteAsAtOnce) {
  const std::string message =
      Text(kChunkedAnswer, "3;x=y\r\nabc\r\n00A \r\n0123456789\r\n0\r\nT: 1\r\n\r\n", "more");
  const Read once = TakePieces(Kind::kAnswer, {message});
  const Read bytes = TakeBytes(Kind::kAnswer, message);
  for (const Read& read : {once, bytes}) {
    EXPECT_TRUE(read.done) << read.status;
    EXPECT_EQ(read.body, "abc0123456789");
    EXPECT_EQ(read.taken, message.size() - 4);
  }
}

TEST(HttpMessageTest, KnowsWhereABodyEnds) {
  const auto body = [](std::string_view bytes) {
    HttpMessage message(Kind::kAnswer);
    EXPECT_TRUE(message.Take(bytes).ok());
    EXPECT_TRUE(message.End().ok());
    return message.TakeBody();
  };
  EXPECT_EQ(body("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd"), "abc");
  EXPECT_EQ(body("HTTP/1.1 200 OK\r\n\r\nabcd"), "abcd");
  EXPECT_EQ(body("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabcd"), "");
  EXPECT_EQ(body("HTTP/1.1 100 Continue\r\n\r\nabcd"), "");
  EXPECT_TRUE(TakePieces(Kind::kRequest, {"GET / HTTP/1.1\r\n\r\n"}).done);
  const Read gzip =
      TakePieces(Kind::kRequest, {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"});
  EXPECT_TRUE(absl::IsInvalidArgument(gzip.status)) << gzip.status;
}

TEST(HttpMessageTest, EndsInTheMidstOfAMessage) {
  for (const std::string_view begun :
       {"HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"}) {
    HttpMessage message(Kind::kAnswer);
    EXPECT_TRUE(message.Take(begun).ok());
    EXPECT_FALSE(message.done());
    EXPECT_TRUE(absl::IsUnavailable(message.End())) << begun;
  }
}

// A head of so many bytes in all.
std::string HeadOf(size_t bytes) {
  const std::string begin = "GET / HTTP/1.1\r\nX: ";
  return begin + std::string(bytes - begin.size() - 4, 'x') + "\r\n\r\n";
}

TEST(HttpMessageTest, BoundsTheHeader) {
  for (const size_t below : {kMostHeaderBytes - 1, kMostHeaderBytes}) {
    EXPECT_TRUE(TakePieces(Kind::kRequest, {HeadOf(below)}).done);
    EXPECT_TRUE(TakeBytes(Kind::kRequest, HeadOf(below)).done);
  }
  const std::string above = HeadOf(kMostHeaderBytes + 1);
  EXPECT_TRUE(absl::IsOutOfRange(TakePieces(Kind::kRequest, {above}).status));
  EXPECT_TRUE(absl::IsOutOfRange(TakeBytes(Kind::kRequest, above).status));
  EXPECT_TRUE(absl::IsOutOfRange(
      TakePieces(Kind::kRequest, {"GET /" + std::string(1'000'000, 'x')}).status));
}

TEST(HttpMessageTest, BoundsAChunksLine) {
  const auto with_line = [](size_t bytes) {
    return TakePieces(Kind::kRequest,
                      {Text(kChunked, "1;" + std::string(bytes - 2, 'x'), "\r\na\r\n0\r\n\r\n")});
  };
  EXPECT_TRUE(with_line(kMostChunkLineBytes - 1).done);
  EXPECT_TRUE(with_line(kMostChunkLineBytes).done);
  const Read above = with_line(kMostChunkLineBytes + 1);
  EXPECT_TRUE(absl::IsOutOfRange(above.status)) << above.status;
  EXPECT_THAT(std::string(above.status.message()), HasSubstr("longer than 1024 bytes"));
  EXPECT_TRUE(absl::IsOutOfRange(with_line(1'000'000).status));
  EXPECT_TRUE(absl::IsOutOfRange(
      TakePieces(Kind::kRequest, {Text(kChunked, std::string(2000, '0'))}).status));
}

TEST(HttpMessageTest, BoundsTheTrailers) {
  const auto with_trailers = [](size_t bytes) {  // the last line's end is one of them
    return TakePieces(Kind::kRequest,
                      {Text(kChunked, "0\r\nX: " + std::string(bytes - 7, 'x'), "\r\n\r\n")});
  };
  EXPECT_TRUE(with_trailers(kMostHeaderBytes - 1).done);
  EXPECT_TRUE(with_trailers(kMostHeaderBytes).done);
  EXPECT_TRUE(absl::IsOutOfRange(with_trailers(kMostHeaderBytes + 1).status));
  std::string lines = Text(kChunked, "0\r\n");
  for (int i = 0; i < 60'000; ++i) lines += "x: y\r\n";
  EXPECT_TRUE(absl::IsOutOfRange(TakePieces(Kind::kRequest, {lines}).status));
}

TEST(HttpMessageTest, BoundsTheBody) {
  const HttpMessageLimits limits{.body_bytes = 10};
  for (const size_t bytes : {9, 10}) {
    const std::string data(bytes, 'x');
    const std::string length = std::to_string(bytes);
    EXPECT_EQ(
        TakePieces(Kind::kAnswer,
                   {"HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + data}, limits)
            .body,
        data);
    EXPECT_EQ(TakePieces(Kind::kAnswer, {"HTTP/1.1 200 OK\r\n\r\n" + data}, limits).body, data);
    const std::string chunks =
        "4\r\n" + data.substr(0, 4) + "\r\n" + (bytes == 9 ? "5" : "6") + "\r\n" + data.substr(4);
    EXPECT_EQ(TakePieces(Kind::kAnswer, {Text(kChunkedAnswer, chunks)}, limits).body, data);
  }
  for (const std::string& above :
       {std::string("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n"),
        "HTTP/1.1 200 OK\r\n\r\n" + std::string(11, 'x'), Text(kChunkedAnswer, "b\r\n"),
        Text(kChunkedAnswer, "4\r\nxxxx\r\n7\r\n"), Text(kChunkedAnswer, "FFFFFFFFFFFFFFFF\r\n")}) {
    const Read read = TakePieces(Kind::kAnswer, {above}, limits);
    EXPECT_TRUE(absl::IsResourceExhausted(read.status)) << read.status << " of " << above;
  }
}

TEST(HttpMessageTest, KeepsNothingOfABodyOfAnyLength) {
  HttpMessage message(Kind::kAnswer, {.body_bytes = std::nullopt});
  ASSERT_TRUE(
      message.Take("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nab").ok());
  EXPECT_EQ(message.TakeBody(), "ab");
  ASSERT_TRUE(message.Take("cd").ok());
  EXPECT_EQ(message.TakeBody(), "cd");
}

TEST(HttpMessageTest, RefusesBadChunks) {
  for (const std::string_view bad :
       {"\r\n", "g\r\n", ";\r\n", "-1\r\n", "0x1\r\n", "1\n", "1\r\r\n", "1\r\nab\r\n", "1\r\na\rb",
        "1;a\x01\r\n", "11111111111111111\r\n", "0\r\nX\n", "0\r\n\rX", "0\r\nX: \x01\r\n",
        " 1\r\n"}) {
    const Read read = TakePieces(Kind::kRequest, {Text(kChunked, bad)});
    EXPECT_TRUE(absl::IsInvalidArgument(read.status)) << bad << read.status;
  }
}

}  // namespace
}  // namespace gtestnet::base

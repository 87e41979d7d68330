// SPDX-License-Identifier: Apache-2.0
// HTTP messages: in any pieces the same as at once, and never more than their bounds.
#include "core/src/base/bounds.h"
#include "core/src/base/http_message.h"
#include "core/src/base/testing/fuzz.h"

namespace gtestnet::fuzz {
namespace {

using base::HttpMessage;
using base::kMostChunkLineBytes;

constexpr uint64_t kMostBody = 1000;

struct Read {
  absl::StatusCode code = absl::StatusCode::kOk;
  bool done = false;
  size_t taken = 0;
  std::string body = {};
};

Read TakeAll(HttpMessage::Kind kind, std::string_view bytes, size_t piece) {
  HttpMessage message(kind, {.body_bytes = kMostBody});
  Read read;
  while (!bytes.empty() && !message.done()) {
    const std::string_view part = bytes.substr(0, piece);
    const absl::StatusOr<size_t> taken = message.Take(part);
    read.code = taken.status().code();
    if (!taken.ok()) return read;
    Demand(*taken == part.size() || message.done(), "all is taken until it is done");
    read.taken += *taken;
    bytes.remove_prefix(*taken);
  }
  read.body = message.TakeBody();
  Demand(read.body.size() <= kMostBody, "a body is within its bound");
  if (!message.done()) read.done = message.End().ok();
  read.done = read.done || message.done();
  return read;
}

}  // namespace

std::vector<std::string> Seeds() {
  const std::string request = "q\x07POST /mempool/add/tx HTTP/1.1\r\nHost: a\r\n";
  const std::string answer = "a\x01HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n\r\n";
  return {request + "Content-Length: 4\r\n\r\nnull",
          request + "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n",
          request + chunked + "0\r\n\r\n",  // byte by byte: Boost's assertion
          answer + chunked + "0\r\n\r\n",
          answer + chunked + "3;x=\"y\"\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n",
          answer + "Content-Length: 9223372036854775807\r\n\r\n",
          answer + "\r\nto the end",
          request + chunked + "0;" + std::string(kMostChunkLineBytes, 'x') + "\r\n\r\n",
          "a\x10HTTP/1.0 204 No Content\r\n\r\n"};
}

void Try(std::string_view input) {
  Choices choices(input);
  const auto kind =
      choices.Byte() == 'a' ? HttpMessage::Kind::kAnswer : HttpMessage::Kind::kRequest;
  const size_t piece = 1 + choices.Byte();
  const std::string_view bytes = choices.Rest();
  const Read whole = TakeAll(kind, bytes, bytes.size() + 1);
  for (const size_t size : {size_t{1}, piece}) {
    const Read read = TakeAll(kind, bytes, size);
    // A head that is wrong may be looked at only when its end has come.
    if (whole.code != absl::StatusCode::kOk) {
      Demand(!read.done, "what is refused as a whole is not taken in pieces");
      continue;
    }
    Demand(read.code == whole.code && read.done == whole.done, "pieces end as the whole does");
    Demand(read.taken == whole.taken && read.body == whole.body, "pieces make the same message");
  }
}

}  // namespace gtestnet::fuzz

// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/http_body.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "core/src/base/bounds.h"
#include "core/src/base/status.h"

namespace gtestnet::base {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsControl(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

absl::Status BadChunk() { return InvalidArgument("bad chunk"); }
absl::Status BadTrailer() { return InvalidArgument("bad trailer"); }

}  // namespace

HttpBody HttpBody::Chunked(std::optional<uint64_t> most_bytes) {
  HttpBody body(State::kSize, 0, most_bytes);
  body.chunked_ = true;
  return body;
}

HttpBody HttpBody::ToTheEnd(std::optional<uint64_t> most_bytes) {
  return HttpBody(State::kToTheEnd, 0, most_bytes);
}

absl::StatusOr<size_t> HttpBody::Take(std::string_view bytes, std::string& data) {
  size_t taken = 0;
  while (taken < bytes.size() && state_ != State::kDone) {
    if (state_ == State::kToTheEnd) {
      GTESTNET_RETURN_IF_ERROR(Spend(bytes.size() - taken));
      data.append(bytes.substr(taken));
      return bytes.size();
    }
    if (state_ == State::kData) {
      taken += TakeData(bytes.substr(taken), data);
    } else {
      GTESTNET_RETURN_IF_ERROR(TakeFraming(bytes[taken++]));
    }
  }
  return taken;
}

absl::Status HttpBody::End() {
  if (state_ == State::kToTheEnd) state_ = State::kDone;
  if (state_ == State::kDone) return absl::OkStatus();
  return Unavailable("the connection was closed in the midst of the body");
}

size_t HttpBody::TakeData(std::string_view bytes, std::string& data) {
  const auto size = static_cast<size_t>(std::min<uint64_t>(left_, bytes.size()));
  data.append(bytes.substr(0, size));
  left_ -= size;
  if (left_ == 0) state_ = chunked_ ? State::kDataCr : State::kDone;
  return size;
}

absl::Status HttpBody::TakeFraming(char c) {
  switch (state_) {
    case State::kSize:
    case State::kExtension:
      return TakeSize(c);
    case State::kSizeEnd:
      return c == '\n' ? BeginChunk() : BadChunk();
    case State::kDataCr:
      state_ = State::kDataLf;
      return c == '\r' ? absl::OkStatus() : BadChunk();
    case State::kDataLf:
      state_ = State::kSize;
      line_bytes_ = 0;
      return c == '\n' ? absl::OkStatus() : BadChunk();
    default:
      return TakeTrailer(c);
  }
}

absl::Status HttpBody::TakeSize(char c) {
  if (c == '\r') {
    state_ = State::kSizeEnd;
    return line_bytes_ > 0 ? absl::OkStatus() : BadChunk();
  }
  if (++line_bytes_ > kMostChunkLineBytes) {
    return absl::OutOfRangeError(
        absl::StrCat("the line of a chunk is longer than ", kMostChunkLineBytes, " bytes"));
  }
  if (state_ == State::kExtension) return IsControl(c) ? BadChunk() : absl::OkStatus();
  const int digit = HexDigit(c);
  if (digit >= 0) {
    if (left_ > std::numeric_limits<uint64_t>::max() / 16) return BadChunk();
    left_ = left_ * 16 + static_cast<uint64_t>(digit);
    return absl::OkStatus();
  }
  state_ = State::kExtension;
  return line_bytes_ > 1 && (c == ';' || c == ' ' || c == '\t') ? absl::OkStatus() : BadChunk();
}

absl::Status HttpBody::BeginChunk() {
  state_ = left_ == 0 ? State::kTrailer : State::kData;
  return Spend(left_);
}

absl::Status HttpBody::TakeTrailer(char c) {
  if (++trailer_bytes_ > kMostHeaderBytes) {
    return absl::OutOfRangeError(
        absl::StrCat("the trailers are longer than ", kMostHeaderBytes, " bytes"));
  }
  switch (state_) {
    case State::kTrailer:
      state_ = c == '\r' ? State::kLastLf : State::kTrailerLine;
      return c == '\r' || !IsControl(c) ? absl::OkStatus() : BadTrailer();
    case State::kTrailerLine:
      if (c == '\r') state_ = State::kTrailerLineEnd;
      return c == '\r' || !IsControl(c) ? absl::OkStatus() : BadTrailer();
    case State::kTrailerLineEnd:
      state_ = State::kTrailer;
      return c == '\n' ? absl::OkStatus() : BadTrailer();
    default:
      state_ = State::kDone;
      return c == '\n' ? absl::OkStatus() : BadTrailer();
  }
}

absl::Status HttpBody::Spend(uint64_t bytes) {
  if (!most_bytes_) return absl::OkStatus();
  if (bytes > *most_bytes_ - spent_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the body is longer than ", *most_bytes_, " bytes"));
  }
  spent_ += bytes;
  return absl::OkStatus();
}

}  // namespace gtestnet::base

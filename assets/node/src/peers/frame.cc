// SPDX-License-Identifier: Apache-2.0
#include "peers/frame.h"

#include <algorithm>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/codec.h"

namespace gtestnet::node {
namespace {
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kLengthBytes = 4;
}  // namespace

Bytes EncodeFrame(FrameKind kind, ByteSpan payload, std::uint8_t version) {
  Writer writer;
  writer.U32(static_cast<std::uint32_t>(payload.size() + kFrameHeaderBytes - kLengthBytes));
  writer.U8(version);
  writer.U8(static_cast<std::uint8_t>(kind));
  writer.Raw(payload);
  return writer.Take();
}

std::span<std::uint8_t> FrameReader::Prepare() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == 0 && buffer_.size() > 4 * kReadBytes) buffer_ = Bytes();  // after a long frame
  if (buffer_.size() < end_ + kReadBytes) buffer_.resize(end_ + kReadBytes);
  return std::span(buffer_).subspan(end_);
}

absl::StatusOr<std::optional<Frame>> FrameReader::Next() {
  const ByteSpan bytes(buffer_.data() + begin_, end_ - begin_);
  if (bytes.size() < kFrameHeaderBytes) return std::nullopt;
  Reader reader(bytes);
  const std::size_t length = reader.U32();
  if (length < kFrameHeaderBytes - kLengthBytes ||
      length > max_payload_ + kFrameHeaderBytes - kLengthBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a frame of ", length, " bytes; at most ", max_payload_, " are allowed here"));
  }
  Frame frame;
  frame.version = reader.U8();
  const std::uint8_t kind = reader.U8();
  if (kind < static_cast<std::uint8_t>(FrameKind::kHello) ||
      kind > static_cast<std::uint8_t>(FrameKind::kMessage)) {
    return absl::InvalidArgumentError(absl::StrCat("a frame of unknown kind ", kind));
  }
  frame.kind = static_cast<FrameKind>(kind);
  if (bytes.size() < kLengthBytes + length) return std::nullopt;
  frame.payload = bytes.subspan(kFrameHeaderBytes, length + kLengthBytes - kFrameHeaderBytes);
  begin_ += kLengthBytes + length;
  return frame;
}

}  // namespace gtestnet::node

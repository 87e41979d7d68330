// SPDX-License-Identifier: Apache-2.0
#include "codec.h"

#include <algorithm>

#include "text.h"

namespace gtestnet::node {

ByteSpan Reader::Raw(std::size_t size) {
  if (!ok_ || size > left()) {
    ok_ = false;
    return {};
  }
  const ByteSpan part = bytes_.subspan(at_, size);
  at_ += size;
  return part;
}

Hash Reader::GetHash() {
  const ByteSpan part = Raw(Hash::kSize);
  return part.empty() ? Hash{} : Hash::FromBytes(part.first<Hash::kSize>());
}

Signature Reader::GetSignature() {
  Signature signature;
  const ByteSpan part = Raw(Signature::kSize);
  std::copy(part.begin(), part.end(), signature.bytes.begin());
  return signature;
}

absl::Status Reader::Finish(std::string_view what) const {
  if (!ok_) {
    return Invalid(Absl(what), ": ends too early, at byte ", at_, " of ", bytes_.size());
  }
  if (left() != 0) {
    return Invalid(Absl(what), ": ", left(), " bytes too many behind byte ", at_);
  }
  return absl::OkStatus();
}

std::uint64_t Reader::Integer(std::size_t size) {
  std::uint64_t value = 0;
  int shift = 0;
  for (const std::uint8_t byte : Raw(size)) {
    value |= std::uint64_t{byte} << shift;
    shift += 8;
  }
  return value;
}

}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
#include "da_types.h"

#include <algorithm>

#include "crypto.h"
#include "text.h"

namespace gtestnet::node {

BlobId BlobIdOf(const Commitment& commitment) { return HashOf(commitment); }

bool IsBlobSize(std::uint64_t size) {
  return size > 0 && size <= kMaxBlobBytes && size % kElementDataBytes == 0;
}

absl::Status CheckBlobData(ByteSpan data) {
  if (!IsBlobSize(data.size())) {
    return Invalid("data must have a multiple of ", kElementDataBytes, " bytes, from ",
                   kElementDataBytes, " to ", kMaxBlobBytes, ", not ", data.size());
  }
  if (std::all_of(data.begin(), data.end(), [](std::uint8_t byte) { return byte == 0; })) {
    return Invalid("data must not be all zero");
  }
  return absl::OkStatus();
}

Bytes PadBlob(ByteSpan data) {
  Bytes elements(kEnoughColumns * kColumnBytes);
  for (std::size_t i = 0; i * kElementDataBytes < data.size(); ++i) {
    const ByteSpan part = data.subspan(
        i * kElementDataBytes, std::min(kElementDataBytes, data.size() - i * kElementDataBytes));
    std::copy(part.begin(), part.end(),
              elements.begin() + static_cast<std::ptrdiff_t>(i * kElementBytes + 1));
  }
  return elements;
}

Bytes UnpadBlob(ByteSpan elements) {
  Bytes data;
  data.reserve(kMaxBlobBytes);
  for (std::size_t at = 0; at + kElementBytes <= elements.size(); at += kElementBytes) {
    const ByteSpan part = elements.subspan(at + 1, kElementDataBytes);
    data.insert(data.end(), part.begin(), part.end());
  }
  return data;
}

std::vector<std::size_t> Placement::HoldersOf(std::size_t column) const {
  std::vector<std::size_t> holders;
  for (std::size_t i = 0; i < replication_; ++i) holders.push_back((column + i) % members_);
  return holders;
}

bool Placement::Holds(std::size_t member, std::size_t column) const {
  if (members_ == 0 || member >= members_) return false;
  return (member + members_ - column % members_) % members_ < replication_;
}

ColumnSet Placement::ColumnsOf(std::size_t member) const {
  ColumnSet columns;
  for (std::size_t column = 0; column < kColumns; ++column) columns[column] = Holds(member, column);
  return columns;
}

}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
// The words of data availability: blobs, their columns, commitments and proofs.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "types.h"

namespace gtestnet::node {

using BlobId = Hash;

inline constexpr std::size_t kColumns = 128;
inline constexpr std::size_t kEnoughColumns = kColumns / 2;  // any so many give the blob back
inline constexpr std::size_t kElementBytes = 32;
inline constexpr std::size_t kElementDataBytes = 31;
inline constexpr std::size_t kElementsPerColumn = 64;
inline constexpr std::size_t kColumnBytes = kElementsPerColumn * kElementBytes;
inline constexpr std::size_t kMaxBlobBytes =
    kElementDataBytes * kElementsPerColumn * kEnoughColumns;

using ColumnSet = std::bitset<kColumns>;
using Commitment = std::array<std::uint8_t, 48>;
using ColumnProof = std::array<std::uint8_t, 48>;

// A column with the proof that it is one of a commitment.
struct Share {
  std::uint8_t column = 0;
  std::array<std::uint8_t, kColumnBytes> cell{};
  ColumnProof proof{};

  bool operator==(const Share&) const = default;
};
using Shares = std::vector<Share>;

BlobId BlobIdOf(const Commitment& commitment);

// "Data must have …", when it cannot be a blob's.
absl::Status CheckBlobData(ByteSpan data);
bool IsBlobSize(std::uint64_t size);

// Data to field elements, of kEnoughColumns columns, and back (to kMaxBlobBytes). An element whose
// first byte is not zero is no blob of ours: its other bytes are taken.
Bytes PadBlob(ByteSpan data);
Bytes UnpadBlob(ByteSpan elements);

// Which members hold a column, and which columns a member holds: c, c+1, … c+r−1 modulo their
// number.
class Placement {
 public:
  Placement(std::size_t members, std::size_t replication)
      : members_(members), replication_(replication < members ? replication : members) {}

  std::vector<std::size_t> HoldersOf(std::size_t column) const;
  ColumnSet ColumnsOf(std::size_t member) const;
  bool Holds(std::size_t member, std::size_t column) const;
  std::size_t members() const { return members_; }

 private:
  std::size_t members_;
  std::size_t replication_;
};

}  // namespace gtestnet::node

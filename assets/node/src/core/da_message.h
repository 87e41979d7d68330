// SPDX-License-Identifier: Apache-2.0
// What nodes say to each other about blobs, on the network of data availability.
#pragma once

#include <cstdint>
#include <variant>

#include "absl/status/statusor.h"
#include "da_types.h"

namespace gtestnet::node {

// "Keep these columns, which are yours." Answered by Dispersed.
struct Disperse {
  std::uint32_t request = 0;
  Commitment commitment{};
  Shares shares;
  bool operator==(const Disperse&) const = default;
};

// "I have these of them, on disk."
struct Dispersed {
  std::uint32_t request = 0;
  ColumnSet stored;
  bool operator==(const Dispersed&) const = default;
};

// "Give me these columns", or, with none, the commitment only.
struct GetShares {
  std::uint32_t request = 0;
  BlobId blob;
  ColumnSet columns;
  bool operator==(const GetShares&) const = default;
};

// The answer: those that are there. A blob of which nothing is known has the zero commitment.
struct SharesAnswer {
  std::uint32_t request = 0;
  Commitment commitment{};
  Shares shares;
  bool operator==(const SharesAnswer&) const = default;
};

using DaMessage = std::variant<Disperse, Dispersed, GetShares, SharesAnswer>;

Bytes EncodeDaMessage(const DaMessage& message);
// An error is an InvalidArgumentError that names the place. Shares are of different columns.
absl::StatusOr<DaMessage> DecodeDaMessage(ByteSpan bytes);

}  // namespace gtestnet::node

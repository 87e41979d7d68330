// SPDX-License-Identifier: Apache-2.0
// What the core asks of KZG. Each call takes milliseconds to half a second, so that the core never
// makes one: it emits a KzgJob, and is told the result by an event.
#pragma once

#include <cstdint>
#include <variant>

#include "absl/status/statusor.h"
#include "da_types.h"

namespace gtestnet::node {

struct ExtendedBlob {
  Commitment commitment{};
  Shares shares;  // all columns, in order
};

// Used by one thread at a time.
class Kzg {
 public:
  virtual ~Kzg() = default;
  virtual absl::StatusOr<ExtendedBlob> Extend(ByteSpan data) const = 0;
  // Whether all of them are columns of the commitment. False too for bytes that are no point.
  virtual bool Verify(const Commitment& commitment, const Shares& shares) const = 0;
  // The whole data (kMaxBlobBytes) of at least kEnoughColumns verified shares of different columns.
  virtual absl::StatusOr<Bytes> Recover(const Shares& shares) const = 0;
};

struct ExtendJob {
  Bytes data;
};
struct VerifyJob {
  Commitment commitment{};
  Shares shares;
};
struct RecoverJob {
  Shares shares;
};

struct KzgJob {
  std::uint64_t id = 0;
  std::variant<ExtendJob, VerifyJob, RecoverJob> what;
};

// The result of the alternative of the same index; a Verify's is the shares that are right, moved
// from the job.
using Verified = Shares;
struct KzgDone {
  std::uint64_t id = 0;
  std::variant<absl::StatusOr<ExtendedBlob>, Verified, absl::StatusOr<Bytes>> result;
};

KzgDone RunKzgJob(const Kzg& kzg, KzgJob job);

}  // namespace gtestnet::node

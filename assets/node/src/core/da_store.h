// SPDX-License-Identifier: Apache-2.0
// Where a node keeps the columns that it holds, as the core sees it.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "da_types.h"

namespace gtestnet::node {

// A blob of which columns are stored.
struct StoredBlob {
  BlobId id;
  Commitment commitment{};
  ColumnSet columns;
  Slot slot = 0;  // when its first column came
};

// Called from within DaEngine's methods only. What Put returned OK for is on disk: it outlives the
// process, however that ends.
class ShareStore {
 public:
  virtual ~ShareStore() = default;
  // All in one transaction. Columns that are there already, and the slot, are left as they are.
  virtual absl::Status Put(const BlobId& blob, const Commitment& commitment, Slot slot,
                           const Shares& shares) = 0;
  // Of `columns` those that are there, in their order.
  virtual Shares Get(const BlobId& blob, const ColumnSet& columns) const = 0;
  virtual absl::Status Remove(const std::vector<BlobId>& blobs) = 0;
  // All of them, at start.
  virtual absl::StatusOr<std::vector<StoredBlob>> List() const = 0;
};

}  // namespace gtestnet::node

// SPDX-License-Identifier: Apache-2.0
//
// The columns that a node holds, in an SQLite file of their own.
//
//   absl::StatusOr<std::unique_ptr<DaStorage>> store = DaStorage::Open("chain.db.da", genesis_id);
#ifndef GTESTNET_NODE_DA_DA_STORAGE_H_
#define GTESTNET_NODE_DA_DA_STORAGE_H_

#include <memory>
#include <string>

#include "core/da_store.h"

namespace gtestnet::node {

class DaStorage : public ShareStore {
 public:
  // Errors as Storage's.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<DaStorage>> Open(const std::string& path,
                                                                       const Hash& genesis_id);
  ~DaStorage() override;
  DaStorage(const DaStorage&) = delete;
  DaStorage& operator=(const DaStorage&) = delete;

  absl::Status Put(const BlobId& blob, const Commitment& commitment, Slot slot,
                   const Shares& shares) override;
  Shares Get(const BlobId& blob, const ColumnSet& columns) const override;
  absl::Status Remove(const std::vector<BlobId>& blobs) override;
  absl::StatusOr<std::vector<StoredBlob>> List() const override;

 private:
  struct Database;
  explicit DaStorage(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_DA_DA_STORAGE_H_

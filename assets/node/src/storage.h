// SPDX-License-Identifier: Apache-2.0
//
// The chain on disk: every block of the tree in the order in which it was stored, and the chain's
// start. One SQLite file with a write-ahead log: a process that is killed at any instant leaves a
// database that holds each write that returned, and none by half.
//
//   absl::StatusOr<std::unique_ptr<Storage>> storage = Storage::Open("chain.db", genesis_id);
#ifndef GTESTNET_NODE_STORAGE_H_
#define GTESTNET_NODE_STORAGE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/engine.h"

namespace gtestnet::node {

class Storage : public BlockStore {
 public:
  // Makes the file if there is none. kFailedPrecondition when it is of another genesis or another
  // process has it, kDataLoss when it is not a database or is damaged.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Storage>> Open(const std::string& path,
                                                                     const HeaderId& genesis_id);
  ~Storage() override;
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  // All in one transaction: it holds either all of this or none.
  [[nodiscard]] absl::Status Write(const std::vector<StoreBlock>& blocks,
                                   const std::vector<HeaderId>& pruned);
  // In the order of storing, until `each` returns an error.
  [[nodiscard]] absl::Status ForEach(
      const std::function<absl::Status(const BlockPtr&)>& each) const;
  BlockPtr Get(const HeaderId& id) const override;

  [[nodiscard]] std::optional<Millis> start_time() const { return start_time_; }
  [[nodiscard]] absl::Status SetStartTime(Millis start);

 private:
  class Database;
  Storage(std::unique_ptr<Database> database, std::optional<Millis> start_time);

  std::unique_ptr<Database> database_;
  std::optional<Millis> start_time_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_STORAGE_H_

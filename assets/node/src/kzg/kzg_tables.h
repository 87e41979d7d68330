// SPDX-License-Identifier: Apache-2.0
//
// c-kzg's settings, of its own making or mapped from a cache. Only sources of this folder include
// this: c-kzg's names are global.
#ifndef GTESTNET_NODE_KZG_KZG_TABLES_H_
#define GTESTNET_NODE_KZG_KZG_TABLES_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ckzg.h"
#include "core/types.h"

namespace gtestnet::node {

class KzgTables {
 public:
  static absl::StatusOr<std::unique_ptr<KzgTables>> Compute(const std::string& parameters);
  static absl::StatusOr<std::unique_ptr<KzgTables>> Map(const std::string& path,
                                                        const Hash& parameters);
  ~KzgTables();
  KzgTables(const KzgTables&) = delete;
  KzgTables& operator=(const KzgTables&) = delete;

  absl::Status WriteTo(const std::string& path, const Hash& parameters) const;
  const KZGSettings& settings() const { return settings_; }

 private:
  KzgTables() = default;
  // Calls each(pointer, bytes) for each table, in the order of the cache file.
  template <class Settings, class Each>
  static void ForEachTable(Settings& settings, Each each);

  KZGSettings settings_{};
  void* mapping_ = nullptr;  // null: the tables are c-kzg's own
  std::size_t mapped_bytes_ = 0;
  std::unique_ptr<g1_t*[]> columns_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_KZG_KZG_TABLES_H_

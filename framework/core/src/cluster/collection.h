// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_COLLECTION_H_
#define GTESTNET_CORE_SRC_CLUSTER_COLLECTION_H_

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace gtestnet {

// What a bundle gets of a cluster, each thing on its own: one that cannot be had keeps no other
// away. Any thread may add. Paths are relative to the bundle's directory; directories are made.
class Collection {
 public:
  // `logs`: how many there will be, which have 256 MiB among them, and 16 MiB each at most.
  Collection(std::string directory, int logs);

  void Write(const std::string& path, std::string_view content);
  void Copy(const std::string& from, const std::string& path);
  // The files that are in the directory `from` itself.
  void CopyFilesOf(const std::string& from, const std::string& path);
  // A log that is too long has its first quarter, a line that says how much is left out, and its
  // end.
  void CopyLog(const std::string& from, const std::string& path);
  void WriteLog(const std::string& path, std::string_view content);
  // What a node's process left in its directory when it crashed: a debugger's backtrace of each
  // core if gdb is here, else the cores themselves, which have 256 MiB among them.
  void CopyCores(const std::string& from, const std::string& program, const std::string& path);
  // Something could not be had.
  void Lack(const absl::Status& why);

  // OK, or all that could not be had.
  absl::Status status() const;

 private:
  std::string At(const std::string& path);
  void CopyCore(const std::string& core, const std::string& program, const std::string& path);

  const std::string directory_;
  const uint64_t most_log_;
  mutable std::mutex mutex_;
  uint64_t room_for_cores_;
  std::vector<std::string> lacking_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_COLLECTION_H_

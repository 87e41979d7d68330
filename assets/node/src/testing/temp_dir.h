// SPDX-License-Identifier: Apache-2.0
// For the shell's tests: a directory that is removed in the end.
#ifndef GTESTNET_NODE_TESTING_TEMP_DIR_H_
#define GTESTNET_NODE_TESTING_TEMP_DIR_H_

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace gtestnet::node {

class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "node-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] std::string File(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_TESTING_TEMP_DIR_H_

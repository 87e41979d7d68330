// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_TESTING_FAKE_PATH_H_
#define GTESTNET_CORE_SRC_CLUSTER_TESTING_FAKE_PATH_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace gtestnet {

// While it lives, PATH is one directory that has only the programs which a test puts there.
class FakePath {
 public:
  FakePath()
      : before_(std::getenv("PATH") == nullptr ? "" : std::getenv("PATH")),
        directory_(testing::TempDir() + "path." + std::to_string(getpid())) {
    std::filesystem::create_directories(directory_);
    setenv("PATH", directory_.c_str(), 1);
  }
  ~FakePath() {
    setenv("PATH", before_.c_str(), 1);
    std::filesystem::remove_all(directory_);
  }
  FakePath(const FakePath&) = delete;
  FakePath& operator=(const FakePath&) = delete;

  const std::string& directory() const { return directory_; }
  // A shell script.
  void Add(const std::string& name, const std::string& script) const {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }

 private:
  const std::string before_;
  const std::string directory_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_TESTING_FAKE_PATH_H_

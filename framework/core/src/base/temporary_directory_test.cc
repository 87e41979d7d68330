// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace gtestnet {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class TemporaryDirectoryTest : public testing::Test {
 protected:
  TemporaryDirectoryTest() {
    if (const char* old = std::getenv("TMPDIR")) old_ = old;
    std::string pattern = std::filesystem::temp_directory_path() / "gtestnet-tmp-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~TemporaryDirectoryTest() override {
    if (old_) {
      setenv("TMPDIR", old_->c_str(), 1);
    } else {
      unsetenv("TMPDIR");
    }
    std::filesystem::remove_all(root_);
  }
  std::string Complaint(const std::string& tmpdir) {
    setenv("TMPDIR", tmpdir.c_str(), 1);
    return std::string(TemporaryDirectory().status().message());
  }

  std::filesystem::path root_;
  std::optional<std::string> old_;
};

TEST_F(TemporaryDirectoryTest, IsAbsoluteAndHasNoSlashAtItsEnd) {
  setenv("TMPDIR", (root_ / "").c_str(), 1);
  EXPECT_EQ(*TemporaryDirectory(), root_);
  unsetenv("TMPDIR");
  EXPECT_EQ(*TemporaryDirectory(), "/tmp");
}

TEST_F(TemporaryDirectoryTest, OneThatIsNotThereIsSaid) {
  EXPECT_EQ(Complaint(root_ / "none"),
            "the temporary directory " + (root_ / "none").string() +
                ": No such file or directory; set TMPDIR to a directory that can be written to");
  std::ofstream(root_ / "file") << "x";
  EXPECT_THAT(Complaint(root_ / "file"), HasSubstr("Not a directory"));
}

TEST_F(TemporaryDirectoryTest, OneThatCannotBeWrittenToIsSaid) {
  // Nobody can write there, root neither.
  EXPECT_THAT(Complaint("/proc/self"), StartsWith("the temporary directory /proc/self: "));
}

TEST_F(TemporaryDirectoryTest, WhatIsToBeMadeNeedsAPlace) {
  EXPECT_TRUE(CheckWritable(root_).ok());
  EXPECT_TRUE(CheckWritable(root_ / "a/b/c").ok());
  EXPECT_FALSE(std::filesystem::exists(root_ / "a"));
  std::ofstream(root_ / "file") << "x";
  EXPECT_EQ(CheckWritable(root_ / "file/under").message(),
            (root_ / "file/under").string() + ": Not a directory");
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/read_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace gtestnet::base {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class ReadFileTest : public testing::Test {
 protected:
  ReadFileTest() { std::filesystem::create_directories(directory_); }
  ~ReadFileTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ / name; }
  std::string Write(const std::string& text) const {
    std::ofstream(Path("file"), std::ios::binary) << text;
    return Path("file");
  }
  static std::string Refusal(const std::string& path, size_t most = 100) {
    return std::string(ReadFile(path, most).status().message());
  }

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("read-file-test-" + std::to_string(getpid()));
};

TEST_F(ReadFileTest, ReadsAllOfAFile) {
  EXPECT_EQ(*ReadFile(Write(""), 100), "");
  EXPECT_EQ(*ReadFile(Write(std::string("a\0b\n", 4)), 100), std::string("a\0b\n", 4));
  EXPECT_THAT(*ReadFile("/proc/self/status", 100'000), HasSubstr("Pid:"));
}

TEST_F(ReadFileTest, BoundsItsBytes) {
  EXPECT_EQ(ReadFile(Write(std::string(99, 'x')), 100)->size(), 99u);
  EXPECT_EQ(ReadFile(Write(std::string(100, 'x')), 100)->size(), 100u);
  EXPECT_THAT(Refusal(Write(std::string(101, 'x'))),
              EndsWith("file: it has 101 bytes; at most 100 are read"));
  EXPECT_THAT(Refusal("/proc/self/status"), HasSubstr("at most 100 are read"));
}

TEST_F(ReadFileTest, RefusesWhatMightNeverEnd) {
  EXPECT_EQ(Refusal("/dev/zero"), "/dev/zero: it is no regular file");
  EXPECT_EQ(Refusal("/dev/null"), "/dev/null: it is no regular file");
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(Refusal(Path("pipe")), EndsWith("pipe: it is no regular file"));
  EXPECT_THAT(Refusal(directory_), EndsWith(": it is a directory"));
  EXPECT_THAT(Refusal(Path("none")), EndsWith("none: No such file or directory"));
  EXPECT_EQ(ReadFile(Path("none"), 1).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace gtestnet::base

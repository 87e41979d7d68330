// SPDX-License-Identifier: Apache-2.0
#include "core/src/node/log_tail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace gtestnet {
namespace {

class LogTailTest : public testing::Test {
 protected:
  ~LogTailTest() override { std::remove(path_.c_str()); }
  void Write(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }
  const std::string path_ = testing::TempDir() + "log_tail_test." + std::to_string(getpid());
};

TEST_F(LogTailTest, GivesTheEndFromTheStartOfALine) {
  Write("first line\nsecond\nthird\n");
  EXPECT_EQ(*TailBytes(path_, 1000), "first line\nsecond\nthird\n");
  EXPECT_EQ(*TailBytes(path_, 15), "second\nthird\n");
  EXPECT_EQ(*TailBytes(path_, 0), "");
  EXPECT_EQ(TailBytes("/no/such/log", 10).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(LogTailTest, GivesTheLastLinesIndented) {
  Write("1\n2\n3\n4\n");
  EXPECT_EQ(LastLines(path_, 2), "  3\n  4");
  EXPECT_EQ(LastLines(path_, 9), "  1\n  2\n  3\n  4");
  Write("no end of line");
  EXPECT_EQ(LastLines(path_, 2), "  no end of line");
}

TEST_F(LogTailTest, AnEmptyOrMissingLogIsSaid) {
  EXPECT_EQ(LastLines(path_, 2), "  (its log is empty)");
  Write("\n\n");
  EXPECT_EQ(LastLines(path_, 2), "  (its log is empty)");
}

TEST_F(LogTailTest, JunkIsMadeHarmless) {
  Write(std::string("a\x1b[31m\0b\n", 9) + std::string(5000, 'x') + "\n");
  EXPECT_EQ(LastLines(path_, 2), "  a\\x00b\n  " + std::string(400, 'x') + "...");
  Write("\xff\xfe\x1b]0;owned\a\n" + std::string(399, 'x') + "\xE2\x82\xAC and more\n");
  EXPECT_EQ(LastLines(path_, 2),
            "  \\xff\\xfe\\x1b]0;owned\\x07\n  " + std::string(399, 'x') + "...");
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/log_file.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace gtestnet {
namespace {

class LogFileTest : public testing::Test {
 protected:
  LogFileTest() { std::filesystem::remove(path_); }
  ~LogFileTest() override { std::filesystem::remove(path_); }

  void Append(std::string_view text) { std::ofstream(path_, std::ios::app) << text; }
  // Goes on where it was.
  std::string Read(bool ended = false) {
    absl::StatusOr<LogPart> part = ReadLogFile(path_, cursor_, begin_, ended);
    if (!part.ok()) return std::string(part.status().message());
    cursor_ = part->cursor;
    return part->text;
  }

  const std::string path_ = testing::TempDir() + "log_file_test." +
                            testing::UnitTest::GetInstance()->current_test_info()->name() +
                            std::to_string(getpid());
  std::string cursor_;
  uint64_t begin_ = 0;
};

TEST_F(LogFileTest, GivesWholeLinesOnce) {
  EXPECT_EQ(Read(), "");  // it is not there
  Append("one\ntw");
  EXPECT_EQ(Read(), "one\n");
  EXPECT_EQ(Read(), "");
  Append("o\nthree\n");
  EXPECT_EQ(Read(), "two\nthree\n");
  EXPECT_EQ(Read(), "");
}

TEST_F(LogFileTest, TheLastLineOfANodeThatEndedIsWhatIsLeft) {
  Append("one\npani");
  EXPECT_EQ(Read(), "one\n");
  EXPECT_EQ(Read(/*ended=*/true), "pani");
  Append("c\nstarted again\n");
  EXPECT_EQ(Read(), "c\nstarted again\n");
}

TEST_F(LogFileTest, WhatIsBeforeItsBeginningIsOfAnother) {
  Append("another's\n");
  begin_ = SizeOfFile(path_);
  EXPECT_EQ(Read(), "");
  Append("mine\n");
  EXPECT_EQ(Read(), "mine\n");
  // Another reader.
  cursor_.clear();
  EXPECT_EQ(Read(), "mine\n");
}

TEST_F(LogFileTest, FromNowOnIsFromTheLineThatIsBeingWritten) {
  Append("one\ntwo");
  cursor_ = kLogEnd;
  EXPECT_EQ(Read(), "");
  Append(" and a half\nthree\n");
  EXPECT_EQ(Read(), "two and a half\nthree\n");
}

TEST_F(LogFileTest, AMebibyteAtOnce) {
  const std::string line(1023, 'x');
  for (int i = 0; i < 1500; ++i) Append(line + "\n");
  EXPECT_EQ(Read().size(), 1024u * 1024u);
  EXPECT_EQ(Read().size(), (1500u - 1024u) * 1024u);
  EXPECT_EQ(Read(), "");
}

TEST_F(LogFileTest, ALineWithoutAnEndIsGivenInPieces) {
  Append(std::string(1024 * 1024 + 5, 'x'));
  EXPECT_EQ(Read().size(), 1024u * 1024u);
  EXPECT_EQ(Read(), "");
  Append("\n");
  EXPECT_EQ(Read(), "xxxxx\n");
}

TEST_F(LogFileTest, OneThatBecameShorterWasBegunAnew) {
  Append("one\ntwo\n");
  EXPECT_EQ(Read(), "one\ntwo\n");
  std::ofstream(path_) << "new\n";
  EXPECT_EQ(Read(), "new\n");
}

TEST_F(LogFileTest, NoPlaceInItIsAnError) {
  cursor_ = "12x";
  EXPECT_EQ(Read(), path_ + ": \"12x\" is no place in it");
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/node/exit_status.h"

#include <gtest/gtest.h>

#include <csignal>

namespace gtestnet {
namespace {

TEST(DescribeExitTest, SaysStatusOrSignal) {
  EXPECT_EQ(DescribeExit(0), "exit status 0");
  EXPECT_EQ(DescribeExit(3 << 8), "exit status 3");
  EXPECT_EQ(DescribeExit(SIGABRT), "signal 6 (SIGABRT)");
  EXPECT_EQ(DescribeExit(SIGABRT | 0x80), "signal 6 (SIGABRT), core dumped");
  EXPECT_EQ(DescribeExit(SIGRTMIN + 1), "signal " + std::to_string(SIGRTMIN + 1));
}

TEST(DescribeExitTest, AProgramThatIsAskedToEndsByStatusZeroOrByTheSignal) {
  for (const int clean : {0, 143 << 8, SIGTERM}) EXPECT_TRUE(IsCleanStop(DescribeExit(clean)));
  for (const int other : {3 << 8, SIGKILL, SIGSEGV, SIGTERM | 0x80}) {
    EXPECT_FALSE(IsCleanStop(DescribeExit(other))) << DescribeExit(other);
  }
  EXPECT_TRUE(IsCleanStop(""));
  for (const int clean : {0, 137 << 8, SIGKILL}) EXPECT_TRUE(IsCleanKill(DescribeExit(clean)));
  for (const int other : {3 << 8, SIGSEGV}) EXPECT_FALSE(IsCleanKill(DescribeExit(other)));
}

}  // namespace
}  // namespace gtestnet

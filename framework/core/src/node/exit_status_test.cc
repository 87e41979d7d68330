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
  EXPECT_EQ(DescribeExit(SIGKILL | 0x80), "signal 9 (SIGKILL)");
  EXPECT_EQ(DescribeExit(SIGRTMIN + 1), "signal " + std::to_string(SIGRTMIN + 1));
}

}  // namespace
}  // namespace gtestnet

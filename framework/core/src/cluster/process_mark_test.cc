// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/process_mark.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace gtestnet {
namespace {

std::string With(std::string mark, int part, const std::string& text) {
  size_t begin = 0;
  for (int i = 0; i < part; ++i) begin = mark.find('/', begin) + 1;
  return mark.replace(begin, mark.find('/', begin) - begin, text);
}

TEST(ProcessMarkTest, TellsAProcessFromAllOthers) {
  const std::string mark = MarkOf(getpid());
  EXPECT_EQ(LifeOf(mark), ProcessLife::kLives) << mark;
  EXPECT_EQ(LifeOf(With(mark, 4, "1")), ProcessLife::kGone);
  EXPECT_EQ(LifeOf(With(mark, 3, "999999999")), ProcessLife::kGone);
  EXPECT_EQ(LifeOf(With(mark, 1, "an-earlier-boot")), ProcessLife::kGone);
}

TEST(ProcessMarkTest, WhatCannotBeSeenFromHereIsUnknown) {
  const std::string mark = MarkOf(getpid());
  EXPECT_EQ(LifeOf(With(mark, 0, "another-host")), ProcessLife::kUnknown);
  EXPECT_EQ(LifeOf(With(mark, 2, "pid:[1]")), ProcessLife::kUnknown);
  EXPECT_EQ(LifeOf(""), ProcessLife::kUnknown);
  EXPECT_EQ(LifeOf("garbage"), ProcessLife::kUnknown);
}

TEST(ProcessMarkTest, AGuardianThatWasLetGoIsKnownByItsName) {
  char name[16] = {};
  prctl(PR_GET_NAME, name);
  prctl(PR_SET_NAME, "gtestnet-kept");
  EXPECT_EQ(LifeOf(MarkOf(getpid())), ProcessLife::kKept);
  prctl(PR_SET_NAME, name);
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <string>

namespace gtestnet {
namespace {

using testing::HasSubstr;
using testing_support::ScopedThreadLimit;

TEST(ThreadTest, RunsUntilItIsStopped) {
  std::atomic<bool> stopped = false;
  {
    Thread thread([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) std::this_thread::yield();
      stopped = true;
    });
    EXPECT_TRUE(thread.status().ok());
    EXPECT_TRUE(thread.joinable());
  }
  EXPECT_TRUE(stopped);
}

TEST(ThreadTest, OneThatCannotBeMadeIsAStatus) {
  const ScopedThreadLimit limit(1);
  Thread first([](const std::stop_token&) {});
  Thread second([](const std::stop_token&) {});
  EXPECT_TRUE(first.status().ok());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("a thread could not be made: Resource temporarily unavailable"));
  EXPECT_FALSE(second.joinable());
}

TEST(ThreadTest, WhatIsThrownIsTold) {
  absl::Status told;
  Thread([](const std::stop_token&) { throw std::bad_alloc(); },
         [&](const absl::Status& status) { told = status; })
      .join();
  EXPECT_EQ(told.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(told.message()), HasSubstr("std::bad_alloc"));
}

}  // namespace
}  // namespace gtestnet

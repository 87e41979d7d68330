// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/compose/event_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "core/src/deployer/container/testing/fake_engine.h"
#include "gtestnet/variables.h"

namespace gtestnet::compose {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr char kHead[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

class EventWatchTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(engine_.Negotiate(5000ms).ok()); }
  WatchHandlers Handlers() {
    return {.on_away =
                [this](const absl::Status& why) {
                  const std::lock_guard lock(mutex_);
                  EXPECT_FALSE(why.ok());
                  ++aways_;
                },
            .on_gap =
                [this] {
                  const std::lock_guard lock(mutex_);
                  ++gaps_;
                  changed_.notify_all();
                },
            .on_lost =
                [this](const absl::Status& why) {
                  const std::lock_guard lock(mutex_);
                  lost_ = why;
                  changed_.notify_all();
                }};
  }
  template <class Condition>
  bool Await(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, Scaled(20s), condition);
  }

  docker::FakeEngine fake_;
  docker::Engine engine_{fake_.host()};
  std::mutex mutex_;
  std::condition_variable changed_;
  int aways_ = 0;
  int gaps_ = 0;
  absl::Status lost_;
};

TEST_F(EventWatchTest, AStreamThatBreaksIsFollowedAgainAndTheGapIsTold) {
  std::atomic<int> streams = 0;
  fake_.OnStream("GET /v1.41/events", [&](auto& connection) {
    const int stream = ++streams;
    connection.Send(kHead);
    if (stream > 1) connection.WaitUntilClosed();
  });
  EventWatch watch(engine_, "1", Handlers());
  EXPECT_EQ(watch.AwaitOpen(Scaled(20s)), absl::OkStatus());
  EXPECT_TRUE(Await([&] { return gaps_ == 1; }));
  EXPECT_EQ(streams, 2);
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(aways_, 1);
}

TEST_F(EventWatchTest, AnEngineThatStaysAwayIsLost) {
  fake_.OnStream("GET /v1.41/events",
                 [](auto& connection) { connection.Answer(500, R"({"message":"shut down"})"); });
  EventWatch watch(engine_, "1", Handlers(), 150ms);
  EXPECT_TRUE(Await([&] { return !lost_.ok(); }));
  EXPECT_THAT(std::string(lost_.message()), HasSubstr("events: "));
  const absl::Status open = watch.AwaitOpen(1ms);
  EXPECT_EQ(open.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(open.message()), HasSubstr("HTTP 500"));
}

TEST_F(EventWatchTest, EndsAtOnceWhateverTheEngineDoes) {
  fake_.OnStream("GET /v1.41/events", [](auto& connection) { connection.WaitUntilClosed(); });
  const EventWatch watch(engine_, "1", Handlers());
}

}  // namespace
}  // namespace gtestnet::compose

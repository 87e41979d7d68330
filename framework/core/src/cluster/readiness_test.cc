// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/src/base/status.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// Time goes on at once when both sleep who know of it: who waits, and who asks the node.
class QuickClock final : public Clock {
 public:
  TimePoint Now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  std::chrono::system_clock::time_point WallNow() const override { return {}; }
  bool SleepUntil(TimePoint until, std::stop_token stop) const override {
    std::unique_lock lock(mutex_);
    const auto own = asleep_.insert(until);
    if (asleep_.size() == 2) now_ = std::max(now_, *asleep_.begin());
    changed_.notify_all();
    const bool woken = changed_.wait(lock, stop, [&] { return now_ >= until; });
    asleep_.erase(own);
    return woken;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  mutable TimePoint now_{};
  mutable std::multiset<TimePoint> asleep_;
};

// One node, which says what a test has it say the nth time that it is asked.
class Talker final : public NodeKind {
 public:
  std::string_view name() const override { return "talker"; }
  std::vector<PortSpec> Ports() const override { return {}; }
  absl::StatusOr<std::string> Program(std::string_view) const override { return "talker"; }
  absl::StatusOr<NodeSetup> Setup(const ClusterSpec&, const Placement&, NodeIndex) const override {
    return NodeSetup();
  }
  absl::StatusOr<NodeSample> Probe(const NodeInfo&, milliseconds) const override {
    ++asked;
    if (asked <= silent) return Unavailable("connection refused");
    return NodeSample{.numbers = {{"asked", asked}}};
  }
  absl::StatusOr<std::string> Lacks(const ClusterSpec& spec, const NodeInfo& node,
                                    const NodeSample& sample, milliseconds) const override {
    if (sample.numbers.Get("asked") > lacking) return std::string();
    return node.name + " of " + spec.run_id + " has no leader";
  }

  int silent = 0;
  int lacking = 0;
  mutable std::atomic<int> asked = 0;
};

class ReadinessTest : public testing::Test {
 protected:
  absl::Status Await() {
    return AwaitReady(spec_, {{.index = 0, .name = "talker-0"}}, [] { return absl::OkStatus(); },
                      {.timeout = std::chrono::seconds(20), .clock = &clock_});
  }

  QuickClock clock_;
  Talker kind_;
  ClusterSpec spec_{.topology = {.kind = &kind_, .roles = {{"talker", 1}}}, .run_id = "run"};
};

TEST_F(ReadinessTest, IsWhenTheKindSaysThatNothingIsLacking) {
  kind_.silent = 3;
  kind_.lacking = 7;
  const absl::Status status = Await();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(kind_.asked, 8);
}

TEST_F(ReadinessTest, ANodeThatSaysTheSameIsAskedLessAndLess) {
  kind_.lacking = 1'000'000;
  EXPECT_THAT(std::string(Await().message()),
              AllOf(StartsWith("talker-0: not ready in 20 s ("),
                    HasSubstr(" polls); last: talker-0 of run has no leader")));
  // Each 5 ms, it would be 4,000 times.
  EXPECT_LE(kind_.asked, 260);
}

TEST_F(ReadinessTest, SoIsOneThatDoesNotAnswer) {
  kind_.silent = 1'000'000;
  EXPECT_THAT(std::string(Await().message()), HasSubstr("polls); last: connection refused"));
  EXPECT_LE(kind_.asked, 260);
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/observe/stock_observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "core/src/base/testing/fake_http_server.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::Field;
using testing::IsEmpty;

constexpr size_t kMost = 3;

// Time goes on at once when somebody sleeps, as far as it is let.
class LimitedClock final : public Clock {
 public:
  TimePoint Now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  std::chrono::system_clock::time_point WallNow() const override { return {}; }
  bool SleepUntil(TimePoint until, std::stop_token stop) const override {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, stop, [&] { return until <= limit_; });
    --waiting_;
    now_ = std::max(now_, std::min(until, limit_));
    return !stop.stop_requested();
  }
  // Returns when `sleepers` wait for more.
  void Advance(std::chrono::nanoseconds time, int sleepers) {
    std::unique_lock lock(mutex_);
    limit_ += std::chrono::duration_cast<TimePoint::duration>(time);
    changed_.notify_all();
    changed_.wait(lock, [&] { return waiting_ == sleepers && now_ + kStep > limit_; });
  }

 private:
  // No sleep of an observer is longer.
  static constexpr std::chrono::milliseconds kStep{50};
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  mutable TimePoint now_{};
  mutable int waiting_ = 0;
  TimePoint limit_{};
};

// The minimum of a kind, and how often its nodes were asked.
class Members final : public NodeKind {
 public:
  std::string_view name() const override { return "members"; }
  std::vector<PortSpec> Ports() const override { return {{"api", 80}}; }
  absl::StatusOr<std::string> Program(std::string_view) const override { return "member"; }
  absl::StatusOr<NodeSetup> Setup(const ClusterSpec&, const Placement&, NodeIndex) const override {
    return NodeSetup();
  }
  absl::StatusOr<NodeSample> Probe(const NodeInfo& node, milliseconds) const override {
    const auto i = static_cast<size_t>(node.index);
    ++asked[i];
    if (mute[i]) return absl::UnavailableError("it is mute");
    return NodeSample{
        .status = "follower", .numbers = {{"term", 3}}, .words = {{"leader", "member-0"}}};
  }
  std::optional<MetricsRoute> Metrics() const override { return MetricsRoute{"api", "/metrics"}; }

  mutable std::array<std::atomic<int>, kMost> asked{};
  mutable std::array<std::atomic<bool>, kMost> mute{};
};

class StockObserverTest : public testing::Test {
 protected:
  void Observe(int nodes) {
    for (int i = 0; i < nodes; ++i) Add();
    threads_ = std::max(nodes, 1);
    Watched watched;
    watched.kind = &kind_;
    watched.clock = &clock_;
    watched.nodes = [this] {
      const std::lock_guard lock(mutex_);
      return nodes_;
    };
    watched.is_up = [this](NodeIndex node) { return up_[static_cast<size_t>(node)].load(); };
    watched.now = [this] {
      return std::chrono::duration_cast<milliseconds>(clock_.Now().time_since_epoch());
    };
    watched.lacks = [](const NodeSample& sample, const Snapshot& snapshot) -> std::string {
      EXPECT_EQ(snapshot.nodes.at(static_cast<size_t>(sample.node)), sample);
      return sample.node == 1 ? "it has no votes" : "";
    };
    watched.give_up = [](const absl::Status& why) { FAIL() << why; };
    absl::StatusOr<std::unique_ptr<Observer>> observer = StockObserver::Make(std::move(watched));
    ASSERT_TRUE(observer.ok()) << observer.status();
    observer_ = *std::move(observer);
  }
  void Add() {
    const std::lock_guard lock(mutex_);
    const auto index = static_cast<NodeIndex>(nodes_.size());
    nodes_.push_back({.index = index, .name = "member-" + std::to_string(index)});
    up_[static_cast<size_t>(index)] = true;
  }
  void Advance(milliseconds time) { clock_.Advance(time, threads_); }
  // How often the node was asked in that much time.
  int AskedIn(size_t node, milliseconds time) {
    const int before = kind_.asked[node];
    Advance(time);
    return kind_.asked[node] - before;
  }
  NodeSample Latest(size_t node) { return observer_->Latest().nodes.at(node); }

  Members kind_;
  LimitedClock clock_;
  int threads_ = 0;
  std::mutex mutex_;
  std::vector<NodeInfo> nodes_;
  std::array<std::atomic<bool>, kMost> up_{};
  std::unique_ptr<Observer> observer_;
};

TEST_F(StockObserverTest, TellsWhatTheKindDoesOfEachNode) {
  Observe(2);
  Advance(seconds(2));
  EXPECT_TRUE(Latest(0).reachable);
  const Snapshot snapshot = observer_->Latest();
  EXPECT_EQ(snapshot.names, (std::vector<std::string>{"member-0", "member-1"}));
  EXPECT_EQ(snapshot.nodes[1].node, 1);
  EXPECT_EQ(snapshot.nodes[1].status, "follower");
  EXPECT_EQ(snapshot.nodes[1].numbers.Get("term"), 3);
  EXPECT_EQ(snapshot.nodes[1].words.Get("leader"), "member-0");
  EXPECT_EQ(snapshot.nodes[1].words.Get(kLacksWord), "it has no votes");
  EXPECT_EQ(snapshot.nodes[0].words.Find(kLacksWord), nullptr);
  RunRecord record;
  observer_->Fill(record);
  EXPECT_THAT(record.samples, Contains(Field(&NodeSample::node, 0)));
  EXPECT_THAT(record.samples, Contains(Field(&NodeSample::node, 1)));
  EXPECT_TRUE(std::is_sorted(record.samples.begin(), record.samples.end(),
                             [](const auto& a, const auto& b) { return a.at < b.at; }));
  EXPECT_EQ(observer_->NotSettled(), "");
  EXPECT_EQ(observer_->DrainBlocks(), 0);
}

TEST_F(StockObserverTest, SeesANodeThatIsAdded) {
  Observe(1);
  Advance(seconds(1));
  Add();
  Advance(seconds(1));
  EXPECT_TRUE(Latest(1).reachable);
  EXPECT_EQ(observer_->Latest().names.at(1), "member-1");
}

TEST_F(StockObserverTest, AsksOneThatDoesNotAnswerLessAndLess) {
  kind_.mute[0] = true;
  Observe(1);
  // Twice a second, it would be 240 times.
  EXPECT_LE(AskedIn(0, seconds(120)), 40);
  EXPECT_FALSE(Latest(0).reachable);
  kind_.mute[0] = false;
  Advance(seconds(6));
  EXPECT_TRUE(Latest(0).reachable);
  EXPECT_GE(AskedIn(0, seconds(120)), 200);
}

TEST_F(StockObserverTest, AsksOneThatIsStartedAgainAtOnce) {
  kind_.mute[0] = true;
  Observe(1);
  AskedIn(0, seconds(120));
  up_[0] = false;
  EXPECT_EQ(AskedIn(0, seconds(60)), 0);
  kind_.mute[0] = false;
  up_[0] = true;
  EXPECT_EQ(AskedIn(0, milliseconds(100)), 1);
  EXPECT_TRUE(Latest(0).reachable);
}

TEST_F(StockObserverTest, RecordsMetrics) {
  base::FakeHttpServer server([](base::FakeHttpServer::Connection& connection) {
    while (connection.ReadRequest().starts_with("GET /metrics ")) {
      connection.Answer(200, "# what it is\nelections_total{of=\"x\"} 4\n", "text/plain");
    }
  });
  Observe(1);
  {
    const std::lock_guard lock(mutex_);
    nodes_[0].address = {server.endpoint().host, {{"api", server.endpoint().port}}};
  }
  Advance(seconds(3));
  RunRecord record;
  observer_->Fill(record);
  ASSERT_THAT(record.metrics, testing::Not(IsEmpty()));
  EXPECT_EQ(record.metrics[0].series, "elections_total{of=\"x\"}");
  EXPECT_EQ(record.metrics[0].value, 4);
}

}  // namespace
}  // namespace gtestnet

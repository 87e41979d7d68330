// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/agent_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "core/src/base/status.h"
#include "core/src/deployer/k8s/node_life.h"
#include "core/src/deployer/k8s/testing/real_agent.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class AgentWatchTest : public testing::Test {
 protected:
  AgentWatchTest()
      : client_({.node = "n",
                 .token = RealAgent::kToken,
                 .endpoint = [this] { return agent_.endpoint(); },
                 .patience = Scaled(10s),
                 .retry = 5ms}) {}

  AgentWatchHandlers Handlers() {
    return {.on_report = [this](const AgentReport& report) { Add(report.state); },
            .on_silence = [this](const absl::Status& why) { Add("silence: " + MessageOf(why)); }};
  }
  void Add(std::string text) {
    const std::lock_guard lock(mutex_);
    told_.push_back(std::move(text));
    changed_.notify_all();
  }
  // Takes that many.
  std::vector<std::string> Await(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, Scaled(10s), [&] { return told_.size() >= count; });
    return std::exchange(told_, {});
  }

  // Takes all up to it. The next agent answers a moment before it has begun its node: "stopped".
  bool AwaitRunning() {
    std::unique_lock lock(mutex_);
    const bool there = changed_.wait_for(
        lock, Scaled(10s), [&] { return !told_.empty() && told_.back() == "running"; });
    told_.clear();
    return there;
  }

  RealAgent agent_;
  AgentClient client_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> told_;
};

TEST_F(AgentWatchTest, TellsOfEachChange) {
  AgentWatch watch(client_, Handlers(), {.retry = 5ms});
  EXPECT_THAT(Await(1), ElementsAre("running"));
  ASSERT_TRUE(client_.Pause().ok());
  EXPECT_THAT(Await(1), ElementsAre("paused"));
  ASSERT_TRUE(client_.Resume().ok());
  EXPECT_THAT(Await(1), ElementsAre("running"));
}

TEST_F(AgentWatchTest, TellsOfAnEndAndOfTheNextAgent) {
  AgentWatch watch(client_, Handlers(), {.retry = 5ms});
  EXPECT_THAT(Await(1), ElementsAre("running"));
  agent_.Go();
  EXPECT_THAT(Await(1), ElementsAre("exited"));
  agent_.Restart();
  EXPECT_TRUE(AwaitRunning());
}

TEST_F(AgentWatchTest, TellsOfSilenceOnceEachTime) {
  AgentWatch watch(client_, Handlers(), {.patience = 50ms, .retry = 5ms});
  EXPECT_THAT(Await(1), ElementsAre("running"));
  agent_.End();
  EXPECT_THAT(Await(1), ElementsAre(HasSubstr("silence: ")));
  agent_.Restart();
  EXPECT_TRUE(AwaitRunning());
  agent_.End();
  EXPECT_THAT(Await(1), ElementsAre(HasSubstr("silence: ")));
}

// With a real agent: an end of the node, one by SIGKILL, of which the pod tells why, and one that
// was asked for.
TEST_F(AgentWatchTest, ANodesLifeHasEachEndOnce) {
  std::vector<std::string> ends;
  NodeLife life([&](const std::string& how) { ends.push_back(how); });
  Pod pod{.name = "n-0", .uid = "1", .phase = "Running", .running = true};
  life.OnPod(pod);
  AgentWatch watch(client_,
                   {.on_report =
                        [&](const AgentReport& report) {
                          life.OnReport(report);
                          Add(report.state);
                        }},
                   {.retry = 5ms});
  EXPECT_THAT(Await(1), ElementsAre("running"));
  agent_.Go();
  EXPECT_THAT(Await(1), ElementsAre("exited"));
  EXPECT_THAT(ends, ElementsAre("exit status 5"));
  agent_.Restart();
  pod.restarts = 1;
  life.OnPod(pod);
  EXPECT_TRUE(AwaitRunning());
  ASSERT_TRUE(client_.Kill().ok());
  Await(1);
  EXPECT_EQ(ends.size(), 1u);
}

}  // namespace
}  // namespace gtestnet::k8s

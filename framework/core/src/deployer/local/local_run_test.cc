// SPDX-License-Identifier: Apache-2.0
// What a run on this machine notices of its nodes by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/src/base/wait.h"
#include "core/src/deployer/local/local_cluster.h"
#include "core/src/node/testing/fake_kind.h"
#include "gtestnet/runner.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LocalRunTest : public testing::Test {
 protected:
  // Three members; the second one does something.
  void Begin(const std::string& misbehaviour) {
    FakeTopology topology = FakeTopology::Star().Members(3);
    if (!misbehaviour.empty()) topology.Misbehave(1, misbehaviour);
    auto cluster = LocalCluster::Provision(
        {.topology = topology,
         .seed = 1,
         .run_id = "local-run-" + std::to_string(getpid()) + "-" + MakeRunId(),
         .test = "LocalRunTest"},
        {});
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = cluster->get();
    runner_ = std::make_unique<Runner>(*std::move(cluster), RunnerOptions{.deployer = "local"});
    ASSERT_EQ(runner_->Begin(), absl::OkStatus());
  }
  NodeControl& control() { return runner_->context().node_control(); }
  // The node's height, as it answers.
  absl::Status AwaitHeight(NodeIndex node, double height) {
    return runner_->Await(
        [=](const Snapshot& snapshot) {
          const NodeSample& sample = snapshot.nodes[static_cast<size_t>(node)];
          return sample.reachable && sample.numbers.Get("height") >= height ? "" : "not yet";
        },
        20s);
  }
  absl::Status AwaitChange(NodeIndex node) {
    return runner_->Await(
        [=, this](const Snapshot&) {
          return runner_->context().ChangedAt(node) ? "" : "nothing happened to it";
        },
        60s);
  }
  const RunRecord& Record() {
    EXPECT_EQ(runner_->Finish(), absl::OkStatus());
    return runner_->record();
  }
  std::vector<NodeEvent> EventsOf(NodeEventKind kind) {
    std::vector<NodeEvent> events;
    for (const NodeEvent& event : Record().events) {
      if (event.kind == kind && event.cause != "deployer") events.push_back(event);
    }
    return events;
  }

  LocalCluster* cluster_ = nullptr;
  std::unique_ptr<Runner> runner_;
};

TEST_F(LocalRunTest, KnowsWhatEachNodeUses) {
  Begin("");
  ASSERT_EQ(AwaitHeight(0, 3), absl::OkStatus());
  const RunRecord& record = Record();
  for (const NodeIndex node : {0, 1, 2}) {
    // The first of it has all.
    const auto sample = std::ranges::find(record.resources, node, &ResourceSample::node);
    ASSERT_NE(sample, record.resources.end());
    EXPECT_THAT(sample->values.Get("memory"), AllOf(Ge(300e3), testing::Le(200e6)));
    EXPECT_NE(sample->values.Find("cpu"), nullptr);
    // Its listener, its log (twice) and nothing.
    EXPECT_THAT(sample->values.Get("open_files"), AllOf(Ge(3), testing::Le(20)));
    EXPECT_THAT(sample->values.Get("log"), Ge(20));
    // Its config.
    EXPECT_THAT(sample->values.Get("data"), AllOf(Ge(5), testing::Le(100)));
    EXPECT_EQ(record.nodes[static_cast<size_t>(node)].persists, "height");
  }
  EXPECT_THAT(EventsOf(NodeEventKind::kRestarted), IsEmpty());
}

TEST_F(LocalRunTest, ANodeThatIsStartedAgainByItselfIsNoticed) {
  // It serves for longer than a busy machine takes to look at it twice.
  Begin("--restart-after=4000");
  ASSERT_EQ(AwaitChange(1), absl::OkStatus());
  const std::vector<NodeEvent> restarts = EventsOf(NodeEventKind::kRestarted);
  ASSERT_THAT(restarts, SizeIs(Ge(1u)));
  EXPECT_EQ(restarts[0].node, 1);
  EXPECT_THAT(restarts[0].detail,
              testing::MatchesRegex("pid [0-9]+ of tick [0-9]+ runs instead of pid [0-9]+ of tick "
                                    "[0-9]+"));
}

TEST_F(LocalRunTest, WhatVerbsDoIsNoRestart) {
  Begin("");
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(control().Restart(1), absl::OkStatus());
    ASSERT_EQ(control().Kill(2), absl::OkStatus());
    ASSERT_EQ(control().Start(2), absl::OkStatus());
    ASSERT_EQ(control().Pause(1), absl::OkStatus());
    ASSERT_EQ(control().Resume(1), absl::OkStatus());
  }
  EXPECT_THAT(EventsOf(NodeEventKind::kRestarted), IsEmpty());
  for (const NodeEvent& event : Record().events) {
    if (event.cause == "deployer") continue;
    EXPECT_EQ(event.detail, "");
  }
  for (const ResourceSample& sample : Record().resources) {
    EXPECT_EQ(sample.values.Find("frozen"), nullptr);
  }
}

// The first answer is there though no observer has asked yet.
TEST_F(LocalRunTest, TheFirstAnswerAfterARestartIsAmongTheSamples) {
  Begin("--forgets");
  ASSERT_EQ(AwaitHeight(1, 40), absl::OkStatus());
  ASSERT_EQ(control().Restart(1), absl::OkStatus());
  const std::optional<NodeSample> answer = cluster_->FirstAnswer(1);
  ASSERT_TRUE(answer.has_value());
  const std::vector<NodeEvent> started = EventsOf(NodeEventKind::kStarted);
  ASSERT_THAT(started, SizeIs(1));
  const auto sample = std::ranges::find_if(Record().samples, [&](const NodeSample& one) {
    return one.node == 1 && one.at == started[0].at && one.reachable;
  });
  ASSERT_NE(sample, Record().samples.end());
  EXPECT_EQ(sample->numbers, answer->numbers);
  EXPECT_LT(sample->numbers.Get("height"), 40);
  EXPECT_LE(answer->at, started[0].at + 1ms);
}

TEST_F(LocalRunTest, HowANodeEndedThatWasAskedToIsTold) {
  Begin("--stop-status=3");
  ASSERT_EQ(control().Stop(1), absl::OkStatus());
  ASSERT_EQ(control().Stop(2), absl::OkStatus());
  EXPECT_EQ(cluster_->HowEnded(1), "exit status 3");
  EXPECT_EQ(cluster_->HowEnded(2), "exit status 0");
  EXPECT_EQ(cluster_->HowEnded(0), "");
  const std::vector<NodeEvent> stopped = EventsOf(NodeEventKind::kStopped);
  ASSERT_THAT(stopped, SizeIs(2));
  EXPECT_EQ(stopped[0].detail, "exit status 3");
  EXPECT_EQ(stopped[1].detail, "");
}

// A helper stops it and lets it go on. It is still the one that serves.
TEST_F(LocalRunTest, ANodeThatFreezesItselfIsSeenSo) {
  Begin("--freeze=1500");
  const auto await = [&](bool frozen) {
    return WaitFor("it", [&]() -> absl::Status {
      const absl::StatusOr<NodeUsage> usage = cluster_->Usage(1);
      if (!usage.ok()) return usage.status();
      EXPECT_NE(usage->process, "");
      return usage->frozen == frozen ? absl::OkStatus() : absl::UnavailableError("not yet");
    });
  };
  for (const bool frozen : {true, false, true}) ASSERT_EQ(await(frozen), absl::OkStatus());
  EXPECT_THAT(EventsOf(NodeEventKind::kRestarted), IsEmpty());
}

TEST_F(LocalRunTest, OfANodeThatDoesNotRunNothingIsKnown) {
  Begin("");
  ASSERT_EQ(control().Kill(1), absl::OkStatus());
  EXPECT_TRUE(absl::IsUnavailable(cluster_->Usage(1).status())) << cluster_->Usage(1).status();
  EXPECT_TRUE(absl::IsInvalidArgument(cluster_->Usage(7).status()));
  EXPECT_TRUE(cluster_->Usage(0).ok());
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/managed_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>

#include "core/src/base/status.h"

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::string Text(const absl::Status& status) { return std::string(status.message()); }

// Nodes that are nothing but a row of this.
class NoKind final : public NodeKind {
 public:
  std::string_view name() const override { return "none"; }
  std::vector<PortSpec> Ports() const override { return {}; }
  absl::StatusOr<std::string> Program(std::string_view) const override { return "none"; }
  absl::StatusOr<NodeSetup> Setup(const ClusterSpec&, const Placement&, NodeIndex) const override {
    return NodeSetup();
  }
  absl::StatusOr<NodeSample> Probe(const NodeInfo& node, std::chrono::milliseconds) const override {
    if (mute == node.index) return Unavailable("it is mute");
    return NodeSample();
  }
  absl::StatusOr<std::unique_ptr<Observer>> Observe(RunContext&) const override {
    return Unavailable("there is nothing to see");
  }

  mutable std::atomic<NodeIndex> mute = -1;
};

const NoKind& Kind() {
  static const NoKind kind;
  return kind;
}

class PairTopology : public BasicTopology<PairTopology> {
 public:
  PairTopology() : BasicTopology(Layout::Star(), Kind()) { SetRole("member", 2); }
};

// A backend that does what it is told, or what a test has it do instead.
class FakeBackend final : public ManagedCluster {
 public:
  explicit FakeBackend(ManagedOptions options)
      : ManagedCluster({.topology = PairTopology(), .seed = 1, .run_id = "fake"},
                       std::move(options)) {}
  ~FakeBackend() override {
    OnExit({});
    static_cast<void>(TearDown(false));
  }
  absl::Status Provision() {
    GTESTNET_RETURN_IF_ERROR(MakeNodes());
    GTESTNET_RETURN_IF_ERROR(LaunchNodes());
    return BecomeReady();
  }
  void End(NodeIndex node, const std::string& how) { NoteEnd(**Find(node), how); }
  std::string StateOfNode(NodeIndex node) { return std::string(ToString(StateOf(**Find(node)))); }

  absl::StatusOr<std::string> Log(NodeIndex, size_t) const override { return std::string(); }
  absl::Status Collect(const std::string&) const override { return absl::OkStatus(); }

  bool ignores_sigterm = false;
  absl::Status freeze_answer;
  std::string freeze_ends;  // how the node ends instead
  std::string launch_ends;

 protected:
  absl::Status CheckRole(const std::string& role) const override {
    return role == "member" ? absl::OkStatus() : NotFound("no such role");
  }
  NodeAddress PeerAddress(NodeIndex, const std::string& name) const override {
    return {.host = name, .ports = {}};
  }
  absl::StatusOr<std::unique_ptr<ManagedNode>> MakeNode(const NodeInfo& info,
                                                        const Placement&) override {
    auto made = std::make_unique<ManagedNode>();
    made->info = info;
    return made;
  }
  absl::Status Launch(ManagedNode& node) override {
    if (!launch_ends.empty()) NoteEnd(node, launch_ends);
    return absl::OkStatus();
  }
  absl::Status Terminate(ManagedNode& node, bool) override {
    if (!ignores_sigterm) NoteEnd(node, "exit status 0");
    return absl::OkStatus();
  }
  absl::Status Destroy(ManagedNode& node) override {
    NoteEnd(node, "signal 9");
    return absl::OkStatus();
  }
  absl::Status Freeze(ManagedNode& node) override {
    if (!freeze_ends.empty()) NoteEnd(node, freeze_ends);
    return freeze_answer;
  }
  absl::Status Thaw(ManagedNode&) override { return absl::OkStatus(); }
  std::string EndOfLog(const ManagedNode&) const override { return "  last words"; }
  std::string PlaceOfLog(const ManagedNode&) const override { return "nowhere"; }
  std::string MoreOf(const ManagedNode&) const override { return {}; }
  absl::Status Keep() override { return absl::OkStatus(); }
  absl::Status Remove() override { return absl::OkStatus(); }
};

class ManagedClusterTest : public testing::Test {
 protected:
  void SetUp() override {
    Kind().mute = -1;
    ASSERT_EQ(cluster_.Provision(), absl::OkStatus());
    cluster_.OnExit([this](const NodeExit& exit) {
      const std::lock_guard lock(mutex_);
      exits_.push_back(exit.name + ": " + exit.how + exit.last_lines);
    });
  }
  // What was reported until now: an empty handler waits for the one that runs.
  std::vector<std::string> Exits(size_t count) {
    for (int i = 0; i < 2000; ++i) {
      {
        const std::lock_guard lock(mutex_);
        if (exits_.size() >= count) break;
      }
      std::this_thread::sleep_for(1ms);
    }
    const std::lock_guard lock(mutex_);
    return exits_;
  }

  std::mutex mutex_;
  std::vector<std::string> exits_;
  FakeBackend cluster_{
      {.backend = "fake", .ready_timeout = 100ms, .stop_grace = 20ms, .most_nodes = 3}};
};

TEST_F(ManagedClusterTest, AnEndIsReportedOnceHoweverOftenItIsTold) {
  EXPECT_EQ(cluster_.Stop(0), absl::OkStatus());
  cluster_.End(0, "told late");
  cluster_.End(1, "exit status 3");
  cluster_.End(1, "told again");
  EXPECT_THAT(Exits(1), ElementsAre("member-1: exit status 3  last words"));
  EXPECT_EQ(cluster_.StateOfNode(0), "stopped");
  EXPECT_EQ(cluster_.Start(1), absl::OkStatus());
}

TEST_F(ManagedClusterTest, ANodeThatIgnoresSigtermIsKilledAndThatIsAnError) {
  cluster_.ignores_sigterm = true;
  const absl::Status status = cluster_.Stop(0);
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(Text(status), HasSubstr("after SIGTERM, so it was killed; log: nowhere"));
  EXPECT_EQ(cluster_.StateOfNode(0), "stopped");
}

TEST_F(ManagedClusterTest, OneThatEndsInsteadOfBeingPausedIsSaidToHaveExited) {
  cluster_.freeze_ends = "exit status 4";
  cluster_.freeze_answer = Internal("cannot be frozen");
  const absl::Status status = cluster_.Pause(0);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(Text(status), HasSubstr("member-0 exited instead of being paused: exit status 4"));
  EXPECT_EQ(Exits(1).size(), 1u);
}

TEST_F(ManagedClusterTest, WhatTheBackendRefusesLeavesTheNodeAsItWas) {
  cluster_.freeze_answer = Internal("cannot be frozen");
  EXPECT_EQ(Text(cluster_.Pause(0)), "cannot be frozen");
  EXPECT_TRUE(cluster_.IsUp(0));
}

TEST_F(ManagedClusterTest, AnExitDuringAStartIsTheStartsError) {
  EXPECT_EQ(cluster_.Kill(0), absl::OkStatus());
  cluster_.launch_ends = "exit status 5";
  const absl::Status status = cluster_.Start(0);
  EXPECT_THAT(Text(status),
              HasSubstr("exited instead of answering after its start: exit status 5"));
  EXPECT_THAT(Exits(0), testing::IsEmpty());
}

TEST_F(ManagedClusterTest, OneThatNeverAnswersIsNotLeftHalfAlive) {
  EXPECT_EQ(cluster_.Kill(0), absl::OkStatus());
  Kind().mute = 0;
  const absl::Status status = cluster_.Start(0);
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(Text(status), HasSubstr("last: it is mute"));
  EXPECT_EQ(cluster_.StateOfNode(0), "stopped");
}

TEST_F(ManagedClusterTest, AddsAsManyAsThereIsRoomFor) {
  EXPECT_EQ(*cluster_.Add({}), 2);
  EXPECT_EQ(cluster_.nodes()[2].name, "member-2");
  EXPECT_EQ(Text(cluster_.Add({.role = "member", .dials = {}}).status()),
            "add a node: all 3 addresses of the run are in use");
  EXPECT_EQ(Text(cluster_.Add({.role = "other", .dials = {}}).status()),
            "add a node: there is no role \"other\"; there are member");
}

TEST_F(ManagedClusterTest, NothingIsDoneToATornDownCluster) {
  EXPECT_EQ(cluster_.TearDown(false), absl::OkStatus());
  EXPECT_EQ(Text(cluster_.Kill(0)), "member-0: the cluster is torn down");
  cluster_.End(0, "exit status 0");
  EXPECT_THAT(Exits(0), testing::IsEmpty());
}

}  // namespace
}  // namespace gtestnet

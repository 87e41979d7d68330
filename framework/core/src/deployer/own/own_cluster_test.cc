// SPDX-License-Identifier: Apache-2.0
// A deployer of somebody's own, by the public headers alone: nodes are processes, and what a run
// has at its backend are files in a directory, named after the run.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "core/src/base/wait.h"
#include "core/src/cluster/ledger.h"
#include "core/src/cluster/notes.h"
#include "core/src/deployer/act_on_note.h"
#include "core/src/guardian/run_processes.h"
#include "core/src/node/testing/fake_kind.h"
#include "gtestnet/backend.h"
#include "gtestnet/leftovers.h"

namespace gtestnet {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

// Where the things of all runs are.
std::string Place() {
  static const std::string* const place = [] {
    auto* made = new std::string(testing::TempDir() + "own." + std::to_string(getpid()));
    std::filesystem::create_directories(*made);
    return made;
  }();
  return *place;
}

std::vector<std::string> ThingsOf(const std::string& run_id) {
  std::vector<std::string> things;
  for (const auto& entry : std::filesystem::directory_iterator(Place())) {
    const std::string name = entry.path().filename();
    if (name.starts_with(run_id + ".")) things.push_back(name);
  }
  return things;
}

class FileBackend : public Backend {
 public:
  explicit FileBackend(std::string run_id) : run_id_(std::move(run_id)) {}

  std::vector<LabelSweep> Sweeps(const std::string& run_id) const override {
    return {{.list = {"find", Place(), "-name", run_id + ".*"}, .remove = {"rm", "-f"}}};
  }
  absl::Status CheckRole(const std::string& role) const override {
    return role == "member" ? absl::OkStatus() : absl::NotFoundError("there are members only");
  }
  NodeAddress PeerAddress(NodeIndex node, const std::string&) const override {
    // Of this process alone.
    const int pid = getpid();
    return {.host = "127." + std::to_string(100 + pid / 256 % 100) + "." +
                    std::to_string(pid % 256) + "." + std::to_string(1 + node),
            .ports = {{"answer", 18080}}};
  }
  absl::Status Make(BackendRun& run, const BackendNode& node) override {
    run_ = &run;
    return run.Run({"touch", Place() + "/" + run_id_ + "." + node.info.name}).status();
  }
  absl::StatusOr<LaunchedNode> Launch(BackendRun&, const BackendNode& node) override {
    // What awaits the node is what runs it.
    std::string command = node.setup.program;
    for (const std::string& argument : node.setup.arguments) command += " '" + argument + "'";
    return LaunchedNode{
        .address = PeerAddress(node.info.index, node.info.name),
        .await = {"sh", "-c",
                  "cd '" + node.directory + "'; " + command +
                      " >>log 2>&1 & echo $! >pid.new; mv pid.new pid; wait $!; echo $?"}};
  }
  absl::Status Signal(BackendRun&, const BackendNode& node, int signal) override {
    return Send(node.info.name, signal);
  }
  // The number in the file may be that of a PID namespace: it is used by what runs there, too.
  absl::Status Send(const std::string& node, int signal) {
    const std::string file = RunDirectory(run_id_) + "/" + node + "/pid";
    return run_->Run({"sh", "-c", "kill -" + std::to_string(signal) + " $(cat '" + file + "')"})
        .status();
  }
  absl::StatusOr<std::string> Log(const BackendRun& run, const BackendNode& node,
                                  size_t bytes) const override {
    return run.Ask({"tail", "-c", std::to_string(bytes), node.directory + "/log"});
  }
  std::string PlaceOfLog(const BackendNode& node) const override { return node.directory + "/log"; }

 private:
  const std::string run_id_;
  BackendRun* run_ = nullptr;
};

// Its nodes are not to be awaited.
class ForgetfulBackend : public FileBackend {
 public:
  using FileBackend::FileBackend;
  absl::StatusOr<LaunchedNode> Launch(BackendRun& run, const BackendNode& node) override {
    auto launched = FileBackend::Launch(run, node);
    launched->await.back() += " >/dev/null; exit 3";
    return launched;
  }
};

class UnsweptBackend : public FileBackend {
 public:
  using FileBackend::FileBackend;
  std::vector<LabelSweep> Sweeps(const std::string&) const override { return {}; }
};

class OwnClusterTest : public testing::Test {
 protected:
  template <class B = FileBackend>
  absl::StatusOr<std::unique_ptr<BackendCluster>> Provision(
      TopologySpec topology = FakeTopology::Star().Members(3)) {
    run_id_ = MakeRunId();
    auto backend = std::make_unique<B>(run_id_);
    backend_ = backend.get();
    return ProvisionOn(
        std::move(backend),
        {.topology = std::move(topology), .seed = 1, .run_id = run_id_, .test = "SomeTest.Here"},
        {.deployer = "files"});
  }
  // Waits for the next one.
  void Listen(BackendCluster& cluster) {
    cluster.OnExit([this](const NodeExit& exit) {
      const std::lock_guard lock(mutex_);
      exits_.push_back(exit);
    });
  }
  NodeExit NextExit() {
    EXPECT_TRUE(WaitFor("exit", [this] {
                  const std::lock_guard lock(mutex_);
                  return exits_.empty() ? absl::UnavailableError("none") : absl::OkStatus();
                }).ok());
    const std::lock_guard lock(mutex_);
    return exits_.empty() ? NodeExit{} : exits_.front();
  }
  void ExpectNothing() const {
    EXPECT_THAT(ThingsOf(run_id_), IsEmpty());
    EXPECT_THAT(FindRunProcesses(run_id_), IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(RunDirectory(run_id_)));
  }

  std::string run_id_;
  FileBackend* backend_ = nullptr;

 private:
  std::mutex mutex_;
  std::vector<NodeExit> exits_;
};

TEST_F(OwnClusterTest, HasEveryVerb) {
  auto cluster = Provision();
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  EXPECT_EQ((*cluster)->deployer(), "files");
  EXPECT_THAT(ThingsOf(run_id_), SizeIs(3));
  NodeControl& control = (*cluster)->control();
  const auto answers = [&](NodeIndex node) {
    return FakeKind()
        .Probe((*cluster)->nodes()[static_cast<size_t>(node)], std::chrono::milliseconds(300))
        .ok();
  };
  EXPECT_EQ(control.Stop(1), absl::OkStatus());
  EXPECT_FALSE((*cluster)->IsUp(1));
  EXPECT_FALSE(answers(1));
  EXPECT_EQ(control.Start(1), absl::OkStatus());
  EXPECT_EQ(control.Kill(2), absl::OkStatus());
  EXPECT_EQ(control.Start(2), absl::OkStatus());
  EXPECT_TRUE(answers(2));
  EXPECT_EQ(control.Pause(1), absl::OkStatus());
  EXPECT_FALSE(answers(1));
  EXPECT_EQ(control.Resume(1), absl::OkStatus());
  EXPECT_TRUE(answers(1));
  ASSERT_TRUE(control.Add({}).ok());
  EXPECT_THAT(ThingsOf(run_id_), Contains(run_id_ + ".member-3"));
  EXPECT_TRUE(answers(3));
  EXPECT_TRUE(std::filesystem::exists(RunDirectory(run_id_) + "/member-3/start"));
  EXPECT_EQ((*cluster)->TearDown(false), absl::OkStatus());
  ExpectNothing();
}

TEST_F(OwnClusterTest, TellsAnExitThatNobodyAskedFor) {
  auto cluster = Provision();
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  Listen(**cluster);
  ASSERT_EQ(backend_->Send("member-1", SIGABRT), absl::OkStatus());
  const NodeExit exit = NextExit();
  EXPECT_EQ(exit.name, "member-1");
  EXPECT_EQ(exit.how, "signal 6 (SIGABRT)");
  EXPECT_EQ(exit.backend, "");
}

TEST_F(OwnClusterTest, ABackendThatForgetsANodeIsToBlameItself) {
  auto cluster = Provision<ForgetfulBackend>();
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  Listen(**cluster);
  ASSERT_EQ(backend_->Send("member-1", SIGKILL), absl::OkStatus());
  EXPECT_THAT(NextExit().backend,
              StartsWith("files: what awaits the end of a node has ended (exit status 3)"));
}

TEST_F(OwnClusterTest, ANodeThatIsNeverReadyIsToldWithItsLog) {
  auto cluster = Provision(FakeTopology::Star().Members(2).Misbehave(1, "--abort-on-start"));
  ASSERT_FALSE(cluster.ok());
  EXPECT_THAT(std::string(cluster.status().message()),
              AllOf(StartsWith("files: member-1 exited instead of becoming ready: signal 6 "
                               "(SIGABRT)"),
                    HasSubstr("told to abort")));
  ExpectNothing();
}

TEST_F(OwnClusterTest, RefusesBeforeAnythingIsMade) {
  EXPECT_EQ(std::string(Provision<UnsweptBackend>().status().message()),
            "files: its backend names no sweep: nothing would be removed");
  ExpectNothing();
}

TEST_F(OwnClusterTest, ABundleHasLogsAndFiles) {
  auto cluster = Provision();
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  const std::string bundle = testing::TempDir() + "own-bundle." + run_id_;
  EXPECT_EQ((*cluster)->Collect(bundle), absl::OkStatus());
  EXPECT_TRUE(std::filesystem::exists(bundle + "/member-1/log"));
  EXPECT_TRUE(std::filesystem::exists(bundle + "/member-1/fake.conf"));
  std::filesystem::remove_all(bundle);
}

TEST_F(OwnClusterTest, APreservedRunIsRemovedLater) {
  auto cluster = Provision();
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  ASSERT_EQ((*cluster)->TearDown(true), absl::OkStatus());
  cluster->reset();
  EXPECT_THAT(ThingsOf(run_id_), SizeIs(3));
  for (const Leftover& leftover : FindLeftovers()) {
    if (leftover.run_id != run_id_) continue;
    EXPECT_TRUE(leftover.preserved);
    EXPECT_EQ(leftover.deployer, "files");
    EXPECT_EQ(RemoveLeftover(leftover), absl::OkStatus());
  }
  ExpectNothing();
}

TEST_F(OwnClusterTest, WhatIsLeftOfAKilledGuardianIsFoundAndRemovedByTheLedger) {
  auto cluster = Provision();
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  for (const RunProcess& process : FindRunProcesses(run_id_)) kill(process.pid, SIGKILL);
  ASSERT_TRUE(WaitFor("end", [this] {
                return FindRunProcesses(run_id_).empty() ? absl::OkStatus()
                                                         : absl::UnknownError("not yet");
              }).ok());
  std::vector<Leftover> mine;
  for (Leftover& leftover : FindLeftovers()) {
    if (leftover.run_id == run_id_) mine.push_back(std::move(leftover));
  }
  ASSERT_THAT(mine, SizeIs(1));
  EXPECT_THAT(mine[0].things, ElementsAre(AllOf(StartsWith("files "), HasSubstr(".member-2"))));
  EXPECT_EQ(RemoveLeftover(mine[0]), absl::OkStatus());
  ExpectNothing();
}

// As the sweep at the end of a run leaves it where its commands fail.
TEST_F(OwnClusterTest, ANoteOfASweepThatFailedIsTakenUp) {
  run_id_ = MakeRunId();
  const std::string thing = Place() + "/" + run_id_ + ".left";
  std::ofstream(thing) << "left";
  ASSERT_EQ(WriteNote({.run_id = run_id_,
                       .deployer = "files",
                       .sweeps = FileBackend(run_id_).Sweeps(run_id_),
                       .why = "it was away"}),
            absl::OkStatus());
  const auto note_of_run = [this] {
    std::vector<Note> notes = ReadNotes();
    std::erase_if(notes, [this](const Note& note) { return note.run_id != run_id_; });
    return notes;
  };
  const std::vector<Note> notes = note_of_run();
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_EQ(notes[0].Where(), "the backend of the deployer files");
  Note of_another = notes[0];
  of_another.own = false;
  EXPECT_TRUE(absl::IsUnavailable(ActOn(of_another)));
  EXPECT_TRUE(std::filesystem::exists(thing));
  EXPECT_EQ(ActOn(notes[0]), absl::OkStatus());
  EXPECT_FALSE(std::filesystem::exists(thing));
  EXPECT_THAT(note_of_run(), IsEmpty());
}

}  // namespace
}  // namespace gtestnet

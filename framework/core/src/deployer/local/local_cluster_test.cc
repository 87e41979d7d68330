// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/local/local_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/src/base/thread.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/ledger.h"
#include "core/src/guardian/run_processes.h"
#include "core/src/node/testing/fake_kind.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using guardian::Confinement;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::string Text(const absl::Status& status) { return std::string(status.message()); }

class LocalClusterTest : public testing::Test {
 protected:
  LocalClusterTest() : run_id_("local-test-" + std::to_string(getpid()) + "-" + MakeRunId()) {}
  // Whatever a test does, nothing of its run may be there at its end.
  ~LocalClusterTest() override {
    cluster_.reset();
    EXPECT_THAT(FindRunProcesses(run_id_), IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(RunDirectory(run_id_)));
  }

  absl::Status Provision(const TopologySpec& topology, LocalOptions options = {},
                         Confinement confinement = Confinement::kAutomatic) {
    auto cluster = LocalCluster::Provision(
        {.topology = topology, .seed = 1, .run_id = run_id_, .test = "LocalClusterTest"}, options,
        confinement);
    if (cluster.ok()) cluster_ = *std::move(cluster);
    return cluster.status();
  }
  absl::StatusOr<NodeSample> Probe(NodeIndex node) {
    return FakeKind().Probe(cluster_->nodes()[static_cast<size_t>(node)], 1000ms);
  }
  // Collects what OnExit brings.
  void Watch() {
    cluster_->OnExit([this](const NodeExit& exit) {
      const std::lock_guard lock(mutex_);
      exits_.push_back(exit);
    });
  }
  std::vector<NodeExit> AwaitExits(size_t count) {
    static_cast<void>(WaitFor("exits", [&] {
      const std::lock_guard lock(mutex_);
      return exits_.size() >= count ? absl::OkStatus() : absl::UnknownError("none");
    }));
    const std::lock_guard lock(mutex_);
    return exits_;
  }

  const std::string run_id_;
  std::mutex mutex_;
  std::vector<NodeExit> exits_;
  std::unique_ptr<LocalCluster> cluster_;
};

TEST_F(LocalClusterTest, ThreadsThatCannotBeMadeAreAStatus) {
  absl::Status status;
  int threads = -1;
  do {
    ASSERT_LT(++threads, 20);
    const testing_support::ScopedThreadLimit limit(threads);
    status = Provision(FakeTopology::Star().Members(3));
    if (status.ok()) break;
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_THAT(Text(status), HasSubstr("a thread could not be made"));
    EXPECT_FALSE(std::filesystem::exists(RunDirectory(run_id_)));
  } while (true);
  EXPECT_GE(threads, 3);
}

TEST_F(LocalClusterTest, ATemporaryDirectoryThatIsNotThereIsSaidBeforeAnythingIsMade) {
  const char* const before = std::getenv("TMPDIR");
  const std::string old = before == nullptr ? "/tmp" : before;
  setenv("TMPDIR", "/nowhere", 1);
  EXPECT_THAT(Text(Provision(FakeTopology::Star().Members(1))),
              HasSubstr("the temporary directory /nowhere: No such file or directory"));
  setenv("TMPDIR", old.c_str(), 1);
}

TEST_F(LocalClusterTest, ProvisionsNodesThatAnswerAndFixesTheStart) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(3)), absl::OkStatus());
  ASSERT_EQ(cluster_->nodes().size(), 3u);
  const NodeInfo node = cluster_->nodes()[1];
  EXPECT_EQ(node.name, "member-1");
  EXPECT_EQ(node.role, "member");
  EXPECT_THAT(node.address.host, AllOf(StartsWith("127."), testing::EndsWith(".2")));
  for (const NodeIndex i : {0, 1, 2}) EXPECT_TRUE(cluster_->IsUp(i));
  EXPECT_FALSE(cluster_->IsUp(3));
  EXPECT_FALSE(cluster_->IsUp(-1));
  std::ifstream start(RunDirectory(run_id_) + "/start");
  int64_t ms = 0;
  start >> ms;
  EXPECT_EQ(std::chrono::system_clock::time_point(std::chrono::milliseconds(ms)),
            cluster_->chain_start());
  EXPECT_THAT(cluster_->Endpoints(), HasSubstr("member-1  running  answer 127."));
  EXPECT_THAT(*cluster_->Log(0, 1000), HasSubstr("listens at"));
  EXPECT_FALSE(cluster_->Log(9, 1000).ok());
  EXPECT_THAT(cluster_->HowToRemove(), testing::ContainsRegex("gtestnet'? clean " + run_id_ + "$"));
  EXPECT_EQ(cluster_->TearDown(false), absl::OkStatus());
  EXPECT_EQ(cluster_->TearDown(false), absl::OkStatus());
}

TEST_F(LocalClusterTest, WorksWithoutANamespace) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(2).Misbehave(0, "--daemon"), {},
                      Confinement::kSubreaper),
            absl::OkStatus());
  EXPECT_EQ(cluster_->Pause(1), absl::OkStatus());
  EXPECT_EQ(cluster_->TearDown(false), absl::OkStatus());
}

TEST_F(LocalClusterTest, TwoClustersDoNotMeet) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(2)), absl::OkStatus());
  auto other = LocalCluster::Provision(
      {.topology = FakeTopology::Star().Members(2), .seed = 1, .run_id = run_id_ + "-b"}, {});
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_NE((*other)->nodes()[0].address.host, cluster_->nodes()[0].address.host);
  EXPECT_EQ((*other)->TearDown(false), absl::OkStatus());
  EXPECT_TRUE(Probe(0).ok());
}

TEST_F(LocalClusterTest, ALogIsReadInPartsOverRestarts) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(2).Late(1)), absl::OkStatus());
  const auto read = [this](NodeIndex node, std::string& cursor) {
    const absl::StatusOr<LogPart> part = cluster_->ReadLog(node, cursor);
    if (!part.ok()) return std::string(part.status().message());
    cursor = part->cursor;
    return part->text;
  };
  const auto await = [&](NodeIndex node, std::string& cursor) {
    std::string text;
    static_cast<void>(WaitFor("a line", [&] {
      text += read(node, cursor);
      return text.empty() ? absl::UnknownError("none") : absl::OkStatus();
    }));
    return text;
  };
  std::string cursor;
  EXPECT_THAT(await(0, cursor), HasSubstr("listens at"));
  EXPECT_EQ(read(0, cursor), "");
  std::string from_now = "end";
  EXPECT_EQ(read(0, from_now), "");
  ASSERT_EQ(cluster_->Stop(0), absl::OkStatus());
  EXPECT_EQ(await(0, cursor), "fake-node: terminated\n");
  EXPECT_EQ(read(0, from_now), "fake-node: terminated\n");
  ASSERT_EQ(cluster_->Start(0), absl::OkStatus());
  EXPECT_THAT(await(0, cursor), HasSubstr("listens at"));
  std::string late;
  EXPECT_EQ(read(1, late), "");  // it was never started
  EXPECT_FALSE(cluster_->ReadLog(9, "").ok());
}

TEST_F(LocalClusterTest, CollectsLogsAndConfigs) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(2)), absl::OkStatus());
  const std::string directory = testing::TempDir() + "collect." + run_id_;
  ASSERT_EQ(cluster_->Collect(directory), absl::OkStatus());
  EXPECT_TRUE(std::filesystem::exists(directory + "/member-1/log"));
  EXPECT_TRUE(std::filesystem::exists(directory + "/member-1/fake.conf"));
  std::filesystem::remove_all(directory);
}

TEST_F(LocalClusterTest, ALogThatCannotBeCopiedTakesNoOtherAlong) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(3)), absl::OkStatus());
  const std::string directory = testing::TempDir() + "collect." + run_id_;
  // In the way of the first node's directory, and of the second one's log.
  std::filesystem::create_directories(directory + "/member-1/log");
  std::ofstream(directory + "/member-0") << "a file";
  const absl::Status collected = cluster_->Collect(directory);
  EXPECT_THAT(std::string(collected.message()),
              AllOf(HasSubstr(directory + "/member-0"), HasSubstr(directory + "/member-1/log")));
  EXPECT_TRUE(std::filesystem::exists(directory + "/member-1/fake.conf"));
  EXPECT_TRUE(std::filesystem::exists(directory + "/member-2/log"));
  std::filesystem::remove_all(directory);
}

TEST_F(LocalClusterTest, UnderALogDirectoryEachRunHasADirectoryThatEverythingReads) {
  const std::string directory = testing::TempDir() + "logs of " + run_id_;
  setenv("FAKE_LOG_DIR", directory.c_str(), 1);
  const absl::Status first = Provision(FakeTopology::Star().Members(2));
  auto other = LocalCluster::Provision(
      {.topology = FakeTopology::Star().Members(2), .seed = 1, .run_id = run_id_ + "-b"}, {});
  unsetenv("FAKE_LOG_DIR");
  ASSERT_EQ(first, absl::OkStatus());
  ASSERT_TRUE(other.ok()) << other.status();
  const std::string log = cluster_->nodes()[1].log;
  EXPECT_THAT(log, StartsWith(directory + "/gtestnet." + run_id_ + "/"));
  EXPECT_THAT(log, EndsWith("-1"));
  EXPECT_THAT((*other)->nodes()[1].log, StartsWith(directory + "/gtestnet." + run_id_ + "-b/"));
  Watch();
  EXPECT_EQ(kill(cluster_->PidOf(1), SIGTERM), 0);
  EXPECT_THAT(AwaitExits(1).at(0).last_lines, HasSubstr("fake-node: terminated"));
  EXPECT_THAT(*cluster_->Log(1, 1000), HasSubstr("fake-node: terminated"));
  EXPECT_THAT(*(*other)->Log(1, 1000), Not(HasSubstr("fake-node: terminated")));
  EXPECT_EQ(cluster_->Collect(directory + "/bundle"), absl::OkStatus());
  EXPECT_EQ(std::filesystem::file_size(directory + "/bundle/member-1/log"),
            std::filesystem::file_size(log));
  // They stay, as the variable says.
  EXPECT_EQ(cluster_->TearDown(false), absl::OkStatus());
  EXPECT_EQ((*other)->TearDown(false), absl::OkStatus());
  EXPECT_TRUE(std::filesystem::exists(log));
  std::filesystem::remove_all(directory);
}

TEST_F(LocalClusterTest, ALogDirectoryThatCannotBeMadeIsNamed) {
  setenv("FAKE_LOG_DIR", "/dev/null/logs", 1);
  const absl::Status provisioned = Provision(FakeTopology::Star().Members(1));
  unsetenv("FAKE_LOG_DIR");
  EXPECT_THAT(std::string(provisioned.message()),
              StartsWith("FAKE_LOG_DIR=/dev/null/logs: directory /dev/null/logs/gtestnet."));
}

TEST_F(LocalClusterTest, MessagesNameLogsWhereTheyWillBe) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(1).Misbehave(0, "--ignore-sigterm"),
                      {.stop_grace = 10ms}),
            absl::OkStatus());
  cluster_->NameLogs("/the/bundle");
  EXPECT_EQ(cluster_->nodes()[0].log, "/the/bundle/member-0/log");
  EXPECT_THAT(std::string(cluster_->Stop(0).message()),
              EndsWith("; log: /the/bundle/member-0/log"));
  cluster_->NameLogs("");
  EXPECT_EQ(cluster_->nodes()[0].log, RunDirectory(run_id_) + "/member-0/log");
}

// ----- verbs -----

TEST_F(LocalClusterTest, EveryVerbHasItsEffect) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(2)), absl::OkStatus());
  Watch();
  EXPECT_EQ(cluster_->Stop(1), absl::OkStatus());
  EXPECT_FALSE(cluster_->IsUp(1));
  EXPECT_FALSE(Probe(1).ok());
  EXPECT_EQ(cluster_->Start(1), absl::OkStatus());
  EXPECT_TRUE(Probe(1).ok());
  const pid_t before = cluster_->PidOf(1);
  EXPECT_EQ(cluster_->Kill(1), absl::OkStatus());
  EXPECT_EQ(cluster_->Start(1), absl::OkStatus());
  EXPECT_NE(cluster_->PidOf(1), before);
  EXPECT_EQ(cluster_->Pause(1), absl::OkStatus());
  EXPECT_EQ(StatOf(cluster_->PidOf(1))->state, 'T');
  EXPECT_FALSE(cluster_->IsUp(1));
  EXPECT_EQ(cluster_->Resume(1), absl::OkStatus());
  EXPECT_TRUE(cluster_->IsUp(1));
  EXPECT_EQ(cluster_->control().Restart(1), absl::OkStatus());
  EXPECT_TRUE(cluster_->IsUp(1));
  // All of that was asked for.
  EXPECT_THAT(exits_, IsEmpty());
}

TEST_F(LocalClusterTest, APausedNodeCanBeStoppedAndKilled) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(2)), absl::OkStatus());
  ASSERT_EQ(cluster_->Pause(0), absl::OkStatus());
  EXPECT_EQ(cluster_->Stop(0), absl::OkStatus());
  ASSERT_EQ(cluster_->Pause(1), absl::OkStatus());
  EXPECT_EQ(cluster_->Kill(1), absl::OkStatus());
}

TEST_F(LocalClusterTest, AVerbInTheWrongStateSaysWhichStateItIs) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(2).Late(1)), absl::OkStatus());
  EXPECT_EQ(cluster_->Start(0), absl::FailedPreconditionError("start member-0: it is running"));
  EXPECT_EQ(cluster_->Resume(0), absl::FailedPreconditionError("resume member-0: it is running"));
  EXPECT_EQ(cluster_->Kill(1),
            absl::FailedPreconditionError("kill member-1: it is not started yet"));
  ASSERT_EQ(cluster_->Stop(0), absl::OkStatus());
  for (const absl::Status& status : {cluster_->Stop(0), cluster_->Pause(0), cluster_->Kill(0)}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(Text(status), HasSubstr("member-0: it is stopped"));
  }
  EXPECT_EQ(cluster_->Stop(7), absl::InvalidArgumentError("there is no node 7; the cluster has 2"));
  EXPECT_EQ(cluster_->Stop(-1).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(LocalClusterTest, ALateNodeIsStartedByTheTest) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(3).Late(2)), absl::OkStatus());
  EXPECT_EQ(cluster_->nodes().size(), 3u);
  EXPECT_FALSE(cluster_->IsUp(2));
  EXPECT_EQ(*cluster_->Log(2, 100), "");
  EXPECT_EQ(cluster_->Start(2), absl::OkStatus());
  EXPECT_TRUE(Probe(2).ok());
}

TEST_F(LocalClusterTest, ANodeIsAddedAndDialsWhomItIsTold) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(3)), absl::OkStatus());
  ASSERT_EQ(cluster_->Stop(1), absl::OkStatus());
  const absl::StatusOr<NodeIndex> all = cluster_->Add({.role = "member", .dials = {}});
  ASSERT_EQ(all.status(), absl::OkStatus());
  EXPECT_EQ(*all, 3);
  EXPECT_EQ(cluster_->nodes()[3].name, "member-3");
  EXPECT_EQ(Probe(3)->numbers.Get("peers"), 2);
  const absl::StatusOr<NodeIndex> one = cluster_->Add({.role = "member", .dials = {0}});
  ASSERT_EQ(one.status(), absl::OkStatus());
  EXPECT_EQ(Probe(*one)->numbers.Get("peers"), 1);
  EXPECT_EQ(cluster_->Kill(*one), absl::OkStatus());
  EXPECT_EQ(cluster_->Add({.role = "member", .dials = {9}}).status(),
            absl::InvalidArgumentError("add a node: there is no node 9 for it to dial"));
  EXPECT_THAT(Text(cluster_->Add({.role = "missing", .dials = {}}).status()),
              HasSubstr("add a node: there is no role \"missing\"; there are "));
  EXPECT_EQ(cluster_->nodes().size(), 5u);
}

TEST_F(LocalClusterTest, OneThatIsAddedIsMadeKnownBeforeItStarts) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(2)), absl::OkStatus());
  NodeAddress told;
  const absl::StatusOr<NodeIndex> added =
      cluster_->Add({.before_start = [&](const NodeInfo& node) -> absl::Status {
        EXPECT_EQ(node.name, "member-2");
        EXPECT_FALSE(cluster_->IsUp(node.index));
        told = node.peer_address;
        return absl::OkStatus();
      }});
  ASSERT_EQ(added.status(), absl::OkStatus());
  EXPECT_EQ(told.host, cluster_->nodes()[2].address.host);
  EXPECT_EQ(told.ports, cluster_->nodes()[2].address.ports);
  EXPECT_EQ(
      Text(cluster_
               ->Add({.before_start =
                          [](const NodeInfo&) { return absl::UnavailableError("no quorum"); }})
               .status()),
      "before the start of member-3: no quorum");
  EXPECT_FALSE(cluster_->IsUp(3));
  EXPECT_EQ(cluster_->Start(3), absl::OkStatus());
}

TEST_F(LocalClusterTest, ANodeThatIgnoresSigtermIsKilledAndThatIsAnError) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(1).Misbehave(0, "--ignore-sigterm"),
                      {.stop_grace = 30ms}),
            absl::OkStatus());
  const absl::Status status = cluster_->Stop(0);
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(Text(status), StartsWith("stop member-0: still there "));
  EXPECT_EQ(cluster_->Start(0), absl::OkStatus());
}

// ----- what goes wrong -----

TEST_F(LocalClusterTest, AnExitNobodyAskedForIsReportedWithItsLastLines) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(2)), absl::OkStatus());
  kill(cluster_->PidOf(1), SIGUSR1);
  // Also those that came before the handler was set.
  EXPECT_TRUE(WaitFor("down", [&] {
                return cluster_->IsUp(1) ? absl::UnknownError("up") : absl::OkStatus();
              }).ok());
  Watch();
  const std::vector<NodeExit> exits = AwaitExits(1);
  ASSERT_EQ(exits.size(), 1u);
  EXPECT_EQ(exits[0].node, 1);
  EXPECT_EQ(exits[0].name, "member-1");
  EXPECT_EQ(exits[0].how, "signal 10 (SIGUSR1)");
  EXPECT_THAT(exits[0].last_lines, HasSubstr("fake-node: listens at"));
  EXPECT_EQ(cluster_->Stop(1).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(cluster_->Start(1), absl::OkStatus());
}

TEST_F(LocalClusterTest, ANodeThatExitsAtItsStartIsReportedAtOnce) {
  const absl::Status status =
      Provision(FakeTopology::Star().Members(3).Misbehave(1, "--exit-on-start=3"));
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Text(status),
            "member-1 exited instead of becoming ready: exit status 3; the end of its log:\n"
            "  (its log is empty)");
}

TEST_F(LocalClusterTest, ANodeThatAbortsAtItsStartIsReportedWithItsLastLines) {
  const absl::Status status =
      Provision(FakeTopology::Star().Members(2).Misbehave(0, "--abort-on-start"));
  EXPECT_THAT(Text(status), AllOf(HasSubstr("member-0 exited"), HasSubstr("signal 6 (SIGABRT)"),
                                  HasSubstr("\n  fake-node: told to abort")));
}

TEST_F(LocalClusterTest, ABadArgumentIsTheNodesOwnSentence) {
  const absl::Status status =
      Provision(FakeTopology::Star().Members(1).Misbehave(0, "--no-such-thing"));
  EXPECT_THAT(Text(status), HasSubstr("unknown argument \"--no-such-thing\""));
}

TEST_F(LocalClusterTest, NeverReadySaysWhichNodeHowLongAndWhatWasLastSeen) {
  const absl::Status status = Provision(
      FakeTopology::Star().Members(3).Misbehave(2, "--hang-on-start").Misbehave(1, "--peers=0"),
      {.ready_timeout = 200ms});
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(Text(status), AllOf(StartsWith("member-1: not ready in "),
                                  HasSubstr(" polls); last: 0 peers connected, of 1"),
                                  HasSubstr("; nor are member-2")));
}

TEST_F(LocalClusterTest, ANodeThatLacksWhatItsKindWantsIsNotReady) {
  TopologySpec topology = FakeTopology::Star().Members(1);
  topology.roles.push_back({"lacking", 1});
  const absl::Status status = Provision(topology, {.ready_timeout = 200ms});
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(Text(status), AllOf(StartsWith("lacking-0: not ready in "),
                                  HasSubstr(" polls); last: whatever it wants is not there")));
}

TEST_F(LocalClusterTest, AnAnswerThatMakesNoSenseIsQuoted) {
  const absl::Status status = Provision(FakeTopology::Star().Members(1).Misbehave(0, "--garbage"),
                                        {.ready_timeout = 100ms});
  EXPECT_THAT(Text(status), HasSubstr("an answer that makes no sense"));
}

TEST_F(LocalClusterTest, AMissingProgramIsKnownBeforeAnythingIsMade) {
  TopologySpec topology = FakeTopology::Star().Members(1);
  topology.roles.push_back({"missing", 1});
  EXPECT_EQ(Provision(topology),
            absl::NotFoundError("the program of role missing is missing; build it"));
}

TEST_F(LocalClusterTest, ANodeThatFloodsItsLogIsStillQuotedShortly) {
  const absl::Status status = Provision(FakeTopology::Star()
                                            .Members(1)
                                            .Misbehave(0, "--flood=5000000")
                                            .Misbehave(0, "--abort-on-start"));
  EXPECT_LT(Text(status).size(), 2000u);
}

TEST_F(LocalClusterTest, AKilledGuardianEndsEveryNodeAndIsReported) {
  ASSERT_EQ(Provision(FakeTopology::Star().Members(2)), absl::OkStatus());
  Watch();
  pid_t guardian = 0;
  for (const RunProcess& process : FindRunProcesses(run_id_)) {
    if (process.name == "gtestnet-guardi") guardian = process.pid;
  }
  ASSERT_NE(guardian, 0);
  kill(guardian, SIGKILL);
  EXPECT_EQ(AwaitExits(2).size(), 2u);
  EXPECT_FALSE(cluster_->Start(0).ok());
  // They are told to die, and on a busy machine that takes a moment.
  EXPECT_EQ(WaitFor("end of the processes",
                    [&] {
                      return FindRunProcesses(run_id_).empty() ? absl::OkStatus()
                                                               : absl::UnknownError("some live");
                    },
                    {.timeout = Scaled(10000ms)}),
            absl::OkStatus());
  // Nobody is there who would remove the directory, and that is said.
  EXPECT_THAT(Text(cluster_->TearDown(false)), HasSubstr("directory " + RunDirectory(run_id_)));
  std::filesystem::remove_all(RunDirectory(run_id_));
}

}  // namespace
}  // namespace gtestnet

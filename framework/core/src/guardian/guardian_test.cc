// SPDX-License-Identifier: Apache-2.0
#include "core/src/guardian/guardian.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/src/base/thread.h"
#include "core/src/base/wait.h"
#include "core/src/guardian/run_processes.h"

namespace gtestnet {
namespace {

using guardian::Confinement;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class GuardianTest : public testing::TestWithParam<Confinement> {
 protected:
  void SetUp() override {
    static int counter = 0;
    run_id_ = "guardian-test-" + std::to_string(getpid()) + "-" + std::to_string(++counter);
    directory_ = std::filesystem::temp_directory_path() / ("gtestnet." + run_id_);
    Start();
    if (!guardian_ && GetParam() == Confinement::kNamespace) {
      GTEST_SKIP() << "this kernel allows no PID namespace";
    }
    ASSERT_TRUE(guardian_);
  }
  void TearDown() override {
    guardian_.reset();
    EXPECT_THAT(Survivors(), IsEmpty());
  }

  void Start() {
    absl::StatusOr<std::unique_ptr<Guardian>> guardian = Guardian::Start(
        {.run_id = run_id_, .confinement = GetParam(), .on_exit = [this](int id, int status) {
           const std::lock_guard lock(mutex_);
           exits_[id] = status;
         }});
    if (guardian.ok()) guardian_ = *std::move(guardian);
  }
  void MakeDirectory() {
    ASSERT_TRUE(guardian_->AddDirectory(directory_).ok());
    std::filesystem::create_directory(directory_);
  }
  absl::StatusOr<pid_t> Shell(int id, const std::string& script) {
    return guardian_->Spawn({.id = id,
                             .arguments = {"/bin/sh", "-c", script},
                             .environment = {{"PATH", "/usr/bin:/bin"}, {"MORE", "words"}},
                             .directory = directory_,
                             .log = directory_ + "/log"});
  }
  // −1 when it did not end.
  int ExitOf(int id) {
    int status = -1;
    static_cast<void>(WaitFor("exit", [&] {
      const std::lock_guard lock(mutex_);
      if (!exits_.contains(id)) return absl::UnknownError("runs");
      status = exits_[id];
      return absl::OkStatus();
    }));
    return status;
  }
  bool WaitForLog(const std::string& text) {
    return WaitFor("log",
                   [&] {
                     return Contents(directory_ + "/log").find(text) != std::string::npos
                                ? absl::OkStatus()
                                : absl::UnknownError("not there");
                   })
        .ok();
  }
  // Names of what is still there of the run after a while.
  std::string Survivors() {
    std::string left;
    static_cast<void>(WaitFor("end of all", [&] {
      left.clear();
      for (const RunProcess& process : FindRunProcesses(run_id_)) left += process.name + " ";
      if (std::filesystem::exists(directory_)) left += directory_;
      return left.empty() ? absl::OkStatus() : absl::UnknownError("not yet");
    }));
    return left;
  }
  // Three processes that are hard to end.
  void SpawnHardOnes() {
    ASSERT_TRUE(Shell(1, "trap '' TERM INT HUP; echo deaf; while :; do sleep 9; done").ok());
    ASSERT_TRUE(Shell(2, "echo stops; kill -STOP $$").ok());
    ASSERT_TRUE(Shell(3, "setsid sh -c '(echo daemon; sleep 99) & exit 0'; sleep 99").ok());
    for (const char* word : {"deaf", "stops", "daemon"}) ASSERT_TRUE(WaitForLog(word));
  }

  std::string run_id_;
  std::string directory_;
  std::mutex mutex_;
  std::map<int, int> exits_;
  std::unique_ptr<Guardian> guardian_;
};

INSTANTIATE_TEST_SUITE_P(All, GuardianTest,
                         testing::Values(Confinement::kNamespace, Confinement::kSubreaper),
                         [](const auto& parameter) {
                           return parameter.param == Confinement::kNamespace ? "namespace"
                                                                             : "subreaper";
                         });

TEST_P(GuardianTest, RunsAProgramAndTellsHowItEnded) {
  MakeDirectory();
  const absl::StatusOr<pid_t> pid = Shell(5, "echo $MORE $GTESTNET_RUN_ID; pwd; exit 3");
  ASSERT_TRUE(pid.ok()) << pid.status();
  const int status = ExitOf(5);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 3);
  EXPECT_EQ(Contents(directory_ + "/log"), "words " + run_id_ + "\n" + directory_ + "\n");
}

TEST_P(GuardianTest, ThePidIsTheOneThatThisProcessSees) {
  MakeDirectory();
  const absl::StatusOr<pid_t> pid = Shell(1, "exec sleep 99");
  ASSERT_TRUE(pid.ok()) << pid.status();
  bool found = false;
  for (const RunProcess& process : FindRunProcesses(run_id_)) {
    if (process.pid == *pid) found = true;
  }
  EXPECT_TRUE(found);
}

// Spawn returns when execve succeeded, which is before the program's environment can be read, and a
// program that replaces itself is without one for an instant too: it must be found all the same.
TEST_P(GuardianTest, AProcessIsFoundWhileItsProgramIsLoaded) {
  MakeDirectory();
  for (int id = 1; id <= 100; ++id) {
    const absl::StatusOr<pid_t> pid = Shell(id, "exec sleep 99");
    ASSERT_TRUE(pid.ok()) << pid.status();
    std::vector<pid_t> found;
    for (const RunProcess& process : FindRunProcesses(run_id_)) found.push_back(process.pid);
    ASSERT_THAT(found, testing::Contains(*pid)) << "process " << id;
  }
}

TEST_P(GuardianTest, SignalsReachTheProcess) {
  MakeDirectory();
  const absl::StatusOr<pid_t> pid =
      Shell(1, "trap 'exit 7' TERM; echo up; while :; do sleep 0.01; done");
  ASSERT_TRUE(pid.ok()) << pid.status();
  ASSERT_TRUE(WaitForLog("up"));
  ASSERT_TRUE(guardian_->Signal(1, SIGSTOP).ok());
  EXPECT_TRUE(WaitFor("stop", [&] {
                return StatOf(*pid)->state == 'T' ? absl::OkStatus() : absl::UnknownError("no");
              }).ok());
  ASSERT_TRUE(guardian_->Signal(1, SIGCONT).ok());
  ASSERT_TRUE(guardian_->Signal(1, SIGTERM).ok());
  EXPECT_EQ(WEXITSTATUS(ExitOf(1)), 7);
  EXPECT_EQ(guardian_->Signal(1, SIGTERM).code(), absl::StatusCode::kNotFound);
}

TEST_P(GuardianTest, AProgramIgnoresAndBlocksNoSignalOfItsOwn) {
  MakeDirectory();
  ASSERT_TRUE(Shell(1, "grep -E '^Sig(Blk|Ign)' /proc/self/status").ok());
  EXPECT_EQ(WEXITSTATUS(ExitOf(1)), 0);
  // Signals 32 and 33 are the C library's own: its posix_spawn ignores them, or one of them.
  EXPECT_THAT(Contents(directory_ + "/log"),
              testing::AnyOf("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n",
                             "SigBlk:\t0000000000000000\nSigIgn:\t0000000080000000\n",
                             "SigBlk:\t0000000000000000\nSigIgn:\t0000000180000000\n"));
}

TEST_P(GuardianTest, AProgramThatCannotRunIsOneSentence) {
  MakeDirectory();
  SpawnRequest request{.id = 1,
                       .arguments = {"/no/such/program"},
                       .environment = {},
                       .directory = directory_,
                       .log = directory_ + "/log"};
  EXPECT_EQ(guardian_->Spawn(request).status(),
            absl::NotFoundError("/no/such/program: No such file or directory"));
  request.arguments = {"/etc/passwd"};
  EXPECT_EQ(guardian_->Spawn(request).status(),
            absl::PermissionDeniedError("/etc/passwd: Permission denied"));
  request.arguments = {"/bin/true"};
  request.directory = "/no/such/directory";
  EXPECT_THAT(std::string(guardian_->Spawn(request).status().message()),
              HasSubstr("directory /no/such/directory: No such file"));
  // The kernel's own limit, of one string.
  request.directory = directory_;
  request.environment["LONG"] = std::string(200000, 'x');
  EXPECT_THAT(std::string(guardian_->Spawn(request).status().message()),
              HasSubstr("/bin/true: Argument list too long"));
}

TEST_P(GuardianTest, AnEnvironmentMayBeLong) {
  MakeDirectory();
  SpawnRequest request{.id = 1,
                       .arguments = {"/bin/sh", "-c", "echo ${#LONG7} $MORE"},
                       .environment = {{"MORE", "words"}},
                       .directory = directory_,
                       .log = directory_ + "/log"};
  for (int i = 0; i < 8; ++i) {
    request.environment["LONG" + std::to_string(i)] = std::string(100000, 'x');
  }
  EXPECT_TRUE(guardian_->Spawn(request).ok());
  EXPECT_EQ(WEXITSTATUS(ExitOf(1)), 0);
  EXPECT_EQ(Contents(directory_ + "/log"), "100000 words\n");
}

TEST_P(GuardianTest, EndLeavesNothingOfWhatIsHardToEnd) {
  MakeDirectory();
  SpawnHardOnes();
  EXPECT_EQ(guardian_->End(), absl::OkStatus());
  EXPECT_THAT(FindRunProcesses(run_id_), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(directory_));
  EXPECT_EQ(guardian_->End(), absl::OkStatus());
  EXPECT_FALSE(guardian_->Spawn({}).ok());
}

TEST_P(GuardianTest, WhatIsMadeWhileTheFilesGoIsGoneToo) {
  MakeDirectory();
  for (int id = 1; id <= 3; ++id) {
    ASSERT_TRUE(Shell(id, "echo up" + std::to_string(id) +
                              "; i=0; while :; do i=$((i+1)); mkdir -p d/$i; : >d/$i/f; done")
                    .ok());
    ASSERT_TRUE(WaitForLog("up" + std::to_string(id)));
  }
  EXPECT_EQ(guardian_->End(), absl::OkStatus());
  EXPECT_FALSE(std::filesystem::exists(directory_));
}

TEST_P(GuardianTest, WhatARemovalLeavesAtWorkIsLeftAlone) {
  MakeDirectory();
  const std::string file = testing::TempDir() + run_id_ + ".removed";
  ASSERT_TRUE(guardian_
                  ->AddRemoval({"/bin/sh", "-c",
                                "(while [ ! -e " + file +
                                    ".go ]; do sleep 0.01; done; env -u "
                                    "GTESTNET_RUN_ID touch " +
                                    file + ") & exit 0"})
                  .ok());
  EXPECT_EQ(guardian_->End(), absl::OkStatus());
  std::ofstream(file + ".go") << "now";
  EXPECT_TRUE(WaitFor("its end", [&] {
                return std::filesystem::exists(file) ? absl::OkStatus()
                                                     : absl::UnknownError("not yet");
              }).ok());
  std::filesystem::remove(file);
  std::filesystem::remove(file + ".go");
}

TEST_P(GuardianTest, OfADirectoryThatCannotBeRemovedTheLedgerStays) {
  MakeDirectory();
  const std::string held = directory_ + "/a-held-one";
  std::filesystem::create_directory(held);
  std::ofstream(directory_ + "/ledger.json") << "whose it is";
  std::ofstream(directory_ + "/z-other") << "removed";
  // Root may do anything but that.
  const bool mounted = mount("none", held.c_str(), "tmpfs", 0, "") == 0;
  if (!mounted) {
    std::ofstream(held + "/file") << "kept";
    std::filesystem::permissions(held, std::filesystem::perms::owner_read);
  }
  EXPECT_THAT(std::string(guardian_->End().message()),
              HasSubstr("not removed: directory " + directory_ + ": "));
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/ledger.json"));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/z-other"));
  if (mounted) umount(held.c_str());
  std::filesystem::permissions(held, std::filesystem::perms::owner_all);
  std::filesystem::remove_all(directory_);
}

TEST_P(GuardianTest, AKilledGuardianTakesItsProcessesAlong) {
  MakeDirectory();
  SpawnHardOnes();
  ASSERT_EQ(kill(guardian_->pid(), SIGKILL), 0);
  for (const int id : {1, 2, 3}) EXPECT_EQ(ExitOf(id), SIGKILL);
  EXPECT_EQ(guardian_->AddLease("x").code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(WaitFor("end", [&] {
                return FindRunProcesses(run_id_).empty() ? absl::OkStatus()
                                                         : absl::UnknownError("not yet");
              }).ok());
  std::filesystem::remove_all(directory_);
}

TEST_P(GuardianTest, AKilledWardenEndsTheRun) {
  MakeDirectory();
  SpawnHardOnes();
  for (const RunProcess& process : FindRunProcesses(run_id_)) {
    if (process.name == "gtestnet-warden") kill(process.pid, SIGKILL);
  }
  EXPECT_EQ(WTERMSIG(ExitOf(1)), SIGKILL);
  EXPECT_THAT(Survivors(), IsEmpty());
}

TEST_P(GuardianTest, TermIntAndHupDoNotEndIt) {
  MakeDirectory();
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) kill(guardian_->pid(), signal);
  ASSERT_TRUE(Shell(1, "exit 0").ok());
  EXPECT_EQ(ExitOf(1), 0);
}

TEST_P(GuardianTest, ALeaseHasOneHolderAndIsFreeAfterwards) {
  const std::string name = "gtestnet-test/" + run_id_;
  EXPECT_FALSE(IsLeased(name));
  ASSERT_EQ(guardian_->AddLease(name), absl::OkStatus());
  EXPECT_TRUE(IsLeased(name));
  EXPECT_EQ(guardian_->AddLease(name).code(), absl::StatusCode::kAlreadyExists);
  ASSERT_EQ(guardian_->End(), absl::OkStatus());
  EXPECT_FALSE(IsLeased(name));
}

TEST_P(GuardianTest, RemovesNoDirectoryThatIsNotOurs) {
  for (const char* path : {"/", "/tmp", "/home", "gtestnet.relative", "/tmp/gtestnet.",
                           "/tmp/gtestnet.x/../gtestnet.y/etc", "/tmp/../gtestnet.x"}) {
    EXPECT_FALSE(guardian_->AddDirectory(path).ok()) << path;
  }
}

TEST_P(GuardianTest, RunsTheCommandsOfTheEndAndReportsThoseThatFail) {
  const std::string proof = directory_ + ".proof";
  ASSERT_TRUE(guardian_->AddRemoval({"touch", proof}).ok());
  ASSERT_TRUE(guardian_->AddRemoval({"sh", "-c", "exit 4"}).ok());
  EXPECT_EQ(guardian_->End().message(), "not removed: command \"sh -c exit 4\": exit status 4");
  EXPECT_TRUE(std::filesystem::remove(proof));
}

TEST_P(GuardianTest, WhatIsLetGoLivesOnUntilItIsTerminated) {
  MakeDirectory();
  SpawnHardOnes();
  const pid_t pid = guardian_->pid();
  ASSERT_EQ(guardian_->LetGo(), absl::OkStatus());
  guardian_.reset();
  EXPECT_GE(FindRunProcesses(run_id_).size(), 5u);
  EXPECT_TRUE(std::filesystem::exists(directory_));
  kill(pid, SIGTERM);
  EXPECT_THAT(Survivors(), IsEmpty());
}

// As long as it lives, this process may have so many descriptors open.
class ScopedDescriptors {
 public:
  explicit ScopedDescriptors(rlim_t most) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit now = {most, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &now);
  }
  ~ScopedDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

std::string NewRun() {
  static int runs = 0;
  return "guardian-limits-" + std::to_string(getpid()) + "-" + std::to_string(++runs);
}

TEST(GuardianLimitsTest, FewDescriptorsAreEnough) {
  const ScopedDescriptors few(20);
  absl::StatusOr<std::unique_ptr<Guardian>> guardian = Guardian::Start({.run_id = NewRun()});
  ASSERT_TRUE(guardian.ok()) << guardian.status();
  EXPECT_TRUE((*guardian)->End().ok());
}

TEST(GuardianLimitsTest, TooFewDescriptorsAreSaidAsThat) {
  const std::string run_id = NewRun();
  for (rlim_t most = 3; most < 10; ++most) {
    const ScopedDescriptors few(most);
    const auto guardian = Guardian::Start({.run_id = run_id});
    if (guardian.ok()) break;
    EXPECT_THAT(std::string(guardian.status().message()), HasSubstr("Too many open files"));
  }
  EXPECT_THAT(FindRunProcesses(run_id), IsEmpty());
}

TEST(GuardianLimitsTest, WithoutAThreadItLeavesNothing) {
  const std::string run_id = NewRun();
  const testing_support::ScopedThreadLimit none(0);
  const auto guardian = Guardian::Start({.run_id = run_id});
  EXPECT_EQ(guardian.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(guardian.status().message()), HasSubstr("a thread could not be made"));
  EXPECT_TRUE(WaitFor("its end", [&] {
                return FindRunProcesses(run_id).empty() ? absl::OkStatus()
                                                        : absl::UnknownError("still there");
              }).ok());
}

}  // namespace
}  // namespace gtestnet

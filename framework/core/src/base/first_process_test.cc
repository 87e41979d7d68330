// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/first_process.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <functional>

namespace gtestnet::base {
namespace {

// Runs a body below a process that stays behind, as a container's first process would.
class FirstProcessTest : public testing::Test {
 protected:
  FirstProcessTest() { EXPECT_EQ(pipe(pipe_), 0); }
  ~FirstProcessTest() override {
    for (const int end : pipe_) close(end);
  }

  void Start(const std::function<void()>& body) {
    first_ = fork();
    ASSERT_GE(first_, 0);
    if (first_ > 0) return;
    const rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    GoOnInChild();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    body();
    _exit(0);
  }
  // From the body, and to the test.
  void Tell() { EXPECT_EQ(write(pipe_[1], "x", 1), 1); }
  void AwaitTold() {
    char byte = 0;
    while (read(pipe_[0], &byte, 1) < 0 && errno == EINTR) {
    }
    EXPECT_EQ(byte, 'x');
  }
  // Its exit status, or −n if signal n ended it.
  int AwaitEnd() {
    int status = 0;
    EXPECT_EQ(waitpid(first_, &status, 0), first_);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }

  pid_t first_ = -1;
  int pipe_[2] = {-1, -1};
};

TEST_F(FirstProcessTest, EndsAsTheChildEnds) {
  for (const int status : {0, 3, 255}) {
    Start([status] { _exit(status); });
    EXPECT_EQ(AwaitEnd(), status);
  }
}

TEST_F(FirstProcessTest, TellsBySignalNumberWhatEndedTheChild) {
  Start([] { std::abort(); });
  EXPECT_EQ(AwaitEnd(), 128 + SIGABRT);
  Start([] { raise(SIGSEGV); });
  EXPECT_EQ(AwaitEnd(), 128 + SIGSEGV);
  Start([] { raise(SIGKILL); });
  EXPECT_EQ(AwaitEnd(), 128 + SIGKILL);
}

TEST_F(FirstProcessTest, HandsSignalsOn) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGABRT, SIGRTMIN}) {
    Start([this, signal] {
      std::signal(signal, [](int) { _exit(7); });
      Tell();
      for (;;) pause();
    });
    AwaitTold();
    kill(first_, signal);
    EXPECT_EQ(AwaitEnd(), 7) << signal;
    // And their defaults are the child's.
    Start([this] {
      Tell();
      for (;;) pause();
    });
    AwaitTold();
    kill(first_, signal);
    EXPECT_EQ(AwaitEnd(), 128 + signal) << signal;
  }
}

TEST_F(FirstProcessTest, KeepsASignalForAChildThatCannotTakeItYet) {
  Start([this] {
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, nullptr);
    Tell();
    int signal = 0;
    sigwait(&term, &signal);
    _exit(9);
  });
  AwaitTold();
  kill(first_, SIGTERM);
  EXPECT_EQ(AwaitEnd(), 9);
}

TEST_F(FirstProcessTest, CollectsWhatOthersLeaveAndWaitsForItsOwn) {
  Start([this] {
    const pid_t first = getppid();
    // An orphan, whose parent is then the first process.
    int done[2];
    if (pipe(done) != 0) _exit(1);
    if (fork() == 0) {
      if (fork() == 0) {
        while (getppid() != first) usleep(1000);
        _exit(write(done[1], "x", 1) == 1 ? 5 : 6);
      }
      _exit(4);
    }
    int status = 0;
    wait(&status);
    char byte = 0;
    if (read(done[0], &byte, 1) != 1) _exit(1);
    Tell();
    for (;;) pause();
  });
  AwaitTold();
  kill(first_, SIGTERM);
  EXPECT_EQ(AwaitEnd(), 128 + SIGTERM);
}

TEST_F(FirstProcessTest, GivesTheChildWhatSignalsWereLike) {
  std::signal(SIGCHLD, SIG_IGN);
  Start([] {
    sigset_t blocked;
    sigprocmask(SIG_SETMASK, nullptr, &blocked);
    struct sigaction action = {};
    sigaction(SIGCHLD, nullptr, &action);
    const bool same = sigismember(&blocked, SIGTERM) == 0 && action.sa_handler == SIG_IGN;
    _exit(same ? 0 : 1);
  });
  std::signal(SIGCHLD, SIG_DFL);
  EXPECT_EQ(AwaitEnd(), 0);
}

TEST(LeaveFirstProcessTest, DoesNothingInAnotherProcess) {
  const pid_t me = getpid();
  LeaveFirstProcess();
  EXPECT_EQ(getpid(), me);
}

}  // namespace
}  // namespace gtestnet::base

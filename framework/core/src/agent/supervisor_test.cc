// SPDX-License-Identifier: Apache-2.0
#include "core/src/agent/supervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/src/base/status.h"

namespace gtestnet::agent {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr int kExit0 = 0;
constexpr int kExit3 = 3 << 8;

class SupervisorTest : public testing::Test {
 protected:
  SupervisorTest() : supervisor_(MakeOptions()) {}

  SupervisorOptions MakeOptions() {
    SupervisorOptions options;
    options.name = "n";
    options.instance = "i";
    options.spawn = [this]() -> absl::StatusOr<pid_t> {
      if (!spawn_.ok()) return spawn_;
      return ++last_pid_;
    };
    options.signal = [this](pid_t pid, int signal) { Sent(pid, signal, ""); };
    options.signal_all = [this](pid_t pid, int signal) { Sent(pid, signal, " to all"); };
    options.after = [this](auto, auto task) { later_.push_back(std::move(task)); };
    options.leave = [this](int status) { left_ = status; };
    return options;
  }
  void Sent(pid_t pid, int signal, const char* whom) {
    signals_.push_back(std::to_string(pid) + ": " + sigabbrev_np(signal) + whom);
  }
  // "…" while the verb is under way.
  Supervisor::Done Into(std::string* said) {
    *said = "…";
    return [said](const absl::Status& status) { *said = status.ok() ? "OK" : MessageOf(status); };
  }
  // What is said at once; the verb may be done when this has returned.
  std::string Do(void (Supervisor::*verb)(const Supervisor::Done&)) {
    return AtOnce([&](const Supervisor::Done& done) { (supervisor_.*verb)(done); });
  }
  std::string Stop() {
    return AtOnce([&](const Supervisor::Done& done) { supervisor_.Stop(std::nullopt, done); });
  }
  std::string AtOnce(const std::function<void(const Supervisor::Done&)>& begin) {
    const auto said = std::make_shared<std::string>();
    begin([said, done = Into(said.get())](const absl::Status& status) { done(status); });
    return *said;
  }
  void TimePasses() {
    for (const auto& task : std::exchange(later_, {})) task();
  }
  State state() const { return supervisor_.report().state; }

  absl::Status spawn_;
  pid_t last_pid_ = 100;
  std::vector<std::string> signals_;
  std::vector<std::function<void()>> later_;
  std::optional<int> left_;
  Supervisor supervisor_;
};

TEST_F(SupervisorTest, AVerbIsDoneWhenItHasTakenEffect) {
  EXPECT_EQ(Do(&Supervisor::Start), "OK");
  EXPECT_EQ(supervisor_.report().pid, 101);
  std::string said;
  supervisor_.Pause(Into(&said));
  EXPECT_EQ(said, "…");
  EXPECT_EQ(state(), State::kRunning);
  EXPECT_EQ(supervisor_.report().verb, "pause");
  supervisor_.OnStopped(101);
  EXPECT_EQ(said, "OK");
  EXPECT_EQ(state(), State::kPaused);
  supervisor_.Resume(Into(&said));
  EXPECT_EQ(said, "…");
  supervisor_.OnContinued(101);
  EXPECT_EQ(said, "OK");
  supervisor_.Stop(std::nullopt, Into(&said));
  EXPECT_EQ(said, "…");
  supervisor_.OnExit(101, kExit0);
  EXPECT_EQ(said, "OK");
  EXPECT_EQ(supervisor_.report().exit, "exit status 0");
  supervisor_.Start(Into(&said));
  supervisor_.Kill(Into(&said));
  supervisor_.OnExit(102, SIGKILL);
  EXPECT_EQ(said, "OK");
  EXPECT_EQ(supervisor_.report().exit, "signal 9 (SIGKILL)");
  EXPECT_EQ(supervisor_.report().exit_code, 137);
  EXPECT_EQ(supervisor_.report().starts, 2);
  EXPECT_THAT(signals_, ElementsAre("101: STOP", "101: STOP to all", "101: CONT to all",
                                    "101: TERM", "102: KILL to all"));
  TimePasses();
  EXPECT_EQ(left_, std::nullopt);
}

TEST_F(SupervisorTest, RefusesWhatDoesNotFitTheState) {
  EXPECT_EQ(Stop(), "stop n: it is stopped");
  EXPECT_EQ(Do(&Supervisor::Kill), "kill n: it is stopped");
  EXPECT_EQ(Do(&Supervisor::Pause), "pause n: it is stopped");
  EXPECT_EQ(Do(&Supervisor::Start), "OK");
  EXPECT_EQ(Do(&Supervisor::Start), "start n: it is running");
  EXPECT_EQ(Do(&Supervisor::Resume), "resume n: it is running");
  std::string first;
  supervisor_.Stop(std::nullopt, Into(&first));
  EXPECT_EQ(Stop(), "stop n: a stop is under way");
  EXPECT_EQ(Do(&Supervisor::Pause), "pause n: a stop is under way");
  // But a kill may come to its help.
  std::string kill;
  supervisor_.Kill(Into(&kill));
  EXPECT_EQ(Do(&Supervisor::Kill), "kill n: a kill is under way");
  supervisor_.OnExit(101, SIGKILL);
  EXPECT_EQ(first, "OK");
  EXPECT_EQ(kill, "OK");
  spawn_ = NotFound("/no/program: No such file or directory");
  EXPECT_EQ(Do(&Supervisor::Start), "start n: /no/program: No such file or directory");
  EXPECT_EQ(state(), State::kStopped);
}

TEST_F(SupervisorTest, AStopThatTakesTooLongKills) {
  EXPECT_EQ(Do(&Supervisor::Start), "OK");
  std::string said;
  supervisor_.Stop(1500ms, Into(&said));
  TimePasses();
  EXPECT_EQ(said, "…");
  EXPECT_THAT(signals_, ElementsAre("101: TERM", "101: KILL to all"));
  supervisor_.OnExit(101, SIGKILL);
  EXPECT_EQ(said, "stop n: it was still there 1.5 s after SIGTERM, and was killed");
  // The time of an earlier process is nothing to the next.
  EXPECT_EQ(Do(&Supervisor::Start), "OK");
  std::string again;
  supervisor_.Stop(std::nullopt, Into(&again));
  supervisor_.OnExit(102, kExit0);
  EXPECT_EQ(again, "OK");
  EXPECT_EQ(Do(&Supervisor::Start), "OK");
  signals_.clear();
  TimePasses();
  EXPECT_THAT(signals_, IsEmpty());
}

TEST_F(SupervisorTest, StopsAPausedProcess) {
  EXPECT_EQ(Do(&Supervisor::Start), "OK");
  Do(&Supervisor::Pause);
  supervisor_.OnStopped(101);
  signals_.clear();
  std::string said;
  supervisor_.Stop(std::nullopt, Into(&said));
  EXPECT_THAT(signals_, ElementsAre("101: TERM", "101: CONT to all"));
  supervisor_.OnContinued(101);
  supervisor_.OnExit(101, kExit0);
  EXPECT_EQ(said, "OK");
}

TEST_F(SupervisorTest, AnExitThatNobodyAskedForIsTheAgentsOwn) {
  EXPECT_EQ(Do(&Supervisor::Start), "OK");
  std::string pause;
  supervisor_.Pause(Into(&pause));
  Report seen;
  supervisor_.Watch(supervisor_.report().change, 1s, [&](const Report& now) { seen = now; });
  supervisor_.OnExit(101, kExit3);
  EXPECT_EQ(pause, "n ended meanwhile: exit status 3");
  EXPECT_EQ(seen.state, State::kExited);
  EXPECT_FALSE(seen.exit_asked);
  EXPECT_EQ(Do(&Supervisor::Start), "start n: the agent is ending");
  TimePasses();
  EXPECT_EQ(left_, 3);
}

TEST_F(SupervisorTest, ASignalIsAnExitCodeToo) {
  EXPECT_EQ(Do(&Supervisor::Start), "OK");
  supervisor_.OnExit(101, SIGSEGV);
  TimePasses();
  EXPECT_EQ(left_, 128 + SIGSEGV);
}

TEST_F(SupervisorTest, PassesSigtermOn) {
  EXPECT_EQ(Do(&Supervisor::Start), "OK");
  Do(&Supervisor::Pause);
  supervisor_.OnStopped(101);
  signals_.clear();
  supervisor_.Terminate();
  supervisor_.Terminate();
  EXPECT_THAT(signals_, ElementsAre("101: TERM", "101: CONT to all"));
  EXPECT_EQ(Do(&Supervisor::Kill), "kill n: the agent is ending");
  supervisor_.OnExit(101, kExit0);
  TimePasses();
  EXPECT_EQ(left_, 0);
}

TEST_F(SupervisorTest, SigtermWithoutAProcessEndsTheAgent) {
  supervisor_.Terminate();
  TimePasses();
  EXPECT_EQ(left_, 0);
}

TEST_F(SupervisorTest, TellsWatchersOfChanges) {
  std::vector<std::string> seen;
  const auto watch = [&](const std::string& change) {
    supervisor_.Watch(change, 1s, [&](const Report& now) { seen.push_back(NameOf(now.state)); });
  };
  watch("");  // knows nothing yet
  watch("another.0");
  EXPECT_THAT(seen, ElementsAre("stopped", "stopped"));
  seen.clear();
  watch(supervisor_.report().change);
  watch(supervisor_.report().change);
  EXPECT_THAT(seen, IsEmpty());
  Do(&Supervisor::Start);
  EXPECT_THAT(seen, ElementsAre("running", "running"));
  seen.clear();
  watch(supervisor_.report().change);
  TimePasses();  // and nothing happens
  EXPECT_THAT(seen, ElementsAre("running"));
}

}  // namespace
}  // namespace gtestnet::agent

// SPDX-License-Identifier: Apache-2.0
// The agent as a real process, with real children.
#include "core/src/cfgsync/testing/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/src/base/http.h"
#include "core/src/base/json_tree.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "gtestnet/variables.h"

namespace gtestnet::agent {
namespace {

using namespace std::chrono_literals;
using cfgsync::TestProcess;
using testing::HasSubstr;

constexpr char kToken[] = "a-long-token";
// Says that it is there, and ends by SIGTERM with status 7.
constexpr char kObedient[] = "trap 'exit 7' TERM; echo up; while :; do sleep 0.02; done";
constexpr char kStubborn[] = "trap '' TERM; echo up; while :; do sleep 0.02; done";

class AgentProcessTest : public testing::Test {
 protected:
  AgentProcessTest() {
    char name[] = "/tmp/gtestnet-agent-XXXXXX";
    directory_ = mkdtemp(name);
  }
  ~AgentProcessTest() override {
    agent_.reset();
    if (!HasFailure()) std::filesystem::remove_all(directory_);
  }

  std::string LogFile() const { return directory_ + "/agent.log"; }
  void StartAgent(std::vector<std::string> options, const std::vector<std::string>& command) {
    std::vector<std::string> words = {POD_AGENT, "--name=n", "--host=127.0.0.1", "--port=0"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back("--");
    words.insert(words.end(), command.begin(), command.end());
    agent_ = std::make_unique<TestProcess>(
        words,
        std::map<std::string, std::string>{
            {"POD_AGENT_TOKEN", kToken}, {"PATH", "/usr/bin:/bin"}, {"WORK", directory_}},
        LogFile());
  }
  void StartShell(const std::string& script, std::vector<std::string> options = {}) {
    StartAgent(std::move(options), {"sh", "-c", script});
  }
  // Until the log has the text so often.
  void AwaitLog(const std::string& text, int times = 1) {
    const auto count = [&] {
      const std::string log = agent_->Log();
      int found = 0;
      for (size_t at = 0; (at = log.find(text, at)) != log.npos; ++at) ++found;
      return found;
    };
    const absl::Status there = WaitFor("its log",
                                       [&]() -> absl::Status {
                                         if (count() >= times) return absl::OkStatus();
                                         return Unavailable(agent_->Log());
                                       },
                                       {.timeout = Scaled(10s)});
    ASSERT_TRUE(there.ok()) << there;
  }
  uint16_t Port() {
    AwaitLog("\n");
    const std::string log = agent_->Log();
    const size_t at = log.find("127.0.0.1:");
    return at == log.npos ? uint16_t{0} : static_cast<uint16_t>(std::atoi(log.c_str() + at + 10));
  }
  // "200 {…}"
  std::string Ask(const std::string& method, const std::string& target) {
    if (port_ == 0) port_ = Port();
    const base::HttpClient client(base::Endpoint::Tcp("127.0.0.1", port_));
    const auto answer = client.Request({.method = method,
                                        .target = target,
                                        .idempotent = false,
                                        .authorization = absl::StrCat("Bearer ", kToken)},
                                       Scaled(10s));
    if (!answer.ok()) return MessageOf(answer.status());
    return absl::StrCat(answer->status, " ", answer->body);
  }
  std::string Post(const std::string& verb) { return Ask("POST", "/" + verb); }
  pid_t PidOf(const std::string& answer) {
    const absl::StatusOr<JsonTree> tree = ParseJsonTree(answer.substr(4));
    for (const JsonTree::Member& member :
         tree.ok() ? tree->members : std::vector<JsonTree::Member>())
      if (member.name == "pid") return std::atoi(member.value.text.c_str());
    return 0;
  }
  // "S", "T", "Z" of /proc, or "" when there is none.
  static std::string ProcessState(pid_t pid) {
    std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
    std::string number, name, state;
    file >> number >> name >> state;
    return state;
  }

  std::string directory_;
  uint16_t port_ = 0;
  std::unique_ptr<TestProcess> agent_;
};

TEST_F(AgentProcessTest, EachVerbHasTakenEffectWhenItAnswers) {
  StartShell(kObedient);
  AwaitLog("up\n");
  const pid_t pid = PidOf(Ask("GET", "/state"));
  ASSERT_GT(pid, 1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(Post("pause"), HasSubstr("\"paused\""));
    EXPECT_EQ(ProcessState(pid), "T");
    EXPECT_THAT(Post("pause"), HasSubstr("409 pause n: it is paused"));
    EXPECT_THAT(Post("resume"), HasSubstr("\"running\""));
    EXPECT_NE(ProcessState(pid), "T");
  }
  EXPECT_THAT(Post("stop"), HasSubstr("\"how\":\"exit status 7\",\"code\":7,\"asked\":true"));
  EXPECT_EQ(ProcessState(pid), "");
  EXPECT_THAT(Post("start"), HasSubstr("\"starts\":2"));
  AwaitLog("up\n", 2);
  EXPECT_THAT(Post("kill"), HasSubstr("\"how\":\"signal 9 (SIGKILL)\""));
  EXPECT_THAT(Post("start"), HasSubstr("\"running\""));
  AwaitLog("up\n", 3);
  EXPECT_THAT(Post("pause"), HasSubstr("\"paused\""));
  EXPECT_THAT(Post("stop"), HasSubstr("exit status 7"));
  agent_->Signal(SIGTERM);
  EXPECT_EQ(agent_->AwaitEnd(Scaled(10s)), "exit status 0") << agent_->Log();
}

TEST_F(AgentProcessTest, AnExitThatNobodyAskedForIsItsOwn) {
  StartShell("echo up; while [ ! -e $WORK/go ]; do sleep 0.02; done; exit 5");
  AwaitLog("up\n");
  const std::string state = Ask("GET", "/state");
  const size_t at = state.find("change\":\"") + 9;
  const std::string change = state.substr(at, state.find('"', at) - at);
  std::ofstream(directory_ + "/go") << "";
  // Who watches is told.
  EXPECT_THAT(Ask("GET", "/state?after=" + change), HasSubstr("\"state\":\"exited\""));
  EXPECT_EQ(agent_->AwaitEnd(Scaled(10s)), "exit status 5");
}

TEST_F(AgentProcessTest, ASignalThatNobodyAskedForIsToo) {
  StartShell("kill -SEGV $$");
  EXPECT_EQ(agent_->AwaitEnd(Scaled(10s)), "exit status 139");
  EXPECT_THAT(agent_->Log(), HasSubstr("n ended: signal 11 (SIGSEGV); nobody asked for it"));
}

TEST_F(AgentProcessTest, PassesSigtermOnAndEnds) {
  StartShell(kObedient);
  AwaitLog("up\n");
  EXPECT_THAT(Post("pause"), HasSubstr("\"paused\""));
  agent_->Signal(SIGTERM);
  EXPECT_EQ(agent_->AwaitEnd(Scaled(10s)), "exit status 7");
}

TEST_F(AgentProcessTest, KillsWhoDoesNotObey) {
  StartShell(kStubborn, {"--grace-ms=50"});
  AwaitLog("up\n");
  EXPECT_THAT(Post("stop"), HasSubstr("504 stop n: it was still there 50 ms after SIGTERM"));
  EXPECT_THAT(Post("start"), HasSubstr("\"running\""));
  AwaitLog("up\n", 2);
  agent_->Signal(SIGTERM);
  EXPECT_EQ(agent_->AwaitEnd(Scaled(10s)), "exit status 137");
}

TEST_F(AgentProcessTest, LeavesNoOrphan) {
  // One in the group of the child, one that has a session of its own and is inherited.
  StartShell(
      "sleep 1000 & echo $! > $WORK/helper; setsid sh -c 'echo $$ > $WORK/orphan; exit' & "
      "while [ ! -s $WORK/orphan ]; do sleep 0.02; done; trap 'exit 0' TERM; echo up; "
      "while :; do sleep 0.02; done");
  AwaitLog("up\n");
  const auto pid_in = [&](const std::string& name) {
    pid_t pid = 0;
    std::ifstream(directory_ + "/" + name) >> pid;
    return pid;
  };
  const pid_t helper = pid_in("helper"), orphan = pid_in("orphan");
  EXPECT_NE(ProcessState(helper), "");
  EXPECT_THAT(Post("stop"), HasSubstr("exit status 0"));
  const auto gone = [](pid_t pid) {
    return WaitFor("its end",
                   [&] {
                     const std::string state = ProcessState(pid);
                     return state.empty() ? absl::OkStatus() : Unavailable(state);
                   },
                   {.timeout = Scaled(10s)});
  };
  EXPECT_TRUE(gone(orphan).ok());
  EXPECT_TRUE(gone(helper).ok());
}

TEST_F(AgentProcessTest, WaitsToBeAskedWhereThatIsSaid) {
  const std::string file = directory_ + "/config.yaml";
  StartShell(kObedient, {"--start-if=" + file});
  AwaitLog("n is started when it is asked for");
  EXPECT_THAT(Ask("GET", "/state"), HasSubstr("\"state\":\"stopped\""));
  EXPECT_THAT(Post("start"), HasSubstr("\"starts\":1"));
  AwaitLog("up\n");
  agent_->Signal(SIGTERM);
  EXPECT_EQ(agent_->AwaitEnd(Scaled(10s)), "exit status 7");
  std::ofstream(file) << "";
  port_ = 0;
  StartShell(kObedient, {"--start-if=" + file});
  AwaitLog("up\n", 2);
}

TEST_F(AgentProcessTest, TheChildHasNoTokenAndNoBlockedSignal) {
  StartShell("echo token:$POD_AGENT_TOKEN:; grep SigBlk /proc/self/status; echo up; read x");
  EXPECT_EQ(agent_->AwaitEnd(Scaled(10s)), "exit status 1");
  EXPECT_THAT(agent_->Log(), HasSubstr("token::"));
  EXPECT_THAT(agent_->Log(), HasSubstr("SigBlk:\t0000000000000000"));
}

TEST_F(AgentProcessTest, RefusesWhatItCannotDo) {
  const auto run = [&](std::vector<std::string> command, const std::string& token) {
    command.insert(command.begin(), POD_AGENT);
    TestProcess process(command, {{"POD_AGENT_TOKEN", token}},
                        absl::StrCat(directory_, "/", ++port_, ".log"));
    const std::string end = process.AwaitEnd(Scaled(10s));
    return end + ": " + process.Log();
  };
  EXPECT_THAT(run({}, kToken), HasSubstr("exit status 2: pod-agent: no command is given"));
  EXPECT_THAT(run({"true"}, kToken), HasSubstr("\"true\" is no option"));
  EXPECT_THAT(run({"--what=1", "--", "true"}, kToken), HasSubstr("there is no option --what"));
  EXPECT_THAT(run({"--port=99999", "--", "true"}, kToken), HasSubstr("from 0 to 65535"));
  EXPECT_THAT(run({"--", "true"}, ""), HasSubstr("POD_AGENT_TOKEN must be a token"));
  EXPECT_THAT(run({"--host=1.2.3.4", "--", "true"}, kToken),
              HasSubstr("exit status 1: pod-agent: cannot listen at 1.2.3.4:4500"));
  EXPECT_THAT(run({"--host=127.0.0.1", "--port=0", "--name=n", "--", "/no/program"}, kToken),
              testing::AllOf(HasSubstr("exit status 1: "),
                             HasSubstr("start n: /no/program: No such file or directory")));
}

}  // namespace
}  // namespace gtestnet::agent

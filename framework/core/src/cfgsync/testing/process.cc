// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/testing/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <utility>

#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/node/exit_status.h"

namespace gtestnet::cfgsync {

TestProcess::TestProcess(std::vector<std::string> command,
                         std::map<std::string, std::string> environment, std::string log)
    : log_(std::move(log)) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> argv, envp;
  for (std::string& word : command) argv.push_back(word.data());
  for (std::string& variable : variables) envp.push_back(variable.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  const int output = open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(output, 1);
  dup2(output, 2);
  execve(argv[0], argv.data(), envp.data());
  _exit(127);
}

TestProcess::~TestProcess() {
  if (pid_ <= 0 || status_) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void TestProcess::Signal(int signal) const {
  if (pid_ > 0 && !status_) kill(pid_, signal);
}

std::string TestProcess::AwaitEnd(std::chrono::milliseconds timeout) {
  const absl::Status ended = WaitFor("its end",
                                     [this]() -> absl::Status {
                                       int status = 0;
                                       if (status_) return absl::OkStatus();
                                       if (waitpid(pid_, &status, WNOHANG) != pid_)
                                         return Unavailable("it runs");
                                       status_ = status;
                                       return absl::OkStatus();
                                     },
                                     {.timeout = timeout});
  return ended.ok() ? DescribeExit(*status_) : MessageOf(ended);
}

std::string TestProcess::Log() const {
  std::ifstream file(log_);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace gtestnet::cfgsync

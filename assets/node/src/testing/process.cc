// SPDX-License-Identifier: Apache-2.0
#include "testing/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <utility>

namespace gtestnet::node {

Process::Process(const std::vector<std::string>& arguments, std::string error_file,
                 bool development_mode)
    : error_file_(std::move(error_file)) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  if (development_mode) {
    setenv("POL_PROOF_DEV_MODE", "true", 1);
  } else {
    unsetenv("POL_PROOF_DEV_MODE");
  }
  pid_ = fork();
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int fd = open(error_file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  dup2(fd, STDERR_FILENO);
  dup2(fd, STDOUT_FILENO);
  execv(argv[0], argv.data());
  _exit(127);
}

Process::~Process() {
  if (ended_) return;
  Signal(SIGCONT);
  Signal(SIGKILL);
  Wait();
}

void Process::Signal(int signal) {
  if (!ended_) kill(pid_, signal);
}

int Process::Wait() {
  if (!ended_ && waitpid(pid_, &status_, 0) == pid_) ended_ = true;
  return status_;
}

bool Process::Running() {
  if (!ended_ && waitpid(pid_, &status_, WNOHANG) == pid_) ended_ = true;
  return !ended_;
}

int Process::ExitStatus() {
  const int status = Wait();
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string Process::Errors() const {
  std::ifstream file(error_file_);
  return {std::istreambuf_iterator<char>(file), {}};
}

LoopbackBlock::LoopbackBlock() {
  std::random_device random;
  fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  while (true) {
    prefix_ = "127." + std::to_string(1 + random() % 250) + "." + std::to_string(random() % 256);
    const std::string name = "gtestnet/" + prefix_;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0) return;
  }
}

LoopbackBlock::~LoopbackBlock() { close(fd_); }

std::string LoopbackBlock::Host(int node) const { return prefix_ + "." + std::to_string(node + 1); }

}  // namespace gtestnet::node

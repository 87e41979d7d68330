// SPDX-License-Identifier: Apache-2.0
// For the shell's tests: a node as a process, which never outlives its test.
#ifndef GTESTNET_NODE_TESTING_PROCESS_H_
#define GTESTNET_NODE_TESTING_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace gtestnet::node {

class Process {
 public:
  // `error_file` gets its standard error.
  Process(const std::vector<std::string>& arguments, std::string error_file,
          bool development_mode = true);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void Signal(int signal);
  // waitpid's status.
  int Wait();
  [[nodiscard]] bool Running();
  // Wait() of a process that should end by itself with a status.
  int ExitStatus();
  [[nodiscard]] std::string Errors() const;
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  bool ended_ = false;
  int status_ = 0;
  std::string error_file_;
};

// 127.x.y.0/24, for as long as this lives.
class LoopbackBlock {
 public:
  LoopbackBlock();
  ~LoopbackBlock();
  LoopbackBlock(const LoopbackBlock&) = delete;
  LoopbackBlock& operator=(const LoopbackBlock&) = delete;

  [[nodiscard]] std::string Host(int node) const;

 private:
  int fd_ = -1;
  std::string prefix_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_TESTING_PROCESS_H_

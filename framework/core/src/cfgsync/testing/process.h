// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CFGSYNC_TESTING_PROCESS_H_
#define GTESTNET_CORE_SRC_CFGSYNC_TESTING_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gtestnet::cfgsync {

// A program that a test runs, which ends with it at the latest. Its output is in a file.
class TestProcess {
 public:
  // `environment` is all that it has.
  TestProcess(std::vector<std::string> command, std::map<std::string, std::string> environment,
              std::string log);
  ~TestProcess();
  TestProcess(const TestProcess&) = delete;
  TestProcess& operator=(const TestProcess&) = delete;

  void Signal(int signal) const;
  // "exit status 0", "signal 15 (SIGTERM)"; what it still is after so long.
  std::string AwaitEnd(std::chrono::milliseconds timeout);
  std::string Log() const;
  pid_t pid() const { return pid_; }

 private:
  std::string log_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

}  // namespace gtestnet::cfgsync

#endif  // GTESTNET_CORE_SRC_CFGSYNC_TESTING_PROCESS_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_GUARDIAN_GUARDIAN_PROCESS_H_
#define GTESTNET_CORE_SRC_GUARDIAN_GUARDIAN_PROCESS_H_

#include <string>
#include <vector>

#include "core/src/guardian/protocol.h"
#include "core/src/guardian/warden.h"

namespace gtestnet::guardian {

// What the program gtestnet-guardian does once it stands on its own: passes the runner's requests
// on to the warden, holds leases, and removes everything when the runner dies or says so.
class GuardianProcess {
 public:
  // `runner` is a socket to it, `runner_pidfd` becomes readable at its death.
  GuardianProcess(int runner, int runner_pidfd) : runner_(runner), runner_pidfd_(runner_pidfd) {}

  // Starts the warden, tells the runner, and returns when all is over: the exit status.
  int Run(Confinement wanted);

 private:
  // Both return false when it is time to end.
  bool HandleRunner();
  bool HandleWarden();
  void Forward(const Message& request);
  int AddDirectory(const std::string& path);
  int AddLease(const std::string& name);
  void LetGo(const Message& request);
  // Once. Returns what is still there.
  std::vector<std::string> RemoveEverything();
  void Reply(const Message& request, int code, const std::string& text = "");

  int runner_;
  int runner_pidfd_;
  Warden warden_;
  std::vector<std::string> directories_;
  std::vector<int> leases_;
  std::vector<std::vector<std::string>> removals_;
  bool let_go_ = false;
  bool removed_ = false;
};

}  // namespace gtestnet::guardian

#endif  // GTESTNET_CORE_SRC_GUARDIAN_GUARDIAN_PROCESS_H_

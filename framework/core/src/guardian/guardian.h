// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_GUARDIAN_GUARDIAN_H_
#define GTESTNET_CORE_SRC_GUARDIAN_GUARDIAN_H_

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/environment.h"
#include "core/src/base/thread.h"
#include "core/src/guardian/protocol.h"

namespace gtestnet {

struct GuardianOptions {
  // Every process of the run has it in its environment, as GTESTNET_RUN_ID.
  std::string run_id = {};
  // Of the guardian and of what it runs at the end, beside HelperEnvironment's. The guardian's
  // directory is the root: what names files must name them from there.
  Environment environment = {};
  // Tests force one; else a PID namespace is used where the kernel allows it.
  guardian::Confinement confinement = guardian::Confinement::kAutomatic;
  // Called on the guardian's own thread for each process that ended, with its status as of waitpid;
  // also when the guardian itself is lost, which ends them all. Must not call the guardian.
  std::function<void(int id, int status)> on_exit = {};
};

struct SpawnRequest {
  int id = 0;  // the caller's own number for it, not one of a process that runs
  std::vector<std::string> arguments;              // the first is the program's path
  std::map<std::string, std::string> environment;  // all of it, but for GTESTNET_RUN_ID
  std::string directory;
  std::string log;
};

// The guardian of one cluster: a process of its own that starts the cluster's processes, and that
// ends them and removes what was made, however this process ends: orderly, by a signal, by SIGKILL.
// When the guardian is killed, all its processes die with it.
//
// Any thread may call. Nothing here forks in this process, beyond a posix_spawn in Start.
class Guardian {
 public:
  // The guardian watches when this returns; nothing was made before.
  static absl::StatusOr<std::unique_ptr<Guardian>> Start(GuardianOptions options);
  // End()s, unless that or LetGo was done.
  ~Guardian();
  Guardian(const Guardian&) = delete;
  Guardian& operator=(const Guardian&) = delete;

  pid_t pid() const { return pid_; }
  guardian::Confinement confinement() const { return confinement_; }

  // To be called before the directory is made. Its name must be gtestnet.<something>.
  absl::Status AddDirectory(const std::string& path);
  // A name that only one holder on this machine can have. kAlreadyExists when another one has it.
  absl::Status AddLease(const std::string& name);
  // A command to run at the end, after the processes are gone.
  absl::Status AddRemoval(const std::vector<std::string>& arguments);

  // Returns the pid once the program runs.
  absl::StatusOr<pid_t> Spawn(const SpawnRequest& request);
  // kNotFound when that process has ended.
  absl::Status Signal(int id, int signal);

  // Ends all processes, removes everything, and waits for the guardian to go. The error lists what
  // is still there. Idempotent.
  absl::Status End();
  // The processes go on without this one, until the guardian gets SIGTERM.
  absl::Status LetGo();

 private:
  Guardian(GuardianOptions options, int socket);
  absl::Status AwaitReady();
  absl::StatusOr<guardian::Message> Call(guardian::Message request,
                                         std::chrono::milliseconds timeout);
  void Listen();
  // Nothing comes from the guardian any more.
  void NoteLoss();
  void CloseSocket();

  const GuardianOptions options_;
  const int socket_;
  int life_ = -1;  // closes with this process, where the kernel has no pidfd
  pid_t pid_ = 0;
  guardian::Confinement confinement_ = guardian::Confinement::kAutomatic;

  std::mutex mutex_;
  std::condition_variable changed_;
  uint32_t next_sequence_ = 1;
  std::map<uint32_t, guardian::Message> replies_;
  std::set<uint32_t> awaited_;
  std::set<int> running_;
  bool lost_ = false;      // nothing comes from the socket any more
  bool finished_ = false;  // End or LetGo was done
  absl::Status end_status_;
  std::mutex end_mutex_;  // guards the end itself
  Thread listener_;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_GUARDIAN_GUARDIAN_H_

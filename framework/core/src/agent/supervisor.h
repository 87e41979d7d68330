// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_AGENT_SUPERVISOR_H_
#define GTESTNET_CORE_SRC_AGENT_SUPERVISOR_H_

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gtestnet::agent {

enum class State { kStopped, kRunning, kPaused, kExited };
const char* NameOf(State state);

// In the sentence of a verb's refusal, where the process ended instead.
inline constexpr char kEndedMeanwhile[] = " ended meanwhile: ";

// What the agent says of its node.
struct Report {
  State state = State::kStopped;
  // Another one after each change, and never the same in two agents.
  std::string change;
  int starts = 0;
  pid_t pid = 0;            // 0: there is no process
  std::string verb;         // under way: "stop", or empty
  std::string exit;         // the last one: "exit status 0", or empty
  int exit_code = 0;        // as a shell would have it: 128 + n for signal n
  bool exit_asked = true;   // by a verb
  bool pause_asked = true;  // of one that is paused: by a verb, and not by itself
};

// The world, as the supervisor uses it.
struct SupervisorOptions {
  std::string name = "the node";
  // Distinguishes this agent from the one before it in the same pod.
  std::string instance = "1";
  std::chrono::milliseconds grace{5000};
  std::function<absl::StatusOr<pid_t>()> spawn;
  // To the process and those that it started.
  std::function<void(pid_t, int signal)> signal_all;
  std::function<void(pid_t, int signal)> signal;
  // Calls a task later, on the thread that calls everything else.
  std::function<void(std::chrono::milliseconds, std::function<void()>)> after;
  // The agent is to end with this status. Called once.
  std::function<void(int status)> leave;
  std::function<void(const std::string&)> log = [](const std::string&) {};
};

// One process, what is wanted of it, and what became of it. What happened is told to it (OnStopped
// and so on), so that each verb is done when it has taken effect. One thread.
class Supervisor {
 public:
  // kFailedPrecondition: the wrong state; kDeadlineExceeded: still there after the grace period,
  // and killed; kAborted: it ended instead. At once, or later.
  using Done = std::function<void(absl::Status)>;
  using Watcher = std::function<void(const Report&)>;

  explicit Supervisor(SupervisorOptions options) : options_(std::move(options)) {}

  void Start(const Done& done);
  // SIGTERM, and SIGKILL after the grace period. A paused process is resumed for it.
  void Stop(std::optional<std::chrono::milliseconds> grace, const Done& done);
  // Also while it is being stopped.
  void Kill(const Done& done);
  void Pause(const Done& done);
  void Resume(const Done& done);
  // Stops the process if there is one, and leaves with its exit code.
  void Terminate();

  // `status` is that of waitpid.
  void OnExit(pid_t pid, int status);
  void OnStopped(pid_t pid);
  void OnContinued(pid_t pid);

  Report report() const;
  // Calls back when the change is another one than `change`, or after `wait`.
  void Watch(const std::string& change, std::chrono::milliseconds wait, Watcher watcher);

 private:
  enum class Verb { kStop, kKill, kPause, kResume };
  struct Pending {
    Verb verb;
    Done done;
  };
  struct Waiting {
    uint64_t number;
    Watcher watcher;
  };

  bool runs() const { return state_ == State::kRunning || state_ == State::kPaused; }
  bool IsPending(Verb verb) const;
  std::string VerbUnderWay() const;
  // Whether the verb may begin; says no to `done` if not.
  bool MayBegin(const char* verb, bool fits, const Done& done);
  void KillAfter(std::chrono::milliseconds grace);
  // What is to be told of the verb, which is under way no more.
  Done Take(Verb verb);
  void Changed();
  void Leave(int status);

  const SupervisorOptions options_;
  State state_ = State::kStopped;
  pid_t pid_ = 0;
  int starts_ = 0;
  uint64_t changes_ = 0;
  std::string exit_;
  int exit_code_ = 0;
  bool exit_asked_ = true;
  bool pause_asked_ = true;
  bool overran_ = false;  // the grace period
  bool terminating_ = false;
  bool left_ = false;
  std::vector<Pending> pending_;
  std::vector<Waiting> waiting_;
  uint64_t next_number_ = 0;
};

}  // namespace gtestnet::agent

#endif  // GTESTNET_CORE_SRC_AGENT_SUPERVISOR_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CLUSTER_HELPER_COMMANDS_H_
#define GTESTNET_CORE_SRC_CLUSTER_HELPER_COMMANDS_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/guardian/guardian.h"

namespace gtestnet {

// What a command's output has in it when a thing goes wrong that people meet, and what to do then.
struct KnownFailure {
  const char* text;
  absl::StatusCode code;
  const char* remedy;
};

// The first one, in their order, that `text` has; null if there is none.
const KnownFailure* FindKnown(std::span<const KnownFailure> known, std::string_view text);

// Runs commands that make something (docker compose, helm, the build of an image) under a run's
// guardian, which ends them when this program dies. While one runs, and for good after one was
// ended in the middle, a file in the run's directory marks that the engine may have something more
// to do.
class HelperCommands {
 public:
  // `directory` is the run's; commands run and leave their output there. `known` is looked through
  // in its order, and lives longer. `environment` is of all of them, beside HelperEnvironment's.
  HelperCommands(Guardian& guardian, std::string directory, std::span<const KnownFailure> known,
                 std::map<std::string, std::string> environment = {});

  // The file that marks a command at work.
  static std::string MarkIn(const std::string& directory) { return directory + "/at-work"; }
  // To be told by Guardian's on_exit.
  void NoteEnd(int id, int status);

  // OK when it ended with status 0. `what` is said in errors, which have the last lines of its
  // output. One at a time.
  absl::Status Run(const std::string& what, const std::vector<std::string>& arguments,
                   std::chrono::milliseconds timeout,
                   const std::map<std::string, std::string>& environment = {});
  // The same, and what it printed, its last 256 KiB at most.
  absl::StatusOr<std::string> OutputOf(const std::string& what,
                                       const std::vector<std::string>& arguments,
                                       std::chrono::milliseconds timeout);

  // Begins one that runs on beside the others (a proxy, a port-forward), until it ends by itself or
  // the run does: its number. Its output goes to LogOf(number). `on_end` is called once, on the
  // guardian's thread, with its status as of waitpid, and must not call the guardian.
  absl::StatusOr<int> Begin(const std::string& what, const std::vector<std::string>& arguments,
                            std::function<void(int status)> on_end);
  // The same; `on_end` gets what it printed, too, its last 4 KiB at most.
  absl::StatusOr<int> BeginAndRead(
      const std::string& what, const std::vector<std::string>& arguments,
      std::function<void(int status, const std::string& output)> on_end);
  // SIGKILL, to one that Begin began; one that has ended is no error.
  void End(int id);
  std::string LogOf(int id) const;

 private:
  absl::StatusOr<int> BeginRequest(const std::string& what, const SpawnRequest& request,
                                   std::function<void(int status)> on_end);
  SpawnRequest MakeRequest(const std::vector<std::string>& arguments,
                           const std::map<std::string, std::string>& environment);
  absl::Status RunRequest(const std::string& what, const SpawnRequest& request,
                          std::chrono::milliseconds timeout);
  absl::Status Failed(const std::string& message, const std::string& log) const;
  absl::Status RunMarked(const std::string& what, const SpawnRequest& request,
                         std::chrono::milliseconds timeout);

  Guardian& guardian_;
  const std::string directory_;
  const std::span<const KnownFailure> known_;
  const std::map<std::string, std::string> environment_;
  std::mutex one_;  // one command at a time
  std::mutex mutex_;
  std::condition_variable changed_;
  int next_ = 0;
  std::map<int, int> ended_;
  std::map<int, std::function<void(int)>> beside_;  // those that Begin began
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_CLUSTER_HELPER_COMMANDS_H_

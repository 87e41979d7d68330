// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/helper_commands.h"

#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/src/base/environment.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/ledger.h"
#include "core/src/node/exit_status.h"
#include "core/src/node/log_tail.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

constexpr std::chrono::milliseconds kKillTimeout{10000};
// Of what a command said, for an error.
constexpr size_t kMostSaid = 6 * 1024;
constexpr int kMostLines = 60;
constexpr size_t kLine = 400;

// The end of a command's output; its lines are folded, where those of a node's log would be cut:
// why it failed may stand anywhere in them.
std::string WhatItSaid(const std::string& log) {
  std::string folded;
  size_t column = 0;
  for (const char c : TailBytes(log, kMostSaid).value_or("")) {
    if (c != '\n' && column == kLine) {
      folded += '\n';
      column = 0;
    }
    folded += c;
    column = c == '\n' ? 0 : column + 1;
  }
  return LastLinesOf(std::move(folded), kMostLines);
}

}  // namespace

const KnownFailure* FindKnown(std::span<const KnownFailure> known, std::string_view text) {
  for (const KnownFailure& one : known) {
    if (text.find(one.text) != std::string_view::npos) return &one;
  }
  return nullptr;
}

HelperCommands::HelperCommands(Guardian& guardian, std::string directory,
                               std::span<const KnownFailure> known,
                               std::map<std::string, std::string> environment)
    : guardian_(guardian),
      directory_(std::move(directory)),
      known_(known),
      environment_(std::move(environment)) {}

void HelperCommands::NoteEnd(int id, int status) {
  std::function<void(int)> on_end;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = beside_.find(id); found != beside_.end()) {
      on_end = std::move(found->second);
      beside_.erase(found);
    } else {
      ended_[id] = status;
      changed_.notify_all();
    }
  }
  if (on_end) on_end(status);
}

std::string HelperCommands::LogOf(int id) const {
  return directory_ + "/command-" + std::to_string(id) + ".log";
}

SpawnRequest HelperCommands::MakeRequest(const std::vector<std::string>& arguments,
                                         const std::map<std::string, std::string>& environment) {
  SpawnRequest request;
  {
    const std::lock_guard lock(mutex_);
    request.id = next_++;
  }
  request.arguments = arguments;
  request.environment = HelperEnvironment();
  // What one that is killed leaves there goes with the run.
  request.environment["TMPDIR"] = directory_;
  for (const auto& [name, value] : environment_) request.environment[name] = value;
  for (const auto& [name, value] : environment) request.environment[name] = value;
  request.directory = directory_;
  request.log = LogOf(request.id);
  return request;
}

absl::StatusOr<int> HelperCommands::Begin(const std::string& what,
                                          const std::vector<std::string>& arguments,
                                          std::function<void(int status)> on_end) {
  return BeginRequest(what, MakeRequest(arguments, {}), std::move(on_end));
}

absl::StatusOr<int> HelperCommands::BeginAndRead(
    const std::string& what, const std::vector<std::string>& arguments,
    std::function<void(int status, const std::string& output)> on_end) {
  const SpawnRequest request = MakeRequest(arguments, {});
  return BeginRequest(what, request, [log = request.log, on_end = std::move(on_end)](int status) {
    on_end(status, TailBytes(log, 4096).value_or(""));
  });
}

absl::StatusOr<int> HelperCommands::BeginRequest(const std::string& what,
                                                 const SpawnRequest& request,
                                                 std::function<void(int status)> on_end) {
  {
    const std::lock_guard lock(mutex_);
    beside_[request.id] = std::move(on_end);
  }
  const absl::Status spawned = guardian_.Spawn(request).status();
  if (spawned.ok()) return request.id;
  const std::lock_guard lock(mutex_);
  beside_.erase(request.id);
  return Annotate(spawned, what);
}

void HelperCommands::End(int id) { static_cast<void>(guardian_.Signal(id, SIGKILL)); }

absl::Status HelperCommands::Run(const std::string& what, const std::vector<std::string>& arguments,
                                 std::chrono::milliseconds timeout,
                                 const std::map<std::string, std::string>& environment) {
  return RunRequest(what, MakeRequest(arguments, environment), timeout);
}

absl::StatusOr<std::string> HelperCommands::OutputOf(const std::string& what,
                                                     const std::vector<std::string>& arguments,
                                                     std::chrono::milliseconds timeout) {
  const SpawnRequest request = MakeRequest(arguments, {});
  GTESTNET_RETURN_IF_ERROR(RunRequest(what, request, timeout));
  absl::StatusOr<std::string> output = TailBytes(request.log, 256 * 1024);
  if (absl::IsNotFound(output.status())) return std::string();
  return output;
}

absl::Status HelperCommands::RunRequest(const std::string& what, const SpawnRequest& request,
                                        std::chrono::milliseconds timeout) {
  const std::lock_guard one(one_);
  const std::string mark = MarkIn(directory_);
  GTESTNET_RETURN_IF_ERROR(WriteFileAtomically(mark, what + "\n"));
  absl::Status status = RunMarked(what, request, timeout);
  // After an end in the middle the engine may still be at it.
  if (absl::IsDeadlineExceeded(status)) return status;
  std::error_code error;
  std::filesystem::remove(mark, error);
  return status;
}

absl::Status HelperCommands::Failed(const std::string& message, const std::string& log) const {
  const std::string text = TailBytes(log, 16 * 1024).value_or("");
  const std::string end = "; its last lines:\n" + WhatItSaid(log);
  const KnownFailure* known = FindKnown(known_, text);
  if (known == nullptr) return Internal(message + end);
  return MakeStatus(known->code, message + ": " + known->remedy + end);
}

absl::Status HelperCommands::RunMarked(const std::string& what, const SpawnRequest& request,
                                       std::chrono::milliseconds timeout) {
  GTESTNET_RETURN_IF_ERROR(Annotate(guardian_.Spawn(request).status(), what));
  std::unique_lock lock(mutex_);
  const auto ended = [&] { return ended_.contains(request.id); };
  if (!changed_.wait_for(lock, Scaled(timeout), ended)) {
    lock.unlock();
    static_cast<void>(guardian_.Signal(request.id, SIGKILL));
    lock.lock();
    changed_.wait_for(lock, Scaled(kKillTimeout), ended);
    return DeadlineExceeded(what + ": not done in " + FormatDuration(Scaled(timeout)) +
                            "; its last lines:\n" + WhatItSaid(request.log));
  }
  const int status = ended_[request.id];
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return Failed(what + ": " + DescribeExit(status), request.log);
}

}  // namespace gtestnet

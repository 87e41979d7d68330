// SPDX-License-Identifier: Apache-2.0
#include "core/src/agent/supervisor.h"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/node/exit_status.h"

namespace gtestnet::agent {
namespace {

// For answers that are on their way.
constexpr std::chrono::milliseconds kFarewell{100};
constexpr size_t kMostWaiting = 1024;

int ExitCode(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

const char* NameOf(State state) {
  switch (state) {
    case State::kStopped:
      return "stopped";
    case State::kRunning:
      return "running";
    case State::kPaused:
      return "paused";
    case State::kExited:
      return "exited";
  }
  return "unknown";
}

bool Supervisor::IsPending(Verb verb) const {
  return std::any_of(pending_.begin(), pending_.end(),
                     [&](const Pending& one) { return one.verb == verb; });
}

std::string Supervisor::VerbUnderWay() const {
  if (terminating_) return "stop";
  if (pending_.empty()) return "";
  switch (pending_.back().verb) {
    case Verb::kStop:
      return "stop";
    case Verb::kKill:
      return "kill";
    case Verb::kPause:
      return "pause";
    case Verb::kResume:
      return "resume";
  }
  return "";
}

bool Supervisor::MayBegin(const char* verb, bool fits, const Done& done) {
  const std::string what = absl::StrCat(verb, " ", options_.name, ": ");
  if (terminating_ || left_) {
    done(FailedPrecondition(what + "the agent is ending"));
  } else if (fits && !pending_.empty()) {
    done(FailedPrecondition(absl::StrCat(what, "a ", VerbUnderWay(), " is under way")));
  } else if (!fits) {
    done(FailedPrecondition(absl::StrCat(what, "it is ", NameOf(state_))));
  } else {
    return true;
  }
  return false;
}

void Supervisor::Start(const Done& done) {
  if (!MayBegin("start", !runs(), done)) return;
  absl::StatusOr<pid_t> pid = options_.spawn();
  if (!pid.ok()) return done(Annotate(pid.status(), "start " + options_.name));
  pid_ = *pid;
  state_ = State::kRunning;
  ++starts_;
  overran_ = false;
  options_.log(absl::StrCat("started ", options_.name, " as process ", pid_));
  Changed();
  done(absl::OkStatus());
}

void Supervisor::KillAfter(std::chrono::milliseconds grace) {
  options_.after(grace, [this, pid = pid_] {
    if (pid_ != pid || !runs()) return;
    overran_ = true;
    options_.log(absl::StrCat(options_.name, " is still there after its grace period: SIGKILL"));
    options_.signal_all(pid, SIGKILL);
  });
}

void Supervisor::Stop(std::optional<std::chrono::milliseconds> grace, const Done& done) {
  if (!MayBegin("stop", runs(), done)) return;
  const std::chrono::milliseconds patience = grace.value_or(options_.grace);
  pending_.push_back({Verb::kStop, [this, patience, done](absl::Status status) {
                        if (status.ok() && overran_) {
                          status = DeadlineExceeded(absl::StrCat(
                              "stop ", options_.name, ": it was still there ",
                              FormatDuration(patience), " after SIGTERM, and was killed"));
                        }
                        done(std::move(status));
                      }});
  Changed();
  options_.signal(pid_, SIGTERM);
  // A stopped process gets nothing but SIGKILL before it is continued.
  if (state_ == State::kPaused) options_.signal_all(pid_, SIGCONT);
  KillAfter(patience);
}

void Supervisor::Kill(const Done& done) {
  const bool escalates = runs() && IsPending(Verb::kStop) && !IsPending(Verb::kKill);
  if ((!escalates || terminating_) && !MayBegin("kill", runs(), done)) return;
  pending_.push_back({Verb::kKill, done});
  Changed();
  options_.signal_all(pid_, SIGKILL);
}

void Supervisor::Pause(const Done& done) {
  if (!MayBegin("pause", state_ == State::kRunning, done)) return;
  pending_.push_back({Verb::kPause, done});
  // Those that it started come after it: it would not stop if one of them stopped inside vfork.
  options_.signal(pid_, SIGSTOP);
}

void Supervisor::Resume(const Done& done) {
  if (!MayBegin("resume", state_ == State::kPaused, done)) return;
  pending_.push_back({Verb::kResume, done});
  options_.signal_all(pid_, SIGCONT);
}

void Supervisor::Terminate() {
  if (terminating_ || left_) return;
  terminating_ = true;
  if (!runs()) return Leave(0);
  options_.log(absl::StrCat("SIGTERM for the agent: ", options_.name, " is to stop"));
  Changed();
  options_.signal(pid_, SIGTERM);
  if (state_ == State::kPaused) options_.signal_all(pid_, SIGCONT);
  KillAfter(options_.grace);
}

void Supervisor::OnExit(pid_t pid, int status) {
  if (pid != pid_ || pid == 0) return;
  exit_ = DescribeExit(status);
  exit_code_ = ExitCode(status);
  exit_asked_ = terminating_ || IsPending(Verb::kStop) || IsPending(Verb::kKill);
  state_ = exit_asked_ ? State::kStopped : State::kExited;
  pid_ = 0;
  options_.log(absl::StrCat(options_.name, " ended: ", exit_,
                            exit_asked_ ? "" : "; nobody asked for it, so the agent ends too"));
  const std::vector<Pending> pending = std::exchange(pending_, {});
  Changed();
  for (const Pending& one : pending) {
    const bool wanted = one.verb == Verb::kStop || one.verb == Verb::kKill;
    one.done(wanted ? absl::OkStatus()
                    : Aborted(absl::StrCat(options_.name, kEndedMeanwhile, exit_)));
  }
  if (terminating_ || !exit_asked_) Leave(exit_code_);
}

Supervisor::Done Supervisor::Take(Verb verb) {
  const auto found = std::find_if(pending_.begin(), pending_.end(),
                                  [&](const Pending& one) { return one.verb == verb; });
  if (found == pending_.end()) return [](const absl::Status&) {};
  Done done = std::move(found->done);
  pending_.erase(found);
  return done;
}

void Supervisor::OnStopped(pid_t pid) {
  if (pid != pid_ || state_ != State::kRunning) return;
  pause_asked_ = IsPending(Verb::kPause);
  if (pause_asked_) options_.signal_all(pid_, SIGSTOP);
  state_ = State::kPaused;
  const Done done = Take(Verb::kPause);
  Changed();
  done(absl::OkStatus());
}

void Supervisor::OnContinued(pid_t pid) {
  if (pid != pid_ || state_ != State::kPaused) return;
  state_ = State::kRunning;
  const Done done = Take(Verb::kResume);
  Changed();
  done(absl::OkStatus());
}

Report Supervisor::report() const {
  return {.state = state_,
          .change = absl::StrCat(options_.instance, ".", changes_),
          .starts = starts_,
          .pid = pid_,
          .verb = VerbUnderWay(),
          .exit = exit_,
          .exit_code = exit_code_,
          .exit_asked = exit_asked_,
          .pause_asked = pause_asked_};
}

void Supervisor::Watch(const std::string& change, std::chrono::milliseconds wait, Watcher watcher) {
  // Whoever does not wait for the answer leaves it behind for as long as he would have.
  const bool too_many = waiting_.size() >= kMostWaiting;
  if (change != report().change || wait.count() == 0 || too_many) return watcher(report());
  const uint64_t number = next_number_++;
  waiting_.push_back({number, std::move(watcher)});
  options_.after(wait, [this, number] {
    const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](const Waiting& one) { return one.number == number; });
    if (found == waiting_.end()) return;
    const Watcher late = std::move(found->watcher);
    waiting_.erase(found);
    late(report());
  });
}

void Supervisor::Changed() {
  ++changes_;
  const Report now = report();
  for (const Waiting& one : std::exchange(waiting_, {})) one.watcher(now);
}

void Supervisor::Leave(int status) {
  if (left_) return;
  left_ = true;
  options_.after(kFarewell, [this, status] { options_.leave(status); });
}

}  // namespace gtestnet::agent

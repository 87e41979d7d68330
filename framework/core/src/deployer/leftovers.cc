// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/leftovers.h"

#include <csignal>
#include <filesystem>
#include <map>
#include <ostream>
#include <system_error>

#include "absl/strings/str_join.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/label_sweeper.h"
#include "core/src/cluster/ledger.h"
#include "core/src/cluster/notes.h"
#include "core/src/deployer/act_on_note.h"
#include "core/src/deployer/compose/compose_leftovers.h"
#include "core/src/deployer/k8s/k8s_leftovers.h"
#include "core/src/guardian/run_processes.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kPrefix = "gtestnet.";
// The names that a guardian's process has, before and after it was let go.
constexpr std::string_view kGuardian = "gtestnet-guardi";
constexpr std::string_view kKept = "gtestnet-kept";

// All runs of which there is a trace, dead or alive.
struct Trace {
  Leftover leftover;
  bool lives = false;
  bool found = false;  // by its backend
  // Of a backend of this user's own.
  std::vector<LabelSweep> sweeps;
};

using Traces = std::map<std::string, Trace>;

void AddProcesses(Traces& traces) {
  for (const RunProcess& process : FindRunProcesses()) {
    Trace& trace = traces[process.run_id];
    trace.leftover.processes.push_back(process.pid);
    if (process.name == kGuardian) trace.lives = true;
    if (process.name == kKept) trace.leftover.preserved = true;
  }
}

void AddDirectories(Traces& traces) {
  std::error_code error;
  const std::filesystem::path temporary = std::filesystem::path(RunDirectory("x")).parent_path();
  for (std::filesystem::directory_iterator it(temporary, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename();
    std::error_code ignored;
    if (name.rfind(kPrefix, 0) != 0 || !it->is_directory(ignored)) continue;
    // A directory without a ledger is not ours, or was made this very moment.
    const absl::StatusOr<Ledger> ledger = ReadLedger(it->path());
    if (!ledger.ok() || name != std::string(kPrefix) + ledger->run_id) continue;
    Trace& trace = traces[ledger->run_id];
    trace.leftover.directory = it->path();
    trace.leftover.test = ledger->test.empty() ? ledger->topology : ledger->test;
    trace.leftover.preserved |= ledger->preserved;
    if (GuardianLives(*ledger) && !ledger->preserved) trace.lives = true;
    if (ledger->own && !ledger->sweeps.empty()) {
      trace.leftover.deployer = ledger->deployer;
      trace.sweeps = ledger->sweeps;
    }
  }
}

// What runs on deployers of this user's own left, of those that are over.
void AddListed(Traces& traces) {
  for (auto& [run_id, trace] : traces) {
    if (trace.lives || trace.sweeps.empty()) continue;
    trace.found = true;
    const absl::StatusOr<std::vector<std::string>> listed = ListBySweeps(trace.sweeps);
    if (!listed.ok()) {
      trace.leftover.things.push_back("what cannot be listed: " + MessageOf(listed.status()));
    } else if (!listed->empty()) {
      trace.leftover.things.push_back(trace.leftover.deployer + " " + absl::StrJoin(*listed, ", "));
    }
  }
}

// A backend that keeps things of runs outside this machine's processes and files.
struct Keeper {
  const char* name;
  std::vector<BackendTrace> (*find)();
  absl::Status (*remove)(const std::string& run_id);
};
constexpr Keeper kKeepers[] = {{"compose", compose::FindTraces, compose::RemoveTrace},
                               {"k8s", k8s::FindTraces, k8s::RemoveTrace}};

void AddThings(const Keeper& backend, Traces& traces) {
  for (BackendTrace& found : backend.find()) {
    Trace& trace = traces[found.run_id];
    trace.leftover.deployer = backend.name;
    trace.found = true;
    trace.leftover.things.push_back(std::move(found.what));
    if (trace.leftover.test.empty()) trace.leftover.test = found.test;
    trace.leftover.preserved |= found.preserved;
    trace.lives |= found.lives;
  }
}

absl::Status RemoveThings(const Trace& trace) {
  const std::string& run_id = trace.leftover.run_id;
  for (const Keeper& backend : kKeepers) {
    if (trace.leftover.deployer == backend.name) return backend.remove(run_id);
  }
  return trace.sweeps.empty() ? absl::OkStatus() : RunSweeps(run_id, trace.sweeps, {});
}

// What a backend may still have that did not answer at the end of a run.
void AddNotes(Traces& traces) {
  for (const Note& note : ReadNotes()) {
    Trace& trace = traces[note.run_id];
    trace.leftover.deployer = note.deployer;
    if (trace.leftover.things.empty())
      trace.leftover.things.push_back("what is left at " + note.Where());
  }
}

absl::Status ActOnNotes(const std::string& run_id) {
  absl::Status status;
  for (const Note& note : ReadNotes()) {
    if (note.run_id != run_id) continue;
    const absl::Status acted = ActOn(note);
    if (!acted.ok()) {
      status.Update(MakeStatus(acted.code(), "run " + run_id + ": what is left at " + note.Where() +
                                                 " is not removed: " + MessageOf(acted)));
    }
  }
  return status;
}

Traces FindTraces() {
  Traces traces;
  AddProcesses(traces);
  AddDirectories(traces);
  for (const Keeper& backend : kKeepers) AddThings(backend, traces);
  AddListed(traces);
  AddNotes(traces);
  for (auto& [run_id, trace] : traces) trace.leftover.run_id = run_id;
  return traces;
}

void SignalAll(const std::string& run_id, int signal, std::string_view only = {}) {
  for (const RunProcess& process : FindRunProcesses(run_id)) {
    if (only.empty() || process.name == only) kill(process.pid, signal);
  }
}

absl::Status AwaitNoProcess(const std::string& run_id, milliseconds timeout) {
  return WaitFor("run " + run_id + ": end of its processes",
                 [&]() -> absl::Status {
                   std::vector<std::string> left;
                   for (const RunProcess& process : FindRunProcesses(run_id)) {
                     left.push_back(process.name + " (" + std::to_string(process.pid) + ")");
                   }
                   if (left.empty()) return absl::OkStatus();
                   return Unavailable("there are " + absl::StrJoin(left, ", "));
                 },
                 {.timeout = Scaled(timeout)});
}

}  // namespace

std::string Leftover::ToString() const {
  std::string text = "run " + run_id;
  if (!test.empty()) text += " of " + test;
  text += preserved ? " (preserved): " : ": ";
  text += std::to_string(processes.size()) + (processes.size() == 1 ? " process" : " processes");
  if (!things.empty()) text += ", " + absl::StrJoin(things, "; ");
  if (!directory.empty()) text += ", directory " + directory;
  return text;
}

std::vector<Leftover> FindLeftovers() {
  std::vector<Leftover> leftovers;
  for (auto& [run_id, trace] : FindTraces()) {
    if (!trace.lives) leftovers.push_back(std::move(trace.leftover));
  }
  return leftovers;
}

absl::Status RemoveLeftover(const Leftover& leftover) {
  const std::string& run_id = leftover.run_id;
  const Traces traces = FindTraces();
  const auto found = traces.find(run_id);
  if (found == traces.end()) return absl::OkStatus();
  if (found->second.lives) {
    return FailedPrecondition("run " + run_id + " is under way; end its test program instead");
  }
  // A guardian that was let go removes its run in order.
  SignalAll(run_id, SIGTERM, kKept);
  const bool guarded = found->second.leftover.preserved;
  if (!guarded || !AwaitNoProcess(run_id, milliseconds(10000)).ok()) {
    SignalAll(run_id, SIGKILL);
    if (absl::Status status = AwaitNoProcess(run_id, milliseconds(10000)); !status.ok()) {
      return Internal(MessageOf(status));
    }
  }
  GTESTNET_RETURN_IF_ERROR(ActOnNotes(run_id));
  if (found->second.found) GTESTNET_RETURN_IF_ERROR(RemoveThings(found->second));
  const std::string& directory = found->second.leftover.directory;
  if (directory.empty()) return absl::OkStatus();
  std::error_code error;
  std::filesystem::remove_all(directory, error);
  if (error) return Internal("run " + run_id + ": directory " + directory + ": " + error.message());
  return absl::OkStatus();
}

std::ostream& operator<<(std::ostream& os, const Leftover& leftover) {
  return os << leftover.ToString();
}

}  // namespace gtestnet

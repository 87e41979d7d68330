// SPDX-License-Identifier: Apache-2.0
// gtestnet-sweep compose HOST RUN_ID [MARK]
// gtestnet-sweep k8s KUBECTL CONTEXT RUN_ID NAMESPACE [MARK]
// gtestnet-sweep own DEPLOYER RUN_ID SWEEPS [MARK]
// gtestnet-sweep notes
//
// Removes what a Docker Engine, a Kubernetes cluster or the backend of a deployer of somebody's own
// (SWEEPS: its commands, as JSON) has of a run. The guardian runs it at the
// end of each such run, however that came about. While the file MARK is there, a command was at
// work that may have left something to do.
//
// Where the engine or cluster does not answer, or does not let go of something, it leaves a note,
// says so, and goes on trying in the background for a while. `notes` acts upon the notes that there
// are, in the background too.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "core/src/base/status.h"
#include "core/src/cluster/label_sweeper.h"
#include "core/src/cluster/notes.h"
#include "core/src/deployer/act_on_note.h"
#include "core/src/deployer/compose/sweep.h"
#include "core/src/deployer/k8s/sweep.h"
#include "gtestnet/clock.h"
#include "gtestnet/standard_descriptors.h"
#include "gtestnet/variables.h"

namespace {

using gtestnet::Note;
using std::chrono::milliseconds;

using Arguments = std::vector<std::string>;

constexpr char kUsage[] =
    "usage: gtestnet-sweep compose HOST RUN_ID [MARK]\n"
    "       gtestnet-sweep k8s KUBECTL CONTEXT RUN_ID NAMESPACE [MARK]\n"
    "       gtestnet-sweep own DEPLOYER RUN_ID SWEEPS [MARK]\n"
    "       gtestnet-sweep notes\n";
constexpr milliseconds kAnswer{5000};
constexpr milliseconds kSettle{1000};
constexpr milliseconds kRetry{1000};
// The first argument of the one that goes on in the background.
constexpr char kLinger[] = "linger";
// Not in its environment, as it is no part of the run any more.
constexpr char kRunId[] = "GTESTNET_RUN_ID";

struct Task {
  Note note;
  milliseconds settle{0};
  milliseconds patience = gtestnet::Scaled(gtestnet::kSweepPatience);
};

absl::Status SweepCompose(const Task& task) {
  GTESTNET_ASSIGN_OR_RETURN(gtestnet::docker::EngineHost host,
                            gtestnet::docker::ParseEngineHost(task.note.host, "the run"));
  gtestnet::docker::Engine engine(std::move(host));
  // One that does not answer is asked again by the sweep, in the words of any version.
  static_cast<void>(engine.Negotiate(kAnswer));
  return gtestnet::compose::Sweep(engine, task.note.run_id,
                                  {.settle = task.settle, .patience = task.patience});
}

absl::Status SweepK8s(const Task& task) {
  gtestnet::k8s::SweepTarget target;
  target.tools.kubectl = task.note.kubectl;
  target.tools.context = task.note.context;
  target.run_id = task.note.run_id;
  target.name_space = task.note.name_space;
  return gtestnet::k8s::Sweep(target, {.settle = task.settle, .patience = task.patience});
}

absl::Status Sweep(const Task& task) {
  if (!task.note.sweeps.empty()) {
    return gtestnet::RunSweeps(task.note.run_id, task.note.sweeps,
                               {.settle = task.settle, .patience = task.patience});
  }
  return task.note.deployer == "compose" ? SweepCompose(task) : SweepK8s(task);
}

bool ReadTask(const Arguments& arguments, Task& task) {
  if (arguments.empty()) return false;
  const std::string& deployer = arguments[0];
  const Arguments rest(arguments.begin() + 1, arguments.end());
  task.note.deployer = deployer;
  size_t named = 0;
  if (deployer == "compose" && rest.size() >= 2) {
    task.note.host = rest[0];
    task.note.run_id = rest[1];
    named = 2;
  } else if (deployer == "k8s" && rest.size() >= 4) {
    task.note.kubectl = rest[0];
    task.note.context = rest[1];
    task.note.run_id = rest[2];
    task.note.name_space = rest[3];
    const char* const kubeconfig = std::getenv("KUBECONFIG");
    task.note.kubeconfig = kubeconfig == nullptr ? "" : kubeconfig;
    named = 4;
  } else if (deployer == "own" && rest.size() >= 3) {
    task.note.deployer = rest[0];
    task.note.run_id = rest[1];
    const auto sweeps = gtestnet::ReadSweeps(rest[2]);
    if (!sweeps.ok()) return false;
    task.note.sweeps = *sweeps;
    named = 3;
  }
  if (named == 0 || rest.size() > named + 1) return false;
  std::error_code error;
  if (rest.size() > named && std::filesystem::exists(rest[named], error)) task.settle = kSettle;
  return true;
}

// The rest is done by a process of its own, for which nobody waits, and this one has ended.
void GoIntoBackground() {
  const pid_t pid = fork();
  if (pid > 0) _exit(0);
  if (pid < 0) return;
  setsid();
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int standard = 0; standard <= 2 && null >= 0; ++standard) dup2(null, standard);
}

// Begins the same once more, to go on with it in the background.
void LeaveItToAnother(const Arguments& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::error_code error;
  const std::string self = std::filesystem::read_symlink("/proc/self/exe", error);
  const pid_t pid = fork();
  if (pid != 0) return;
  unsetenv(kRunId);
  execv(self.c_str(), argv.data());
  _exit(127);
}

int Linger(Task task) {
  GoIntoBackground();
  const gtestnet::Clock& clock = gtestnet::RealClock();
  const auto end = clock.Now() + gtestnet::Scaled(gtestnet::kSweepLinger);
  // It is asked once, and then again after a while.
  task.patience = milliseconds(0);
  while (clock.Now() < end) {
    if (Sweep(task).ok()) {
      gtestnet::RemoveNote(task.note.run_id);
      return 0;
    }
    clock.SleepFor(kRetry);
  }
  return 1;
}

int SweepRun(Task task, const Arguments& arguments) {
  const absl::Status status = Sweep(task);
  if (status.ok()) {
    gtestnet::RemoveNote(task.note.run_id);
    return 0;
  }
  std::fprintf(stderr, "gtestnet-sweep: %s\n", gtestnet::MessageOf(status).c_str());
  if (absl::IsInvalidArgument(status)) return 1;
  task.note.why = gtestnet::MessageOf(status);
  if (const absl::Status noted = gtestnet::WriteNote(task.note); !noted.ok()) {
    std::fprintf(stderr, "gtestnet-sweep: %s\n", gtestnet::MessageOf(noted).c_str());
  }
  Arguments again = arguments;
  again.insert(again.begin(), {"gtestnet-sweep", kLinger});
  LeaveItToAnother(again);
  return 1;
}

int ActOnNotes() {
  GoIntoBackground();
  for (const Note& note : gtestnet::ReadNotes()) {
    // Of those that do so at the same time, one.
    const int file = open(note.file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0 || flock(file, LOCK_EX | LOCK_NB) != 0) continue;
    static_cast<void>(gtestnet::ActOn(note));
    close(file);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  gtestnet::OpenStandardDescriptors();
  Arguments arguments(argv + 1, argv + argc);
  if (arguments == Arguments{"notes"}) return ActOnNotes();
  const bool lingers = !arguments.empty() && arguments[0] == kLinger;
  if (lingers) arguments.erase(arguments.begin());
  Task task;
  if (ReadTask(arguments, task)) {
    return lingers ? Linger(std::move(task)) : SweepRun(std::move(task), arguments);
  }
  std::fputs(kUsage, stderr);
  return 2;
}

// SPDX-License-Identifier: Apache-2.0
// guardian-soak-runner RUN_ID CONFINEMENT DIRECTORY: a runner that starts and ends processes until
// it is killed. guardian-soak-runner node WHAT: one of those processes, hard to get rid of.
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "core/src/guardian/guardian.h"
#include "gtestnet/standard_descriptors.h"

namespace {

using gtestnet::Guardian;
using gtestnet::guardian::Confinement;

[[noreturn]] void Linger() {
  for (;;) pause();
}

[[noreturn]] void BeNode(const std::string& what) {
  if (what == "deaf") {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) std::signal(signal, SIG_IGN);
  } else if (what == "stopped") {
    raise(SIGSTOP);
  } else if (what == "daemon") {
    // Out of the session and out of the family.
    if (fork() != 0) Linger();
    setsid();
    if (fork() != 0) _exit(0);
  }
  Linger();
}

absl::Status Run(const std::string& self, const std::string& run_id, Confinement confinement,
                 const std::string& directory) {
  absl::StatusOr<std::unique_ptr<Guardian>> guardian =
      Guardian::Start({.run_id = run_id, .confinement = confinement});
  if (!guardian.ok()) return guardian.status();
  if (absl::Status s = (*guardian)->AddDirectory(directory); !s.ok()) return s;
  mkdir(directory.c_str(), 0700);
  if (absl::Status s = (*guardian)->AddLease("gtestnet-soak/" + run_id); !s.ok()) return s;
  const char* kinds[] = {"deaf", "stopped", "daemon"};
  for (int id = 0;; ++id) {
    const absl::StatusOr<pid_t> pid =
        (*guardian)->Spawn({.id = id,
                            .arguments = {self, "node", kinds[id % 3]},
                            .environment = {},
                            .directory = directory,
                            .log = directory + "/node." + std::to_string(id % 8)});
    if (!pid.ok()) return pid.status();
    if (id >= 6) {
      if (absl::Status s = (*guardian)->Signal(id - 6, SIGKILL); !s.ok()) return s;
    }
    usleep(2000);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gtestnet::OpenStandardDescriptors();
  if (argc == 3 && std::strcmp(argv[1], "node") == 0) BeNode(argv[2]);
  if (argc != 4) return 2;
  const bool confined = std::strcmp(argv[2], "namespace") == 0;
  const absl::Status status =
      Run(argv[0], argv[1], confined ? Confinement::kNamespace : Confinement::kSubreaper, argv[3]);
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}

// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_GUARDIAN_RUN_PROCESSES_H_
#define GTESTNET_CORE_SRC_GUARDIAN_RUN_PROCESSES_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gtestnet {

// A process that belongs to a run, as its environment says.
struct RunProcess {
  pid_t pid = 0;
  std::string name;  // of the program, as the kernel has it: at most 15 characters
  std::string run_id;
};

// All that this user may see; with a run's id, those of that run. Processes that have ended and
// were not reaped are not among them.
std::vector<RunProcess> FindRunProcesses(const std::string& run_id = {});

struct ProcessStat {
  char state = '\0';        // 'R', 'S', 'T' (stopped), 'Z', …
  uint64_t start_time = 0;  // in clock ticks since the machine's start: tells a pid's users apart
  uint64_t memory = 0;      // bytes of address space

  // Nothing of it runs any more: a zombie, or one that was killed and is no zombie yet.
  bool is_over() const { return state == 'Z' || memory == 0; }
};
// Nothing when there is no such process.
std::optional<ProcessStat> StatOf(pid_t pid);

// Whether anyone holds the lease (see Guardian::AddLease).
bool IsLeased(const std::string& name);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_GUARDIAN_RUN_PROCESSES_H_

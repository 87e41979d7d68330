// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_PROCESSES_H_
#define GTESTNET_CORE_SRC_BASE_PROCESSES_H_

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gtestnet/clock.h"

namespace gtestnet {

// What the kernel tells of one process.
struct ProcessFigures {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;
  char state = '\0';        // 'R', 'S', 'T' (stopped by a signal), 'Z', …
  uint64_t start_time = 0;  // in clock ticks since the machine's start
  int64_t cpu_ms = 0;       // its own, and that of children that it has waited for
  int64_t memory = 0;       // resident bytes

  friend bool operator==(const ProcessFigures&, const ProcessFigures&) = default;
};
// Nothing for one that is not there, or a zombie.
std::optional<ProcessFigures> FiguresOf(pid_t pid);

// All processes of this machine, read anew no more often than is needed. Thread-safe.
class ProcessTable {
 public:
  // As they were at most so long ago.
  std::vector<ProcessFigures> Read(std::chrono::milliseconds max_age);

 private:
  std::mutex mutex_;
  std::optional<Clock::TimePoint> read_at_;
  std::vector<ProcessFigures> all_;
};

// What a process and those that it started use together.
struct ProcessUsage {
  // Which one it is that serves: "pid 17 of tick 1234567". Empty while there is none.
  std::string process = {};
  std::optional<std::chrono::system_clock::time_point> since = {};
  bool frozen = false;  // that one was stopped by a signal
  int64_t memory = 0;
  int64_t cpu_ms = 0;
  std::optional<int64_t> open_files = {};  // every few seconds, of those that may be asked
};

// One node's processes, looked at again and again. The one that serves is the only one, or, of a
// program that starts others (a script that starts its program again), the one that listens at one
// of the node's ports, and the eldest of several. For one thread at a time.
class ProcessLook {
 public:
  // Without ports, any will do.
  explicit ProcessLook(std::vector<uint16_t> ports = {}) : ports_(std::move(ports)) {}

  // Nothing when `root`, the process that was launched, is not there.
  std::optional<ProcessUsage> Look(pid_t root, ProcessTable& table);

 private:
  void Forget(const ProcessFigures& root);
  void FindMembers(const ProcessFigures& root, ProcessTable& table,
                   std::chrono::milliseconds max_age);
  // Reads all members again; false when one has gone.
  bool ReadMembers();
  void FindServing();
  std::optional<int64_t> CountOpenFiles();

  const std::vector<uint16_t> ports_;
  std::vector<ProcessFigures> members_;  // the first is the root
  ProcessFigures serving_;               // its pid is 0 while it is not known
  bool was_alone_ = true;                // there was never another one
  std::optional<Clock::TimePoint> members_at_;
  std::optional<Clock::TimePoint> counted_at_;
};

// Whether that is a process of this machine, and in the container of that id (its cgroup says so).
bool IsInContainer(pid_t pid, const std::string& id);

// Bytes of the files in a directory and below it, of at most so many entries; -1 where there are
// more, or they cannot be read. Links are not followed.
int64_t BytesIn(const std::string& directory, int most_entries = 10000);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_PROCESSES_H_

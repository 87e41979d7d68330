// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_MACHINE_LIMITS_H_
#define GTESTNET_CORE_SRC_BASE_MACHINE_LIMITS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace gtestnet {

// What a machine, a user, a container or a shell may allow too little of.
enum class Resource {
  kDescriptors,      // open at once, in this process
  kNodeDescriptors,  // in each that it starts
  kTasks,            // processes and threads
  kSpace,            // bytes on the disk
  kFiles,            // files on the disk
  kFileSize,         // bytes of one file
  kMemory,           // bytes
  kAddressSpace,     // bytes, of one process
};

// One limit that is set, and how much of it is in use.
struct Limit {
  Resource resource = Resource::kTasks;
  std::string name;  // "pids.max of the cgroup /ci"
  int64_t most = 0;
  int64_t used = 0;
  int64_t left() const { return most > used ? most - used : 0; }
};

// What is to be had, beside what is in use.
struct Need {
  Resource resource = Resource::kTasks;
  int64_t amount = 0;
};

// Where limits are read. Tests have trees of their own.
struct LimitSources {
  std::string proc = "/proc";
  std::string cgroups = "/sys/fs/cgroup";
  // The disk that is asked about; empty: none.
  std::string directory = {};
};

// The limits of this process as they are now, those of its ancestors' cgroups among them. What
// cannot be read is left out.
std::vector<Limit> ReadLimits(const LimitSources& sources = {});

// kResourceExhausted for the first need that is not met:
//
//   4 nodes need 52 more processes and threads; only 12 may be made: pids.max of the cgroup /ci is
//   20, and 8 are in use; raise it
absl::Status CheckNeeds(std::string_view who, const std::vector<Need>& needs,
                        const std::vector<Limit>& limits);

// "pids.max of the cgroup /ci is 20, and 20 are in use", for a failure that may be due to it: those
// of the limits of which next to nothing is left. Empty if there are none.
std::string Exhausted(const std::vector<Limit>& limits);

// The same failure; with the limits in its sentence that may be the reason, read now.
absl::Status Explained(const absl::Status& status, const LimitSources& sources = {});

// Raises what a shell has lowered, up to what this process may have, for itself and for what it
// starts: to `descriptors` more than are open, `node_descriptors` in each, and files of
// `file_size` bytes.
void RaiseSoftLimits(int64_t descriptors, int64_t node_descriptors, int64_t file_size);

// How often the kernel has ended a process for want of memory since the machine's start; 0 where
// it does not say.
int64_t KilledForMemory(const LimitSources& sources = {});

// "512 KiB", "2 GiB".
std::string FormatBytes(int64_t bytes);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_MACHINE_LIMITS_H_

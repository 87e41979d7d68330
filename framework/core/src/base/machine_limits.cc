// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/machine_limits.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"

namespace gtestnet {
namespace {

constexpr int64_t kMebibyte = 1 << 20;

std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return file ? text.str() : std::string();
}

// A number at the beginning of the text.
std::optional<int64_t> NumberIn(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  return number;
}

std::optional<int64_t> ReadNumber(const std::string& path) { return NumberIn(ReadText(path)); }

// The number behind `key` at the beginning of a line: "VmSize:     1234 kB", "oom_kill 3".
std::optional<int64_t> NumberAfter(const std::string& text, std::string_view key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.compare(0, key.size(), key) != 0) continue;
    const size_t digits = line.find_first_not_of(" \t", key.size());
    if (digits == std::string::npos || digits == key.size()) continue;
    return NumberIn(std::string_view(line).substr(digits));
  }
  return std::nullopt;
}

// Entries of a directory, without . and .. and what reading it opens.
int64_t CountEntries(const std::string& path) {
  DIR* directory = opendir(path.c_str());
  if (directory == nullptr) return 0;
  int64_t count = 0;
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return std::max<int64_t>(count - 3, 0);
}

// The soft limit, unless it is none.
std::optional<int64_t> SoftLimit(__rlimit_resource resource) {
  rlimit limit{};
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return static_cast<int64_t>(std::min<rlim_t>(limit.rlim_cur, INT64_MAX));
}

// Whether the user's number of tasks is no limit for this process.
bool IsExemptFromTasks(const std::string& status) {
  constexpr uint64_t kSysAdmin = uint64_t{1} << 21;
  constexpr uint64_t kSysResource = uint64_t{1} << 24;
  const size_t at = status.find("CapEff:");
  const size_t digits =
      at == std::string::npos ? at : status.find_first_not_of(" \t", at + sizeof "CapEff:" - 1);
  uint64_t capabilities = 0;
  if (digits != std::string::npos) {
    std::from_chars(status.data() + digits, status.data() + status.size(), capabilities, 16);
  }
  return getuid() == 0 || (capabilities & (kSysAdmin | kSysResource)) != 0;
}

// Of all processes of this user.
int64_t TasksOfUser(const std::string& proc) {
  DIR* directory = opendir(proc.c_str());
  if (directory == nullptr) return 0;
  int64_t tasks = 0;
  while (const dirent* entry = readdir(directory)) {
    if (!NumberIn(entry->d_name)) continue;
    const std::string status = ReadText(proc + "/" + entry->d_name + "/status");
    if (NumberAfter(status, "Uid:") != static_cast<int64_t>(getuid())) continue;
    tasks += NumberAfter(status, "Threads:").value_or(1);
  }
  closedir(directory);
  return tasks;
}

void AddProcessLimits(const LimitSources& sources, std::vector<Limit>& limits) {
  const std::string status = ReadText(sources.proc + "/self/status");
  if (const auto most = SoftLimit(RLIMIT_NOFILE)) {
    limits.push_back({Resource::kDescriptors, "the limit of open files (ulimit -n)", *most,
                      CountEntries(sources.proc + "/self/fd")});
    limits.push_back({Resource::kNodeDescriptors, "the limit of open files (ulimit -n)", *most, 0});
  }
  const auto tasks = SoftLimit(RLIMIT_NPROC);
  if (tasks && !IsExemptFromTasks(status)) {
    limits.push_back({Resource::kTasks, "the limit of this user's processes (ulimit -u)", *tasks,
                      TasksOfUser(sources.proc)});
  }
  if (const auto most = SoftLimit(RLIMIT_FSIZE)) {
    limits.push_back({Resource::kFileSize, "the limit of a file's size (ulimit -f)", *most, 0});
  }
  if (const auto most = SoftLimit(RLIMIT_AS)) {
    limits.push_back({Resource::kAddressSpace, "the limit of a process's memory (ulimit -v)", *most,
                      NumberAfter(status, "VmSize:").value_or(0) * 1024});
  }
  if (const auto most = SoftLimit(RLIMIT_DATA)) {
    limits.push_back({Resource::kAddressSpace, "the limit of a process's data (ulimit -d)", *most,
                      NumberAfter(status, "VmData:").value_or(0) * 1024});
  }
}

void AddSystemLimits(const LimitSources& sources, std::vector<Limit>& limits) {
  const std::string kernel = sources.proc + "/sys/kernel/";
  for (const char* name : {"threads-max", "pid_max"}) {
    const auto most = ReadNumber(kernel + name);
    // "0.52 0.58 0.59 3/512 4711": runnable and all tasks.
    const std::string load = ReadText(sources.proc + "/loadavg");
    const size_t slash = load.find('/');
    const auto used = slash == std::string::npos ? std::nullopt : NumberIn(load.substr(slash + 1));
    if (most && used) {
      limits.push_back({Resource::kTasks, absl::StrCat("kernel.", name), *most, *used});
    }
  }
  // "1152\t0\t800000": in use, free, and how many there may be.
  std::istringstream files(ReadText(sources.proc + "/sys/fs/file-nr"));
  int64_t used = 0;
  int64_t unused = 0;
  int64_t most = 0;
  if (files >> used >> unused >> most) {
    limits.push_back({Resource::kDescriptors, "fs.file-max", most, used});
  }
  const std::string memory = ReadText(sources.proc + "/meminfo");
  const auto total = NumberAfter(memory, "MemTotal:");
  const auto available = NumberAfter(memory, "MemAvailable:");
  if (total && available) {
    const int64_t most_memory = (*total + NumberAfter(memory, "SwapTotal:").value_or(0)) * 1024;
    const int64_t left = (*available + NumberAfter(memory, "SwapFree:").value_or(0)) * 1024;
    limits.push_back({Resource::kMemory, "the machine's memory", most_memory, most_memory - left});
  }
  // Where the kernel gives no more than it has.
  const auto committed = NumberAfter(memory, "Committed_AS:");
  const auto may_commit = NumberAfter(memory, "CommitLimit:");
  if (committed && may_commit && ReadNumber(sources.proc + "/sys/vm/overcommit_memory") == 2) {
    limits.push_back({Resource::kMemory, "CommitLimit (vm.overcommit_memory is 2)",
                      *may_commit * 1024, *committed * 1024});
  }
}

// The names that one generation of cgroups has for a limit.
struct CgroupFiles {
  Resource resource;
  const char* most;
  const char* used;
};
constexpr CgroupFiles kFirst[] = {
    {Resource::kTasks, "pids.max", "pids.current"},
    {Resource::kMemory, "memory.limit_in_bytes", "memory.usage_in_bytes"}};
constexpr CgroupFiles kSecond[] = {{Resource::kTasks, "pids.max", "pids.current"},
                                   {Resource::kMemory, "memory.max", "memory.current"}};

void AddCgroup(const std::string& directory, const std::string& name, const CgroupFiles& files,
               std::vector<Limit>& limits) {
  // "max" is no number; the first generation has a very large one instead.
  const auto most = ReadNumber(directory + "/" + files.most);
  auto used = ReadNumber(directory + "/" + files.used);
  if (!most || !used || *most >= INT64_MAX / 2) return;
  if (files.resource == Resource::kMemory) {
    // What files in it take is given back.
    const std::string stat = ReadText(directory + "/memory.stat");
    for (const char* kind : {"inactive_file", "active_file"}) {
      const auto total = NumberAfter(stat, absl::StrCat("total_", kind));
      *used -= total ? *total : NumberAfter(stat, kind).value_or(0);
    }
    used = std::max<int64_t>(*used, 0);
  }
  limits.push_back(
      {files.resource, absl::StrCat(files.most, " of the cgroup ", name), *most, *used});
}

void AddCgroupLimits(const LimitSources& sources, std::vector<Limit>& limits) {
  std::istringstream lines(ReadText(sources.proc + "/self/cgroup"));
  for (std::string line; std::getline(lines, line);) {
    // "4:memory:/ci", or "0::/ci" for the second generation.
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    const auto add_all = [&](const std::string& mount, const CgroupFiles& files) {
      // Where a container sees its own cgroup as the root, its path leads nowhere.
      std::string here = path == "/" || access((mount + path).c_str(), F_OK) != 0 ? "" : path;
      for (;;) {
        AddCgroup(mount + here, here.empty() ? "/" : here, files, limits);
        if (here.empty()) return;
        here.erase(here.rfind('/'));
      }
    };
    for (const auto& [controller, files] :
         {std::pair("pids", kFirst[0]), std::pair("memory", kFirst[1])}) {
      if (controllers.find(absl::StrCat(",", controller, ",")) == std::string::npos) continue;
      add_all(absl::StrCat(sources.cgroups, "/", controller), files);
    }
    if (controllers != ",,") continue;
    const bool beside_first = access((sources.cgroups + "/unified").c_str(), F_OK) == 0;
    for (const CgroupFiles& files : kSecond) {
      add_all(sources.cgroups + (beside_first ? "/unified" : ""), files);
    }
  }
}

void AddDiskLimits(const std::string& directory, std::vector<Limit>& limits) {
  struct statvfs disk {};
  if (directory.empty() || statvfs(directory.c_str(), &disk) != 0) return;
  const auto bytes = [&](fsblkcnt_t blocks) {
    return static_cast<int64_t>(blocks) * static_cast<int64_t>(disk.f_frsize);
  };
  const std::string name = "the disk of " + directory;
  limits.push_back(
      {Resource::kSpace, name, bytes(disk.f_blocks), bytes(disk.f_blocks) - bytes(disk.f_bavail)});
  // Some file systems have no fixed number of files, and say 0.
  if (disk.f_files == 0) return;
  limits.push_back({Resource::kFiles, "the number of files on " + name,
                    static_cast<int64_t>(disk.f_files),
                    static_cast<int64_t>(disk.f_files - disk.f_favail)});
}

bool IsInBytes(Resource resource) {
  return resource == Resource::kSpace || resource == Resource::kFileSize ||
         resource == Resource::kMemory || resource == Resource::kAddressSpace;
}

std::string Amount(Resource resource, int64_t amount) {
  return IsInBytes(resource) ? FormatBytes(amount) : std::to_string(amount);
}

std::string Describe(const Limit& limit) {
  const std::string most = limit.name + " is " + Amount(limit.resource, limit.most);
  if (limit.used == 0) return most;
  const bool many = limit.used != 1 && !IsInBytes(limit.resource);
  return most + ", and " + Amount(limit.resource, limit.used) + (many ? " are" : " is") + " in use";
}

// "52 more processes and threads".
std::string Describe(const Need& need) {
  const std::string amount = Amount(need.resource, need.amount);
  switch (need.resource) {
    case Resource::kDescriptors:
      return amount + " more open files";
    case Resource::kNodeDescriptors:
      return amount + " open files each";
    case Resource::kTasks:
      return amount + " more processes and threads";
    case Resource::kSpace:
      return amount + " more on the disk";
    case Resource::kFiles:
      return amount + " more files";
    case Resource::kFileSize:
      return "files of up to " + amount;
    case Resource::kMemory:
      return amount + " more of memory";
    case Resource::kAddressSpace:
      break;
  }
  return amount + " more of address space";
}

const char* Remedy(Resource resource) {
  switch (resource) {
    case Resource::kSpace:
    case Resource::kFiles:
      return "make room there, or set TMPDIR to a directory with more";
    case Resource::kMemory:
      return "free some, or take fewer nodes";
    default:
      return "raise it, or take fewer nodes";
  }
}

// Of less than this, nothing can be done.
int64_t NextToNothing(Resource resource) {
  switch (resource) {
    case Resource::kDescriptors:
    case Resource::kNodeDescriptors:
    case Resource::kTasks:
    case Resource::kFiles:
      return 2;
    case Resource::kSpace:
      return 64 * 1024;
    case Resource::kFileSize:
      return 0;
    case Resource::kMemory:
      return 4 * kMebibyte;
    case Resource::kAddressSpace:
      break;
  }
  return 16 * kMebibyte;
}

void RaiseSoftLimit(__rlimit_resource resource, int64_t wanted) {
  rlimit limit{};
  if (wanted <= 0 || getrlimit(resource, &limit) != 0) return;
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= static_cast<rlim_t>(wanted)) return;
  limit.rlim_cur = std::min(static_cast<rlim_t>(wanted), limit.rlim_max);
  setrlimit(resource, &limit);
}

}  // namespace

std::string FormatBytes(int64_t bytes) {
  constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  double amount = static_cast<double>(bytes);
  for (; amount >= 1024 && unit + 1 < std::size(kUnits); ++unit) amount /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, amount < 10 && unit > 0 ? "%.1f" : "%.0f", amount);
  std::string_view digits(text);
  if (digits.size() > 2 && digits.substr(digits.size() - 2) == ".0") digits.remove_suffix(2);
  return std::string(digits) + " " + kUnits[unit];
}

std::vector<Limit> ReadLimits(const LimitSources& sources) {
  std::vector<Limit> limits;
  AddProcessLimits(sources, limits);
  AddSystemLimits(sources, limits);
  AddCgroupLimits(sources, limits);
  AddDiskLimits(sources.directory, limits);
  return limits;
}

absl::Status CheckNeeds(std::string_view who, const std::vector<Need>& needs,
                        const std::vector<Limit>& limits) {
  for (const Need& need : needs) {
    // The one of which the least is left.
    const Limit* least = nullptr;
    for (const Limit& limit : limits) {
      if (limit.resource != need.resource || limit.left() >= need.amount) continue;
      if (least == nullptr || limit.left() < least->left()) least = &limit;
    }
    if (least == nullptr) continue;
    return MakeStatus(absl::StatusCode::kResourceExhausted,
                      std::string(who) + " need " + Describe(need) + ", and cannot have them: " +
                          Describe(*least) + "; " + Remedy(need.resource));
  }
  return absl::OkStatus();
}

std::string Exhausted(const std::vector<Limit>& limits) {
  std::string text;
  for (const Limit& limit : limits) {
    if (limit.resource == Resource::kFileSize) continue;
    if (limit.left() > NextToNothing(limit.resource)) continue;
    absl::StrAppend(&text, text.empty() ? "" : "; ", Describe(limit));
  }
  return text;
}

absl::Status Explained(const absl::Status& status, const LimitSources& sources) {
  if (status.ok()) return status;
  const std::string limits = Exhausted(ReadLimits(sources));
  // It may have said so itself.
  if (limits.empty() || MessageOf(status).find(limits) != std::string::npos) return status;
  return MakeStatus(status.code(), limits + ", which may be why: " + MessageOf(status));
}

void RaiseSoftLimits(int64_t descriptors, int64_t node_descriptors, int64_t file_size) {
  RaiseSoftLimit(RLIMIT_NOFILE,
                 std::max(CountEntries("/proc/self/fd") + descriptors, node_descriptors));
  RaiseSoftLimit(RLIMIT_FSIZE, file_size);
}

int64_t KilledForMemory(const LimitSources& sources) {
  return NumberAfter(ReadText(sources.proc + "/vmstat"), "oom_kill").value_or(0);
}

}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

// Who has started another process is seen so often, and one that has gone at once.
constexpr milliseconds kMembersAge{5000};
constexpr milliseconds kTableAge{2500};
constexpr milliseconds kOpenFilesAge{5000};

int64_t TicksPerSecond() {
  static const int64_t ticks = std::max<int64_t>(1, sysconf(_SC_CLK_TCK));
  return ticks;
}

// A file of /proc, which has no size: at most so much of it.
std::string ReadSome(const std::string& path, size_t most) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::string text(most, '\0');
  size_t size = 0;
  ssize_t got = 0;
  while (size < most && (got = read(file, text.data() + size, most - size)) > 0) {
    size += static_cast<size_t>(got);
  }
  close(file);
  text.resize(size);
  return text;
}

std::string PathOf(pid_t pid, const char* name) {
  return "/proc/" + std::to_string(pid) + "/" + name;
}

std::string_view NextWord(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(" \t\n"));
  text.remove_prefix(word.size());
  return word;
}

template <class T>
T NumberIn(std::string_view word, int base = 10) {
  T number{};
  std::from_chars(word.data(), word.data() + word.size(), number, base);
  return number;
}

// Names of a directory that are numbers.
template <class Take>
bool ForEachNumber(const std::string& directory, Take take) {
  DIR* const entries = opendir(directory.c_str());
  if (entries == nullptr) return false;
  while (const dirent* entry = readdir(entries)) {
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') take(entry->d_name);
  }
  closedir(entries);
  return true;
}

// The sockets that listen at one of the ports, in the network that the process sees.
std::set<uint64_t> ListeningSockets(pid_t pid, const std::vector<uint16_t>& ports) {
  constexpr size_t kMost = 4'000'000;
  constexpr std::string_view kListens = "0A";
  std::set<uint64_t> sockets;
  for (const char* table : {"net/tcp", "net/tcp6"}) {
    const std::string text = ReadSome(PathOf(pid, table), kMost);
    std::string_view rest = text;
    while (!rest.empty()) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      NextWord(line);
      const std::string_view local = NextWord(line);
      NextWord(line);
      if (NextWord(line) != kListens) continue;
      const auto port =
          NumberIn<uint16_t>(local.substr(std::min(local.find(':') + 1, local.size())), 16);
      if (!ports.empty() && std::ranges::find(ports, port) == ports.end()) continue;
      for (int field = 4; field < 9; ++field) NextWord(line);
      sockets.insert(NumberIn<uint64_t>(NextWord(line)));
    }
  }
  return sockets;
}

// Each socket that the process holds.
template <class Take>
void ForEachSocketOf(pid_t pid, Take take) {
  constexpr std::string_view kPrefix = "socket:[";
  const std::string directory = PathOf(pid, "fd");
  ForEachNumber(directory, [&](const char* name) {
    std::array<char, 64> target{};
    const ssize_t size = readlink((directory + "/" + name).c_str(), target.data(), target.size());
    std::string_view text(target.data(), static_cast<size_t>(std::max<ssize_t>(size, 0)));
    if (text.substr(0, kPrefix.size()) != kPrefix) return;
    text.remove_prefix(kPrefix.size());
    take(NumberIn<uint64_t>(text));
  });
}

bool HoldsOneOf(pid_t pid, const std::set<uint64_t>& sockets) {
  bool holds = false;
  ForEachSocketOf(pid, [&](uint64_t socket) { holds |= sockets.contains(socket); });
  return holds;
}

std::chrono::system_clock::time_point BeginOf(const ProcessFigures& process) {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  const auto up = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  const auto begun = std::chrono::nanoseconds(static_cast<int64_t>(
      static_cast<double>(process.start_time) * 1e9 / static_cast<double>(TicksPerSecond())));
  return RealClock().WallNow() -
         std::chrono::duration_cast<std::chrono::system_clock::duration>(up - begun);
}

}  // namespace

std::optional<ProcessFigures> FiguresOf(pid_t pid) {
  const std::string text = ReadSome(PathOf(pid, "stat"), 1024);
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(text).substr(name_end + 1);
  ProcessFigures figures;
  figures.pid = pid;
  const std::string_view state = NextWord(rest);
  if (state.empty() || state[0] == 'Z' || state[0] == 'X') return std::nullopt;
  figures.state = state[0];
  figures.parent = NumberIn<pid_t>(NextWord(rest));
  figures.group = NumberIn<pid_t>(NextWord(rest));
  for (int field = 6; field < 14; ++field) NextWord(rest);
  int64_t ticks = 0;
  for (int field = 14; field < 18; ++field) ticks += NumberIn<int64_t>(NextWord(rest));
  figures.cpu_ms = ticks * 1000 / TicksPerSecond();
  for (int field = 18; field < 22; ++field) NextWord(rest);
  figures.start_time = NumberIn<uint64_t>(NextWord(rest));
  const auto memory = NumberIn<uint64_t>(NextWord(rest));
  if (memory == 0) return std::nullopt;  // a thread of the kernel, or one that was killed just now
  static const int64_t page = sysconf(_SC_PAGESIZE);
  figures.memory = NumberIn<int64_t>(NextWord(rest)) * page;
  return figures;
}

std::vector<ProcessFigures> ProcessTable::Read(milliseconds max_age) {
  const std::lock_guard lock(mutex_);
  const Clock::TimePoint now = RealClock().Now();
  if (read_at_ && now - *read_at_ <= max_age) return all_;
  read_at_ = now;
  all_.clear();
  ForEachNumber("/proc", [this](const char* name) {
    if (const auto figures = FiguresOf(std::atoi(name))) all_.push_back(*figures);
  });
  return all_;
}

void ProcessLook::Forget(const ProcessFigures& root) {
  members_ = {root};
  serving_ = {};
  was_alone_ = true;
  members_at_.reset();
  counted_at_.reset();
}

void ProcessLook::FindMembers(const ProcessFigures& root, ProcessTable& table,
                              milliseconds max_age) {
  members_at_ = RealClock().Now();
  std::vector<ProcessFigures> others = table.Read(max_age);
  members_ = {root};
  std::erase_if(others, [&](const ProcessFigures& one) { return one.pid == root.pid; });
  // Those that left its family stay in its group, unless they left that too.
  for (size_t i = 0; i < members_.size(); ++i) {
    for (ProcessFigures& one : others) {
      if (one.pid == 0 || (one.parent != members_[i].pid && one.group != root.pid)) continue;
      members_.push_back(std::exchange(one, ProcessFigures{}));
    }
  }
  std::sort(members_.begin() + 1, members_.end(), [](const auto& a, const auto& b) {
    return std::pair(a.start_time, a.pid) < std::pair(b.start_time, b.pid);
  });
}

bool ProcessLook::ReadMembers() {
  bool all = true;
  std::erase_if(members_, [&](ProcessFigures& member) {
    const std::optional<ProcessFigures> now = FiguresOf(member.pid);
    const bool there = now && now->start_time == member.start_time;
    all = all && there;
    if (there) member = *now;
    return !there;
  });
  return all;
}

void ProcessLook::FindServing() {
  const auto found = std::ranges::find_if(members_, [this](const ProcessFigures& member) {
    return member.pid == serving_.pid && member.start_time == serving_.start_time;
  });
  if (found != members_.end()) {
    serving_ = *found;
    return;
  }
  serving_ = {};
  if (was_alone_) {
    serving_ = members_.front();
    return;
  }
  std::set<uint64_t> sockets = ListeningSockets(members_.front().pid, ports_);
  if (sockets.empty()) return;
  // What they may have got of this process is not what they serve.
  ForEachSocketOf(getpid(), [&](uint64_t socket) { sockets.erase(socket); });
  for (const ProcessFigures& member : members_) {
    if (!HoldsOneOf(member.pid, sockets)) continue;
    serving_ = member;
    return;
  }
}

std::optional<int64_t> ProcessLook::CountOpenFiles() {
  const Clock::TimePoint now = RealClock().Now();
  if (counted_at_ && now - *counted_at_ < kOpenFilesAge) return std::nullopt;
  counted_at_ = now;
  int64_t count = 0;
  bool any = false;
  for (const ProcessFigures& member : members_) {
    any |= ForEachNumber(PathOf(member.pid, "fd"), [&](const char*) { ++count; });
  }
  return any ? std::optional(count) : std::nullopt;
}

std::optional<ProcessUsage> ProcessLook::Look(pid_t root_pid, ProcessTable& table) {
  const std::optional<ProcessFigures> root = FiguresOf(root_pid);
  if (!root) return std::nullopt;
  if (members_.empty() || members_.front().pid != root->pid ||
      members_.front().start_time != root->start_time) {
    Forget(*root);
  }
  const bool all_there = ReadMembers();
  if (members_.empty()) return std::nullopt;
  if (!members_at_) {
    // What a program has started meanwhile is not in an older table.
    FindMembers(*root, table, milliseconds(0));
  } else if (!all_there || serving_.pid == 0) {
    FindMembers(*root, table, milliseconds(200));
  } else if (RealClock().Now() - *members_at_ >= kMembersAge) {
    FindMembers(*root, table, kTableAge);
  }
  // The one that was alone is not known to serve once it is not alone.
  if (members_.size() > 1 && std::exchange(was_alone_, false)) serving_ = {};
  FindServing();

  ProcessUsage usage;
  for (const ProcessFigures& member : members_) {
    usage.memory += member.memory;
    usage.cpu_ms += member.cpu_ms;
  }
  usage.open_files = CountOpenFiles();
  if (serving_.pid == 0) return usage;
  usage.process =
      "pid " + std::to_string(serving_.pid) + " of tick " + std::to_string(serving_.start_time);
  usage.since = BeginOf(serving_);
  usage.frozen = serving_.state == 'T';
  return usage;
}

bool IsInContainer(pid_t pid, const std::string& id) {
  return !id.empty() && ReadSome(PathOf(pid, "cgroup"), 64 * 1024).find(id) != std::string::npos;
}

int64_t BytesIn(const std::string& directory, int most_entries) {
  std::error_code error;
  int64_t bytes = 0;
  int entries = 0;
  std::filesystem::recursive_directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::end(entry); entry.increment(error)) {
    if (++entries > most_entries) return -1;
    struct stat status {};
    if (lstat(entry->path().c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      bytes += status.st_size;
    }
  }
  return error ? -1 : bytes;
}

}  // namespace gtestnet

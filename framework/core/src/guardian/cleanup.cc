// SPDX-License-Identifier: Apache-2.0
#include "core/src/guardian/cleanup.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <unordered_map>

namespace gtestnet::guardian {
namespace {

constexpr char kLedger[] = "ledger.json";

int64_t NowMs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

void SleepMs(int ms) { poll(nullptr, 0, ms); }

// The parent of a process, or 0 when it is gone.
pid_t ParentOf(pid_t pid) {
  char path[48];
  std::snprintf(path, sizeof path, "/proc/%d/stat", static_cast<int>(pid));
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[512];
  const ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  if (size <= 0) return 0;
  text[size] = '\0';
  // "pid (name) state parent …": a name may hold anything, so look from its end.
  const char* end = std::strrchr(text, ')');
  int parent = 0;
  if (end == nullptr || std::sscanf(end + 1, " %*c %d", &parent) != 1) return 0;
  return parent;
}

std::vector<pid_t> Descendants() {
  std::unordered_map<pid_t, std::vector<pid_t>> children;
  DIR* proc = opendir("/proc");
  if (proc == nullptr) return {};
  while (const dirent* entry = readdir(proc)) {
    const pid_t pid = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
    if (pid <= 0) continue;
    if (const pid_t parent = ParentOf(pid)) children[parent].push_back(pid);
  }
  closedir(proc);
  std::vector<pid_t> found = {getpid()};
  for (size_t i = 0; i < found.size(); ++i) {
    const auto it = children.find(found[i]);
    if (it == children.end()) continue;
    const std::vector<pid_t> next = std::move(it->second);
    children.erase(it);
    found.insert(found.end(), next.begin(), next.end());
  }
  found.erase(found.begin());
  return found;
}

// What says whose the directory is goes last: by it, what cannot be removed now is found later.
bool RemoveAllButLedger(const std::string& path, std::error_code& failed) {
  failed.clear();
  std::error_code error;
  for (std::filesystem::directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code one;
    if (it->path().filename() != kLedger) std::filesystem::remove_all(it->path(), one);
    if (one) failed = one;
  }
  return !failed;
}

// False when there is no child left.
bool Reap() {
  for (;;) {
    const pid_t pid = waitpid(-1, nullptr, WNOHANG);
    if (pid == 0) return true;
    if (pid < 0 && errno != EINTR) return errno != ECHILD;
  }
}

}  // namespace

void ResetSignals() {
  for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void AwaitChild(pid_t pid, int timeout_ms) {
  // Without it, who comes next looks for the end by itself.
  const int end = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (end < 0) return;
  pollfd event{end, POLLIN, 0};
  const int64_t deadline = NowMs() + timeout_ms;
  int64_t left = timeout_ms;
  while (left > 0 && poll(&event, 1, static_cast<int>(left)) < 0 && errno == EINTR) {
    left = deadline - NowMs();
  }
  close(end);
}

std::vector<pid_t> KillDescendants(int patience_ms) {
  const int64_t deadline = NowMs() + patience_ms;
  int pause_ms = 0;
  while (Reap()) {
    const std::vector<pid_t> descendants = Descendants();
    for (const pid_t pid : descendants) kill(pid, SIGKILL);
    if (NowMs() >= deadline) return descendants;
    SleepMs(pause_ms);
    pause_ms = pause_ms < 10 ? pause_ms + 1 : 10;
  }
  return {};
}

void EmptyDirectory(const std::string& path) {
  std::error_code ignored;
  RemoveAllButLedger(path, ignored);
}

std::string RemoveDirectory(const std::string& path) {
  std::error_code error;
  // Something that is just going away may still put a file there: try again.
  for (int attempt = 0; attempt < 50; ++attempt) {
    if (RemoveAllButLedger(path, error)) std::filesystem::remove_all(path, error);
    if (!error) return "";
    SleepMs(20);
  }
  return "directory " + path + ": " + error.message();
}

std::string RunRemoval(const std::vector<std::string>& arguments, int timeout_ms) {
  std::string words;
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    words += (words.empty() ? "" : " ") + argument;
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  const std::string what = "command \"" + words + "\": ";
  const pid_t self = getpid();
  const pid_t pid = fork();
  if (pid < 0) return what + std::strerror(errno);
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != self) _exit(127);
    ResetSignals();
    execvp(argv[0], argv.data());
    _exit(127);
  }
  const int64_t deadline = NowMs() + timeout_ms;
  int status = 0;
  for (int pause_ms = 1;; pause_ms = pause_ms < 20 ? pause_ms + 1 : 20) {
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid) break;
    if (ended < 0 && errno != EINTR) return what + std::strerror(errno);
    if (NowMs() >= deadline) {
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
      return what + "did not end in time";
    }
    SleepMs(pause_ms);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
  return what + (WIFEXITED(status) ? "exit status " + std::to_string(WEXITSTATUS(status))
                                   : "signal " + std::to_string(WTERMSIG(status)));
}

}  // namespace gtestnet::guardian

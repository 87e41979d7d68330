// SPDX-License-Identifier: Apache-2.0
// nomos-liar: stands between a node and the runner. Started in a node's place (NOMOS_NODE_BIN) it
// starts the node beside it, at the next port of the same address, and tells the runner what the
// node says, but for what `--lie=` asks for (lies.cc). Without any `--lie=` it becomes the node.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "liar/lies.h"
#include "liar/proxy.h"

namespace gtestnet::liar {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr char kOption[] = "--lie=";

[[noreturn]] void Give(const std::string& why) {
  std::cerr << "nomos-liar: " << why << std::endl;
  std::_Exit(2);
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path);
  if (!file) Give(path.string() + " cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

// What is quoted after `key` in the section.
struct Quoted {
  size_t at = 0;
  std::string text;
};
Quoted Find(const std::string& config, const std::string& section, const std::string& key) {
  const size_t start = config.find(absl::StrCat("\n", section, ":\n"));
  const size_t at = config.find(absl::StrCat("  ", key, ": "), start);
  if (start == std::string::npos || at == std::string::npos) {
    Give(absl::StrCat("the config has no ", section, ".", key));
  }
  const size_t from = config.find('"', at) + 1;
  return {from, config.substr(from, config.find('"', from) - from)};
}

void Replace(std::string& config, const Quoted& what, const std::string& by) {
  config.replace(what.at, what.text.size(), by);
}

class Place {
 public:
  Place(fs::path config, std::vector<std::string> arguments, std::vector<Lie> lies)
      : config_(std::move(config)),
        arguments_(std::move(arguments)),
        liar_(Liar(std::move(lies))) {}

  int Run();

 private:
  void WriteConfig();
  void StartNode();
  void DoWhatIsDue();
  int64_t ValueOf(std::string_view name) {
    return liar_.Ask([&](const Liar& l) {
      const Lie* lie = l.Active(name);
      return lie == nullptr ? int64_t{-1} : lie->value;
    });
  }
  bool IsActive(std::string_view name) { return ValueOf(name) >= 0; }

  const fs::path config_;
  std::vector<std::string> arguments_;
  SharedLiar liar_;
  std::string host_;
  uint16_t port_ = 0;
  fs::path database_;
  pid_t node_ = 0;
  bool restarted_ = false;
  bool logged_ = false;
  milliseconds frozen_for_{0};  // and run for, since it froze first
  std::vector<std::vector<char>> leaked_;
};

void Place::WriteConfig() {
  std::string config = ReadFile(config_);
  database_ = Find(config, "storage", "path").text;
  const Quoted listen = Find(config, "api", "listen");
  host_ = listen.text.substr(0, listen.text.find(':'));
  port_ = static_cast<uint16_t>(std::stoi(listen.text.substr(host_.size() + 1)));
  Replace(config, listen, absl::StrCat(host_, ":", port_ + 1));
  if (const int64_t other = ValueOf("key-of"); other >= 0) {
    const fs::path nodes = config_.parent_path().parent_path();
    const std::string its = ReadFile(nodes / absl::StrCat("validator-", other) / "config.yaml");
    Replace(config, Find(config, "leader", "secret_keys"), Find(its, "leader", "secret_keys").text);
  }
  const fs::path behind = config_.parent_path() / "behind.yaml";
  std::ofstream(behind) << config;
  arguments_[1] = behind;
}

void Place::StartNode() {
  if (IsActive("forget")) {
    for (const char* end : {"", "-wal", "-shm", "-journal"}) fs::remove(database_.string() + end);
  }
  node_ = fork();
  if (node_ < 0) Give("cannot fork");
  if (node_ > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::vector<char*> argv;
  for (std::string& argument : arguments_) argv.push_back(argument.data());
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  std::_Exit(127);
}

// Each tenth of a second.
void Place::DoWhatIsDue() {
  constexpr milliseconds kTick{100};
  if (IsActive("restart") && !std::exchange(restarted_, true)) {
    kill(node_, SIGKILL);
    waitpid(node_, nullptr, 0);
    StartNode();
  }
  if (const int64_t ms = ValueOf("freeze"); ms > 0) {
    kill(node_, frozen_for_ % (3 * milliseconds(ms)) < milliseconds(ms) ? SIGSTOP : SIGCONT);
    frozen_for_ += kTick;
  }
  if (const int64_t megabytes = ValueOf("leak"); megabytes > 0) {
    leaked_.emplace_back(static_cast<size_t>(megabytes) * 100'000, 'x');
  }
  if (IsActive("log-error") && !std::exchange(logged_, true)) {
    std::cout << "2026-01-01T00:00:00.000Z error storage    cannot write block 17: disk is on fire"
              << std::endl;
  }
  if (IsActive("log-panic") && !std::exchange(logged_, true)) {
    std::cout << "thread 'main' panicked at src/chain.rs:17:5: index out of bounds" << std::endl;
  }
  if (const int64_t kilobytes = ValueOf("log-flood"); kilobytes > 0) {
    const std::string line = "2026-01-01T00:00:00.000Z info  network   " + std::string(950, '.');
    for (int64_t i = 0; i < kilobytes / 10; ++i) std::cout << line << '\n';
    std::cout.flush();
  }
}

int Place::Run() {
  WriteConfig();
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  const absl::Status served = ServeProxy(host_, port_, static_cast<uint16_t>(port_ + 1), liar_);
  if (!served.ok()) Give(std::string(served.message()));
  StartNode();
  bool asked_to_stop = false;
  for (;;) {
    int status = 0;
    if (waitpid(node_, &status, WNOHANG) == node_) {
      if (const int64_t told = ValueOf("exit-status"); asked_to_stop && told >= 0) {
        return static_cast<int>(told);
      }
      if (WIFEXITED(status)) return WEXITSTATUS(status);
      signal(WTERMSIG(status), SIG_DFL);
      raise(WTERMSIG(status));
      return 1;
    }
    const timespec tick{0, 100'000'000};
    const int signal = sigtimedwait(&signals, nullptr, &tick);
    if (signal == SIGTERM || signal == SIGINT) {
      asked_to_stop = true;
      kill(node_, SIGCONT);
      kill(node_, signal);
    } else if (signal < 0 && !asked_to_stop) {
      DoWhatIsDue();
    }
  }
}

}  // namespace
}  // namespace gtestnet::liar

int main(int argc, char** argv) {
  using namespace gtestnet::liar;
  const std::string_view option = kOption;
  std::vector<std::string> arguments = {
      (fs::read_symlink("/proc/self/exe").parent_path() / "nomos-node").string()};
  std::vector<Lie> lies;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (!argument.starts_with(option)) {
      arguments.emplace_back(argument);
      continue;
    }
    if (argument.substr(option.size()) == "help") {
      std::cout << AllLies() << std::endl;
      return 0;
    }
    auto more = ParseLies(argument.substr(option.size()));
    if (!more.ok()) Give(std::string(more.status().message()));
    lies.insert(lies.end(), more->begin(), more->end());
  }
  if (lies.empty()) {
    std::vector<char*> all;
    for (std::string& argument : arguments) all.push_back(argument.data());
    all.push_back(nullptr);
    execv(all[0], all.data());
    Give(arguments[0] + " cannot be run; build nomos-node");
  }
  if (arguments.size() < 2) Give("expected a config");
  const fs::path config = arguments[1];
  std::_Exit(Place(config, std::move(arguments), std::move(lies)).Run());
}

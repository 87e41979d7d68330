// SPDX-License-Identifier: Apache-2.0
#include "core/src/guardian/testing/soak.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "core/src/base/wait.h"
#include "core/src/guardian/run_processes.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

// The pid, or −1.
pid_t StartProgram(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  // Whoever started this test may ignore SIGINT, as shells do for what runs in the background.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  if (posix_spawn(&pid, argv[0], &actions, &attributes, argv.data(), environ) != 0) pid = -1;
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

std::string AwaitNothing(const std::string& run_id, const SoakPlan& plan) {
  std::string left;
  static_cast<void>(
      WaitFor("nothing left",
              [&] {
                left = plan.leftovers(run_id);
                for (const RunProcess& process : FindRunProcesses(run_id))
                  left += " " + process.name;
                return left.empty() ? absl::OkStatus() : absl::UnknownError("not yet");
              },
              {.timeout = Scaled(plan.patience), .poll_interval = plan.poll_interval}));
  return left;
}

}  // namespace

std::string Soak(const std::string& name, const SoakPlan& plan) {
  std::mt19937 random(20240229);
  const int signals[] = {SIGKILL, SIGTERM, SIGINT, SIGABRT};
  for (int round = 0; round < plan.rounds; ++round) {
    const std::string run_id =
        "soak-" + std::to_string(getpid()) + "-" + name + "-" + std::to_string(round);
    const pid_t runner = StartProgram(plan.command(run_id));
    if (runner < 0) return "the runner cannot be started";
    const auto delay =
        static_cast<useconds_t>(random() % static_cast<unsigned>(plan.longest_delay_us));
    const int signal = signals[random() % 4];
    usleep(delay);
    int status = 0;
    if (waitpid(runner, &status, WNOHANG) != 0) {
      return "round " + std::to_string(round) + ": the runner ended by itself, status " +
             std::to_string(status);
    }
    kill(runner, signal);
    waitpid(runner, &status, 0);
    if (const std::string left = AwaitNothing(run_id, plan); !left.empty()) {
      return "round " + std::to_string(round) + ", signal " + std::to_string(signal) + " after " +
             std::to_string(delay) + " us left:" + left;
    }
  }
  return {};
}

}  // namespace gtestnet

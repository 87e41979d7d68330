// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <random>

#include "src/base/wait.h"
#include "src/guardian/guardian.h"
#include "src/guardian/run_processes.h"

namespace gtestnet {
namespace {

using std::chrono::microseconds;

// Kills a runner at random instants, from before its guardian is up to the middle of its work.
class GuardianSoakTest : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(All, GuardianSoakTest, testing::Values("namespace", "subreaper"),
                         [](const auto& parameter) { return std::string(parameter.param); });

pid_t StartRunner(const std::string& run_id, const char* confinement,
                  const std::string& directory) {
  std::string arguments[] = {GTESTNET_SOAK_RUNNER, run_id, confinement, directory};
  char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(),
                  arguments[3].data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  EXPECT_EQ(posix_spawn(&pid, argv[0], &actions, nullptr, argv, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

std::string Leftovers(const std::string& run_id, const std::string& directory) {
  std::string left;
  static_cast<void>(WaitFor(
      "nothing left",
      [&] {
        left.clear();
        for (const RunProcess& process : FindRunProcesses(run_id)) left += process.name + " ";
        if (std::filesystem::exists(directory)) left += directory + " ";
        if (IsLeased("gtestnet-soak/" + run_id)) left += "lease";
        return left.empty() ? absl::OkStatus() : absl::UnknownError("not yet");
      },
      {.timeout = std::chrono::seconds(20), .poll_interval = std::chrono::milliseconds(2)}));
  return left;
}

TEST_P(GuardianSoakTest, ARunnerThatIsKilledAtAnyInstantLeavesNothing) {
  const std::string prefix = "soak-" + std::to_string(getpid()) + "-";
  {
    absl::StatusOr<std::unique_ptr<Guardian>> trial =
        Guardian::Start({.run_id = prefix + "trial",
                         .confinement = GetParam() == std::string("namespace")
                                            ? guardian::Confinement::kNamespace
                                            : guardian::Confinement::kSubreaper});
    if (!trial.ok()) GTEST_SKIP() << trial.status();
  }
  std::mt19937 random(20240229);
  const int signals[] = {SIGKILL, SIGTERM, SIGINT, SIGABRT};
  for (int round = 0; round < 50; ++round) {
    const std::string run_id = prefix + GetParam() + "-" + std::to_string(round);
    const std::string directory = std::filesystem::temp_directory_path() / ("gtestnet." + run_id);
    const pid_t runner = StartRunner(run_id, GetParam(), directory);
    const auto delay = microseconds(random() % 60000);
    const int signal = signals[random() % 4];
    usleep(static_cast<useconds_t>(delay.count()));
    int status = 0;
    ASSERT_EQ(waitpid(runner, &status, WNOHANG), 0) << "the runner ended by itself: " << status;
    kill(runner, signal);
    ASSERT_EQ(waitpid(runner, &status, 0), runner);
    ASSERT_EQ(Leftovers(run_id, directory), "")
        << "signal " << signal << " after " << delay.count() << " us";
  }
}

}  // namespace
}  // namespace gtestnet

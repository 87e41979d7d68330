// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/rerun.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "core/src/base/command.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

using testing::HasSubstr;
using testing::Not;

class RerunTest : public testing::Test {
 protected:
  RerunTest() {
    for (const Variable& variable : Variables()) {
      const std::string name(variable.name);
      if (const char* value = std::getenv(name.c_str())) before_[name] = value;
      unsetenv(name.c_str());
    }
  }
  ~RerunTest() override {
    for (const Variable& variable : Variables()) unsetenv(std::string(variable.name).c_str());
    for (const auto& [name, value] : before_) setenv(name.c_str(), value.c_str(), 1);
  }

  std::map<std::string, std::string> before_;
};

TEST_F(RerunTest, SaysTheSeedAndWhateverOfOursIsSet) {
  EXPECT_EQ(RerunCommand(7, "/bin/test"), "GTESTNET_SEED=7 /bin/test");
  setenv("GTESTNET_SEED", "9", 1);
  setenv("GTESTNET_CTEST", "1", 1);
  setenv("GTESTNET_TEST_TIMEOUT", "30s", 1);
  setenv("GTESTNET_SLOT", "1s", 1);
  setenv("K8S_RUNNER_NODE_HOST", "my image:$HOME", 1);
  EXPECT_EQ(RerunCommand(7, "/bin/test"),
            "GTESTNET_SEED=7 GTESTNET_SLOT=1s K8S_RUNNER_NODE_HOST='my image:$HOME' /bin/test");
}

TEST_F(RerunTest, PathsAreGoodInAnyDirectory) {
  const std::string here = std::filesystem::current_path();
  DeclareVariables({{.name = "TEST_NODE_BIN", .is_path = true}});
  setenv("TEST_NODE_BIN", "bin/../bin/node", 1);
  setenv("KUBECONFIG", "one:/two", 1);
  setenv("GTESTNET_REPLAY", "bundle", 1);
  const std::string command = RerunCommand(7, "/bin/test");
  EXPECT_THAT(command, HasSubstr(" TEST_NODE_BIN=" + ShellQuoted(here + "/bin/node") + " "));
  EXPECT_THAT(command, HasSubstr(" KUBECONFIG=" + ShellQuoted(here + "/one:/two") + " "));
  EXPECT_THAT(command, HasSubstr(" GTESTNET_REPLAY=" + ShellQuoted(here + "/bundle") + " "));
  const std::string other = RerunCommand(7, "/bin/test", "/the/other bundle");
  EXPECT_THAT(other, HasSubstr(" GTESTNET_REPLAY='/the/other bundle' "));
  EXPECT_THAT(other, Not(HasSubstr(here + "/bundle")));
}

// Every variable, with every character that means something to a shell, comes through one.
TEST_F(RerunTest, AShellUnderstandsIt) {
  const std::string value = "a 'b' \"c\" $HOME `id` \\ \n!#*?[x]{y,z}~(&|;<>) ü";
  for (const Variable& variable : Variables()) {
    const std::string name(variable.name);
    // Paths are made absolute, which the other test sees.
    setenv(name.c_str(), ("/" + value).c_str(), 1);
  }
  const std::string directory = testing::TempDir() + "rerun test." + std::to_string(getpid());
  std::filesystem::create_directories(directory);
  const std::string program = directory + "/print it.sh";
  std::ofstream(program) << "#!/bin/sh\nprintf %s \"$K8S_RUNNER_NODE_HOST|$DOCKER_HOST|$1\"\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const std::string command =
      RerunCommand(7, ShellQuoted(program) + " " + ShellQuoted("--filter=" + value));
  const absl::StatusOr<CommandResult> result =
      RunCommand({"sh", "-c", command}, std::chrono::seconds(10));
  std::filesystem::remove_all(directory);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->output, "/" + value + "|/" + value + "|--filter=" + value);
}

TEST_F(RerunTest, WordsAreQuotedWhereTheyMust) {
  EXPECT_EQ(ShellQuoted("/usr/bin/my-test_1.2"), "/usr/bin/my-test_1.2");
  EXPECT_EQ(ShellQuoted(""), "''");
  EXPECT_EQ(ShellQuoted("a b"), "'a b'");
  EXPECT_EQ(ShellQuoted("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
// Commands under a guardian, and the images that they build.
#include "core/src/cluster/helper_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

#include "core/src/base/log.h"
#include "core/src/cluster/ledger.h"
#include "core/src/cluster/testing/fake_path.h"
#include "core/src/deployer/compose/known_failures.h"
#include "core/src/deployer/container/image.h"
#include "core/src/deployer/container/testing/fake_engine.h"
#include "core/src/node/log_tail.h"
#include "gtestnet/deployer.h"

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string Text(const absl::Status& status) { return std::string(status.message()); }

class HelperCommandsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto guardian = Guardian::Start({.run_id = run_id_, .on_exit = [this](int id, int status) {
                                       if (commands_) commands_->NoteEnd(id, status);
                                     }});
    ASSERT_TRUE(guardian.ok()) << guardian.status();
    guardian_ = *std::move(guardian);
    commands_ = std::make_unique<HelperCommands>(*guardian_, directory_, compose::kKnownFailures);
    ASSERT_EQ(guardian_->AddDirectory(directory_), absl::OkStatus());
    ASSERT_EQ(mkdir(directory_.c_str(), 0700), 0);
  }
  void TearDown() override { EXPECT_EQ(guardian_->End(), absl::OkStatus()); }
  absl::Status Run(const std::string& script, std::chrono::milliseconds timeout = 20s) {
    return commands_->Run("it", {"/bin/sh", "-c", script}, timeout, {{"GREETING", "hello"}});
  }
  bool IsMarked() const { return std::filesystem::exists(HelperCommands::MarkIn(directory_)); }

  const std::string run_id_ = "helper-test-" + MakeRunId();
  const std::string directory_ = RunDirectory(run_id_);
  std::unique_ptr<HelperCommands> commands_;
  std::unique_ptr<Guardian> guardian_;
};

TEST_F(HelperCommandsTest, RunsInTheRunsDirectoryAndIsMarkedWhileItDoes) {
  EXPECT_EQ(Run("test \"$GREETING\" = hello && test -f at-work && pwd > where && "
                "test \"$TMPDIR\" = \"$PWD\""),
            absl::OkStatus());
  std::ifstream file(directory_ + "/where");
  std::string where;
  file >> where;
  EXPECT_EQ(where, directory_);
  EXPECT_FALSE(IsMarked());
}

TEST_F(HelperCommandsTest, AFailureHasTheLastLines) {
  EXPECT_EQ(Run("echo what went wrong >&2; exit 3"),
            absl::InternalError("it: exit status 3; its last lines:\n  what went wrong"));
  EXPECT_FALSE(IsMarked());
  EXPECT_EQ(commands_->Run("it", {"/no/such"}, 1s).code(), absl::StatusCode::kNotFound);
}

TEST_F(HelperCommandsTest, WhatPeopleMeetHasItsRemedy) {
  const absl::Status full = Run("echo 'write /x: no space left on device'; exit 1");
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(Text(full), StartsWith("it: exit status 1: the disk of the Docker Engine is full: "
                                     "free some of it"));
  const absl::Status port =
      Run("echo 'Bind for 127.0.0.1:9090: port is already allocated'; exit 1");
  EXPECT_EQ(port.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(Text(port), HasSubstr("another program has the port"));
  EXPECT_THAT(Text(Run("echo 'Error: could not find an available, non-overlapping IPv4 address "
                       "pool among the defaults'; exit 1")),
              HasSubstr("no addresses for one more network: remove some (gtestnet clean"));
  for (const char* words :
       {"failed to create network x: Error response from daemon: all predefined address pools have "
        "been fully subnetted",
        "Error: could not find free subnet from subnet pools"}) {
    const absl::Status none = Run("echo '" + std::string(words) + "'; exit 1");
    EXPECT_EQ(none.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(Text(none), HasSubstr("no addresses for one more network: remove some (gtestnet"));
  }
  EXPECT_EQ(Run("echo 'Error: No such image: x'; exit 1").code(), absl::StatusCode::kNotFound);
}

TEST_F(HelperCommandsTest, WhatIsNotKnownIsToldInFull) {
  const absl::Status failed =
      Run("head -c 3000 /dev/zero | tr '\\0' x; echo ' the end of one line'; "
          "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i; done; exit 1");
  EXPECT_THAT(Text(failed),
              AllOf(HasSubstr(std::string(400, 'x') + "\n"),
                    HasSubstr(" the end of one line\n  line 1\n"), HasSubstr("  line 12")));
}

TEST_F(HelperCommandsTest, OneThatHangsIsEndedAndTheMarkStays) {
  const absl::Status status = Run("echo started; sleep 100", 100ms);
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(Text(status), AllOf(StartsWith("it: not done in "), HasSubstr("  started")));
  EXPECT_TRUE(IsMarked());
}

TEST_F(HelperCommandsTest, OneThatRunsBesideIsToldOfWhenItEnds) {
  std::promise<int> first;
  const auto one = commands_->Begin("it", {"/bin/sh", "-c", "echo said; exit 3"},
                                    [&](int status) { first.set_value(status); });
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(WEXITSTATUS(first.get_future().get()), 3);
  EXPECT_EQ(LastLines(commands_->LogOf(*one)), "  said");
  std::promise<int> second;
  const auto other = commands_->Begin("it", {"/bin/sh", "-c", "exec sleep 100"},
                                      [&](int status) { second.set_value(status); });
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(Run("true"), absl::OkStatus());
  commands_->End(*other);
  EXPECT_EQ(WTERMSIG(second.get_future().get()), SIGKILL);
  EXPECT_EQ(commands_->Begin("it", {"/no/such"}, {}).status().code(), absl::StatusCode::kNotFound);
}

std::string ContentOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class EnsureImageTest : public HelperCommandsTest {
 protected:
  absl::Status Ensure(const ImageSpec& image) {
    docker::Engine engine(fake_.host());
    static_cast<void>(engine.Negotiate(5000ms));
    return compose::EnsureImage(image, engine, *commands_, *MakeLogger("compose"));
  }
  docker::FakeEngine fake_;
};

TEST_F(EnsureImageTest, OneThatNothingBuildsIsTakenAsItIsOrRefused) {
  const ImageSpec image{.tag = "my/node:7", .remedy = "pull it"};
  const absl::Status missing = Ensure(image);
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Text(missing), AllOf(StartsWith("the Docker Engine at"),
                                   HasSubstr("has no image my/node:7; pull it")));
  fake_.On("GET /v1.41/images/my/node%3A7/json", {200, R"({"Id":"sha256:1"})"});
  EXPECT_EQ(Ensure(image), absl::OkStatus());
  fake_.On("GET /v1.41/images/my/node%3A7/json", {500, R"({"message":"out of order"})"});
  EXPECT_THAT(Text(Ensure(image)), HasSubstr("out of order"));
}

TEST_F(EnsureImageTest, OneThatIsMissingOrOldIsBuiltOnce) {
  const std::string built = directory_ + "/built";
  const ImageSpec image{.tag = "own:1", .build = {"/bin/sh", "-c", "echo x >>" + built}};
  EXPECT_EQ(Ensure(image), absl::OkStatus());
  EXPECT_EQ(Ensure(image), absl::OkStatus());
  EXPECT_EQ(ContentOf(built), "x\n");
  fake_.On("GET /v1.41/images/old%3A1/json", {200, R"({"Id":"sha256:1"})"});
  EXPECT_EQ(Ensure({.tag = "old:1", .build = image.build, .check = {"/bin/true"}}),
            absl::OkStatus());
  EXPECT_EQ(ContentOf(built), "x\n");
  fake_.On("GET /v1.41/images/old%3A2/json", {200, R"({"Id":"sha256:1"})"});
  EXPECT_EQ(Ensure({.tag = "old:2", .build = image.build, .check = {"/bin/false"}}),
            absl::OkStatus());
  EXPECT_EQ(ContentOf(built), "x\nx\n");
}

TEST_F(EnsureImageTest, OneThatCannotBeBuiltSaysWhyAndWhatElse) {
  const absl::Status status =
      Ensure({.tag = "own:2", .build = {"/bin/sh", "-c", "exit 3"}, .remedy = "name another"});
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(Text(status),
              StartsWith("the image own:2 is missing or old and cannot be built; name "
                         "another; why: build of the image own:2: exit status 3"));
}

// Without the helper's image cfgsync and the agent have to come from somewhere.
TEST(ToolsTest, AreOfTheKindsImageWhereItHasThem) {
  std::map<std::string, ContainerSpec> containers;
  containers["bare"] = {.image = {.tag = "bare:1"}};
  EXPECT_EQ(compose::ToolsFor(containers).image.tag, "gtestnet-tools:local");
  EXPECT_TRUE(compose::ToolsFor(containers).mounted);
  containers["with"] = {.image = {.tag = "with:1"}, .has_tools = true};
  EXPECT_EQ(compose::ToolsFor(containers).image.tag, "with:1");
  EXPECT_TRUE(compose::ToolsFor(containers).mounted);
  containers.erase("bare");
  EXPECT_FALSE(compose::ToolsFor(containers).mounted);
  setenv("GTESTNET_TOOLS_IMAGE", "mine:1", 1);
  EXPECT_EQ(compose::ToolsImage().tag, "mine:1");
  EXPECT_TRUE(compose::ToolsImage().build.empty());
  unsetenv("GTESTNET_TOOLS_IMAGE");
}

}  // namespace
}  // namespace gtestnet

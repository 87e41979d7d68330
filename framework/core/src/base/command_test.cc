// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(CommandTest, GivesStatusAndBothStreams) {
  const absl::StatusOr<CommandResult> result =
      RunCommand({"sh", "-c", "echo out; echo err >&2; exit 3"}, 10000ms);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(WEXITSTATUS(result->status), 3);
  EXPECT_EQ(result->output, "out\nerr\n");
}

TEST(CommandTest, KeepsTheStreamsApart) {
  const absl::StatusOr<CommandResult> result = RunCommand(
      {"sh", "-c", "head -c 100000 /dev/zero >&2; echo out; echo warning >&2; echo out2"},
      CommandOptions{.apart = true});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->output, "out\nout2\n");
  EXPECT_EQ(result->errors.size(), 64u * 1024);
}

TEST(CommandTest, TakesMoreOutputWhereItIsAskedTo) {
  const absl::StatusOr<CommandResult> result = RunCommand(
      {"sh", "-c", "head -c 300000 /dev/zero"}, CommandOptions{.most_output = 1024 * 1024});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->output.size(), 300000u);
}

TEST(CommandTest, BoundsTheOutput) {
  const absl::StatusOr<CommandResult> result =
      RunCommand({"sh", "-c", "head -c 300000 /dev/zero"}, 10000ms);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->output.size(), 64u * 1024);
}

TEST(CommandTest, AMissingProgramIsNamed) {
  EXPECT_EQ(RunCommand({"no-such-program-here"}, 1000ms).status(),
            absl::NotFoundError("the program no-such-program-here is not in PATH"));
  EXPECT_EQ(RunCommand({"/no/such"}, 1000ms).status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(RunCommand({}, 1000ms).ok());
}

TEST(CommandTest, OneThatHangsIsKilledWithItsChildren) {
  const absl::Status status = RunCommand({"sh", "-c", "sleep 100 & sleep 100"}, 20ms).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(status.message()), HasSubstr("sh: not done in 20 ms"));
}

}  // namespace
}  // namespace gtestnet

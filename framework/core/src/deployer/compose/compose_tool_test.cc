// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/compose/compose_tool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/src/cluster/testing/fake_path.h"

namespace gtestnet::compose {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Text(const absl::Status& status) { return std::string(status.message()); }

class ComposeToolTest : public testing::Test {
 protected:
  FakePath path_;
};

TEST_F(ComposeToolTest, ThePluginOfTheDockerCommand) {
  path_.Add("docker", "[ \"$1 $2\" = \"compose version\" ] && echo v2.26.1-4");
  const absl::StatusOr<ComposeTool> tool = LookForComposeTool();
  ASSERT_TRUE(tool.ok()) << tool.status();
  EXPECT_THAT(tool->command, ElementsAre(path_.directory() + "/docker", "compose"));
  EXPECT_EQ(tool->version, "2.26.1-4");
}

TEST_F(ComposeToolTest, AProgramOfItsOwnOfVersionTwo) {
  path_.Add("docker", "exit 1");
  path_.Add("docker-compose", "echo 2.20.0");
  const absl::StatusOr<ComposeTool> tool = LookForComposeTool();
  ASSERT_TRUE(tool.ok()) << tool.status();
  EXPECT_THAT(tool->command, ElementsAre(path_.directory() + "/docker-compose"));
}

TEST_F(ComposeToolTest, TheOldOneIsRefusedByName) {
  path_.Add("docker", "exit 1");
  path_.Add("docker-compose", "echo 1.29.2");
  const absl::Status status = LookForComposeTool().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Text(status), path_.directory() +
                              "/docker-compose is docker-compose 1.29.2, which is Compose v1; "
                              "Compose v2 is needed");
}

TEST_F(ComposeToolTest, NothingThere) {
  EXPECT_THAT(Text(LookForComposeTool().status()),
              HasSubstr("the docker command is not in PATH, nor is docker-compose"));
  path_.Add("docker", "exit 125");
  EXPECT_THAT(Text(LookForComposeTool().status()), HasSubstr("has no \"compose\" (Compose v2)"));
  path_.Add("docker-compose", "exit 1");
  EXPECT_THAT(Text(LookForComposeTool().status()), HasSubstr("does not tell its version"));
}

}  // namespace
}  // namespace gtestnet::compose

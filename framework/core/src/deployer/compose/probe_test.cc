// SPDX-License-Identifier: Apache-2.0
// What ComposeDeployer::Probe says where something is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "core/src/cluster/testing/fake_path.h"
#include "core/src/deployer/container/testing/fake_engine.h"
#include "gtestnet/compose_deployer.h"

namespace gtestnet {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ProbeTest : public testing::Test {
 protected:
  ProbeTest() { setenv("DOCKER_HOST", engine_.text().c_str(), 1); }
  ~ProbeTest() override { unsetenv("DOCKER_HOST"); }

  docker::FakeEngine engine_;
  FakePath path_;
  const ComposeDeployer deployer_;
};

TEST_F(ProbeTest, NoDaemon) {
  setenv("DOCKER_HOST", "unix:///no/such/docker.sock", 1);
  const Availability here = deployer_.Probe();
  EXPECT_FALSE(here.available);
  EXPECT_THAT(here.reason,
              StartsWith("compose: no Docker daemon answers at unix:///no/such/docker.sock"));
  EXPECT_EQ(here.remedy, "start Docker, or leave compose out of GTESTNET_DEPLOYERS");
}

TEST_F(ProbeTest, NoPermissionOnTheSocket) {
  const std::string socket = engine_.text().substr(7);
  std::filesystem::permissions(socket, std::filesystem::perms::none);
  // Root may do anything, so another user looks.
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && seteuid(65534) != 0) _exit(3);
    const Availability here = deployer_.Probe();
    const bool as_wanted =
        !here.available &&
        here.reason.rfind("compose: no permission on the Docker socket " + socket, 0) == 0 &&
        here.remedy.rfind("add this user to the group docker", 0) == 0;
    _exit(as_wanted ? 0 : 4);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(ProbeTest, ADaemonThatIsTooOld) {
  engine_.On("GET /version", {200, R"({"ApiVersion":"1.24","Version":"1.12.6"})"});
  const Availability here = deployer_.Probe();
  EXPECT_FALSE(here.available);
  EXPECT_EQ(here.reason, "compose: the Docker Engine at " + engine_.text() +
                             " is too old: version 1.12.6, API 1.24");
  EXPECT_THAT(here.remedy, HasSubstr("Docker 19.03 or newer"));
}

TEST_F(ProbeTest, SomethingElseThatListensThere) {
  engine_.On("GET /version", {200, "<html>"});
  EXPECT_THAT(deployer_.Probe().reason, HasSubstr("an answer that makes no sense"));
  engine_.On("GET /version", {500, R"({"message":"out of order"})"});
  EXPECT_THAT(deployer_.Probe().reason, HasSubstr("HTTP 500: out of order"));
}

TEST_F(ProbeTest, NoCompose) {
  path_.Add("docker", "exit 1");
  const Availability here = deployer_.Probe();
  EXPECT_FALSE(here.available);
  EXPECT_THAT(here.reason, HasSubstr("the docker command has no \"compose\" (Compose v2)"));
  EXPECT_THAT(here.remedy, StartsWith("install Compose v2"));
  path_.Add("docker-compose", "echo 1.29.2");
  EXPECT_THAT(deployer_.Probe().reason, HasSubstr("docker-compose 1.29.2, which is Compose v1"));
}

TEST_F(ProbeTest, AnEngineOnAnotherMachine) {
  setenv("DOCKER_HOST", "tcp://192.0.2.1:2375", 1);
  EXPECT_THAT(deployer_.Probe().reason, HasSubstr("is on another machine"));
  setenv("DOCKER_HOST", "ssh://someone@host", 1);
  EXPECT_THAT(deployer_.Probe().reason, HasSubstr("DOCKER_HOST says ssh://someone@host"));
}

TEST_F(ProbeTest, AllThere) {
  path_.Add("docker", "echo 2.26.1");
  const Availability here = deployer_.Probe();
  EXPECT_TRUE(here.available) << here.reason;
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/leftovers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/src/base/wait.h"
#include "core/src/cluster/ledger.h"
#include "core/src/deployer/local/local_cluster.h"
#include "core/src/guardian/run_processes.h"
#include "core/src/node/testing/fake_kind.h"

namespace gtestnet {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::unique_ptr<LocalCluster> MakeCluster(const std::string& run_id) {
  auto cluster = LocalCluster::Provision({.topology = FakeTopology::Star().Members(2),
                                          .seed = 1,
                                          .run_id = run_id,
                                          .test = "SomeTest.Here"},
                                         {});
  EXPECT_TRUE(cluster.ok()) << cluster.status();
  return cluster.ok() ? *std::move(cluster) : nullptr;
}

std::optional<Leftover> FindOf(const std::string& run_id) {
  for (Leftover& leftover : FindLeftovers()) {
    if (leftover.run_id == run_id) return std::move(leftover);
  }
  return std::nullopt;
}

TEST(LeftoversTest, ALiveRunIsNone) {
  const std::string run_id = MakeRunId();
  std::unique_ptr<LocalCluster> cluster = MakeCluster(run_id);
  ASSERT_TRUE(cluster);
  EXPECT_FALSE(FindOf(run_id));
  Leftover claimed;
  claimed.run_id = run_id;
  EXPECT_EQ(RemoveLeftover(claimed).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(cluster->IsUp(0));
}

TEST(LeftoversTest, APreservedRunLivesOnAndIsRemoved) {
  const std::string run_id = MakeRunId();
  std::unique_ptr<LocalCluster> cluster = MakeCluster(run_id);
  ASSERT_TRUE(cluster);
  const NodeInfo node = cluster->nodes()[0];
  ASSERT_EQ(cluster->TearDown(true), absl::OkStatus());
  cluster.reset();
  EXPECT_TRUE(FakeKind().Probe(node, std::chrono::seconds(1)).ok());
  const std::optional<Leftover> leftover = FindOf(run_id);
  ASSERT_TRUE(leftover);
  EXPECT_TRUE(leftover->preserved);
  EXPECT_EQ(leftover->processes.size(), 4u);  // guardian, warden, two nodes
  EXPECT_EQ(leftover->ToString(), "run " + run_id +
                                      " of SomeTest.Here (preserved): 4 processes, directory " +
                                      RunDirectory(run_id));
  EXPECT_EQ(RemoveLeftover(*leftover), absl::OkStatus());
  EXPECT_FALSE(FindOf(run_id));
  EXPECT_THAT(FindRunProcesses(run_id), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(RunDirectory(run_id)));
  EXPECT_EQ(RemoveLeftover(*leftover), absl::OkStatus());
}

TEST(LeftoversTest, TheDirectoryOfARunWhoseGuardianWasKilledIsFoundAndRemoved) {
  const std::string run_id = MakeRunId();
  std::unique_ptr<LocalCluster> cluster = MakeCluster(run_id);
  ASSERT_TRUE(cluster);
  for (const RunProcess& process : FindRunProcesses(run_id)) kill(process.pid, SIGKILL);
  ASSERT_TRUE(WaitFor("end", [&] {
                return FindRunProcesses(run_id).empty() ? absl::OkStatus()
                                                        : absl::UnknownError("not yet");
              }).ok());
  const std::optional<Leftover> leftover = FindOf(run_id);
  ASSERT_TRUE(leftover);
  EXPECT_FALSE(leftover->preserved);
  EXPECT_THAT(leftover->ToString(), HasSubstr(": 0 processes, directory "));
  EXPECT_EQ(RemoveLeftover(*leftover), absl::OkStatus());
  EXPECT_FALSE(std::filesystem::exists(RunDirectory(run_id)));
}

TEST(LeftoversTest, ADirectoryThatOnlyHasTheNameIsLeftAlone) {
  const std::string run_id = MakeRunId();
  const std::string directory = RunDirectory(run_id);
  std::filesystem::create_directory(directory);
  EXPECT_FALSE(FindOf(run_id));
  for (const char* content : {"", "junk", "[]", "{}", "{\"run_id\": 7}", "{\"run_id\": \"other\"}",
                              "{\"run_id\": \"x\", \"guardian\": -1e300}"}) {
    std::ofstream(directory + "/ledger.json") << content;
    EXPECT_FALSE(FindOf(run_id)) << content;
  }
  Leftover claimed;
  claimed.run_id = run_id;
  EXPECT_EQ(RemoveLeftover(claimed), absl::OkStatus());
  EXPECT_TRUE(std::filesystem::exists(directory));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/machine_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace gtestnet {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

constexpr int64_t kMebibyte = 1 << 20;

// Trees like /proc and /sys/fs/cgroup.
class LimitsTest : public testing::Test {
 protected:
  LimitsTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "gtestnet-limits-XXXXXX";
    root_ = mkdtemp(pattern.data());
    sources_.proc = root_ / "proc";
    sources_.cgroups = root_ / "cgroup";
  }
  ~LimitsTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  std::filesystem::path root_;
  LimitSources sources_;
};

const std::vector<Need> kNeedsTasks = {{Resource::kTasks, 52}};

TEST_F(LimitsTest, NamesTheLimitItsValueAndWhatIsNeeded) {
  const std::vector<Limit> limits = {{Resource::kTasks, "pids.max of the cgroup /ci", 20, 8}};
  const absl::Status status = CheckNeeds("4 nodes", kNeedsTasks, limits);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(),
            "4 nodes need 52 more processes and threads, and cannot have them: pids.max of the "
            "cgroup /ci is 20, and 8 are in use; raise it, or take fewer nodes");
}

TEST_F(LimitsTest, EnoughIsEnough) {
  EXPECT_TRUE(CheckNeeds("4 nodes", kNeedsTasks, {}).ok());
  EXPECT_TRUE(CheckNeeds("4 nodes", kNeedsTasks, {{Resource::kTasks, "tasks", 60, 8}}).ok());
  EXPECT_TRUE(CheckNeeds("4 nodes", kNeedsTasks, {{Resource::kFiles, "files", 3, 3}}).ok());
}

TEST_F(LimitsTest, NamesTheTightestOfSeveral) {
  const std::vector<Limit> limits = {{Resource::kTasks, "pids.max of the cgroup /", 40, 8},
                                     {Resource::kTasks, "pids.max of the cgroup /ci", 20, 8},
                                     {Resource::kTasks, "kernel.threads-max", 9000, 300}};
  EXPECT_THAT(std::string(CheckNeeds("one node", kNeedsTasks, limits).message()),
              HasSubstr("the cgroup /ci is 20"));
}

TEST_F(LimitsTest, SaysBytesAsAPersonDoes) {
  EXPECT_EQ(FormatBytes(0), "0 bytes");
  EXPECT_EQ(FormatBytes(1023), "1023 bytes");
  EXPECT_EQ(FormatBytes(1536), "1.5 KiB");
  EXPECT_EQ(FormatBytes(kMebibyte), "1 MiB");
  EXPECT_EQ(FormatBytes(5120 * kMebibyte), "5 GiB");
  const std::vector<Limit> disk = {{Resource::kSpace, "the disk of /tmp", kMebibyte, 524288}};
  EXPECT_EQ(CheckNeeds("4 nodes", {{Resource::kSpace, 5 * kMebibyte}}, disk).message(),
            "4 nodes need 5 MiB more on the disk, and cannot have them: the disk of /tmp is 1 MiB, "
            "and 512 KiB is in use; make room there, or set TMPDIR to a directory with more");
}

TEST_F(LimitsTest, ReadsTheCgroupsOfBothGenerationsUpToTheRoot) {
  Write("proc/self/cgroup", "8:pids:/ci/job\n4:cpu,memory:/ci\n0::/\n");
  Write("cgroup/pids/ci/job/pids.max", "max\n");
  Write("cgroup/pids/ci/job/pids.current", "7\n");
  Write("cgroup/pids/ci/pids.max", "30\n");
  Write("cgroup/pids/ci/pids.current", "9\n");
  Write("cgroup/memory/ci/memory.limit_in_bytes", "104857600\n");
  Write("cgroup/memory/ci/memory.usage_in_bytes", "62914560\n");
  Write("cgroup/memory/ci/memory.stat", "total_inactive_file 41943040\ntotal_active_file 0\n");
  const std::vector<Limit> limits = ReadLimits(sources_);
  EXPECT_THAT(limits, Contains(AllOf(Field(&Limit::name, "pids.max of the cgroup /ci"),
                                     Field(&Limit::most, 30), Field(&Limit::used, 9))));
  // What files take is given back.
  EXPECT_THAT(limits, Contains(AllOf(Field(&Limit::name, HasSubstr("memory.limit_in_bytes")),
                                     Field(&Limit::most, 100 * kMebibyte),
                                     Field(&Limit::used, 20 * kMebibyte))));
  EXPECT_THAT(limits, Each(Field(&Limit::name, Not(HasSubstr("/ci/job")))));
}

TEST_F(LimitsTest, ReadsTheSecondGenerationInAContainerThatSeesItselfAsTheRoot) {
  Write("proc/self/cgroup", "0::/docker/4711\n");
  Write("cgroup/pids.max", "20\n");
  Write("cgroup/pids.current", "20\n");
  Write("cgroup/memory.max", "max\n");
  const std::vector<Limit> limits = ReadLimits(sources_);
  EXPECT_THAT(limits, Contains(AllOf(Field(&Limit::name, "pids.max of the cgroup /"),
                                     Field(&Limit::most, 20), Field(&Limit::used, 20))));
  EXPECT_THAT(Exhausted(limits), HasSubstr("pids.max of the cgroup / is 20, and 20 are in use"));
}

TEST_F(LimitsTest, AFailureIsExplainedByWhatHasRunOut) {
  Write("proc/self/cgroup", "0::/\n");
  Write("cgroup/pids.max", "20\n");
  Write("cgroup/pids.current", "8\n");
  const absl::Status failure = absl::AbortedError("member-1 exited");
  EXPECT_EQ(Explained(failure, sources_), failure);
  EXPECT_TRUE(Explained(absl::OkStatus(), sources_).ok());
  Write("cgroup/pids.current", "20\n");
  EXPECT_TRUE(Explained(absl::OkStatus(), sources_).ok());
  const absl::Status explained = Explained(failure, sources_);
  EXPECT_EQ(explained,
            absl::AbortedError("pids.max of the cgroup / is 20, and 20 are in use, which "
                               "may be why: member-1 exited"));
  // Once is enough.
  EXPECT_EQ(Explained(explained, sources_), explained);
}

TEST_F(LimitsTest, ReadsTheMachinesMemoryAndTasks) {
  Write("proc/meminfo",
        "MemTotal:     4096 kB\nMemAvailable: 1024 kB\nSwapTotal:    1024 kB\nSwapFree: 1024 kB\n");
  Write("proc/sys/kernel/threads-max", "500\n");
  Write("proc/loadavg", "0.52 0.58 0.59 3/499 4711\n");
  Write("proc/sys/fs/file-nr", "1152\t0\t800000\n");
  Write("proc/vmstat", "pgfault 12\noom_kill 3\n");
  const std::vector<Limit> limits = ReadLimits(sources_);
  EXPECT_THAT(limits, Contains(AllOf(Field(&Limit::name, "the machine's memory"),
                                     Field(&Limit::most, 5 * kMebibyte),
                                     Field(&Limit::used, 3 * kMebibyte))));
  EXPECT_THAT(limits, Contains(AllOf(Field(&Limit::name, "fs.file-max"),
                                     Field(&Limit::most, 800000), Field(&Limit::used, 1152))));
  EXPECT_THAT(Exhausted(limits), HasSubstr("kernel.threads-max is 500, and 499 are in use"));
  EXPECT_EQ(KilledForMemory(sources_), 3);
}

TEST_F(LimitsTest, WhatCannotBeReadIsLeftOut) {
  Write("proc/self/cgroup", "nonsense\n:\n8:pids\n0::/nowhere\n");
  Write("proc/meminfo", "MemTotal: lots\n");
  for (const Limit& limit : ReadLimits(sources_)) {
    EXPECT_THAT(limit.name, testing::AnyOf(HasSubstr("ulimit"), HasSubstr("disk")));
  }
}

TEST_F(LimitsTest, KnowsTheDiskOfADirectoryAndThisProcess) {
  sources_ = {.directory = root_};
  const std::vector<Limit> limits = ReadLimits(sources_);
  EXPECT_THAT(limits, Contains(AllOf(Field(&Limit::resource, Resource::kSpace),
                                     Field(&Limit::name, "the disk of " + root_.string()),
                                     Field(&Limit::most, testing::Gt(0)))));
  const auto descriptors = std::find_if(limits.begin(), limits.end(), [](const Limit& limit) {
    return limit.resource == Resource::kDescriptors;
  });
  ASSERT_NE(descriptors, limits.end());
  const int one_more = dup(0);
  const std::vector<Limit> then = ReadLimits(sources_);
  close(one_more);
  EXPECT_THAT(then, Contains(AllOf(Field(&Limit::resource, Resource::kDescriptors),
                                   Field(&Limit::used, descriptors->used + 1))));
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/resource_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gtestnet {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

NodeUsage Of(std::string process, Numbers values = {}, int64_t restarts = 0) {
  NodeUsage usage;
  usage.process = std::move(process);
  usage.restarts = restarts;
  usage.values = std::move(values);
  return usage;
}

TEST(ResourceLogTest, KeepsWhatWasSeen) {
  ResourceLog log;
  EXPECT_FALSE(log.Take(1, RunTime(100), 0, Of("pid 7", {{"memory", 5}, {"cpu", 1}}), {}));
  NodeUsage frozen = Of("pid 7", {{"memory", 6}, {"data", -1}});
  frozen.frozen = true;
  EXPECT_FALSE(log.Take(1, RunTime(1100), 0, frozen, {}));
  EXPECT_FALSE(log.Take(2, RunTime(1200), 0, Of("pid 9"), {}));
  EXPECT_THAT(log.Samples(), testing::ElementsAre(
                                 ResourceSample{RunTime(100), 1, {{"cpu", 1}, {"memory", 5}}},
                                 ResourceSample{RunTime(1100), 1, {{"frozen", 1}, {"memory", 6}}}));
}

TEST(ResourceLogTest, AnotherProcessWithoutAVerbIsARestart) {
  ResourceLog log;
  EXPECT_FALSE(log.Take(1, RunTime(100), 0, Of("pid 7"), {}));
  EXPECT_FALSE(log.Take(1, RunTime(1100), 0, Of("pid 7"), {}));
  const NodeEvent expected{RunTime(1500), 1, NodeEventKind::kRestarted, "",
                           "pid 8 runs instead of pid 7"};
  EXPECT_EQ(log.Take(1, RunTime(2100), 0, Of("pid 8"), RunTime(1500)), expected);
  EXPECT_FALSE(log.Take(1, RunTime(3100), 0, Of("pid 8"), RunTime(1500)));
}

// It began after the last look that showed the one before, whatever clocks say.
TEST(ResourceLogTest, ARestartIsDatedBetweenTwoLooks) {
  ResourceLog log;
  log.Take(1, RunTime(1000), 0, Of("a"), {});
  EXPECT_EQ(log.Take(1, RunTime(2000), 0, Of("b"), RunTime(-5))->at, RunTime(1000));
  EXPECT_EQ(log.Take(1, RunTime(3000), 0, Of("c"), RunTime(9000))->at, RunTime(3000));
  EXPECT_EQ(log.Take(1, RunTime(4000), 0, Of("d"), {})->at, RunTime(4000));
}

TEST(ResourceLogTest, AVerbExplainsAnotherProcess) {
  ResourceLog log;
  log.Take(1, RunTime(100), 0, Of("pid 7", {}, 2), {});
  EXPECT_FALSE(log.Take(1, RunTime(1100), 2, Of("pid 8", {}, 3), {}));
  EXPECT_TRUE(log.Take(1, RunTime(2100), 2, Of("pid 9", {}, 3), {}));
}

// While a script begins its program again, nothing serves.
TEST(ResourceLogTest, AProcessThatIsNotKnownIsNoOtherOne) {
  ResourceLog log;
  log.Take(1, RunTime(100), 0, Of("pid 7"), {});
  EXPECT_FALSE(log.Take(1, RunTime(1100), 0, Of(""), {}));
  EXPECT_FALSE(log.Take(1, RunTime(2100), 0, Of("pid 7"), {}));
  EXPECT_FALSE(log.Take(1, RunTime(3100), 0, Of(""), {}));
  EXPECT_EQ(log.Take(1, RunTime(4100), 0, Of("pid 8"), {})->detail, "pid 8 runs instead of pid 7");
}

TEST(ResourceLogTest, ACountOfRestartsThatGrewIsOne) {
  ResourceLog log;
  log.Take(1, RunTime(100), 0, Of("", {}, 4), {});
  EXPECT_FALSE(log.Take(1, RunTime(1100), 0, Of("", {}, 4), {}));
  EXPECT_EQ(log.Take(1, RunTime(2100), 0, Of("", {}, 6), {})->detail,
            "it was restarted 2 times since it was last looked at");
}

TEST(ResourceLogTest, AFullLogKeepsPeaksAndLives) {
  ResourceLog log(6);
  const auto take = [&](int at, const char* process, double memory, double cpu) {
    log.Take(1, RunTime(at), 0, Of(process, {{"memory", memory}, {"cpu", cpu}}), {});
  };
  take(1, "a", 10, 1);
  take(2, "a", 90, 2);
  take(3, "a", 20, 3);
  log.Take(2, RunTime(4), 0, Of("x", {{"memory", 1}}), {});
  take(5, "b", 5, 0);
  take(6, "b", 6, 1);
  take(7, "b", 7, 2);
  EXPECT_THAT(log.Samples(),
              testing::ElementsAre(ResourceSample{RunTime(2), 1, {{"cpu", 2}, {"memory", 90}}},
                                   ResourceSample{RunTime(3), 1, {{"cpu", 3}, {"memory", 20}}},
                                   ResourceSample{RunTime(4), 2, {{"memory", 1}}},
                                   ResourceSample{RunTime(6), 1, {{"cpu", 1}, {"memory", 6}}},
                                   ResourceSample{RunTime(7), 1, {{"cpu", 2}, {"memory", 7}}}));
  for (int at = 8; at < 1000; ++at) take(at, "b", at, at);
  EXPECT_THAT(log.Samples(), SizeIs(testing::Le(6u)));
  EXPECT_EQ(log.Samples().back().values.Get("memory"), 999);
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/label_sweeper.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace gtestnet {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LabelSweeperTest : public testing::Test {
 protected:
  LabelSweeperTest() { std::filesystem::create_directories(place_); }
  ~LabelSweeperTest() override { std::filesystem::remove_all(place_); }

  void Make(const std::string& name) { std::ofstream(place_ + "/" + name) << name; }
  LabelSweep Files(const std::string& pattern) const {
    return {.list = {"find", place_, "-type", "f", "-name", pattern}, .remove = {"rm", "-f"}};
  }

  const std::string place_ = testing::TempDir() + "sweep." + std::to_string(getpid());
  const LabelSweepTimes quick_{.timeout = std::chrono::milliseconds(300),
                               .patience = std::chrono::milliseconds(100)};
};

TEST_F(LabelSweeperTest, RemovesWhatItsListSaysAndNothingElse) {
  for (const char* name : {"x.a", "x.b", "y.a"}) Make(name);
  EXPECT_THAT(*ListBySweeps({Files("x.*"), Files("y.*")}), SizeIs(3));
  EXPECT_EQ(RunSweeps("x", {Files("x.*")}, {}), absl::OkStatus());
  EXPECT_THAT(*ListBySweeps({Files("x.*")}), IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(place_ + "/y.a"));
}

TEST_F(LabelSweeperTest, SaysWhatDoesNotGo) {
  Make("x.a");
  LabelSweep sweep = Files("x.*");
  sweep.remove = {"true"};
  const absl::Status status = RunSweeps("7f", {sweep}, quick_);
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              testing::MatchesRegex("run 7f: not removed in .*; last: there was still .*/x\\.a"));
}

TEST_F(LabelSweeperTest, SaysWhichCommandFailsAndHow) {
  const absl::Status status =
      RunSweeps("7f", {{.list = {"sh", "-c", "echo away >&2; exit 4"}, .remove = {"rm"}}}, quick_);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("sh -c echo away >&2; exit 4: exit status 4: away"));
  EXPECT_THAT(
      std::string(
          ListBySweeps({{.list = {"no-such-program"}, .remove = {"rm"}}}).status().message()),
      HasSubstr("no-such-program"));
}

TEST_F(LabelSweeperTest, ReadsWhatItWrites) {
  const std::vector<LabelSweep> sweeps = {Files("a \"b\""), Files("c")};
  EXPECT_EQ(ReadSweeps(WriteSweeps(sweeps)).value(), sweeps);
  for (const char* bad :
       {"", "[]", "{}", "[1]", "[{\"list\":[\"a\"]}]", "[{\"list\":[],\"remove\":[\"b\"]}]",
        "[{\"list\":[1],\"remove\":[\"b\"]}]"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ReadSweeps(bad).status())) << bad;
  }
}

}  // namespace
}  // namespace gtestnet

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "gtestnet/runner.h"

namespace gtestnet {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class ReplayWantedTest : public testing::Test {
 protected:
  ReplayWantedTest() {
    std::filesystem::create_directories(directory_);
    record_.test = "Suite.Test/local_3n";
    record_.seed = 77;
  }
  ~ReplayWantedTest() override {
    unsetenv("GTESTNET_REPLAY");
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  void Write(const std::string& content) {
    std::ofstream(directory_ / "record.json", std::ios::binary) << content;
  }
  void Want(const std::filesystem::path& path) { setenv("GTESTNET_REPLAY", path.c_str(), 1); }
  std::string Error() {
    return std::string(ReplayWanted("Suite.Test/local_3n").status().message());
  }

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("gtestnet-replay." + std::to_string(getpid()));
  RunRecord record_;
};

TEST_F(ReplayWantedTest, IsNothingUnlessItIsNamed) {
  unsetenv("GTESTNET_REPLAY");
  ASSERT_TRUE(ReplayWanted("any").ok());
  EXPECT_EQ(*ReplayWanted("any"), nullptr);
}

TEST_F(ReplayWantedTest, TakesAFileOrABundle) {
  Write(record_.ToJson());
  for (const auto& path : {directory_, directory_ / "record.json"}) {
    Want(path);
    const auto replay = ReplayWanted("Suite.Test/local_3n");
    ASSERT_TRUE(replay.ok()) << replay.status();
    EXPECT_EQ((*replay)->seed, 77u);
  }
}

TEST_F(ReplayWantedTest, NamesTheVariableAndWhatIsWrong) {
  Want(directory_ / "none.json");
  EXPECT_THAT(Error(), AllOf(StartsWith("GTESTNET_REPLAY="), EndsWith("none.json cannot be read")));
  Write("");
  Want(directory_);
  EXPECT_THAT(Error(), StartsWith("GTESTNET_REPLAY="));
  const std::string json = record_.ToJson();
  Write(json.substr(0, json.size() / 2));
  EXPECT_THAT(Error(), StartsWith("GTESTNET_REPLAY="));
  record_.test = "Suite.Other/local_3n";
  Write(record_.ToJson());
  EXPECT_THAT(Error(), HasSubstr("it is the record of Suite.Other/local_3n, not of "
                                 "Suite.Test/local_3n; run that one alone"));
}

}  // namespace
}  // namespace gtestnet

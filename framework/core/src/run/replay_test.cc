// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "core/src/run/testing/fake_cluster.h"
#include "gtestnet/runner.h"

namespace gtestnet {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const testing_support::FakeTopology kThree = testing_support::FakeTopology::Star().Nodes(3);

class ReplayWantedTest : public testing::Test {
 protected:
  ReplayWantedTest() {
    std::filesystem::create_directories(directory_);
    record_.test = "Suite.Test/local_3n";
    record_.seed = 77;
    record_.topology = "star_3n";
    record_.layout = "star";
    for (const char* name : {"node-0", "node-1", "node-2"}) {
      record_.nodes.emplace_back().name = name;
    }
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
    return std::string(ReplayWanted("Suite.Test/local_3n", kThree).status().message());
  }
  // Of `record_`, with a change to it.
  std::string ErrorWith(const std::function<void(RunRecord&)>& change) {
    RunRecord changed = record_;
    change(changed);
    Write(changed.ToJson());
    Want(directory_);
    return Error();
  }

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("gtestnet-replay." + std::to_string(getpid()));
  RunRecord record_;
};

TEST_F(ReplayWantedTest, IsNothingUnlessItIsNamed) {
  unsetenv("GTESTNET_REPLAY");
  ASSERT_TRUE(ReplayWanted("any", kThree).ok());
  EXPECT_EQ(*ReplayWanted("any", kThree), nullptr);
}

TEST_F(ReplayWantedTest, TakesAFileOrABundle) {
  Write(record_.ToJson());
  for (const auto& path : {directory_, directory_ / "record.json"}) {
    Want(path);
    const auto replay = ReplayWanted("Suite.Test/local_3n", kThree);
    ASSERT_TRUE(replay.ok()) << replay.status();
    EXPECT_EQ((*replay)->seed, 77u);
  }
}

TEST_F(ReplayWantedTest, NamesTheVariableAndWhatIsWrong) {
  Want(directory_ / "none.json");
  EXPECT_THAT(Error(), AllOf(StartsWith("GTESTNET_REPLAY="),
                             EndsWith("none.json: No such file or directory")));
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

TEST_F(ReplayWantedTest, RefusesARecordOfAnotherTopology) {
  EXPECT_EQ(ErrorWith([](RunRecord&) {}), "");
  EXPECT_THAT(ErrorWith([](RunRecord& r) { r.topology = "star_4n"; }),
              EndsWith(": it was made on star_4n, not on star_3n"));
  EXPECT_THAT(ErrorWith([](RunRecord& r) { r.layout = "mesh"; }),
              EndsWith(": it was made when star_3n was a mesh, not a star"));
  EXPECT_THAT(ErrorWith([](RunRecord& r) { r.nodes.pop_back(); }),
              EndsWith(": its node 2 is none, which is node-2 in star_3n"));
  EXPECT_THAT(ErrorWith([](RunRecord& r) { r.nodes[1].name = "scout-0"; }),
              EndsWith(": its node 1 is scout-0, which is node-1 in star_3n"));
  const auto with_fault = [](const char* fault) {
    return [=](RunRecord& r) {
      r.nodes.emplace_back().name = "node-3";
      r.faults.emplace_back().fault = fault;
      r.faults.back().node = 3;
    };
  };
  EXPECT_EQ(ErrorWith(with_fault("join")), "");
  EXPECT_THAT(ErrorWith(with_fault("kill")),
              EndsWith(": it has a kill of node 3, and star_3n has no node beyond 2"));
}

}  // namespace
}  // namespace gtestnet

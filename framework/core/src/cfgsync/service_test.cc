// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/src/base/replace_file.h"
#include "core/src/cfgsync/answer.h"
#include "core/src/cfgsync/start_book.h"
#include "gtestnet/nomos/nomos.h"

namespace gtestnet::cfgsync {
namespace {

using namespace std::chrono_literals;
using base::HttpResponse;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A wall clock that stands still.
class StillClock final : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(); }
  std::chrono::system_clock::time_point WallNow() const override {
    return std::chrono::system_clock::time_point(1'000'000ms);
  }
  bool SleepUntil(TimePoint, std::stop_token) const override { return true; }
};

class CfgsyncServiceTest : public testing::Test {
 protected:
  CfgsyncServiceTest() {
    char name[] = "/tmp/gtestnet-cfgsync-XXXXXX";
    directory_ = mkdtemp(name);
    file_ = directory_ + "/cfgsync.yaml";
    spec_.cluster = {.topology = nomos::Topology::Star().Validators(2).Executors(1).Late(1),
                     .seed = 7,
                     .run_id = "r",
                     .test = {}};
    WriteFile();
  }
  ~CfgsyncServiceTest() override { std::filesystem::remove_all(directory_); }

  void WriteFile() {
    const absl::StatusOr<std::string> text = WriteSpec(spec_);
    ASSERT_TRUE(text.ok()) << text.status();
    ASSERT_TRUE(base::ReplaceFile(file_, *text).ok());
  }
  // As if the server had been started again.
  void Restart(bool with_state = true) {
    tasks_.clear();
    service_ = std::make_unique<Service>(
        ServiceOptions{.spec_file = file_,
                       .state_file = with_state ? directory_ + "/start" : "",
                       .clock = &clock_,
                       .after = [this](auto, auto task) { tasks_.push_back(std::move(task)); },
                       .log = {}});
    const absl::Status loaded = service_->Load();
    ASSERT_TRUE(loaded.ok()) << loaded;
  }
  // Nothing when the answer is still to come.
  std::shared_ptr<std::optional<HttpResponse>> Begin(const base::HttpRequest& request) {
    if (!service_) Restart();
    auto answer = std::make_shared<std::optional<HttpResponse>>();
    service_->Handle(request, [answer](HttpResponse response) { *answer = std::move(response); });
    return answer;
  }
  HttpResponse Get(const std::string& target) {
    const auto answer = Begin({.target = target});
    EXPECT_TRUE(answer->has_value()) << target << " is not answered";
    return answer->value_or(HttpResponse{});
  }
  HttpResponse Post(const std::string& target, const std::string& body) {
    return Begin({.method = "POST", .target = target, .body = body})->value_or(HttpResponse{});
  }
  std::string NowAsked(const std::string& node) {
    return Get("/start?wait_ms=0&identifier=" + node).body;
  }

  StillClock clock_;
  std::string directory_;
  std::string file_;
  Spec spec_;
  std::vector<std::function<void()>> tasks_;
  std::unique_ptr<Service> service_;
};

TEST_F(CfgsyncServiceTest, TheSameNameGetsTheSameBytesFromAnywhereAtAnyTime) {
  const std::string first = Post("/validator", R"({"identifier": "validator-0"})").body;
  EXPECT_THAT(first, HasSubstr("\"program\":\"nomos-node\""));
  NowAsked("validator-0");
  NowAsked("executor-0");
  EXPECT_EQ(Post("/validator", R"({"identifier": "validator-0", "ip": "10.1.1.1"})").body, first);
  Restart(false);
  EXPECT_EQ(Post("/validator", R"({"ip": "::1", "identifier": "validator-0"})").body, first);
  EXPECT_NE(Post("/validator", R"({"identifier": "validator-1"})").body, first);
}

TEST_F(CfgsyncServiceTest, RefusesInASentence) {
  struct Case {
    const char* target;
    const char* body;
    int status;
    const char* sentence;
  };
  const Case cases[] = {
      {"/validator", R"({"identifier": "validator-9"})", 404,
       "there is no node \"validator-9\"; there are validator-0, validator-1, executor-0"},
      {"/executor", R"({"identifier": "validator-0"})", 400,
       "validator-0 is a validator, not an executor"},
      {"/validator", "", 400, "the body: 1:1: the JSON ends too early"},
      {"/validator", "garbage", 400, "the body: 1:"},
      {"/validator", "{}", 400, "\"identifier\" is missing in the body"},
      {"/validator", R"({"identifier": 3})", 400, "1:16: \"identifier\" must be a text"},
      {"/validator", R"({"identifier": "validator-0", "port": 1})", 400, "unknown field \"port\""},
      {"/validator", R"({"identifier": "validator-0", "start": -1})", 400, "\"start\" must be"},
      {"/nowhere", "{}", 404, "there are POST /validator, POST /executor, GET /start"},
      {"/start", "", 409,
       "not every node has asked for the start: missing are validator-0, executor-0"},
      {"/targets", "{}", 405, "it takes GET only"},
  };
  for (const Case& one : cases) {
    const HttpResponse response = Post(one.target, one.body);
    EXPECT_EQ(response.status, one.status) << one.body;
    EXPECT_THAT(response.body, HasSubstr(one.sentence)) << one.body;
  }
  EXPECT_EQ(Get("/validator").status, 405);
  EXPECT_THAT(Get("/start?wait_ms=x").body, HasSubstr("wait_ms must be from 0 to 60000"));
  EXPECT_EQ(Get("/start?identifier=nobody").status, 404);
}

TEST_F(CfgsyncServiceTest, TheStartIsFixedWhenTheLastGenesisNodeHasAsked) {
  EXPECT_EQ(NowAsked(""), R"({"start":null,"waiting_for":["validator-0","executor-0"]})");
  const auto waits = Begin({.target = "/start?identifier=validator-0"});
  const auto late = Begin({.target = "/start?identifier=validator-1"});  // is not waited for
  EXPECT_FALSE(waits->has_value());
  EXPECT_EQ(NowAsked("validator-0"), R"({"start":null,"waiting_for":["executor-0"]})");
  const std::string start = R"({"start":1000500})";
  EXPECT_EQ(Get("/start?identifier=executor-0").body, start);
  ASSERT_TRUE(waits->has_value());
  EXPECT_EQ((*waits)->body, start);
  ASSERT_TRUE(late->has_value());
  EXPECT_EQ((*late)->body, start);
  EXPECT_EQ(NowAsked("validator-0"), start);
}

TEST_F(CfgsyncServiceTest, AStartThatIsHeldIsFixedBySomeoneElse) {
  spec_.hold_start = true;
  WriteFile();
  const auto waits = Begin({.target = "/start?identifier=validator-0"});
  EXPECT_THAT(Post("/start", "").body, HasSubstr("missing are executor-0"));
  EXPECT_EQ(NowAsked("executor-0"), R"({"start":null,"waiting_for":[]})");
  EXPECT_FALSE(waits->has_value());
  const std::string start = R"({"start":1000500})";
  EXPECT_EQ(Post("/start", "").body, start);
  ASSERT_TRUE(waits->has_value());
  EXPECT_EQ((*waits)->body, start);
  EXPECT_EQ(Post("/start", "").body, start);  // it stays so
  Restart();
  EXPECT_EQ(NowAsked(""), start);
}

TEST_F(CfgsyncServiceTest, ALongPollEndsWithWhatIsMissing) {
  const auto waits = Begin({.target = "/start?wait_ms=100&identifier=validator-0"});
  ASSERT_EQ(tasks_.size(), 1u);
  tasks_[0]();
  ASSERT_TRUE(waits->has_value());
  EXPECT_EQ((*waits)->body, R"({"start":null,"waiting_for":["executor-0"]})");
  tasks_[0]();  // to nobody
}

TEST_F(CfgsyncServiceTest, ARestartedServerKnowsTheStartByItsFile) {
  NowAsked("validator-0");
  NowAsked("executor-0");
  Restart();
  EXPECT_EQ(NowAsked("validator-1"), R"({"start":1000500})");
}

TEST_F(CfgsyncServiceTest, OrLearnsItFromANodeThatRegistersAgain) {
  NowAsked("validator-0");
  NowAsked("executor-0");
  Restart(false);
  const auto late = Begin({.target = "/start?identifier=validator-1"});
  EXPECT_FALSE(late->has_value());
  EXPECT_EQ(Post("/executor", R"({"identifier": "executor-0", "start": 1000500})").status, 200);
  ASSERT_TRUE(late->has_value());
  EXPECT_EQ((*late)->body, R"({"start":1000500})");
}

TEST_F(CfgsyncServiceTest, OrFromTheSpec) {
  spec_.start = 4711;
  WriteFile();
  EXPECT_EQ(NowAsked(""), R"({"start":4711})");
}

TEST_F(CfgsyncServiceTest, TwoStartsAreAnErrorThatNamesBoth) {
  Post("/validator", R"({"identifier": "validator-0", "start": 5})");
  const HttpResponse other = Post("/executor", R"({"identifier": "executor-0", "start": 6})");
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(other.body,
            "the chain starts at 5 by validator-0, but at 6 by executor-0: they are of different "
            "runs\n");
  EXPECT_EQ(NowAsked(""), R"({"start":5})");
}

TEST_F(CfgsyncServiceTest, ANodeIsAddedByANewFile) {
  const std::string before = Post("/validator", R"({"identifier": "validator-0"})").body;
  EXPECT_EQ(Post("/validator", R"({"identifier": "validator-2"})").status, 404);
  spec_.added = {{"validator", {0}}};
  WriteFile();
  EXPECT_THAT(Post("/validator", R"({"identifier": "validator-2"})").body,
              HasSubstr(R"(address: \"validator-0:3000\")"));
  EXPECT_EQ(Post("/validator", R"({"identifier": "validator-0"})").body, before);
  EXPECT_THAT(Get("/health").body, HasSubstr("validator-2"));
  // It is none that the start waits for.
  NowAsked("validator-0");
  EXPECT_EQ(NowAsked("executor-0"), R"({"start":1000500})");
}

TEST_F(CfgsyncServiceTest, ABrokenFileIsSaidUntilItIsMended) {
  EXPECT_EQ(Get("/health").status, 200);
  ASSERT_TRUE(base::ReplaceFile(file_, "run: [").ok());
  for (int i = 0; i < 2; ++i) {
    const HttpResponse response = Post("/validator", R"({"identifier": "validator-0"})");
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(response.body, HasSubstr(file_ + ":"));
  }
  EXPECT_EQ(Get("/health").status, 500);
  WriteFile();
  EXPECT_EQ(Get("/health").status, 200);
  std::filesystem::remove(file_);
  EXPECT_THAT(Get("/health").body, HasSubstr("No such file"));
}

TEST_F(CfgsyncServiceTest, ADamagedStateFileIsNotStartedWith) {
  std::ofstream(directory_ + "/start") << "soon";
  Service service({.spec_file = file_, .state_file = directory_ + "/start"});
  EXPECT_THAT(std::string(service.Load().message()),
              HasSubstr(directory_ + "/start: it must hold the chain's start"));
}

TEST(StartBookTest, WaitsForGenesisNodesOnly) {
  const Spec spec = {.cluster = {.topology = nomos::Topology::Star().Validators(3).Late(2),
                                 .seed = 1,
                                 .run_id = "r"}};
  StartBook book;
  EXPECT_THAT(book.WaitingFor(spec), ElementsAre("validator-0", "validator-1"));
  book.Asked(spec, "validator-2", 10);
  book.Asked(spec, "validator-1", 20);
  book.Asked(spec, "validator-1", 30);
  EXPECT_EQ(book.start(), std::nullopt);
  book.Asked(spec, "validator-0", 40);
  EXPECT_EQ(book.start(), 540);
  book.Asked(spec, "validator-0", 50);
  EXPECT_EQ(book.start(), 540);
  EXPECT_THAT(book.WaitingFor(spec), IsEmpty());
}

TEST_F(CfgsyncServiceTest, TakesHostsThatANodeKnows) {
  const std::string knows =
      R"({"identifier": "executor-0", "hosts": {"validator-0": "10.0.0.7", "x": "10.0.0.8"}})";
  EXPECT_THAT(Post("/executor", knows).body, HasSubstr("10.0.0.7:3000"));
  // It is for those who say such, as they cannot resolve names.
  EXPECT_THAT(Post("/executor", R"({"identifier": "executor-0"})").body,
              HasSubstr("validator-0:3000"));
  EXPECT_EQ(Post("/executor", R"({"identifier": "executor-0", "hosts": 7})").status, 400);
  EXPECT_EQ(Post("/executor", R"({"identifier": "executor-0", "hosts": {"a": 7}})").status, 400);
  // What the file says goes before it.
  spec_.hosts = {{"validator-0", "10.0.0.1"}};
  WriteFile();
  EXPECT_THAT(Post("/executor", knows).body, HasSubstr("10.0.0.1:3000"));
}

// As Kubernetes may not have injected the newest Service.
TEST_F(CfgsyncServiceTest, SaysWhichNodesItHasByNameOnlyUntilAnotherKnowsThem) {
  const std::string misses =
      R"({"identifier": "executor-0", "hosts": {"validator-1": "10.0.0.8"}})";
  EXPECT_THAT(Post("/executor", misses).body, HasSubstr(R"("by_name":["validator-0"])"));
  EXPECT_THAT(Post("/executor", R"({"identifier": "executor-0"})").body, Not(HasSubstr("by_name")));
  Post("/validator", R"({"identifier": "validator-0", "hosts": {"validator-0": "10.0.0.7"}})");
  const std::string body = Post("/executor", misses).body;
  EXPECT_THAT(body, HasSubstr("10.0.0.7:3000"));
  EXPECT_THAT(body, Not(HasSubstr("by_name")));
}

TEST_F(CfgsyncServiceTest, ARestartedServerTellsPrometheusOfAllNodes) {
  Post("/validator", R"({"identifier": "validator-1", "ip": "10.0.0.7"})");
  Post("/executor", R"({"identifier": "executor-0", "ip": "fd00::1"})");
  const std::string before = Get("/targets").body;
  Restart();
  EXPECT_EQ(Get("/targets").body, before);
}

TEST_F(CfgsyncServiceTest, TellsPrometheusWhereTheNodesAre) {
  EXPECT_EQ(Get("/targets").status, 503);
  Post("/validator", R"({"identifier": "validator-1", "ip": "10.0.0.7"})");
  Post("/validator", R"({"identifier": "validator-1", "ip": "10.0.0.8"})");
  Post("/executor", R"({"identifier": "executor-0", "ip": "fd00::1"})");
  Post("/validator", R"({"identifier": "validator-0"})");
  EXPECT_EQ(Get("/targets").body,
            R"([{"targets":["10.0.0.8:18080"],"labels":{"node":"validator-1","role":"validator",)"
            R"("index":"1","instance":"validator-1"}},{"targets":["[fd00::1]:18080"],"labels":)"
            R"({"node":"executor-0","role":"executor","index":"2","instance":"executor-0"}}])");
}

}  // namespace
}  // namespace gtestnet::cfgsync

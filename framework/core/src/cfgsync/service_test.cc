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
#include "core/src/cfgsync/plan.h"
#include "core/src/cfgsync/start_book.h"

namespace gtestnet::cfgsync {
namespace {

using namespace std::chrono_literals;
using base::HttpResponse;
using testing::AllOf;
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
    file_ = directory_ + "/plan.json";
    plan_.run_id = "r";
    plan_.metrics = {18080, "/metrics"};
    plan_.nodes = {MakeNode("member-0", "member", ""), MakeNode("member-1", "member", "member-0"),
                   MakeNode("scout-0", "scout", "member-0")};
    plan_.nodes[1].late = true;
    WriteFile();
  }
  ~CfgsyncServiceTest() override { std::filesystem::remove_all(directory_); }

  static PlannedNode MakeNode(const std::string& name, const std::string& role,
                              const std::string& dials) {
    PlannedNode node{.name = name, .role = role, .directory = "/d", .start_file = "/d/start"};
    node.setup.program = "/bin/node";
    node.setup.files = {{"dials", dials.empty() ? "nobody" : HostToken(dials) + ":3000"}};
    return node;
  }
  void WriteFile() { ASSERT_TRUE(base::ReplaceFile(file_, WritePlan(plan_)).ok()); }
  // As if the server had been started again.
  void Restart(bool with_state = true) {
    tasks_.clear();
    service_ = std::make_unique<Service>(
        ServiceOptions{.plan_file = file_,
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
  Plan plan_;
  std::vector<std::function<void()>> tasks_;
  std::unique_ptr<Service> service_;
};

TEST_F(CfgsyncServiceTest, TheSameNameGetsTheSameBytesFromAnywhereAtAnyTime) {
  const std::string first = Post("/member", R"({"identifier": "member-0"})").body;
  EXPECT_THAT(first, HasSubstr("\"program\":\"/bin/node\""));
  NowAsked("member-0");
  NowAsked("scout-0");
  EXPECT_EQ(Post("/member", R"({"identifier": "member-0", "ip": "10.1.1.1"})").body, first);
  Restart(false);
  EXPECT_EQ(Post("/member", R"({"ip": "::1", "identifier": "member-0"})").body, first);
  EXPECT_NE(Post("/member", R"({"identifier": "member-1"})").body, first);
}

TEST_F(CfgsyncServiceTest, RefusesInASentence) {
  struct Case {
    const char* target;
    const char* body;
    int status;
    const char* sentence;
  };
  const Case cases[] = {
      {"/member", R"({"identifier": "member-9"})", 404,
       "there is no node \"member-9\"; there are member-0, member-1, scout-0"},
      {"/scout", R"({"identifier": "member-0"})", 400, "member-0 is a member, not a scout"},
      {"/member", "", 400, "the body: 1:1: the JSON ends too early"},
      {"/member", "garbage", 400, "the body: 1:"},
      {"/member", "{}", 400, "\"identifier\" is missing in the body"},
      {"/member", R"({"identifier": 3})", 400, "1:16: \"identifier\" must be a text"},
      {"/member", R"({"identifier": "member-0", "port": 1})", 400, "unknown field \"port\""},
      {"/member", R"({"identifier": "member-0", "start": -1})", 400, "\"start\" must be"},
      {"/nowhere", "{}", 404, "there are POST /member, POST /scout, GET /start"},
      {"/start", "", 409, "not every node has asked for the start: missing are member-0, scout-0"},
      {"/targets", "{}", 405, "it takes GET only"},
  };
  for (const Case& one : cases) {
    const HttpResponse response = Post(one.target, one.body);
    EXPECT_EQ(response.status, one.status) << one.body;
    EXPECT_THAT(response.body, HasSubstr(one.sentence)) << one.body;
  }
  EXPECT_EQ(Get("/member").status, 405);
  EXPECT_THAT(Get("/start?wait_ms=x").body, HasSubstr("wait_ms must be from 0 to 60000"));
  EXPECT_EQ(Get("/start?identifier=nobody").status, 404);
}

TEST_F(CfgsyncServiceTest, TheStartIsFixedWhenTheLastGenesisNodeHasAsked) {
  EXPECT_EQ(NowAsked(""), R"({"start":null,"waiting_for":["member-0","scout-0"]})");
  const auto waits = Begin({.target = "/start?identifier=member-0"});
  const auto late = Begin({.target = "/start?identifier=member-1"});  // is not waited for
  EXPECT_FALSE(waits->has_value());
  EXPECT_EQ(NowAsked("member-0"), R"({"start":null,"waiting_for":["scout-0"]})");
  const std::string start = R"({"start":1000500})";
  EXPECT_EQ(Get("/start?identifier=scout-0").body, start);
  ASSERT_TRUE(waits->has_value());
  EXPECT_EQ((*waits)->body, start);
  ASSERT_TRUE(late->has_value());
  EXPECT_EQ((*late)->body, start);
  EXPECT_EQ(NowAsked("member-0"), start);
}

TEST_F(CfgsyncServiceTest, AStartThatIsHeldIsFixedBySomeoneElse) {
  plan_.hold_start = true;
  WriteFile();
  const auto waits = Begin({.target = "/start?identifier=member-0"});
  EXPECT_THAT(Post("/start", "").body, HasSubstr("missing are scout-0"));
  EXPECT_EQ(NowAsked("scout-0"), R"({"start":null,"waiting_for":[]})");
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
  const auto waits = Begin({.target = "/start?wait_ms=100&identifier=member-0"});
  ASSERT_EQ(tasks_.size(), 1u);
  tasks_[0]();
  ASSERT_TRUE(waits->has_value());
  EXPECT_EQ((*waits)->body, R"({"start":null,"waiting_for":["scout-0"]})");
  tasks_[0]();  // to nobody
}

TEST_F(CfgsyncServiceTest, ARestartedServerKnowsTheStartByItsFile) {
  NowAsked("member-0");
  NowAsked("scout-0");
  Restart();
  EXPECT_EQ(NowAsked("member-1"), R"({"start":1000500})");
}

TEST_F(CfgsyncServiceTest, OrLearnsItFromANodeThatRegistersAgain) {
  NowAsked("member-0");
  NowAsked("scout-0");
  Restart(false);
  const auto late = Begin({.target = "/start?identifier=member-1"});
  EXPECT_FALSE(late->has_value());
  EXPECT_EQ(Post("/scout", R"({"identifier": "scout-0", "start": 1000500})").status, 200);
  ASSERT_TRUE(late->has_value());
  EXPECT_EQ((*late)->body, R"({"start":1000500})");
}

TEST_F(CfgsyncServiceTest, OrFromThePlan) {
  plan_.start = 4711;
  WriteFile();
  EXPECT_EQ(NowAsked(""), R"({"start":4711})");
}

TEST_F(CfgsyncServiceTest, TwoStartsAreAnErrorThatNamesBoth) {
  Post("/member", R"({"identifier": "member-0", "start": 5})");
  const HttpResponse other = Post("/scout", R"({"identifier": "scout-0", "start": 6})");
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(other.body,
            "the chain starts at 5 by member-0, but at 6 by scout-0: they are of different "
            "runs\n");
  EXPECT_EQ(NowAsked(""), R"({"start":5})");
}

TEST_F(CfgsyncServiceTest, ANodeIsAddedByANewFile) {
  const std::string before = Post("/member", R"({"identifier": "member-0"})").body;
  EXPECT_EQ(Post("/member", R"({"identifier": "member-2"})").status, 404);
  plan_.nodes.push_back(MakeNode("member-2", "member", "member-0"));
  plan_.nodes.back().late = true;
  WriteFile();
  EXPECT_THAT(Post("/member", R"({"identifier": "member-2"})").body,
              HasSubstr("member-0.node.gtestnet:3000"));
  EXPECT_EQ(Post("/member", R"({"identifier": "member-0"})").body, before);
  EXPECT_THAT(Get("/health").body, HasSubstr("member-2"));
  // It is none that the start waits for.
  NowAsked("member-0");
  EXPECT_EQ(NowAsked("scout-0"), R"({"start":1000500})");
}

TEST_F(CfgsyncServiceTest, ABrokenFileIsSaidUntilItIsMended) {
  EXPECT_EQ(Get("/health").status, 200);
  ASSERT_TRUE(base::ReplaceFile(file_, "{\"run\": [").ok());
  for (int i = 0; i < 2; ++i) {
    const HttpResponse response = Post("/member", R"({"identifier": "member-0"})");
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
  Service service({.plan_file = file_, .state_file = directory_ + "/start"});
  EXPECT_THAT(std::string(service.Load().message()),
              HasSubstr(directory_ + "/start: it must hold the chain's start"));
}

TEST(StartBookTest, WaitsForGenesisNodesOnly) {
  Plan plan;
  plan.nodes.resize(3);
  for (size_t i = 0; i < 3; ++i) plan.nodes[i].name = "member-" + std::to_string(i);
  plan.nodes[2].late = true;
  StartBook book;
  EXPECT_THAT(book.WaitingFor(plan), ElementsAre("member-0", "member-1"));
  book.Asked(plan, "member-2", 10);
  book.Asked(plan, "member-1", 20);
  book.Asked(plan, "member-1", 30);
  EXPECT_EQ(book.start(), std::nullopt);
  book.Asked(plan, "member-0", 40);
  EXPECT_EQ(book.start(), 540);
  book.Asked(plan, "member-0", 50);
  EXPECT_EQ(book.start(), 540);
  EXPECT_THAT(book.WaitingFor(plan), IsEmpty());
}

// As Kubernetes may not have injected the newest Service.
TEST_F(CfgsyncServiceTest, TellsANodeThatSaysWhereItFindsOthersWhereTheOthersFindThem) {
  const std::string misses = R"({"identifier": "scout-0", "hosts": {"member-1": "10.0.0.8"}})";
  EXPECT_THAT(Post("/scout", misses).body,
              AllOf(HasSubstr(R"("nodes":["member-0"])"), Not(HasSubstr("hosts"))));
  EXPECT_THAT(Post("/member", R"({"identifier": "member-0"})").body, Not(HasSubstr("nodes")));
  Post("/member", R"({"identifier": "member-0", "hosts": {"member-0": "10.0.0.7", "x": "y"}})");
  EXPECT_THAT(Post("/scout", misses).body, HasSubstr(R"("hosts":{"member-0":"10.0.0.7"})"));
  // One that says none resolves names.
  EXPECT_THAT(Post("/scout", R"({"identifier": "scout-0"})").body, Not(HasSubstr("hosts")));
  EXPECT_EQ(Post("/scout", R"({"identifier": "scout-0", "hosts": 7})").status, 400);
  EXPECT_EQ(Post("/scout", R"({"identifier": "scout-0", "hosts": {"a": 7}})").status, 400);
}

TEST_F(CfgsyncServiceTest, ServesWhatNodesShareOnceByItsHash) {
  const std::string big(5000, 'g');
  for (PlannedNode& node : plan_.nodes) node.setup.files.push_back({"genesis", big});
  WriteFile();
  const std::string hash = HashOf(big);
  const std::string answer = Post("/member", R"({"identifier": "member-0"})").body;
  EXPECT_THAT(answer, AllOf(HasSubstr("\"hash\":\"" + hash + "\""), Not(HasSubstr("gggg"))));
  EXPECT_EQ(Get("/shared/" + hash).body, big);
  EXPECT_EQ(Get("/shared/" + std::string(64, '0')).status, 404);
  EXPECT_EQ(Post("/shared/" + hash, "").status, 405);
}

TEST_F(CfgsyncServiceTest, ARestartedServerTellsPrometheusOfAllNodes) {
  Post("/member", R"({"identifier": "member-1", "ip": "10.0.0.7"})");
  Post("/scout", R"({"identifier": "scout-0", "ip": "fd00::1"})");
  const std::string before = Get("/targets").body;
  Restart();
  EXPECT_EQ(Get("/targets").body, before);
}

TEST_F(CfgsyncServiceTest, TellsPrometheusWhereTheNodesAre) {
  EXPECT_EQ(Get("/targets").status, 503);
  Post("/member", R"({"identifier": "member-1", "ip": "10.0.0.7"})");
  Post("/member", R"({"identifier": "member-1", "ip": "10.0.0.8"})");
  Post("/scout", R"({"identifier": "scout-0", "ip": "fd00::1"})");
  Post("/member", R"({"identifier": "member-0"})");
  EXPECT_EQ(
      Get("/targets").body,
      R"([{"targets":["10.0.0.8:18080"],"labels":{"node":"member-1","role":"member",)"
      R"("index":"1","instance":"member-1","__metrics_path__":"/metrics"}},{"targets":["[fd00::1]:18080"],"labels":)"
      R"({"node":"scout-0","role":"scout","index":"2","instance":"scout-0","__metrics_path__":"/metrics"}}])");
}

}  // namespace
}  // namespace gtestnet::cfgsync

// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/agent_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "core/src/base/status.h"
#include "core/src/base/testing/fake_http_server.h"
#include "core/src/deployer/k8s/testing/real_agent.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

using namespace std::chrono_literals;
using base::Endpoint;
using base::FakeHttpServer;
using testing::AllOf;
using testing::HasSubstr;

AgentClientOptions OptionsFor(std::function<absl::StatusOr<Endpoint>()> endpoint,
                              std::chrono::milliseconds patience = Scaled(10s)) {
  return {.node = "n",
          .token = RealAgent::kToken,
          .endpoint = std::move(endpoint),
          .patience = patience,
          .retry = 5ms};
}
AgentClient ClientOf(const RealAgent& agent, std::chrono::milliseconds patience = Scaled(10s)) {
  return AgentClient(OptionsFor([&agent] { return agent.endpoint(); }, patience));
}
AgentClient ClientOf(const FakeHttpServer& server) {
  return AgentClient(OptionsFor([&server] { return server.endpoint(); }, 100ms));
}
// "paused", or the error.
std::string StateIn(const absl::StatusOr<AgentReport>& report) {
  return report.ok() ? report->state : report.status().ToString();
}
std::string Report(const std::string& state, const std::string& verb = "null",
                   const std::string& name = "n") {
  return R"({"name":")" + name + R"(","state":")" + state + R"(","change":"a.1","starts":1,)" +
         R"("pid":7,"verb":)" + verb + R"(,"exit":null})";
}

TEST(AgentReportTest, IsReadWithAllItSays) {
  const auto report = ParseAgentReport(
      R"({"name":"member-1","state":"stopped","change":"ab23f2d8.2","starts":3,"pid":null,)"
      R"x("verb":"start","exit":{"how":"signal 9 (SIGKILL)","code":137,"asked":true}})x");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->name, "member-1");
  EXPECT_EQ(report->state, "stopped");
  EXPECT_EQ(report->change, "ab23f2d8.2");
  EXPECT_EQ(report->verb, "start");
  EXPECT_EQ(report->starts, 3);
  EXPECT_EQ(report->pid, 0);
  ASSERT_TRUE(report->exit.has_value());
  EXPECT_EQ(report->exit->how, "signal 9 (SIGKILL)");
  EXPECT_EQ(report->exit->code, 137);
  EXPECT_TRUE(report->exit->asked);
}

TEST(AgentReportTest, RefusesWhatNoAgentSays) {
  for (const char* text : {"", "{}", "[]", "7", "null", "{\"name\":1}", "\xff\xfe",
                           R"({"name":"n","state":"running"})", R"({"name":"n","state":[],)"}) {
    EXPECT_TRUE(absl::IsInternal(ParseAgentReport(text).status())) << text;
  }
  EXPECT_TRUE(
      ParseAgentReport(R"({"name":"n","state":"s","change":"c","starts":"x","exit":7})").ok());
}

TEST(AgentReportTest, WhatANodeUsesIsReadWithAllItSays) {
  const auto usage = ParseAgentUsage(
      R"({"name":"n","change":"ab.2","process":"pid 8 of tick 9","since_ms":1234,"frozen":true,)"
      R"("memory":5000,"cpu_ms":7,"open_files":6})");
  ASSERT_TRUE(usage.ok()) << usage.status();
  EXPECT_EQ(usage->process, "pid 8 of tick 9");
  EXPECT_EQ(usage->since, std::chrono::system_clock::time_point(1234ms));
  EXPECT_TRUE(usage->frozen);
  EXPECT_EQ(usage->memory, 5000);
  EXPECT_EQ(usage->cpu_ms, 7);
  EXPECT_EQ(usage->open_files, 6);
  const auto least =
      ParseAgentUsage(R"({"name":"n","change":"ab.2","process":null,"since_ms":-1})");
  ASSERT_TRUE(least.ok()) << least.status();
  EXPECT_EQ(least->process, "");
  EXPECT_FALSE(least->since.has_value());
  EXPECT_FALSE(least->open_files.has_value());
  for (const char* text : {"", "[]", R"({"name":"n"})", "\xff"}) {
    EXPECT_TRUE(absl::IsInternal(ParseAgentUsage(text).status())) << text;
  }
}

TEST(AgentClientTest, WhatANodeUsesIsToldWhileItRuns) {
  RealAgent agent;
  const AgentClient client = ClientOf(agent);
  agent.AwaitLog("up\n");
  const absl::StatusOr<AgentUsage> usage = client.Usage(Scaled(5s));
  ASSERT_TRUE(usage.ok()) << usage.status();
  EXPECT_GT(usage->memory, 100'000);
  EXPECT_FALSE(usage->frozen);
  ASSERT_EQ(StateIn(client.Stop(Scaled(5s))), "stopped");
  EXPECT_THAT(std::string(client.Usage(Scaled(5s)).status().message()),
              testing::EndsWith("n is stopped"));
}

TEST(AgentClientTest, AnAgentThatDoesNotTellWhatItsNodeUsesIsOne) {
  FakeHttpServer server([](FakeHttpServer::Connection& connection) {
    connection.ReadRequest();
    connection.Answer(404, "there are GET /state, POST /start\n");
  });
  EXPECT_TRUE(absl::IsUnimplemented(ClientOf(server).Usage(Scaled(5s)).status()));
}

TEST(AgentClientTest, EachVerbHasTakenEffectWhenItReturns) {
  RealAgent agent;
  const AgentClient client = ClientOf(agent);
  agent.AwaitLog("up\n");
  EXPECT_EQ(StateIn(client.State()), "running");
  EXPECT_EQ(StateIn(client.Pause()), "paused");
  EXPECT_EQ(StateIn(client.Resume()), "running");
  const auto stopped = client.Stop(Scaled(5s));
  ASSERT_EQ(StateIn(stopped), "stopped");
  EXPECT_EQ(stopped->exit->how, "exit status 7");
  EXPECT_TRUE(stopped->exit->asked);
  EXPECT_EQ(StateIn(client.Start()), "running");
  agent.AwaitLog("up\n", 2);
  const auto killed = client.Kill();
  ASSERT_EQ(StateIn(killed), "stopped");
  EXPECT_EQ(killed->exit->how, "signal 9 (SIGKILL)");
  EXPECT_EQ(killed->starts, 2);
}

TEST(AgentClientTest, SaysWhenTheStateDoesNotFit) {
  RealAgent agent;
  const AgentClient client = ClientOf(agent);
  const absl::Status started = client.Start().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(started)) << started;
  EXPECT_EQ(MessageOf(started), "start n: it is running");
}

TEST(AgentClientTest, SaysWhenItHadToBeKilled) {
  RealAgent agent("trap '' TERM; echo up; while :; do sleep 0.02; done");
  const AgentClient client = ClientOf(agent);
  agent.AwaitLog("up\n");
  const absl::Status stopped = client.Stop(50ms).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(stopped)) << stopped;
  EXPECT_THAT(MessageOf(stopped), HasSubstr("still there 50 ms after SIGTERM, and was killed"));
  EXPECT_EQ(StateIn(client.State()), "stopped");
}

// An agent that is not there yet, and then is.
TEST(AgentClientTest, WaitsForAnAgentThatIsOutOfReach) {
  RealAgent agent;
  std::atomic<int> asked = 0;
  const AgentClient client(OptionsFor([&]() -> absl::StatusOr<Endpoint> {
    if (++asked == 1) return NotFound("n has no port-forward now");
    if (asked < 4) return Endpoint::Tcp("127.0.0.1", 1);
    return agent.endpoint();
  }));
  EXPECT_EQ(StateIn(client.Pause()), "paused");
  EXPECT_GE(asked, 4);
}

TEST(AgentClientTest, SaysWhereItSoughtInVain) {
  const AgentClient client(OptionsFor([] { return Endpoint::Tcp("127.0.0.1", 1); }, 30ms));
  const absl::Status paused = client.Pause().status();
  EXPECT_TRUE(absl::IsUnavailable(paused)) << paused;
  EXPECT_THAT(MessageOf(paused),
              AllOf(HasSubstr("n's agent: no answer to pause in 30 ms ("),
                    HasSubstr("tries); last: 127.0.0.1:1: "), HasSubstr("onnection refused")));
}

TEST(AgentClientTest, NamesAnotherNodesAgentAndAnotherToken) {
  RealAgent agent(RealAgent::kObedient, "m");
  const AgentClient client = ClientOf(agent, 30ms);
  EXPECT_THAT(MessageOf(client.State().status()), HasSubstr("it is the agent of m that answers"));
  // Nor does it what is asked of n.
  EXPECT_THAT(MessageOf(client.Kill().status()), HasSubstr("it is the agent of m that answers"));
  agent.AwaitLog("started ");
  EXPECT_EQ(agent.process().Log().find("ended"), std::string::npos);
  AgentClientOptions options = OptionsFor([&] { return agent.endpoint(); }, 30ms);
  options.token = "another-token";
  const absl::Status refused = AgentClient(options).Kill().status();
  EXPECT_TRUE(absl::IsUnauthenticated(refused)) << refused;
  EXPECT_THAT(MessageOf(refused), HasSubstr("the agent's token"));
}

// The connection breaks after the request was read: it was done, is being done, or was not.
TEST(AgentClientTest, AsksForTheStateWhereAnAnswerIsLost) {
  for (const std::string had : {"done", "being done", "not done"}) {
    std::mutex mutex;
    std::vector<std::string> requests;
    int states = 0;
    FakeHttpServer server([&](FakeHttpServer::Connection& connection) {
      const std::string request = connection.ReadRequest();
      const std::lock_guard lock(mutex);
      requests.push_back(request.substr(0, request.find(" HTTP")));
      if (requests.size() == 1) return;
      if (requests.back().find("POST") == 0) {
        connection.Answer(200, Report("paused"));
      } else if (had == "being done" && ++states == 1) {
        connection.Answer(200, Report("running", "\"pause\""));
      } else {
        connection.Answer(200, Report(had == "not done" ? "running" : "paused"));
      }
    });
    const AgentClient client(OptionsFor([&] { return server.endpoint(); }));
    EXPECT_EQ(StateIn(client.Pause()), "paused");
    const std::lock_guard lock(mutex);
    std::vector<std::string> expected = {"POST /pause?name=n", "GET /state"};
    if (had == "being done") expected.push_back("GET /state?after=a.1&wait_ms=2000");
    if (had == "not done") expected.push_back("POST /pause?name=n");
    EXPECT_EQ(requests, expected) << had;
  }
}

TEST(AgentClientTest, IsNotTroubledByWhoeverAnswers) {
  for (const auto& [status, body] :
       std::vector<std::pair<int, std::string>>{{200, "hello"},
                                                {200, Report("running", "null", "m")},
                                                {404, "no such path"},
                                                {502, std::string(100000, 'x')},
                                                {200, "\xff"}}) {
    FakeHttpServer server([&, answer = status, text = body](FakeHttpServer::Connection& c) {
      c.ReadRequest();
      c.Answer(answer, text);
    });
    const absl::Status said = ClientOf(server).Kill().status();
    EXPECT_TRUE(absl::IsUnavailable(said)) << said;
    EXPECT_LT(MessageOf(said).size(), 600u);
  }
}

TEST(AgentClientTest, TellsOfAChange) {
  RealAgent agent;
  const AgentClient client = ClientOf(agent);
  const auto first = client.AwaitChange("", 0ms);
  ASSERT_EQ(StateIn(first), "running");
  EXPECT_EQ(StateIn(client.AwaitChange(first->change, 10ms)), "running");
  std::string told;
  std::thread watcher([&] { told = StateIn(client.AwaitChange(first->change, Scaled(10s))); });
  agent.Go();
  watcher.join();
  EXPECT_EQ(told, "exited");
}

TEST(AgentClientTest, EndsWhenItIsAskedTo) {
  std::stop_source stop;
  const AgentClient client(OptionsFor([&] {
    stop.request_stop();
    return Endpoint::Tcp("127.0.0.1", 1);
  }));
  EXPECT_TRUE(absl::IsCancelled(client.Pause(stop.get_token()).status()));
}

}  // namespace
}  // namespace gtestnet::k8s

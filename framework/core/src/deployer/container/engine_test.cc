// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "core/src/deployer/container/testing/fake_engine.h"

namespace gtestnet::docker {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;

std::string Text(const absl::Status& status) { return std::string(status.message()); }

class EngineTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(engine_.Negotiate(5000ms).ok()); }
  FakeEngine fake_;
  Engine engine_{fake_.host()};
};

TEST_F(EngineTest, SpeaksTheVersionThatTheEngineHas) {
  fake_.On("GET /v1.41/images/a/b:c/json", {200, R"({"Id":"sha256:1","Size":7,
      "Config":{"Labels":{"x":"y"}}})"});
  const absl::StatusOr<Image> image = engine_.FindImage("a/b:c");
  EXPECT_EQ(image.status().code(), absl::StatusCode::kNotFound);  // the colon is escaped
  fake_.On("GET /v1.41/images/a/b%3Ac/json", {200, R"({"Id":"sha256:1","Size":7,
      "Config":{"Labels":{"x":"y"}}})"});
  const absl::StatusOr<Image> escaped = engine_.FindImage("a/b:c");
  ASSERT_TRUE(escaped.ok()) << escaped.status();
  EXPECT_EQ(escaped->size, 7);
  EXPECT_THAT(escaped->labels, ElementsAre(Pair("x", "y")));
}

TEST_F(EngineTest, ALogIsReadFromAPlaceOn) {
  const auto frame = [](const std::string& text) {
    return std::string{1, 0, 0, 0, 0, 0, 0, static_cast<char>(text.size())} + text;
  };
  const std::string one = frame("2026-11-03T10:00:00.000000001Z one\n");
  const std::string two = frame("2026-11-03T10:00:00.000000001Z two\n");
  const std::string logs = "GET /v1.41/containers/c/logs?stdout=1&stderr=1&timestamps=1";
  fake_.On(logs + "&since=0.000000000", {200, one});
  // An engine that knows no nanoseconds may tell older ones again.
  fake_.On(logs + "&since=1793700000.000000001", {200, one + two});
  fake_.On(logs + "&tail=1", {200, two});
  TimedPlace place;
  EXPECT_EQ(engine_.LogsBehind("c", place).value_or("?"), "one\n");
  EXPECT_EQ(engine_.LogsBehind("c", place).value_or("?"), "two\n");
  EXPECT_EQ(engine_.LogsBehind("c", place).value_or("?"), "");
  EXPECT_EQ(engine_.EndOfLogs("c").value_or(TimedPlace{}).ns, place.ns);
  EXPECT_EQ(engine_.LogsBehind("d", place).status().code(), absl::StatusCode::kNotFound);
}

TEST(EngineVersionTest, ANewerEngineIsAskedInTheNewestKnownVersion) {
  FakeEngine fake;
  fake.On("GET /version", {200, R"({"ApiVersion":"1.99","MinAPIVersion":"1.24"})"});
  fake.On("GET /v1.47/containers/json", {200, "[]"});
  Engine engine(fake.host());
  ASSERT_TRUE(engine.Negotiate(5000ms).ok());
  EXPECT_TRUE(engine.List({}).ok());
}

TEST(EngineVersionTest, AnEngineThatDroppedThatVersionIsAskedInItsOldest) {
  FakeEngine fake;
  fake.On("GET /version", {200, R"({"ApiVersion":"1.99","MinAPIVersion":"1.60"})"});
  fake.On("GET /v1.60/containers/json", {200, "[]"});
  Engine engine(fake.host());
  ASSERT_TRUE(engine.Negotiate(5000ms).ok());
  EXPECT_TRUE(engine.List({}).ok());
}

TEST(EngineVersionTest, AnotherEngineIsNamedByItsName) {
  FakeEngine fake;
  Engine engine(fake.host());
  fake.On("GET /version", {200, R"({"ApiVersion":"1.41","Version":"20.10.24","Components":[
      {"Name":"Engine","Version":"20.10.24"},{"Name":"containerd","Version":"1.6.20"}]})"});
  const absl::StatusOr<EngineVersion> docker = engine.Negotiate(5000ms);
  ASSERT_TRUE(docker.ok()) << docker.status();
  EXPECT_EQ(docker->product, "Docker Engine");
  // The containers of Podman run on without its socket.
  fake.On("GET /v1.41/info", {200, R"({"LiveRestoreEnabled":false,"CgroupDriver":"none"})"});
  EXPECT_FALSE(engine.Info()->keeps_containers);
  FakeEngine podman;
  podman.On("GET /version", {200, R"({"ApiVersion":"1.41","Version":"5.8.6","Components":[
      {"Name":"Podman Engine","Version":"5.8.6"},{"Name":"Conmon","Version":"2.1.12"}]})"});
  podman.On("GET /v1.41/info", {200, R"({"CgroupDriver":"systemd"})"});
  Engine other(podman.host());
  const absl::StatusOr<EngineVersion> version = other.Negotiate(5000ms);
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(version->product, "Podman Engine");
  EXPECT_TRUE(other.Info()->keeps_containers);
  EXPECT_TRUE(other.Info()->can_pause());
}

TEST(EngineVersionTest, HowItIsSetUp) {
  FakeEngine fake;
  Engine engine(fake.host());
  ASSERT_TRUE(engine.Negotiate(5000ms).ok());
  fake.On("GET /v1.41/info", {200, R"({"LiveRestoreEnabled":true,"CgroupDriver":"none"})"});
  EXPECT_TRUE(engine.Info()->keeps_containers);
  EXPECT_FALSE(engine.Info()->can_pause());
}

TEST(EngineVersionTest, NumbersAreComparedAsNumbers) {
  EXPECT_TRUE(IsOlder("1.9", "1.41"));
  EXPECT_FALSE(IsOlder("1.41", "1.41"));
  EXPECT_FALSE(IsOlder("2.0", "1.41"));
  EXPECT_TRUE(IsOlder("", "1.0"));
}

TEST_F(EngineTest, ListsContainersWithTheirLabelsAndPublishedPorts) {
  fake_.On("GET /v1.41/containers/json?all=1&filters=%7B%22label%22%3A%5B%22gtestnet.run%3D1%22%5D",
           {200, R"([{"Id":"abc","Names":["/p-member-0-1"],"State":"running","Status":"Up",
              "Labels":{"gtestnet.run":"1"},
              "Ports":[{"IP":"127.0.0.1","PrivatePort":18080,"PublicPort":49153,"Type":"tcp"},
                       {"PrivatePort":3000,"Type":"tcp"},{"PrivatePort":53,"Type":"udp"}]},
             {"Id":"def"}])"});
  const absl::StatusOr<std::vector<Container>> all = engine_.List({{"gtestnet.run", "1"}});
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].name, "p-member-0-1");
  EXPECT_EQ((*all)[0].state, "running");
  EXPECT_THAT((*all)[0].ports, ElementsAre(Pair(3000, 0), Pair(18080, 49153)));
  EXPECT_THAT((*all)[1].labels, IsEmpty());
}

TEST_F(EngineTest, InspectsAContainer) {
  fake_.On("GET /v1.41/containers/abc/json",
           {200, R"({"Id":"abc","Name":"/n","RestartCount":3,"State":{"Status":"exited",
              "ExitCode":137,"Pid":812,"StartedAt":"2026-11-03T10:00:00.5Z",
              "OOMKilled":true,"Error":"x","Health":{"Status":"unhealthy"}},
              "NetworkSettings":{"Ports":{"18080/tcp":[{"HostIp":"127.0.0.1","HostPort":"49154"}],
                                          "3000/tcp":null}}})"});
  const absl::StatusOr<ContainerState> state = engine_.Inspect("abc");
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->exit_code, 137);
  EXPECT_TRUE(state->oom_killed);
  EXPECT_EQ(state->health, "unhealthy");
  EXPECT_EQ(state->pid, 812);
  EXPECT_EQ(state->started, "2026-11-03T10:00:00.5Z");
  EXPECT_EQ(state->restarts, 3);
  EXPECT_THAT(state->ports, ElementsAre(Pair(3000, 0), Pair(18080, 49154)));
}

TEST_F(EngineTest, TellsWhatAContainerUses) {
  const std::string target = "GET /v1.41/containers/abc/stats?stream=false&one-shot=true";
  fake_.On(target, {200, R"({"cpu_stats":{"cpu_usage":{"total_usage":12345678}},
                             "memory_stats":{"usage":9000,"stats":{"inactive_file":1000}}})"});
  const absl::StatusOr<ContainerUsage> usage = engine_.Usage("abc");
  ASSERT_TRUE(usage.ok()) << usage.status();
  EXPECT_EQ(usage->memory, 8000);
  EXPECT_EQ(usage->cpu_ms, 12);
  // By cgroups of the first version, both are there.
  fake_.On(target, {200, R"({"memory_stats":{"usage":9000,"stats":{"inactive_file":1,
                             "total_inactive_file":4000}}})"});
  EXPECT_EQ(engine_.Usage("abc")->memory, 5000);
  for (const char* body : {"{}", "[]", R"({"memory_stats":[]})", "\xff"}) {
    fake_.On(target, {200, body});
    EXPECT_FALSE(engine_.Usage("abc").ok()) << body;
  }
}

TEST_F(EngineTest, WhatIsDoneAlreadyIsNoError) {
  fake_.On("POST /v1.41/containers/a/start", {304, ""});
  fake_.On("POST /v1.41/containers/a/kill?signal=SIGKILL", {409, R"({"message":"not running"})"});
  fake_.On("DELETE /v1.41/containers/a?force=1&v=1", {404, ""});
  EXPECT_EQ(engine_.Start("a"), absl::OkStatus());
  EXPECT_EQ(engine_.Kill("a", "SIGKILL"), absl::OkStatus());
  EXPECT_EQ(engine_.Remove("a"), absl::OkStatus());
  fake_.On("POST /v1.41/containers/a/pause", {204, ""});
  EXPECT_EQ(engine_.Pause("a"), absl::OkStatus());
}

TEST_F(EngineTest, AThreadThatCannotBeFrozenJustNowIsAskedForAgain) {
  std::atomic<int> asked = 0;
  fake_.OnStream("POST /v1.41/containers/a/pause", [&](auto& connection) {
    if (++asked % 3 == 0) {
      connection.Send("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    } else {
      connection.Answer(500,
                        R"({"message":"OCI runtime pause failed: unable to freeze: unknown"})");
    }
  });
  EXPECT_EQ(engine_.Pause("a", 20000ms), absl::OkStatus());
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(engine_.Pause("a").code(), absl::StatusCode::kInternal);
  EXPECT_EQ(asked, 4);
}

TEST_F(EngineTest, TheBridgesAddressIsItsFirstGatewayOfIPv4) {
  EXPECT_EQ(engine_.BridgeAddress().status().code(), absl::StatusCode::kNotFound);
  fake_.On("GET /v1.41/networks/bridge", {200, R"({"Name":"bridge","IPAM":{"Config":[
      {"Subnet":"fd00::/64","Gateway":"fd00::1"},{"Gateway":"172.17.0.1"}]}})"});
  EXPECT_EQ(*engine_.BridgeAddress(), "172.17.0.1");
  fake_.On("GET /v1.41/networks/bridge", {200, R"({"Name":"bridge","IPAM":{"Config":null}})"});
  EXPECT_EQ(engine_.BridgeAddress().status().code(), absl::StatusCode::kNotFound);
}

TEST_F(EngineTest, ErrorsNameTheEngineWhatWasAskedAndWhatItSaid) {
  fake_.On("POST /v1.41/containers/a/pause", {409, R"({"message":"Container a is paused\n"})"});
  EXPECT_EQ(engine_.Pause("a"),
            absl::FailedPreconditionError("docker (" + fake_.text() +
                                          "): pause a: HTTP 409: Container a is paused"));
  EXPECT_EQ(engine_.Start("gone").code(), absl::StatusCode::kNotFound);
  fake_.On("POST /v1.41/containers/full/start",
           {500, R"({"message":"mkdir /x: no space left on device"})"});
  EXPECT_EQ(engine_.Start("full").code(), absl::StatusCode::kResourceExhausted);
  fake_.On("GET /v1.41/networks", {200, "{garbage"});
  const absl::Status garbage = engine_.Networks({}).status();
  EXPECT_EQ(garbage.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Text(garbage), HasSubstr("an answer that makes no sense (no JSON): {garbage"));
}

TEST_F(EngineTest, AnAnswerOfTheWrongShapeIsNoCrash) {
  for (const char* body :
       {"[1]", "{}", "null", "[[]]", R"([{"Ports":[1],"Names":[2]}])", "\"x\""}) {
    fake_.On("GET /v1.41/containers/json", {200, body});
    fake_.On("GET /v1.41/containers/a/json", {200, body});
    fake_.On("GET /v1.41/volumes", {200, body});
    static_cast<void>(engine_.List({}));
    EXPECT_FALSE(engine_.Inspect("a").ok()) << body;
    static_cast<void>(engine_.Volumes({}));
  }
}

TEST_F(EngineTest, AContainersOutputIsTakenOutOfItsFrames) {
  std::string body;
  body += std::string("\1\0\0\0\0\0\0\4out\n", 12);
  body += std::string("\2\0\0\0\0\0\0\4err\n", 12);
  fake_.On("GET /v1.41/containers/a/logs?stdout=1&stderr=1&tail=5", {200, body});
  EXPECT_EQ(*engine_.Logs("a", 5), "out\nerr\n");
}

TEST_F(EngineTest, NobodyThere) {
  Engine nobody({base::Endpoint::Unix("/no/such/socket"), "unix:///no/such/socket", "the test"});
  const absl::Status status = nobody.Negotiate(1000ms).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Text(status), AllOf(StartsWith("docker (unix:///no/such/socket): version: "),
                                  HasSubstr("No such file")));
}

TEST_F(EngineTest, AnEngineThatDoesNotAnswerIsGivenUp) {
  FakeEngine silent;
  silent.OnStream("GET /version", [](auto& connection) { connection.WaitUntilClosed(); });
  Engine engine(silent.host());
  EXPECT_EQ(engine.Negotiate(30ms).status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(EngineTest, BringsEventsUntilTheStreamEnds) {
  fake_.OnStream("GET /v1.41/events?filters=", [](auto& connection) {
    connection.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string line =
        R"({"Action":"die","Actor":{"ID":"abc","Attributes":{"exitCode":"3"}},"timeNano":17})"
        "\n";
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", line.size());
    connection.Send(size + line + "\r\n");
  });
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<ContainerEvent> events;
  absl::Status end;
  auto stream = engine_.Events("gtestnet.run", "1", 0,
                               {.on_event =
                                    [&](const ContainerEvent& event) {
                                      const std::lock_guard lock(mutex);
                                      events.push_back(event);
                                    },
                                .on_end =
                                    [&](const absl::Status& status) {
                                      const std::lock_guard lock(mutex);
                                      end = status;
                                      changed.notify_all();
                                    }});
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, 10s, [&] { return !end.ok(); }));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].action, "die");
  EXPECT_EQ(events[0].time_ns, 17);
  EXPECT_THAT(events[0].attributes, ElementsAre(Pair("exitCode", "3")));
  EXPECT_EQ(end.code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace gtestnet::docker

// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/src/base/testing/fake_http_server.h"
#include "core/src/cfgsync/plan.h"

namespace gtestnet::cfgsync {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using base::FakeHttpServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

class CfgsyncClientTest : public testing::Test {
 protected:
  CfgsyncClientTest() {
    char name[] = "/tmp/gtestnet-cfgsync-XXXXXX";
    directory_ = mkdtemp(name);
  }
  ~CfgsyncClientTest() override { std::filesystem::remove_all(directory_); }

  Answer MakeAnswer() const {
    return {.identifier = "member-0",
            .role = "member",
            .directory = directory_,
            .start_file = directory_ + "/start",
            .setup = {.program = "the-node",
                      .arguments = {directory_ + "/config.yaml", "--x"},
                      .environment = {{"A", "b"}},
                      .files = {{"config.yaml", "a: \"b\"\n"}}}};
  }
  static ClientOptions OptionsFor(const FakeHttpServer& server) {
    return {.server = server.endpoint(),
            .role = "member",
            .identifier = "member-0",
            .ip = {},
            .directory = "/nowhere",
            .timeout = 30s,
            .log = {}};
  }

  std::string directory_;
};

TEST_F(CfgsyncClientTest, AnAnswerSurvivesItsJson) {
  const Answer answer = MakeAnswer();
  const absl::StatusOr<Answer> parsed = ParseAnswer(ToJson(answer));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(ToJson(*parsed), ToJson(answer));
  EXPECT_FALSE(ParseAnswer("{}").ok());
  EXPECT_FALSE(ParseAnswer("[1").ok());
}

TEST_F(CfgsyncClientTest, TriesAgainUntilTheServerAnswers) {
  std::atomic<int> requests = 0;
  FakeHttpServer server([&](FakeHttpServer::Connection& connection) {
    while (!connection.ReadRequest().empty()) {
      const int n = ++requests;
      if (n == 1) return;  // hangs up
      if (n == 2) {
        connection.Answer(500, "cfgsync.yaml:1:1: broken");
      } else {
        connection.Answer(200, ToJson(MakeAnswer()));
      }
    }
  });
  const absl::StatusOr<Answer> answer = Register(OptionsFor(server));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->setup.program, "the-node");
  EXPECT_EQ(requests, 3);
}

TEST_F(CfgsyncClientTest, ARefusalIsFinal) {
  std::atomic<int> requests = 0;
  FakeHttpServer server([&](FakeHttpServer::Connection& connection) {
    connection.ReadRequest();
    ++requests;
    connection.Answer(404, "there is no node \"member-0\"; there are a, b\nand more");
  });
  EXPECT_THAT(Message(Register(OptionsFor(server)).status()),
              AllOf(StartsWith("member-0: cfgsync at 127.0.0.1:"),
                    HasSubstr("refuses: HTTP 404 there is no node \"member-0\"; there are a, "
                              "b")));
  EXPECT_EQ(requests, 1);
}

// As the first one to a new Service may lead to something else.
TEST_F(CfgsyncClientTest, EachTryIsAConnectionOfItsOwn) {
  std::atomic<int> connections = 0;
  FakeHttpServer server([&](FakeHttpServer::Connection& connection) {
    const bool first = ++connections == 1;
    while (!connection.ReadRequest().empty()) {
      connection.Answer(first ? 404 : 200, first ? "" : ToJson(MakeAnswer()));
    }
  });
  const absl::StatusOr<Answer> answer = Register(OptionsFor(server));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(connections, 2);
}

TEST_F(CfgsyncClientTest, WaitsToBeKnownWhereThatIsSaid) {
  std::atomic<int> requests = 0;
  FakeHttpServer server([&](FakeHttpServer::Connection& connection) {
    while (!connection.ReadRequest().empty()) {
      const bool known = ++requests > 2;
      connection.Answer(known ? 200 : 404, known ? ToJson(MakeAnswer()) : "there is no node");
    }
  });
  ClientOptions options = OptionsFor(server);
  options.unknown_waits = true;
  const absl::StatusOr<Answer> answer = Register(options);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(requests, 3);
}

TEST_F(CfgsyncClientTest, SaysWhereItsServicesAre) {
  const char* environment[] = {"MEMBER_0_SERVICE_HOST=10.0.0.7",
                               "MEMBER_0_SERVICE_PORT=80",
                               "_SERVICE_HOST=10.0.0.8",
                               "EMPTY_SERVICE_HOST=",
                               "SCOUT_12_SERVICE_HOST=fd00::1",
                               "no variable",
                               nullptr};
  std::string body;
  FakeHttpServer server([&](FakeHttpServer::Connection& connection) {
    const std::string request = connection.ReadRequest();
    body = request.substr(request.find("\r\n\r\n") + 4);
    connection.Answer(200, ToJson(MakeAnswer()));
  });
  ClientOptions options = OptionsFor(server);
  options.hosts = HostsOfServices(environment);
  ASSERT_TRUE(Register(options).ok());
  EXPECT_EQ(body, R"({"identifier":"member-0","hosts":{"member-0":"10.0.0.7",)"
                  R"("scout-12":"fd00::1"}})");
}

TEST_F(CfgsyncClientTest, FillsInWhereOthersAre) {
  FakeHttpServer server([&](FakeHttpServer::Connection& connection) {
    connection.ReadRequest();
    Answer answer = MakeAnswer();
    answer.setup.arguments = {"--dial=" + HostToken("member-7") + ":1,http://" +
                              HostToken("member-8") + ":2/" + HostToken("nobody")};
    answer.setup.environment = {{"PEER", HostToken("member-7")}};
    answer.setup.files = {{"x", "a " + HostToken("member-9") + " b"}};
    answer.nodes = {"member-7", "member-8", "member-9"};
    answer.hosts = {{"member-8", "fd00::8"}, {"member-7", "unused"}};
    connection.Answer(200, ToJson(answer));
  });
  ClientOptions options = OptionsFor(server);
  options.hosts = {{"member-7", "10.0.0.7"}};
  options.resolves = [](const std::string& name) { return name == "member-9"; };
  const absl::StatusOr<Answer> answer = Register(options);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->setup.arguments[0],
            "--dial=10.0.0.7:1,http://[fd00::8]:2/nobody.node.gtestnet");
  EXPECT_EQ(answer->setup.environment.at("PEER"), "10.0.0.7");
  EXPECT_EQ(answer->setup.files[0].content, "a member-9 b");
}

TEST_F(CfgsyncClientTest, FetchesWhatIsSharedAndTakesNothingElseForIt) {
  const std::string content = "what\0all have"s;
  std::atomic<int> asked = 0;
  FakeHttpServer server([&](FakeHttpServer::Connection& connection) {
    for (std::string request; !(request = connection.ReadRequest()).empty();) {
      if (request.starts_with("GET /shared/" + HashOf(content))) {
        connection.Answer(200, ++asked == 1 ? "something else" : content);
        continue;
      }
      Answer answer = MakeAnswer();
      answer.setup.files.push_back({"genesis", ""});
      answer.shared["genesis"] = HashOf(content);
      connection.Answer(200, ToJson(answer));
    }
  });
  const absl::StatusOr<Answer> answer = Register(OptionsFor(server));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->setup.files[1].content, content);
  EXPECT_EQ(asked, 2);
}

TEST_F(CfgsyncClientTest, AsksAgainUntilAllPeersHaveAnAddress) {
  std::atomic<int> requests = 0;
  FakeHttpServer server([&](FakeHttpServer::Connection& connection) {
    while (!connection.ReadRequest().empty()) {
      Answer answer = MakeAnswer();
      answer.nodes = {"member-7", "member-8"};
      if (++requests == 3) answer.hosts = {{"member-7", "10.0.0.7"}};
      connection.Answer(200, ToJson(answer));
    }
  });
  ClientOptions options = OptionsFor(server);
  options.hosts = {{"member-0", "10.0.0.1"}};
  options.resolves = [](const std::string& name) { return name == "member-8"; };
  ASSERT_TRUE(Register(options).ok());
  EXPECT_EQ(requests, 3);
  requests = 0;
  // Where there is a DNS, the names will do.
  options.resolves = [](const std::string&) { return true; };
  ASSERT_TRUE(Register(options).ok());
  EXPECT_EQ(requests, 1);
  requests = 0;
  options.resolves = [](const std::string&) { return false; };
  options.hosts_timeout = 0ms;
  EXPECT_THAT(Message(Register(options).status()),
              HasSubstr("where member-7, member-8 can be found is said by no variable"));
}

TEST_F(CfgsyncClientTest, SaysWhatItSawLastWhenTimeIsUp) {
  ClientOptions options{.server = base::Endpoint::Tcp("127.0.0.1", 1),
                        .role = "member",
                        .identifier = "member-0",
                        .timeout = 30ms};
  const absl::Status status = Register(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(Message(status), AllOf(HasSubstr("no config of cfgsync at 127.0.0.1:1 in 30 ms ("),
                                     HasSubstr("last: 127.0.0.1:1: POST /member: ")));
  options.server = base::Endpoint::Tcp("no-such-host.invalid", 1);
  EXPECT_THAT(Message(Register(options).status()), HasSubstr("does not resolve"));
}

TEST_F(CfgsyncClientTest, SaysTheStartThatItsDirectoryHas) {
  std::ofstream(directory_ + "/start") << "4711\n";
  std::vector<std::string> bodies;
  FakeHttpServer server([&](FakeHttpServer::Connection& connection) {
    for (std::string request; !(request = connection.ReadRequest()).empty();) {
      bodies.push_back(request.substr(request.find("\r\n\r\n") + 4));
      connection.Answer(200, ToJson(MakeAnswer()));
    }
  });
  ASSERT_TRUE(Register(OptionsFor(server)).ok());
  EXPECT_THAT(bodies, testing::ElementsAre(R"({"identifier":"member-0"})",
                                           R"({"identifier":"member-0","start":4711})"));
  // Once will do where the directory is known before.
  bodies.clear();
  ClientOptions options = OptionsFor(server);
  options.directory = directory_;
  ASSERT_TRUE(Register(options).ok());
  EXPECT_THAT(bodies, testing::ElementsAre(R"({"identifier":"member-0","start":4711})"));
  std::ofstream(directory_ + "/start") << "soon";
  EXPECT_THAT(Message(Register(OptionsFor(server)).status()),
              HasSubstr("/start: it must hold milliseconds"));
}

TEST_F(CfgsyncClientTest, WritesFilesIntoTheDirectoryOnly) {
  Answer answer = MakeAnswer();
  answer.directory = directory_ + "/new";
  answer.setup.files.push_back({"deep/er", "x"});
  ASSERT_TRUE(WriteFiles(answer).ok());
  std::ifstream file(directory_ + "/new/config.yaml");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "a: \"b\"\n");
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/new/deep/er"));
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/new/" + kIsHere));
  for (const char* path : {"/etc/x", "../x", "a/../../x", ""}) {
    answer.setup.files = {{path, "x"}};
    EXPECT_THAT(Message(WriteFiles(answer)), HasSubstr("is not in its directory")) << path;
  }
}

TEST_F(CfgsyncClientTest, FetchesTheStartFromAServerThatComesAndGoes) {
  std::atomic<int> requests = 0;
  FakeHttpServer server([&](FakeHttpServer::Connection& connection) {
    for (std::string request; !(request = connection.ReadRequest()).empty();) {
      EXPECT_THAT(request, StartsWith("GET /start?identifier=member-0&wait_ms="));
      switch (++requests) {
        case 1:
          return;
        case 2:
          connection.Answer(500, "broken");
          break;
        case 3:
          connection.Answer(200, "not JSON");
          break;
        case 4:
          connection.Answer(200, R"({"start":null,"waiting_for":["member-1"]})");
          break;
        default:
          connection.Answer(200, R"({"start":4711})");
      }
    }
  });
  const std::string path = directory_ + "/start";
  ASSERT_TRUE(FetchStart(OptionsFor(server), path).ok());
  EXPECT_EQ(*ReadStartFile(path), 4711);
}

TEST(CfgsyncAddressTest, IsAUrl) {
  const auto text = [](const char* url) {
    const absl::StatusOr<base::Endpoint> endpoint = ParseServerAddress(url);
    return endpoint.ok() ? endpoint->ToString() : Message(endpoint.status());
  };
  EXPECT_EQ(text("http://cfgsync:4401"), "cfgsync:4401");
  EXPECT_EQ(text("http://cfgsync"), "cfgsync:4400");
  EXPECT_EQ(text("http://10.0.0.1:80/"), "10.0.0.1:80");
  EXPECT_EQ(text("http://[fd00::1]:80"), "[fd00::1]:80");
  for (const char* bad : {"", "cfgsync:4400", "https://cfgsync", "http://", "http://a:b",
                          "http://a:0", "http://a:70000", "http://a/b", "http://u@a"}) {
    EXPECT_THAT(text(bad), HasSubstr("is no address such as http://cfgsync:4400")) << bad;
  }
}

}  // namespace
}  // namespace gtestnet::cfgsync

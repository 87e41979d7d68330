// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/src/base/testing/fake_http_server.h"

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using base::FakeHttpServer;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::Pair;
using testing::PrintToString;
using testing::StartsWith;
using Connection = FakeHttpServer::Connection;

constexpr auto kLong = 30s;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// Answers with what it was sent.
void Echo(Connection& connection) {
  for (std::string request; !(request = connection.ReadRequest()).empty();) {
    connection.Answer(200, request, "text/plain");
  }
}

FakeHttpServer::Serve Once(std::string bytes) {
  return [bytes](Connection& connection) {
    connection.ReadRequest();
    connection.Send(bytes);
  };
}

HttpClient To(const FakeHttpServer& server, HttpClientOptions options = {}) {
  return {server.endpoint().host, server.endpoint().port, std::move(options)};
}

std::string Url(const FakeHttpServer& server) { return "http://" + server.endpoint().ToString(); }

TEST(PublicHttpClientTest, GetsAndPosts) {
  const FakeHttpServer server(Echo);
  const HttpClient client = To(server);
  const auto got = client.Get("/a?b=%20c", {.deadline = kLong});
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->body,
            "GET /a?b=%20c HTTP/1.1\r\nHost: " + server.endpoint().ToString() + "\r\n\r\n");
  const auto posted = client.Post("/a", "[1]", {.deadline = kLong});
  ASSERT_TRUE(posted.ok()) << posted.status();
  EXPECT_THAT(posted->body,
              AllOf(StartsWith("POST /a HTTP/1.1\r\n"),
                    EndsWith("Content-Type: application/json\r\nContent-Length: 3\r\n\r\n[1]")));
  EXPECT_THAT(client.Post("/a", "", {.deadline = kLong})->body, HasSubstr("Content-Length: 0\r\n"));
  EXPECT_EQ(server.connections(), 1);
}

TEST(PublicHttpClientTest, SendsHeadersOfTheClientAndOfTheRequest) {
  const FakeHttpServer server(Echo);
  const HttpClient client =
      To(server, {.headers = {{"Authorization", "Bearer x"}, {"X-One", "client's"}}});
  const auto answer = client.Post(
      "/", "a=b",
      {.deadline = kLong,
       .headers = {{"x-one", "request's"}, {"content-type", "application/x-www-form-urlencoded"}}});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->body,
              AllOf(HasSubstr("\r\nAuthorization: Bearer x\r\n"),
                    HasSubstr("\r\nx-one: request's\r\n"), Not(HasSubstr("client's")),
                    HasSubstr("\r\nContent-Type: application/x-www-form-urlencoded\r\n"),
                    Not(HasSubstr("json"))));
}

TEST(PublicHttpClientTest, HasTheAnswersHeaders) {
  const FakeHttpServer server(
      Once("HTTP/1.1 503 Busy\r\nX-Raft-Term: 7\r\nVia: a\r\nvia:  b \r\nContent-Length: "
           "4\r\n\r\nbusy"));
  const auto answer = To(server).Get("/", {.deadline = kLong});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 503);
  EXPECT_THAT(answer->headers, ElementsAre(Pair("content-length", "4"), Pair("via", "a, b"),
                                           Pair("x-raft-term", "7")));
  EXPECT_EQ(PrintToString(*answer), "HTTP 503, 4 bytes: \"busy\"");
}

TEST(PublicHttpClientTest, PrintsTheBeginningOfALongAnswerAsAPersonMayReadIt) {
  EXPECT_EQ(PrintToString(HttpAnswer{.status = 204}), "HTTP 204, 0 bytes");
  EXPECT_EQ(PrintToString(HttpAnswer{.status = 200, .body = "\x1b]0;x"}),
            "HTTP 200, 5 bytes: \"\\x1b]0;x\"");
  EXPECT_EQ(PrintToString(HttpAnswer{.status = 200, .body = std::string(201, 'x')}),
            "HTTP 200, 201 bytes: \"" + std::string(200, 'x') + "\"…");
}

TEST(PublicHttpClientTest, SaysWhichUrlHowLongAndWhatWasSeenAtADeadline) {
  const FakeHttpServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\n");
    connection.WaitUntilClosed();
  });
  const auto answer = To(server).Get("/status", {.deadline = 30ms});
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(Message(answer.status()),
              MatchesRegex("GET http://127.0.0.1:[0-9]+/status: no answer in [0-9.]+ s; last: "
                           "connected, 17 bytes of the answer"));
}

TEST(PublicHttpClientTest, SaysThatNobodyListens) {
  std::optional<HttpClient> client;
  std::string url;
  {
    const FakeHttpServer server(Echo);
    url = Url(server);
    client.emplace(To(server));
  }
  const auto answer = client->Post("/put", "{}", {.deadline = kLong});
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Message(answer.status()),
              AllOf(StartsWith("POST " + url + "/put: connect: Connection refused (after "),
                    EndsWith(" s)")));
}

TEST(PublicHttpClientTest, RefusesWhatIsNoHttpAndWhatIsCutShort) {
  const FakeHttpServer ssh(Once("SSH-2.0-OpenSSH\r\n\r\n"));
  const absl::Status no_http = To(ssh).Get("/", {.deadline = kLong}).status();
  EXPECT_EQ(no_http.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Message(no_http), StartsWith("GET " + Url(ssh) + "/: the answer is not HTTP"));
  const FakeHttpServer cut(Once("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"));
  const absl::Status short_one = To(cut).Get("/", {.deadline = kLong}).status();
  EXPECT_EQ(short_one.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Message(short_one), HasSubstr("closed in the midst of the answer"));
}

TEST(PublicHttpClientTest, TakesAnAnswerAtTheBoundAndNotOneAbove) {
  for (const size_t bytes : {99, 100, 101}) {
    for (const bool chunked : {false, true}) {
      const std::string body(bytes, 'x');
      std::string answer = "HTTP/1.1 200 OK\r\n\r\n" + body;
      if (chunked) {
        answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (const char c : body) answer += std::string("1\r\n") + c + "\r\n";
        answer += "0\r\n\r\n";
      }
      const FakeHttpServer server(Once(answer));
      const auto got = To(server, {.most_body_bytes = 100}).Get("/", {.deadline = kLong});
      EXPECT_EQ(got.ok(), bytes <= 100) << got.status();
      if (!got.ok()) {
        EXPECT_EQ(got.status().code(), absl::StatusCode::kInternal);
        EXPECT_THAT(Message(got.status()),
                    HasSubstr("the answer is above the limit: the body is longer than 100 bytes"));
      }
    }
  }
}

TEST(PublicHttpClientTest, IsCancelledAtOnce) {
  std::stop_source stop;
  const FakeHttpServer server([&stop](Connection& connection) {
    connection.ReadRequest();
    stop.request_stop();
    connection.WaitUntilClosed();
  });
  const auto answer = To(server).Get("/", {.deadline = kLong, .stop = stop.get_token()});
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kCancelled);
}

TEST(PublicHttpClientTest, PostsNothingTwice) {
  std::atomic<int> requests = 0;
  const FakeHttpServer server([&requests](Connection& connection) {
    connection.ReadRequest();
    ++requests;
    connection.Answer(200, "first");
    // The next one is taken, and never answered.
    if (!connection.ReadRequest().empty()) ++requests;
  });
  const HttpClient client = To(server);
  ASSERT_TRUE(client.Post("/", "1", {.deadline = kLong}).ok());
  EXPECT_EQ(client.Post("/", "2", {.deadline = kLong}).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(requests, 2);
}

TEST(PublicHttpClientTest, SendsNothingThatWouldBeAnotherRequest) {
  const FakeHttpServer server(Echo);
  const HttpClient client = To(server);
  const auto refused = [](const absl::StatusOr<HttpAnswer>& answer, const char* why) {
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(Message(answer.status()), HasSubstr(why));
  };
  for (const char* path : {"", "status", "/a b", "/a\r\nX: y", "/\x7f"}) {
    refused(client.Get(path), ": a path begins with \"/\" and has no spaces or line's ends");
  }
  refused(client.Get("/", {.headers = {{"X", "y\r\nZ: z"}}}),
          "the header X has a line's end in it");
  for (const char* name : {"", "a b", "a:", "a\n", "\xc3\xa4"}) {
    refused(client.Get("/", {.headers = {{name, "x"}}}), "is no name of a header");
  }
  refused(client.Get("/", {.headers = {{"host", "x"}}}), "the header host is the client's own");
  refused(HttpClient("", 80).Get("/"), "GET http://:80/: \"\" is no host");
  refused(HttpClient("a b", 80).Get("/"), "\"a b\" is no host");
  refused(HttpClient("localhost", 0).Get("/"), "GET http://localhost:0/: there is no port 0");
  EXPECT_EQ(server.connections(), 0);
}

TEST(PublicHttpClientTest, ServesManyThreadsAndMayBeMoved) {
  const FakeHttpServer server(Echo);
  HttpClient first = To(server);
  const HttpClient client = std::move(first);
  std::atomic<int> good = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&client, &good, i] {
      const std::string path = "/" + std::to_string(i);
      for (int n = 0; n < 25; ++n) {
        const auto answer = client.Get(path, {.deadline = kLong});
        if (answer.ok() && answer->body.starts_with("GET " + path + " HTTP")) ++good;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(good, 4 * 25);
  EXPECT_LE(server.connections(), 4);
}

}  // namespace
}  // namespace gtestnet

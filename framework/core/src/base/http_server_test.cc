// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/src/base/socket.h"

namespace gtestnet::base {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto kLong = 30s;

class HttpServerTest : public testing::Test {
 protected:
  void Serve(HttpServer::Handler handler, HttpServerOptions options = {}) {
    auto listening = HttpServer::Listen(options);
    ASSERT_TRUE(listening.ok()) << listening.status();
    server_ = *std::move(listening);
    ASSERT_TRUE(server_->Serve(std::move(handler)).ok());
    client_ = std::make_unique<HttpClient>(Endpoint::Tcp("127.0.0.1", server_->port()));
  }
  HttpResponse Ask(const HttpRequest& request) {
    absl::StatusOr<HttpResponse> response = client_->Request(request, kLong);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(HttpResponse{});
  }
  // What comes back for these bytes until the server closes the connection.
  std::string Raw(std::string_view bytes) {
    absl::StatusOr<Socket> socket = Socket::Connect(client_->endpoint(), Limit());
    EXPECT_TRUE(socket.ok()) << socket.status();
    EXPECT_TRUE(socket->SendAll(bytes, Limit()).ok());
    std::string all;
    char room[4096];
    while (true) {
      const absl::StatusOr<size_t> got = socket->Receive(room, sizeof room, Limit());
      if (!got.ok() || *got == 0) return all;
      all.append(room, *got);
    }
  }
  static WaitLimit Limit() { return {.deadline = RealClock().Now() + kLong}; }

  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpClient> client_;
};

TEST_F(HttpServerTest, HandsRequestsOverAndAnswersBack) {
  Serve([](const HttpRequest& r, const HttpServer::Reply& reply) {
    reply({.status = 201,
           .content_type = "text/plain",
           .body = r.method + " " + r.target + " " + r.content_type + " " + r.body});
  });
  for (int i = 0; i < 3; ++i) {
    const HttpResponse response = Ask({.method = "POST", .target = "/x?y=z", .body = "{}"});
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.content_type, "text/plain");
    EXPECT_EQ(response.body, "POST /x?y=z application/json {}");
  }
}

TEST_F(HttpServerTest, AReplyMayComeLaterAndFromElsewhere) {
  std::vector<std::jthread> threads;
  Serve([&](const HttpRequest& r, HttpServer::Reply reply) {
    threads.emplace_back([target = r.target, reply] { reply({.status = 200, .body = target}); });
  });
  EXPECT_EQ(Ask({.target = "/a"}).body, "/a");
  EXPECT_EQ(Ask({.target = "/b"}).body, "/b");
}

TEST_F(HttpServerTest, ManyMayWaitAtOnce) {
  constexpr size_t kMany = 20;
  std::mutex mutex;
  std::vector<HttpServer::Reply> waiting;
  Serve([&](const HttpRequest&, HttpServer::Reply reply) {
    const std::lock_guard lock(mutex);
    waiting.push_back(std::move(reply));
    if (waiting.size() < kMany) return;
    for (const auto& one : waiting) one({.status = 200, .body = "all are here"});
  });
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < kMany; ++i) {
    threads.emplace_back([this] { EXPECT_EQ(Ask({}).body, "all are here"); });
  }
}

TEST_F(HttpServerTest, ATaskRunsAfterItsDelay) {
  Serve([&](const HttpRequest&, HttpServer::Reply reply) {
    server_->After(1ms, [reply] { reply({.status = 200, .body = "later"}); });
  });
  EXPECT_EQ(Ask({}).body, "later");
}

TEST_F(HttpServerTest, TasksUseTheServerUntilItIsStopped) {
  Serve([](const HttpRequest&, const HttpServer::Reply&) {});
  std::atomic<int> runs = 0;
  const std::function<void()> again = [&] {
    ++runs;
    server_->After(0ms, again);
  };
  server_->After(0ms, again);
  while (runs < 100) std::this_thread::yield();
  server_->Stop();
  const int at_the_end = runs;
  server_->After(0ms, again);
  server_->Stop();
  server_.reset();
  EXPECT_EQ(runs, at_the_end);
}

TEST_F(HttpServerTest, AReplyThatNeverComesDoesNotHoldTheEndUp) {
  std::mutex mutex;
  std::vector<HttpServer::Reply> kept;
  Serve([&](const HttpRequest&, HttpServer::Reply reply) {
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(reply));
    if (kept.size() == 2) kept[1]({.status = 200});
  });
  const std::jthread waits([this] { EXPECT_FALSE(client_->Request({}, kLong).ok()); });
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    return kept.size();
  };
  while (count() == 0) std::this_thread::yield();
  Ask({});
  server_.reset();
  kept[0]({.status = 200});  // to nobody
}

TEST_F(HttpServerTest, RefusesWhatIsTooLargeOrNoHttp) {
  Serve([](const HttpRequest&, const HttpServer::Reply& reply) { reply({.status = 200}); },
        {.body_bytes = 10});
  EXPECT_THAT(Raw("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Raw("POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(Raw("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x')), StartsWith("HTTP/1.1 431"));
  EXPECT_EQ(Ask({.method = "POST", .body = "0123456789"}).status, 200);
}

constexpr char kChunked[] =
    "POST / HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST_F(HttpServerTest, TakesAnEmptyChunkedBodyWhoseEndComesInPieces) {
  Serve([](const HttpRequest&, const HttpServer::Reply& reply) { reply({.status = 200}); });
  absl::StatusOr<Socket> socket = Socket::Connect(client_->endpoint(), Limit());
  ASSERT_TRUE(socket.ok()) << socket.status();
  for (const std::string& piece :
       {std::string(kChunked), std::string("0\r\n"), std::string("\r"), std::string("\n")}) {
    ASSERT_TRUE(socket->SendAll(piece, Limit()).ok());
    Ask({});  // the server has read the piece by then
  }
  char room[4096];
  const absl::StatusOr<size_t> got = socket->Receive(room, sizeof room, Limit());
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_THAT(std::string(room, *got), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, RefusesWhatHasNoEndBetweenItsData) {
  Serve([](const HttpRequest&, const HttpServer::Reply& reply) { reply({.status = 200}); });
  const std::string head = kChunked;
  EXPECT_THAT(Raw(head + "0;" + std::string(1 << 20, 'x')), StartsWith("HTTP/1.1 431 "));
  std::string trailers;
  for (int i = 0; i < 60'000; ++i) trailers += "x: y\r\n";
  EXPECT_THAT(Raw(head + "0\r\n" + trailers), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(Raw(head + "FFFFFFFFFFFFFFFF\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_EQ(Ask({}).status, 200);
}

TEST_F(HttpServerTest, AnswersForAHandlerThatThrows) {
  Serve([](const HttpRequest& r, const HttpServer::Reply& reply) {
    if (r.target == "/throw") throw std::length_error("it is too long");
    reply({.status = 200});
  });
  const HttpResponse response = Ask({.target = "/throw"});
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body, "it is too long\n");
  EXPECT_EQ(Ask({}).status, 200);
}

TEST_F(HttpServerTest, AnswersWhatCameTogetherInItsOrder) {
  Serve([](const HttpRequest& r, const HttpServer::Reply& reply) {
    reply({.status = 200, .body = r.target});
  });
  const std::string both =
      Raw("GET /first HTTP/1.1\r\n\r\nGET /second HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(both, testing::ContainsRegex("/first(.|\n)*/second"));
}

TEST_F(HttpServerTest, ClosesAConnectionThatIsOneTooMany) {
  Serve([](const HttpRequest&, const HttpServer::Reply& reply) { reply({.status = 200}); },
        {.connections = 1});
  Ask({});  // the client keeps its connection
  EXPECT_EQ(Raw("GET / HTTP/1.1\r\n\r\n"), "");
}

TEST_F(HttpServerTest, SaysWhereItCannotListen) {
  Serve([](const HttpRequest&, const HttpServer::Reply& reply) { reply({.status = 200}); });
  const auto twice = HttpServer::Listen({.port = server_->port()});
  EXPECT_THAT(std::string(twice.status().message()),
              HasSubstr("cannot listen at 127.0.0.1:" + std::to_string(server_->port())));
  EXPECT_THAT(std::string(HttpServer::Listen({.host = "here"}).status().message()),
              HasSubstr("here:0 is no address"));
}

TEST(QueryTest, Values) {
  EXPECT_EQ(QueryValue("/start?a=1&wait_ms=20", "wait_ms"), "20");
  EXPECT_EQ(QueryValue("/start?a=1&wait_ms=20", "a"), "1");
  EXPECT_EQ(QueryValue("/start?a&b=", "a"), "");
  EXPECT_EQ(QueryValue("/start", "a"), "");
  EXPECT_EQ(PathOf("/start?a=1"), "/start");
  EXPECT_EQ(PathOf("/start"), "/start");
}

}  // namespace
}  // namespace gtestnet::base

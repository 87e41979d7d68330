// SPDX-License-Identifier: Apache-2.0
#include "api/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <thread>

#include "absl/strings/str_cat.h"
#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/post.hpp"
#include "testing/http_client.h"

namespace gtestnet::node {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class HttpServerTest : public testing::Test {
 protected:
  ~HttpServerTest() override {
    OnLoop([&] {
      replies_.clear();  // each keeps its connection, which must go before the loop does
      server_.reset();
    });
    guard_.reset();
    if (thread_.joinable()) thread_.join();
  }

  void Listen(HttpOptions options = {}) {
    options.listen = {"127.0.0.1", 0};
    auto server =
        HttpServer::Listen(context_, std::move(options),
                           [this](const HttpRequest& request) { return Answer(request); });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    address_ = server_->address();
    thread_ = std::thread([this] { context_.run(); });
  }

  HttpResponse Answer(const HttpRequest& request) {
    HttpResponse response;
    if (request.path == "/throw") throw std::runtime_error("the handler failed");
    if (request.path == "/stream") {
      response.stream = [this](const std::shared_ptr<HttpStream>& stream) { hub_.Add(stream); };
      return response;
    }
    if (request.path == "/later") {
      response.later = [this](std::function<void(HttpResponse)> reply) {
        replies_.push_back(std::move(reply));
      };
      return response;
    }
    response.content_type = "text/plain";
    response.body = absl::StrCat(std::string(request.method), " ", std::string(request.path), " ",
                                 std::string(request.query), " ", std::string(request.body));
    return response;
  }

  void OnLoop(const std::function<void()>& call) {
    if (!thread_.joinable()) return call();
    std::promise<void> done;
    boost::asio::post(context_, [&] {
      call();
      done.set_value();
    });
    done.get_future().wait();
  }
  std::size_t Connections() {
    std::size_t connections = 0;
    OnLoop([&] { connections = server_->connections(); });
    return connections;
  }

  std::vector<std::function<void(HttpResponse)>> replies_;  // of the loop
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
      context_.get_executor()};
  std::unique_ptr<HttpServer> server_;
  StreamHub hub_;
  Address address_;
  std::thread thread_;
};

TEST_F(HttpServerTest, AnswersOneAfterAnotherOnOneConnection) {
  Listen();
  HttpClient client(address_);
  EXPECT_EQ(client.Get("/a?b=c").body, "GET /a b=c ");
  EXPECT_EQ(client.Post("/d", "some text").body, "POST /d  some text");
  EXPECT_EQ(client.Get("/e").body, "GET /e  ");
  EXPECT_EQ(Connections(), 1u);
}

TEST_F(HttpServerTest, AnswersWhatIsPipelinedInItsOrder) {
  Listen();
  HttpClient client(address_);
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    absl::StrAppend(&requests, "POST /", i, " HTTP/1.1\r\ncontent-length: 2\r\n\r\nok");
  }
  client.SendRaw(requests);
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(client.ReadReply().body, absl::StrCat("POST /", i, "  ok"));
}

TEST_F(HttpServerTest, ReadsARequestThatComesByteByByte) {
  Listen();
  HttpClient client(address_);
  for (const char c : std::string("POST /slow HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc")) {
    client.SendRaw(std::string(1, c));
  }
  EXPECT_EQ(client.ReadReply().body, "POST /slow  abc");
}

TEST_F(HttpServerTest, ReadsAChunkedBody) {
  Listen();
  HttpClient client(address_);
  client.SendRaw(
      "POST /c HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(client.ReadReply().body, "POST /c  abcde");
}

TEST_F(HttpServerTest, TakesAnEmptyChunkedBodyWhoseEndComesInPieces) {
  Listen();
  HttpClient client(address_);
  client.SendRaw("POST /c HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n");
  for (const char* piece : {"0\r\n", "\r", "\n"}) {
    client.SendRaw(piece);
    EXPECT_EQ(HttpClient(address_).Get("/").status, 200u);  // it has read the piece by then
  }
  EXPECT_EQ(client.ReadReply().body, "POST /c  ");
}

TEST_F(HttpServerTest, RefusesWhatHasNoEndBetweenItsData) {
  Listen();
  const std::string head = "POST /c HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n";
  std::string trailers;
  for (int i = 0; i < 60'000; ++i) trailers += "x: y\r\n";
  for (const std::string& end : {"0;" + std::string(1'000'000, 'x'), "0\r\n" + trailers}) {
    HttpClient client(address_);
    client.SendRaw(head + end);
    EXPECT_EQ(client.ReadReply().status, 431u);
  }
  EXPECT_EQ(HttpClient(address_).Get("/").status, 200u);
}

TEST_F(HttpServerTest, RefusesABodyBeyondWhatAllMayHave) {
  HttpOptions options;
  options.max_bodies_bytes = 3000;
  Listen(std::move(options));
  const std::string head = "POST /c HTTP/1.1\r\ncontent-length: 2000\r\n\r\n";
  HttpClient first(address_);
  first.SendRaw(head + std::string(1999, 'x'));
  while (HttpClient(address_).Post("/c", std::string(1002, 'x')).status != 503u) {
  }
  EXPECT_EQ(HttpClient(address_).Post("/c", std::string(1001, 'x')).status, 200u);
  first.SendRaw("x");
  EXPECT_EQ(first.ReadReply().status, 200u);
  EXPECT_EQ(HttpClient(address_).Post("/c", std::string(3000, 'x')).status, 200u);
}

TEST_F(HttpServerTest, LetsAClientAskBeforeItSendsABody) {
  Listen();
  HttpClient client(address_);
  client.SendRaw("POST /c HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n");
  EXPECT_EQ(client.ReadHeader().status, 100u);
  client.SendRaw("abc");
  EXPECT_EQ(client.ReadReply().body, "POST /c  abc");
  EXPECT_EQ(client.Get("/next").status, 200u);
}

TEST_F(HttpServerTest, AnswersHeadWithoutABody) {
  Listen();
  HttpClient client(address_);
  client.SendRaw("HEAD /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.ReadReply(/*has_body=*/false).fields["content-length"], "8");
  EXPECT_EQ(client.ReadReply().body, "GET /b  ");
}

TEST_F(HttpServerTest, ClosesWhenAskedTo) {
  Listen();
  HttpClient client(address_);
  client.SendRaw("GET /a HTTP/1.1\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(client.ReadReply().fields["connection"], "close");
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(HttpServerTest, RefusesALongBodyAndSaysSo) {
  Listen({.listen = {}, .max_body_bytes = 2000});
  HttpClient client(address_);
  const HttpReply reply = client.Post("/a", std::string(500'000, 'x'));
  EXPECT_EQ(reply.status, 413u);
  EXPECT_EQ(HttpClient(address_).Post("/a", std::string(2000, 'x')).status, 200u);
}

TEST_F(HttpServerTest, RefusesALongHeader) {
  Listen();
  HttpClient client(address_);
  client.SendRaw("GET /" + std::string(100'000, 'x') + " HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.ReadReply().status, 431u);
}

TEST_F(HttpServerTest, RefusesWhatIsNotHttp) {
  Listen();
  for (const char* text : {"hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\nbroken\r\n\r\n",
                           "POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n"}) {
    HttpClient client(address_);
    client.SendRaw(text);
    EXPECT_EQ(client.ReadReply().status, 400u) << text;
  }
}

TEST_F(HttpServerTest, AnswersLaterInTheOrderOfTheRequests) {
  Listen();
  HttpClient client(address_);
  client.SendRaw("GET /later HTTP/1.1\r\nhost: a\r\n\r\nGET /at-once HTTP/1.1\r\nhost: a\r\n\r\n");
  HttpClient other(address_);
  EXPECT_EQ(other.Get("/meanwhile").status, 200u);
  const auto answer = [&] {
    bool there = false;
    OnLoop([&] {
      there = !replies_.empty();
      HttpResponse response;
      response.body = "late";
      if (there) replies_.front()(response);
    });
    return there;
  };
  while (!answer()) {
  }
  EXPECT_EQ(client.ReadReply().body, "late");
  EXPECT_THAT(client.ReadReply().body, HasSubstr("GET /at-once"));
}

TEST_F(HttpServerTest, ALateAnswerToWhoHasLeftIsNone) {
  Listen();
  {
    HttpClient client(address_);
    client.SendRaw("GET /later HTTP/1.1\r\nhost: a\r\n\r\n");
    std::size_t waiting = 0;
    while (waiting == 0) OnLoop([&] { waiting = replies_.size(); });
  }
  OnLoop([&] { replies_.front()(HttpResponse{}); });
  OnLoop([&] { replies_.clear(); });
  while (Connections() > 0) {
  }
}

TEST_F(HttpServerTest, AHandlerThatThrowsIsAnInternalError) {
  Listen();
  const HttpReply reply = HttpClient(address_).Get("/throw");
  EXPECT_EQ(reply.status, 500u);
  EXPECT_EQ(reply.body, "the handler failed");
}

TEST_F(HttpServerTest, RefusesConnectionsBeyondItsBound) {
  Listen({.listen = {}, .max_connections = 2});
  HttpClient first(address_);
  HttpClient second(address_);
  ASSERT_EQ(first.Get("/").status, 200u);
  ASSERT_EQ(second.Get("/").status, 200u);
  HttpClient third(address_);
  EXPECT_EQ(third.ReadReply().status, 503u);
}

TEST_F(HttpServerTest, ClosesOnAHeaderOrBodyThatDoesNotEnd) {
  HttpOptions options;
  options.header_timeout = milliseconds(50);
  options.body_timeout = milliseconds(50);
  Listen(std::move(options));
  HttpClient header(address_);
  HttpClient body(address_);
  header.SendRaw("GET / HT");
  body.SendRaw("POST / HTTP/1.1\r\ncontent-length: 10\r\n\r\nabc");
  EXPECT_TRUE(header.AtEnd());
  EXPECT_TRUE(body.AtEnd());
  EXPECT_EQ(Connections(), 0u);
}

TEST_F(HttpServerTest, StreamsLinesToAllThatFollow) {
  Listen();
  HttpClient first(address_);
  HttpClient second(address_);
  for (HttpClient* client : {&first, &second}) {
    client->SendRaw("GET /stream HTTP/1.1\r\n\r\n");
    EXPECT_EQ(client->ReadHeader().fields["transfer-encoding"], "chunked");
  }
  OnLoop([&] {
    hub_.Publish("one\n");
    hub_.Publish("two\n");
  });
  for (HttpClient* client : {&first, &second}) {
    EXPECT_EQ(client->ReadChunk(), "one\n");
    EXPECT_EQ(client->ReadChunk(), "two\n");
  }
}

TEST_F(HttpServerTest, DropsAStreamWhoseConsumerDoesNotRead) {
  Listen({.listen = {}, .max_stream_backlog = 100'000});
  HttpClient lazy(address_);
  HttpClient eager(address_);
  for (HttpClient* client : {&lazy, &eager}) {
    client->SendRaw("GET /stream HTTP/1.1\r\n\r\n");
    ASSERT_EQ(client->ReadHeader().status, 200u);
  }
  const std::string line(50'000, 'x');
  for (int i = 0; i < 2000 && Connections() == 2; ++i) {
    OnLoop([&] { hub_.Publish(line); });
    ASSERT_TRUE(eager.ReadChunk().has_value());
  }
  EXPECT_EQ(Connections(), 1u);
}

TEST_F(HttpServerTest, NoticesThatAConsumerLeft) {
  Listen();
  {
    HttpClient client(address_);
    client.SendRaw("GET /stream HTTP/1.1\r\n\r\n");
    ASSERT_EQ(client.ReadHeader().status, 200u);
  }
  while (Connections() > 0) std::this_thread::yield();
  OnLoop([&] {
    hub_.Publish("to no one");
    EXPECT_TRUE(hub_.empty());
  });
}

TEST_F(HttpServerTest, MisbehavesWhenAsked) {
  HttpOptions garbage;
  garbage.garbage = true;
  Listen(std::move(garbage));
  const HttpReply reply = HttpClient(address_).Get("/cryptarchia/info");
  EXPECT_EQ(reply.status, 200u);
  EXPECT_THAT(reply.body, HasSubstr("not json"));
}

TEST_F(HttpServerTest, AcceptsAndSaysNothingWhenAsked) {
  HttpOptions silent;
  silent.silent = true;
  Listen(std::move(silent));
  HttpClient client(address_);
  client.set_timeout_ms(100);
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.Get("/").status, 0u);
  EXPECT_EQ(Connections(), 1u);
}

TEST_F(HttpServerTest, AnswersLateWhenAsked) {
  HttpOptions slow;
  slow.delay = milliseconds(80);
  Listen(std::move(slow));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(HttpClient(address_).Get("/").status, 200u);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(80));
}

}  // namespace
}  // namespace gtestnet::node
